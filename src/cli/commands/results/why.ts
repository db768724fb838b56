// daydream why: what a generation was made from and what of it differs now, up to the root cause. Read-only; decides nothing itself.
import { explain, why, type WhyReport } from '../../../plan/explain.ts';
import type { Verdict } from '../../../plan/verdict.ts';
import { taskAt, type Task } from '../../../graph/graph.ts';
import { traceOf, type Failure } from '../../../generation/trace.ts';
import { readArtifact, readMetadata } from '../../../store/gens/genstore.ts';
import { PROVIDER, VERIFY, type Invocation, type CommandSpec } from '../../call/command.ts';
import type { ExitCode } from '../../call/exitcode.ts';
import { findRow, openForReading, type Reading } from '../../reading.ts';
import { printDiff, unifiedDiff } from '../../words/diff.ts';
import { printWhy } from '../../words/why.ts';

export const command: CommandSpec = {
  words: '<gen_id>',
  options: [PROVIDER, VERIFY],
  examples: ['why e_2nvow3o7h9nijzyy', 'why e_2nvow3o7h9nijzyy --json'],
  run: tellWhy,
};

async function tellWhy(call: Invocation): Promise<ExitCode> {
  const { console, words } = call;
  const reading = await openForReading(call);
  const { graph } = reading.judged;
  const row = findRow(reading, words[0] ?? '');
  const report = why(reading.judged, row);
  const root = rowOfRoot(reading, report, row);
  const prompt = await promptNow(reading, root);
  const failure = failureOf(reading, taskAt(graph, root));
  if (console.json) {
    const { template, combo, modelId, replicate, parentId } = taskAt(graph, row);
    console.printJson({
      version: 1,
      generation: {
        template: template.id,
        templateFile: template.file,
        model: modelId,
        combo: combo.id,
        concepts: combo.conceptIds,
        replicate,
        parent: parentId ?? null,
      },
      ...report,
      failure: failure ?? null,
      prompt: prompt ?? null,
    });
    return 0;
  }
  const above = root === row ? undefined : why(reading.judged, root);
  printWhy(console, { graph, row, root, report, above, failure, directory: call.directory });
  if (prompt !== undefined) {
    console.print();
    if (prompt.problem !== null) console.print(`the prompt can not be rendered now: ${prompt.problem}`);
    else if (prompt.diff === '')
      console.print('the prompt that would be rendered now is the same, so no model is asked for it');
    else printDiff(console, prompt.diff);
  }
  return 0;
}

function rowOfRoot({ judged }: Reading, { cause }: WhyReport, row: number): number {
  return cause === undefined ? row : judged.graph.ids.indexOf(cause.genId);
}

interface PromptNow {
  readonly genId: string;
  readonly recorded: string;
  readonly now: string | null;
  /** Why it can not be rendered now. */
  readonly problem: string | null;
  /** Unified; empty when both are equal. */
  readonly diff: string;
}

/** The prompt on disk and the one of now; undefined when nothing says that they differ. */
async function promptNow({ session, judged }: Reading, row: number): Promise<PromptNow | undefined> {
  const verdict = explain(judged, row);
  const task = taskAt(judged.graph, row);
  const recorded = readArtifact(session.loaded.layout, task.stage, task.genId, 'prompt');
  if (recorded === undefined || !concernsPrompt(verdict)) return undefined;
  const { parentTextOf, renderPrompt } = await import('../../../run/prepare.ts');
  const shop = { texts: await session.texts(), graph: judged.graph, index: judged.index };
  const rendered = renderPrompt(shop, task, parentTextOf(session.loaded, task));
  const { genId } = task;
  if ('failure' in rendered)
    return { genId, recorded, now: null, problem: rendered.failure.message, diff: '' };
  const now = rendered.prompt.text;
  const diff = unifiedDiff(
    { name: `${genId}/prompt.txt`, text: recorded },
    { name: 'rendered now', text: now },
  );
  return { genId, recorded, now, problem: null, diff };
}

function concernsPrompt({ from, edited }: Verdict): boolean {
  return from === 'render' || edited.includes('prompt');
}

/** What its metadata.json says of the last failure; undefined when it did not fail. */
function failureOf({ session }: Reading, { stage, genId }: Task): Failure | undefined {
  const metadata = readMetadata(session.loaded.layout, stage, genId);
  if (metadata === undefined || metadata === 'damaged') return undefined;
  const trace = traceOf(metadata);
  return trace === undefined || trace === 'newer' ? undefined : trace.failure;
}
