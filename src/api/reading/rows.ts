// Generations as rows for notebooks: coordinates and states from the graph, answers and scores from the store as each is reached.
// Writes nothing.
import { setImmediate as turn } from 'node:timers/promises';
import { isCode } from '../../generation/mode.ts';
import { besideScore } from '../../generation/parsers/scored.ts';
import { scoreOfParsed } from '../../generation/parsedscore.ts';
import type { Stage } from '../../generation/stage.ts';
import { at, idAt, stageAt, taskAt, type Task } from '../../graph/graph.ts';
import { SETTLED, STATES, type State } from '../../plan/verdict.ts';
import { standingIn, type ScoreStanding } from '../../engine/results/standing.ts';
import type { ExportRow } from '../../engine/export/columns.ts';
import { readArtifact, readMetadata, type Metadata } from '../../store/gens/genstore.ts';
import { CallsByGeneration, type GenerationCalls } from '../../store/ledger/bygeneration.ts';
import { LedgerReader } from '../../store/ledger/reader.ts';
import type { SelectOptions } from '../request.ts';
import { namesOf, textsOf, whyOf, type Names } from './generations.ts';
import { refuseBroken } from '../../engine/plan/broken.ts';
import { selectedSound, type Reading } from './open.ts';
import { cohortsMeant } from './find.ts';

export interface RowOptions extends SelectOptions {
  /** Only what this cohort has. */
  readonly cohort?: string | undefined;
  /** Without what is not current. */
  readonly current?: boolean | undefined;
  /** With prompt, raw and parsed text. */
  readonly texts?: boolean | undefined;
}

/** How what was asked for stands, whether or not what is not current was then left out. */
export interface RowsStanding {
  /** The evaluations among it. */
  readonly standing: ScoreStanding;
  /** The drafts and essays among it. */
  readonly texts: {
    /** How many. */
    readonly count: number;
    /** How many of them are in each state; states of none are left out. */
    readonly states: ScoreStanding['states'];
  };
}

/** Generations between two turns of the event loop. */
const AT_A_TIME = 200;

/** In the order drafts, essays, evaluations; `total` is how many there will be. */
export function exportRows(
  reading: Reading,
  options: RowOptions,
): {
  readonly total: number;
  readonly rows: AsyncGenerator<ExportRow, void, undefined>;
  readonly stand: RowsStanding;
} {
  const { selected, broken } = selectedSound(options, reading);
  const { structure } = reading.session.loaded;
  // Where a cohort is named, it alone has to be sound.
  if (options.cohort === undefined) refuseBroken(broken);
  else {
    const meant = cohortsMeant(reading.session, options.cohort);
    const members = new Uint8Array(selected.length);
    for (const cohort of structure.cohorts)
      if (meant.includes(cohort.id)) for (const row of cohort.members) members[row] = 1;
    for (let row = 0; row < selected.length; row++) if (members[row] !== 1) selected[row] = 0;
  }
  const stand = standingOfRows(reading, selected);
  if (options.current === true)
    for (let row = 0; row < selected.length; row++)
      if (!SETTLED.has(stateIn(reading, row))) selected[row] = 0;
  return {
    stand,
    total: selected.reduce((sum, one) => sum + one, 0),
    rows: rowsOf(reading, selected, options.texts === true),
  };
}

function standingOfRows(reading: Reading, selected: Uint8Array): RowsStanding {
  const { graph } = reading.judged;
  const asked = Array.from(selected.keys()).filter((row) => selected[row] === 1);
  const ofThese = (rows: readonly number[]): ScoreStanding =>
    standingIn(rows, {
      stateOf: (row) => stateIn(reading, row),
      genIdOf: (row) => idAt(graph, row),
      isScored: (row) => scoreOf(reading, taskAt(graph, row)).score !== null,
    });
  const evaluations = asked.filter((row) => stageAt(graph, row) === 'evaluation');
  const texts = ofThese(asked.filter((row) => stageAt(graph, row) !== 'evaluation'));
  return {
    standing: ofThese(evaluations),
    texts: { count: texts.evaluations, states: texts.states },
  };
}

function stateIn({ judged }: Reading, row: number): State {
  return at(STATES, at(judged.verdicts.state, row));
}

async function* rowsOf(
  reading: Reading,
  selected: Uint8Array,
  texts: boolean,
): AsyncGenerator<ExportRow, void, undefined> {
  const { ledger } = reading.session.loaded.layout;
  const known: Known = {
    reading,
    names: namesOf(reading),
    calls: new LedgerReader(ledger, () => new CallsByGeneration()).readToEnd(),
  };
  let done = 0;
  for (let row = 0; row < selected.length; row++) {
    if (selected[row] !== 1) continue;
    if (++done % AT_A_TIME === 0) await turn();
    const plain = rowOf(known, row);
    yield texts ? { ...plain, ...textsOf(reading, { stage: plain.stage, genId: plain.gen_id }) } : plain;
  }
}

interface Known {
  readonly reading: Reading;
  readonly names: Names;
  readonly calls: CallsByGeneration;
}

