// Keeps what the covered generations are now, so that a record holds what was made and not only ids. Changes no generation.
import { readdirSync, readFileSync } from 'node:fs';
import { basename, isAbsolute, join, relative } from 'node:path';
import { STAGES } from '../../generation/stage.ts';
import { at, idAt, stageAt } from '../../graph/graph.ts';
import { STATES } from '../../plan/verdict.ts';
import { copyOfRow } from '../../scores/rows.ts';
import { FILE, genFolder } from '../../store/layout.ts';
import { type LedgerEntry, readLedger } from '../../store/ledger/ledger.ts';
import { ledgerTotal, unknownInTotal } from '../../store/ledger/totals.ts';
import { groupBy } from '../../statistics/groups.ts';
import { writeMade, type MadeLine } from '../../store/runs/made.ts';
import { snapshotInputs, snapshotSpecs } from '../../store/runs/snapshot.ts';
import { keepText } from '../../store/runs/texts.ts';
import { readerOf, scoresAt } from '../results/reports.ts';
import { inputsOf } from '../results/side.ts';
import type { Plan } from '../plan/plan.ts';
import type { Session } from '../project/session.ts';

/** Folders of the copies, relative to the data root. */
export interface Snapshot {
  readonly snapshot: string;
  readonly inputs: string;
}

/** Copies the specs of the cohorts that the plan touches, and every other input, to `experiments/<experiment>/`. */
export function takeSnapshot({ session, selected }: Plan, experiment: string): Snapshot {
  const { layout, structure } = session.loaded;
  const cohorts = structure.cohorts.filter(({ members }) => members.some((row) => selected[row] === 1));
  return {
    snapshot: snapshotSpecs(
      layout,
      experiment,
      cohorts.map(({ id }) => id),
    ),
    inputs: snapshotInputs(layout, experiment, inputFiles(session)),
  };
}

/** Everything that was read but keys, by its path below the project. */
function inputFiles({ loaded: { header, settings, layout } }: Session): ReadonlyMap<string, string> {
  const read = [...header.sources, ...header.catalogReads.files, ...header.texts];
  const paths = new Set(read.flatMap(([path, size]) => (size < 0 ? [] : [path])));
  paths.add(layout.combos);
  const files = new Map<string, string>();
  for (const path of paths) {
    if (basename(path).startsWith('.env')) continue;
    const name = relative(settings.root, path);
    const outside = name.startsWith('..') || isAbsolute(name);
    files.set(outside ? join('outside', relative('/', path)) : name, path);
  }
  return files;
}

/** `files`: also every file of their folders, by content. */
export async function keepMade(plan: Plan, run: string, keep: 'digests' | 'files'): Promise<void> {
  const { session, selected, judge } = plan;
  const { graph, structure, layout } = session.loaded;
  const rows = [...selected.keys()].filter((row) => selected[row] === 1);
  const cohorts = structure.cohorts.filter(({ members }) => members.some((row) => selected[row] === 1));
  const places = new Map<number, number[]>();
  for (const [place, { members }] of cohorts.entries())
    for (const row of members) if (selected[row] === 1) push(places, row, place);
  const evaluations = rows.filter((row) => graph.stage[row] === STAGES.length - 1);
  const scores = scoresAt(session, readerOf(layout), evaluations);
  const scoreOf = new Map(evaluations.map((row, place) => [row, at(scores, place)]));
  const calls = groupBy(readLedger(layout.ledger).value, ({ gen_id: genId }) => [genId]);
  const spent = new Map(calls.map(({ rows: entries }) => [entries[0].gen_id, spentFor(entries)]));
  const lines = rows.map((row): MadeLine => {
    const score = scoreOf.get(row);
    return {
      stage: stageAt(graph, row),
      genId: idAt(graph, row),
      state: at(STATES, at(judge.verdicts.state, row)),
      in: places.get(row) ?? [],
      text: session.index.has(row, FILE.parsed) ? session.index.get('parsedFile', row) : null,
      ...(keep === 'digests' ? {} : { files: keepFiles(session, row) }),
      ...spent.get(idAt(graph, row)),
      ...(score === undefined ? {} : { score: { ...copyOfRow(score) } }),
    };
  });
  const inputs = Object.fromEntries(inputsOf(session, rows));
  const head = { run, cohorts: cohorts.map(({ id }) => id), inputs };
  await writeMade(layout, { head, lines });
}

function spentFor(entries: readonly LedgerEntry[]): Pick<MadeLine, 'calls' | 'cost' | 'unknown'> {
  const total = ledgerTotal(entries);
  const unknown = unknownInTotal(total);
  return { calls: total.attempts, cost: total.cost, ...(unknown === 0 ? {} : { unknown }) };
}

function push(places: Map<number, number[]>, row: number, place: number): void {
  const known = places.get(row);
  if (known === undefined) places.set(row, [place]);
  else known.push(place);
}

function keepFiles({ loaded: { graph, layout } }: Session, row: number): Readonly<Record<string, string>> {
  const folder = genFolder(layout, stageAt(graph, row), idAt(graph, row));
  let names: readonly string[];
  try {
    names = readdirSync(folder, { withFileTypes: true }).flatMap((each) =>
      each.isFile() && !each.name.startsWith('.') ? [each.name] : [],
    );
  } catch {
    return {};
  }
  return Object.fromEntries(
    [...names].sort().map((name) => [name, keepText(layout, readFileSync(join(folder, name)))]),
  );
}
