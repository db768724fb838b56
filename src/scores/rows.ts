// One row for each evaluation: its score, and where its essay and draft come from. Knows no files: a reader is handed in.
import { NO_MODEL } from '../generation/mode.ts';
import { scoreOfParsed } from '../generation/parsedscore.ts';
import { besideScore } from '../generation/parsers/scored.ts';
import { traceOf } from '../generation/trace.ts';
import type { GenId, Stage } from '../generation/stage.ts';
import { parseInteger, trim } from '../text/python.ts';
import { artifactPath, layoutOf } from '../store/layout.ts';

/** What the store knows of a generation; undefined where there is no such file. */
export interface GenReader {
  metadata(stage: Stage, genId: GenId): Metadata | undefined;
  rawMetadata(stage: Stage, genId: GenId): Metadata | undefined;
  parsed(stage: Stage, genId: GenId): string | undefined;
}

type Metadata = Readonly<Record<string, unknown>>;

/** All that is read of a generation's metadata, but for its trace. */
export const METADATA_FIELDS = [
  'template_id',
  'evaluation_template',
  'essay_template_id',
  'essay_template',
  'draft_template',
  'llm_model_id',
  'model_id',
  'parent_gen_id',
  'combo_id',
  'origin_cohort_id',
  'replicate',
] as const;
type Field = (typeof METADATA_FIELDS)[number];

/** Texts are empty and numbers undefined where nothing is known. Paths are relative to the data root. */
export interface ScoreRow {
  readonly genId: GenId;
  /** The essay's id. */
  readonly parentGenId: GenId;
  readonly evaluationTemplate: string;
  readonly evaluationModel: string;
  readonly score: number | undefined;
  /** Scores beside it, by name; absent where there are none. */
  readonly named?: Readonly<Record<string, number>>;
  /** Why, in the judge's words; absent where nothing is said. */
  readonly rationale?: string;
  /** Why there is no score. */
  readonly error: string;
  readonly evaluationPath: string;
  readonly comboId: string;
  readonly draftTemplate: string;
  readonly generationTemplate: string;
  /** The essay's model; the draft's where the essay has none. */
  readonly generationModel: string;
  /** The essay's own model; empty where it has none, as a copy may. */
  readonly essayModel: string;
  readonly draftModel: string;
  readonly originCohortId: string;
  readonly generationPath: string;
  readonly inputMode: string;
  readonly copiedFrom: string;
  readonly replicate: number | undefined;
  readonly essayReplicate: number | undefined;
  readonly draftReplicate: number | undefined;
  readonly draftGenId: GenId;
  readonly essayOriginCohortId: string;
}

export interface ScoredRow extends ScoreRow {
  readonly score: number;
}

/** Whether a model gave the score; else code counted or compared. */
export function isJudged({ evaluationModel }: ScoreRow): boolean {
  return evaluationModel !== NO_MODEL;
}

/**
 * Scores that may be averaged together: those of judges where there are any, for what code counts is on scales of its own; else those of
 * the one scorer that there is.
 */
export function poolable(rows: readonly ScoreRow[]): readonly ScoreRow[] {
  const judged = rows.filter(isJudged);
  if (judged.length > 0 || rows.length === 0) return judged;
  const [first] = rows;
  return rows.every(({ evaluationTemplate }) => evaluationTemplate === first?.evaluationTemplate) ? rows : [];
}

/** Whether the row has a score that counts. */
export function isScored(row: ScoreRow): row is ScoredRow {
  return row.score !== undefined && row.error === '';
}

/**
 * The score table's rows, in the order of the ids; blank ids are skipped, repeated ids repeated. An id without any file still
 * gives a row. Old metadata keys are read where the present ones are blank.
 */
export function aggregateScores(reader: GenReader, evaluationIds: Iterable<GenId>): readonly ScoreRow[] {
  const essays = new Map<GenId, Above>();
  const aboveOf = (essay: GenId): Above => {
    const known = essays.get(essay) ?? aboveIn(reader, essay);
    essays.set(essay, known);
    return known;
  };
  const source: Source = { reader, aboveOf, readScore: scoreReader() };
  return Array.from(evaluationIds)
    .filter((id) => trim(id) !== '')
    .map((id) => new ReadRow(source, id));
}

/** Where a row is read from. */
interface Source {
  readonly reader: GenReader;
  readonly aboveOf: (essay: GenId) => Above;
  readonly readScore: typeof scoreIn;
}

/** So many different texts of judges are remembered: mostly they are numbers, and few. */
const MOST_REMEMBERED = 10_000;

/** Takes texts that are alike apart once. */
function scoreReader(): typeof scoreIn {
  const known = new Map<string, ReturnType<typeof scoreIn>>();
  return (parsed, metadata) => {
    if (parsed === undefined) return scoreIn(parsed, metadata);
    const found = known.get(parsed) ?? scoreIn(parsed, metadata);
    if (known.size < MOST_REMEMBERED) known.set(parsed, found);
    return found;
  };
}

/**
 * A row as the store has it. A class, for one is made of each evaluation: getters of the objects themselves would take longer than all the
 * rest. They are none of its own properties: `copyOfRow` has them.
 */
class ReadRow implements ScoreRow {
  readonly genId: GenId;
  readonly evaluationTemplate: string;
  readonly evaluationModel: string;
  readonly score: number | undefined;
  readonly error: string;
  declare readonly named?: Readonly<Record<string, number>>;
  declare readonly rationale?: string;
  readonly originCohortId: string;
  readonly replicate: number | undefined;
  readonly parentGenId: GenId;
  readonly comboId: string;
  readonly draftTemplate: string;
  readonly generationTemplate: string;
  readonly generationModel: string;
  readonly essayModel: string;
  readonly draftModel: string;
  readonly generationPath: string;
  readonly essayReplicate: number | undefined;
  readonly draftReplicate: number | undefined;
  readonly draftGenId: GenId;
  readonly essayOriginCohortId: string;
  readonly #reader: GenReader;