function rowOf(known: Known, row: number): ExportRow {
  const { names, reading } = known;
  const { graph, index } = reading.judged;
  const task = taskAt(graph, row);
  const state = stateIn(reading, row);
  const isEvaluation = task.stage === 'evaluation';
  const { draft, essay } = lineageOf(known, task);
  return {
    stage: task.stage,
    gen_id: task.genId,
    parent_gen_id: task.parentId ?? null,
    draft_gen_id: draft?.genId ?? null,
    essay_gen_id: essay?.genId ?? null,
    cohorts: names.cohorts(row),
    combo_id: task.combo.id,
    concepts: task.combo.conceptIds,
    template_id: task.template.id,
    llm_model_id: modelOf(task),
    replicate: task.replicate,
    mode: isCode(task.template) ? 'code' : task.work.kind,
    draft_template: draft?.template.id ?? null,
    draft_model: draft === undefined ? null : modelOf(draft),
    essay_template: essay?.template.id ?? null,
    essay_model: essay === undefined ? null : modelOf(essay),
    rubric: isEvaluation ? task.template.id : null,
    judge: isEvaluation ? modelOf(task) : null,
    state,
    why: whyOf(reading.judged, row),
    failure: state === 'failed' ? (index.failureAt(row)?.kind ?? null) : null,
    ...scoreOf(reading, task),
    ...answerOf(known, task),
    tags: names.tags(row),
  };
}

/** The draft and the essay that a generation is or comes from. */
function lineageOf({ reading }: Known, task: Task): Readonly<Partial<Record<Stage, Task>>> {
  const { graph } = reading.judged;
  const lineage: Partial<Record<Stage, Task>> = {};
  let each: Task | undefined = task;
  while (each !== undefined) {
    lineage[each.stage] = each;
    each = each.parent < 0 ? undefined : taskAt(graph, each.parent);
  }
  return lineage;
}

function modelOf({ work, modelId }: Task): string | null {
  return work.kind === 'copy' ? null : modelId;
}

type ScoreColumns = Pick<ExportRow, 'score' | 'scores' | 'rationale' | 'error'>;

function scoreOf(reading: Reading, { stage, genId }: Task): ScoreColumns {
  if (stage !== 'evaluation') return { score: null, scores: null, rationale: null, error: null };
  const parsed = readArtifact(reading.session.loaded.layout, stage, genId, 'parsed');
  const { score, error } = scoreOfParsed(parsed);
  const { scores, rationale } = besideScore(parsed);
  return {
    score: score ?? null,
    scores: Object.keys(scores).length === 0 ? null : JSON.stringify(scores),
    rationale: rationale === '' ? null : rationale,
    error: error ?? null,
  };
}

type AnswerColumns =
  | 'provider'
  | 'model'
  | 'answered_by'
  | 'finish_reason'
  | 'prompt_tokens'
  | 'completion_tokens'
  | 'cost'
  | 'calls'
  | 'spent'
  | 'duration_s'
  | 'answered_at'
  | 'run_id';

function answerOf({ reading, calls }: Known, task: Task): Pick<ExportRow, AnswerColumns> {
  const { stage, genId, work } = task;
  const found = readMetadata(reading.session.loaded.layout, stage, genId, 'raw_metadata.json');
  const raw: Metadata = found === undefined || found === 'damaged' ? {} : found;
  const usage: Metadata = isRecord(raw['usage']) ? raw['usage'] : {};
  const copied = work.kind === 'copy';
  const called = calls.of(stage, genId);
  return {
    provider: textIn(raw['provider']),
    model: textIn(raw['model']),
    answered_by: textIn(raw['answered_by']),
    finish_reason: textIn(raw['finish_reason']),
    prompt_tokens: wholeIn(usage['prompt_tokens']),
    completion_tokens: wholeIn(usage['completion_tokens']),
    cost: copied ? 0 : (numberIn(usage['cost']) ?? costOnRecord(called, textIn(raw['request_id']))),
    calls: called.calls,
    spent: called.spent,
    duration_s: numberIn(raw['duration_s']),
    answered_at: timeOf(answeredAt(calls, textIn(raw['request_id']), called.answered)),
    run_id: textIn(raw['run_id']),
  };
}

/** Of an answer that nobody billed: as its tokens were counted when it came. */
function costOnRecord({ last }: GenerationCalls, requestId: string | null): number | null {
  return last !== undefined && last.id === requestId ? last.cost : null;
}

/** An answer that names its reply came with that one; another one, with the last that was for it. */
function answeredAt(
  calls: CallsByGeneration,
  requestId: string | null,
  last: number | null,
): number | undefined {
  return requestId === null ? (last ?? undefined) : calls.answered(requestId);
}

function timeOf(ms: number | undefined): string | null {
  return ms === undefined ? null : new Date(ms).toISOString();
}

function isRecord(value: unknown): value is Metadata {
  return value !== null && typeof value === 'object' && !Array.isArray(value);
}

function textIn(value: unknown): string | null {
  return typeof value === 'string' && value !== '' ? value : null;
}

function numberIn(value: unknown): number | null {
  return typeof value === 'number' && Number.isFinite(value) ? value : null;
}

function wholeIn(value: unknown): number | null {
  return Number.isSafeInteger(value) ? (value as number) : null;
}
