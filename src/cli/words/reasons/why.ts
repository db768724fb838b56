// Why a generation is in its state, in words: its reasons, the chain to the root cause, the parts of each step. Decides nothing.
import type { Failure } from '../../../generation/trace.ts';
import { at, taskAt, type Graph } from '../../../graph/graph.ts';
import type { WhyReport } from '../../../plan/explain.ts';
import type { Verdict } from '../../../plan/verdict.ts';
import type { Console } from '../../console.ts';
import { shortPath } from '../place.ts';
import { displayText } from '../../../text/display.ts';
import { causeText, failureText, reasonText } from '../../../plan/reasonwords.ts';
import { padded, widthOf } from '../width.ts';
import { isCode, isCopy } from '../../../generation/mode.ts';

export interface WhyTold {
  readonly graph: Graph;
  readonly row: number;
  /** The row of the root cause, or `row` itself. */
  readonly root: number;
  readonly report: WhyReport;
  /** The root cause's own report, where it is another generation. */
  readonly above: WhyReport | undefined;
  /** The root cause's recorded failure. */
  readonly failure: Failure | undefined;
  /** Paths are shown relative to it. */
  readonly directory: string;
}

export function printWhy(console: Console, told: WhyTold): void {
  const { graph, row, root, report, above, failure, directory } = told;
  console.print(
    `${console.paint('bold', report.verdict.genId)} (${report.verdict.stage}) ${stateText(report)}`,
  );
  console.print(console.paint('dim', `  ${coordinates(graph, row, directory)}`));
  for (const verdict of report.chain.slice(1)) {
    const isRoot = verdict.genId === report.cause?.genId;
    console.print(
      `  made from ${verdict.genId} (${verdict.stage}): ${verdictText(verdict)}${isRoot ? '  <- root cause' : ''}`,
    );
  }
  if (failure !== undefined) {
    console.print(`  last failure (${failure.step}, ${failure.at}): ${displayText(failure.message)}`);
    if (failure.accepted !== undefined)
      console.print(
        `  accepted as missing (${failure.accepted.at}): ${displayText(failure.accepted.reason)}`,
      );
  }
  console.print();
  printSteps(console, report);
  if (above === undefined) return;
  console.print();
  console.print(`root cause: ${above.verdict.genId} (${above.verdict.stage}) ${stateText(above)}`);
  console.print(console.paint('dim', `  ${coordinates(graph, root, directory)}`));
  console.print();
  printSteps(console, above);
}

function stateText({ verdict, cause }: WhyReport): string {
  const { state } = verdict;
  switch (state) {
    case 'current':
      return verdict.untraced
        ? 'is current: another tool made it, and its prompt is what would be rendered now'
        : 'is current: nothing that it was made from has changed';
    case 'pending':
    case 'blocked':
      return `is ${state}: ${cause === undefined ? 'something above is not settled' : causeText(cause)}`;
    case 'submitted':
      return "waits for a provider's batch";
    case 'edited':
    case 'accepted':
    case 'stale':
    case 'missing':
    case 'failed':
      return verdictText(verdict) === state ? `is ${state}` : `is ${verdictText(verdict)}`;
    default:
      return state satisfies never;
  }
}

/** `stale, to be made again from render on: template changed`. */
function verdictText({ state, from, reasons, edited, failure }: Verdict): string {
  const why = [
    ...(failure === undefined ? [] : [failureText(failure.kind)]),
    ...reasons.map(reasonText),
    ...edited.map((artifact) => `${artifact}.txt was edited by hand and is kept`),
  ];
  const where = from === undefined || state === 'missing' || state === 'accepted' ? '' : ` from ${from} on`;
  return why.length === 0 ? state : `${state}${where}: ${why.join('; ')}`;
}

function coordinates(graph: Graph, row: number, directory: string): string {
  const { template, modelId, combo, replicate } = taskAt(graph, row);
  const words = [
    `${template.id}${isCode(template) ? ` (scored by code: ${template.parser})` : isCopy(template) ? ' (a copy)' : ` (${shortPath(template.file, directory)})`}`,
    modelId,
    `${combo.id}: ${combo.conceptIds.join(', ')}`,
    `replicate ${replicate}`,
  ];
  return displayText(words.join(' · '));
}

/** Inputs of later steps that are known only when an earlier one has run. */
function inputsToCome({ state, from }: Verdict): Readonly<Record<string, string>> {
  const parent = state === 'pending' || state === 'blocked' ? { parent: '(not settled)' } : {};
  if (from === 'render') return { ...parent, prompt: '(to be rendered)', raw: '(to be generated)' };
  return from === 'generate' ? { ...parent, raw: '(to be generated)' } : parent;
}

function printSteps(console: Console, { steps, verdict }: WhyReport): void {
  const toCome = inputsToCome(verdict);
  const lines = steps.flatMap(({ step, recorded, parts }) =>
    parts.map(({ part, recorded: before, now, differs }, place) => ({
      differs: differs && toCome[part] === undefined,
      cells: [
        place === 0 ? step : '',
        part,
        recorded ? (before ?? '(none)') : place === 0 ? '(never recorded)' : '',
        toCome[part] ?? (differs ? (now ?? '(none)') : 'the same'),
      ].map(displayText),
    })),
  );
  const header = { differs: false, cells: ['step', 'part', 'recorded', 'now'] };
  const widths = header.cells.map((_, place) =>
    Math.max(...[header, ...lines].map(({ cells }) => widthOf(at(cells, place)))),
  );
  for (const { differs, cells } of [header, ...lines]) {
    const text = `  ${cells.map((cell, place) => padded(cell, at(widths, place))).join('  ')}`.trimEnd();
    console.print(differs ? console.paint('yellow', text) : text);
  }
}