  constructor({ reader, aboveOf, readScore }: Source, genId: GenId) {
    const evaluation = reader.metadata('evaluation', genId);
    const { score, error, named, rationale } = readScore(reader.parsed('evaluation', genId), evaluation);
    this.genId = genId;
    this.evaluationTemplate = textIn(evaluation, 'template_id', 'evaluation_template');
    this.evaluationModel = textIn(evaluation, 'llm_model_id', 'model_id');
    this.score = score;
    this.error = error;
    if (named !== undefined) this.named = named;
    if (rationale !== undefined) this.rationale = rationale;
    this.originCohortId = trim(textIn(evaluation, 'origin_cohort_id'));
    this.replicate = replicateIn(evaluation);
    this.parentGenId = trim(textIn(evaluation, 'parent_gen_id'));
    const above = aboveOf(this.parentGenId);
    this.comboId = above.comboId || textIn(evaluation, 'combo_id');
    this.draftTemplate = above.draftTemplate || textIn(evaluation, 'draft_template');
    this.generationTemplate = above.generationTemplate;
    this.generationModel = above.generationModel;
    this.essayModel = above.essayModel;
    this.draftModel = above.draftModel;
    this.generationPath = above.generationPath;
    this.essayReplicate = above.essayReplicate;
    this.draftReplicate = above.draftReplicate;
    this.draftGenId = above.draftGenId;
    this.essayOriginCohortId = above.essayOriginCohortId;
    this.#reader = reader;
  }

  // Few tables want these, of which two stand in a file of their own.
  get evaluationPath(): string {
    return artifactPath(RELATIVE, 'evaluation', this.genId, 'parsed');
  }

  get inputMode(): string {
    return textIn(this.#reader.rawMetadata('evaluation', this.genId), 'input_mode');
  }

  get copiedFrom(): string {
    return textIn(this.#reader.rawMetadata('evaluation', this.genId), 'copied_from');
  }
}

/** All of a row as an object's own properties, to be changed or written down. */
export function copyOfRow(row: ScoreRow): ScoreRow {
  const { evaluationPath, inputMode, copiedFrom } = row;
  return { ...row, evaluationPath, inputMode, copiedFrom };
}

/** Of an essay, which many evaluations may have in common. */
type Above = Pick<
  ScoreRow,
  | 'comboId'
  | 'draftTemplate'
  | 'generationTemplate'
  | 'generationModel'
  | 'essayModel'
  | 'draftModel'
  | 'generationPath'
  | 'essayReplicate'
  | 'draftReplicate'
  | 'draftGenId'
  | 'essayOriginCohortId'
>;

function aboveIn(reader: GenReader, essayId: GenId): Above {
  const essay = essayId === '' ? undefined : reader.metadata('essay', essayId);
  const draftGenId = trim(textIn(essay, 'parent_gen_id'));
  const draft = draftGenId === '' ? undefined : reader.metadata('draft', draftGenId);
  const draftModel = textIn(draft, 'llm_model_id', 'model_id');
  const essayModel = textIn(essay, 'llm_model_id', 'model_id');
  return {
    comboId: textIn(draft, 'combo_id'),
    draftTemplate: textIn(draft, 'template_id', 'draft_template'),
    generationTemplate: textIn(essay, 'template_id', 'essay_template_id', 'essay_template'),
    generationModel: essayModel || draftModel,
    essayModel,
    draftModel,
    generationPath: essayId === '' ? '' : artifactPath(RELATIVE, 'essay', essayId, 'parsed'),
    essayReplicate: replicateIn(essay),
    draftReplicate: replicateIn(draft),
    draftGenId,
    essayOriginCohortId: trim(textIn(essay, 'origin_cohort_id')),
  };
}

/** Paths below an empty data root are relative to it. */
const RELATIVE = layoutOf('');

function scoreIn(
  parsed: string | undefined,
  metadata: Metadata | undefined,
): Pick<ScoreRow, 'score' | 'error' | 'named' | 'rationale'> {
  const accepted = parsed === undefined ? acceptedIn(metadata) : undefined;
  if (accepted !== undefined) return { score: undefined, error: `accepted as missing: ${accepted}` };
  const { score, error = '' } = scoreOfParsed(parsed);
  const { scores, rationale } = besideScore(parsed);
  return {
    score,
    error,
    ...(Object.keys(scores).length === 0 ? {} : { named: scores }),
    ...(rationale === '' ? {} : { rationale }),
  };
}

/** The reason for which a failure was accepted. */
function acceptedIn(metadata: Metadata | undefined): string | undefined {
  const trace = metadata === undefined ? undefined : traceOf(metadata);
  return trace === undefined || trace === 'newer' ? undefined : trace.failure?.accepted?.reason;
}

/** The first of the keys whose value is a text that is not blank, or a number or a truth value, as text. */
function textIn(
  metadata: Metadata | undefined,
  ...keys: readonly (Field | 'input_mode' | 'copied_from')[]
): string {
  for (const key of keys) {
    const value = metadata?.[key];
    if (typeof value === 'string' && trim(value) !== '') return value;
    if (typeof value === 'number' || typeof value === 'boolean') return String(value);
  }
  return '';
}

/** 1 where metadata names none; undefined without metadata. */
function replicateIn(metadata: Metadata | undefined): number | undefined {
  return metadata === undefined ? undefined : parseInteger(metadata['replicate' satisfies Field] ?? 1);
}
