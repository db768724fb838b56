// Generations one by one, each as a plain value: coordinates and state at no price, texts and what is known of the answer read from
// the store when they are asked for, and only then. Writes nothing.
import { setImmediate as turn } from 'node:timers/promises';
import { tagsOf, textIn } from '../../engine/project/tags.ts';
import { isCode, type Mode } from '../../generation/mode.ts';
import type { GenId, Stage } from '../../generation/stage.ts';
import { at, idAt, taskAt } from '../../graph/graph.ts';
import { standingFailure, type Judged } from '../../plan/explain.ts';
import { ABSENCE, STATES, whyWords, type State } from '../../plan/verdict.ts';
import { readArtifact } from '../../store/gens/genstore.ts';
import type { SelectOptions } from '../request.ts';
import { selectedBy, type Reading } from './open.ts';

export interface GenerationOptions extends SelectOptions {
  /** Reads the texts of each, as it is reached. */
  readonly texts?: boolean | undefined;
}

/** A generation as it stands. What is not there is null. */
export interface GenerationRecord {
  readonly genId: GenId;
  readonly stage: Stage;
  readonly state: State;
  /** Short words for why it is not current: parts that changed, `never built`, `below …`. */
  readonly why: readonly string[];
  readonly cohorts: readonly string[];
  readonly template: string;
  /** The short id of `llm_models.csv`, or the word `None` for a copy. */
  readonly model: string;
  readonly mode: Mode;
  readonly combo: string;
  readonly concepts: readonly string[];
  /** From 1. */
  readonly replicate: number;
  /** What it is made from: an evaluation's essay, an essay's draft. */
  readonly parent: GenId | null;
  /** `key=value` of the builds that covered it. */
  readonly tags: readonly string[];
  /** Only where `texts` was asked for. */
  readonly texts?: GenerationTexts;
}

export interface GenerationTexts {
  readonly prompt: string | null;
  readonly raw: string | null;
  readonly parsed: string | null;
}

/** Generations between two turns of the event loop. */
const AT_A_TIME = 200;

/** In the order of the rows: drafts, essays, evaluations. */
export async function* generationsOf(
  reading: Reading,
  options: GenerationOptions,
): AsyncGenerator<GenerationRecord, void, undefined> {
  const selected = selectedBy(options, reading);
  const names = namesOf(reading);
  let done = 0;
  for (let row = 0; row < selected.length; row++) {
    if (selected[row] !== 1) continue;
    if (++done % AT_A_TIME === 0) await turn();
    const record = recordOf(reading.judged, row, names);
    yield options.texts === true ? { ...record, texts: textsOf(reading, record) } : record;
  }
}

/** What a row is called by beside its own columns. */
export interface Names {
  readonly cohorts: (row: number) => readonly string[];
  readonly tags: (row: number) => readonly string[];
}

export function recordOf(judged: Judged, row: number, names: Names): GenerationRecord {
  const { graph, verdicts } = judged;
  const task = taskAt(graph, row);
  return {
    genId: task.genId,
    stage: task.stage,
    state: at(STATES, at(verdicts.state, row)),
    why: whyOf(judged, row),
    cohorts: names.cohorts(row),
    template: task.template.id,
    model: task.modelId,
    mode: isCode(task.template) ? 'code' : task.work.kind,
    combo: task.combo.id,
    concepts: task.combo.conceptIds,
    replicate: task.replicate,
    parent: task.parentId ?? null,
    tags: names.tags(row),
  };
}

/** Short words for why a row is not current: how it failed, or what changed, and the row that it waits for. */
export function whyOf(judged: Judged, row: number): readonly string[] {
  const { graph, verdicts } = judged;
  const cause = at(verdicts.cause, row);
  const failure = standingFailure(judged, row);
  const bits = at(verdicts.why, row);
  return [
    ...(failure === undefined ? [] : [failure.kind.replace('_', ' ')]),
    // What failed was asked all the same.
    ...whyWords(failure === undefined ? bits : bits & ~ABSENCE),
    ...(cause < 0 ? [] : [`below ${idAt(graph, cause)}`]),
  ];
}

/** As they stand in the store. */
export function textsOf(
  { session }: Reading,
  { stage, genId }: Pick<GenerationRecord, 'stage' | 'genId'>,
): GenerationTexts {
  const { layout } = session.loaded;
  const text = (artifact: 'prompt' | 'raw' | 'parsed'): string | null =>
    readArtifact(layout, stage, genId, artifact) ?? null;
  return { prompt: text('prompt'), raw: text('raw'), parsed: text('parsed') };
}

/** Of all rows, or of some. */
export function namesOf({ session, judged: { graph } }: Reading, rows?: readonly number[]): Names {
  const cohorts = new Map<number, string[]>();
  const wanted = rows === undefined ? undefined : new Set(rows);
  for (const { id, members } of graph.cohorts) {
    for (const row of members) {
      if (wanted?.has(row) === false) continue;
      const known = cohorts.get(row);
      if (known === undefined) cohorts.set(row, [id]);
      else known.push(id);
    }
  }
  // Runs are read when the first tag is asked for.
  let tags: ReturnType<typeof tagsOf> | undefined;
  return {
    cohorts: (row) => cohorts.get(row) ?? [],
    tags: (row) =>
      (tags ??= tagsOf(session.loaded.layout, graph, textIn(session))).get(idAt(graph, row)) ?? [],
  };
}
