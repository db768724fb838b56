// Why a generation is in its state: reasons down to the root cause, its last failure, its prompt as recorded and as it would be now.
// Read-only; decides nothing itself.
import { explain, why, type WhyReport } from '../../plan/explain.ts';
import type { Verdict } from '../../plan/verdict.ts';
import { taskAt, type Task } from '../../graph/graph.ts';
import type { GenId } from '../../generation/stage.ts';
import { traceOf, type Failure } from '../../generation/trace.ts';
import { readArtifact, readMetadata } from '../../store/gens/genstore.ts';
import { findRow } from './find.ts';
import { type Reading } from './open.ts';

/** The prompt on disk and the one of now, of the generation that is the root of it all. */
export interface PromptNow {
  readonly genId: GenId;
  readonly recorded: string;
  readonly now: string | null;
  /** Why it can not be rendered now. */
  readonly problem: string | null;
}

export interface Explanation extends WhyReport {
  readonly generation: {
    readonly template: string;
    /** Absolute. */
    readonly templateFile: string;
    readonly model: string;
    readonly combo: string;
    readonly concepts: readonly string[];
    readonly replicate: number;
    readonly parent: GenId | null;
  };
  /** The root's last failure; null when it did not fail. */
  readonly failure: Failure | null;
  /** Null when nothing says that it differs. */
  readonly prompt: PromptNow | null;
}

/** `word`: an id; a ProblemError when no cohort has it. */
export async function explainGeneration(reading: Reading, word: string): Promise<Explanation> {
  const { graph } = reading.judged;
  const row = findRow(reading, word);
  const report = why(reading.judged, row);
  const root = rowOfRoot(reading, report, row);
  const { template, combo, modelId, replicate, parentId } = taskAt(graph, row);
  return {
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
    failure: failureOf(reading, taskAt(graph, root)) ?? null,
    prompt: (await promptNow(reading, root)) ?? null,
  };
}

export function rowOfRoot({ judged }: Reading, { cause }: WhyReport, row: number): number {
  return cause === undefined ? row : judged.graph.ids.indexOf(cause.genId);
}

async function promptNow(reading: Reading, row: number): Promise<PromptNow | undefined> {
  const prompt = concernsPrompt(explain(reading.judged, row)) ? await renderedNow(reading, row) : undefined;
  return prompt === undefined || prompt.recorded === null
    ? undefined
    : { ...prompt, recorded: prompt.recorded };
}

/** The prompt as it is on disk, null where there is none, and as it would be now. */
export async function renderedNow(
  { session, judged }: Reading,
  row: number,
): Promise<Omit<PromptNow, 'recorded'> & { readonly recorded: string | null }> {
  const task = taskAt(judged.graph, row);
  const { genId } = task;
  const recorded = readArtifact(session.loaded.layout, task.stage, genId, 'prompt') ?? null;
  const { parentTextOf, renderPrompt } = await import('../../run/prepare.ts');
  const shop = { texts: await session.texts(), graph: judged.graph, index: judged.index };
  const rendered = renderPrompt(shop, task, parentTextOf(session.loaded, task));
  if ('failure' in rendered) return { genId, recorded, now: null, problem: rendered.failure.message };
  return { genId, recorded, now: rendered.prompt.text, problem: null };
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
