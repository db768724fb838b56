// Each judge by each rubric: how mild it is, whether it uses the scale, agrees with itself and the others, and what sways it that should
// not. Lengths, families and times are handed in.
import { alphaInterval } from '../../statistics/agreement/bootstrap.ts';
import { type Intraclass, intraclass } from '../../statistics/agreement/intraclass.ts';
import { krippendorffAlpha } from '../../statistics/agreement/krippendorff.ts';
import {
  type Contrast,
  contrastOfMeans,
  type Interval,
  type Observation,
} from '../../statistics/clustered.ts';
import { groupBy } from '../../statistics/groups.ts';
import { holm } from '../../statistics/significance/holm.ts';
import { slopeWithin } from '../../statistics/slopes.ts';
import { summarize, type Summary } from '../../statistics/summary.ts';
import type { GenId } from '../../generation/stage.ts';
import type { Judgement } from '../judgements.ts';
import { levelName, LEVEL_KEYS } from '../levels/dimensions.ts';
import { clusterOf } from '../observations.ts';
import type { ScoredRow } from '../rows.ts';

export interface JudgeFacts {
  /** Bytes of an essay's text; undefined where there is none. */
  readonly lengthOf: (essay: GenId) => number | undefined;
  /** Whose model it is, by its short id; blank where nobody knows. */
  readonly familyOf: (model: string) => string;
  /** When an evaluation was answered, in milliseconds since the epoch. */
  readonly answeredAt: (evaluation: GenId) => number | undefined;
}

export interface JudgeTraits {
  readonly judge: string;
  readonly rubric: string;
  readonly scores: number;
  readonly mean: number;
  readonly std: number | undefined;
  /** Shares of its scores that are the lowest, and the highest, that any judge gave by this rubric. */
  readonly floor: number;
  readonly ceiling: number;
  /** How much higher it scores than the other judges of the same texts. */
  readonly lean: Contrast | undefined;
  /** Agreement with itself over replicates. */
  readonly self: Intraclass | undefined;
  /** Krippendorff's alpha of its scores and the mean of the others'. */
  readonly alpha: number | undefined;
  readonly alphaInterval: Interval | undefined;
}

/** What may sway a judge. */
const BIASES = ['length', 'own family', 'drift'] as const;
type Bias = (typeof BIASES)[number];

export interface JudgeBias extends Contrast {
  readonly bias: Bias;
  readonly judge: string;
  readonly rubric: string;
  /** Holm's p-value in the family of all biases of all judges. */
  readonly adjusted: number | undefined;
}

export interface JudgeReport {
  readonly traits: readonly JudgeTraits[];
  readonly biases: readonly JudgeBias[];
}

const DAY = 86_400_000;

export function judgeReport(
  judgements: readonly Judgement[],
  scored: readonly ScoredRow[],
  facts: JudgeFacts,
): JudgeReport {
  const answers = new Map(
    groupBy(scored, (row) => [row.evaluationTemplate, row.evaluationModel]).map(({ key, rows }) => [
      JSON.stringify(key),
      rows,
    ]),
  );
  const found = groupBy(judgements, ({ row }) => [row.evaluationTemplate]).flatMap(({ rows }) => {
    const range = summarize(rows.flatMap(({ scores }) => scores));
    const texts: Texts = new Map(
      groupBy(rows, ({ row }) => [row.parentGenId]).map(({ key: [essay = ''], rows: own }) => [essay, own]),
    );
    return groupBy(rows, ({ row }) => [row.evaluationModel]).map(({ rows: own }) => ({
      traits: traitsOf(own, texts, range),
      biases: biasesOf(own, texts, { facts, answers }),
    }));
  });
  return {
    traits: found.flatMap(({ traits }) => traits ?? []),
    biases: adjusted(found.flatMap(({ biases }) => biases)),
  };
}

/** What all judges say of each essay by one rubric. */
type Texts = ReadonlyMap<string, readonly Judgement[]>;
type Own = readonly [Judgement, ...Judgement[]];

function traitsOf(rows: Own, texts: Texts, range: Summary | undefined): JudgeTraits | undefined {
  const [{ row }] = rows;
  const given = rows.flatMap(({ scores }) => scores);
  const summary = summarize(given);
  if (summary === undefined || range === undefined) return undefined;
  const beside = rows.flatMap((own) => besideOthers(own, texts.get(own.row.parentGenId) ?? []));
  const share = (end: number): number =>
    range.min === range.max ? 0 : given.filter((score) => score === end).length / given.length;
  const units = beside.map(({ own, others, cluster }) => ({ cluster, values: [own, others] }));
  return {
    judge: row.evaluationModel,
    rubric: row.evaluationTemplate,
    scores: summary.count,
    mean: summary.mean,
    std: summary.std,
    floor: share(range.min),
    ceiling: share(range.max),
    lean: contrastOfMeans([
      {
        weight: 1,
        observations: beside.map(({ own, others, cluster }) => ({ cluster, value: own - others })),
      },
    ]),
    self: intraclass(rows.map(({ scores }) => scores)),
    alpha: krippendorffAlpha(
      units.map(({ values }) => values),
      'interval',
    ),
    alphaInterval: alphaInterval(units),
  };
}

function biasesOf(
  rows: Own,
  texts: Texts,
  {
    facts,
    answers,
  }: { readonly facts: JudgeFacts; readonly answers: ReadonlyMap<string, readonly ScoredRow[]> },
): Omit<JudgeBias, 'adjusted'>[] {
  const [{ row }] = rows;
  const [judge, rubric] = [row.evaluationModel, row.evaluationTemplate];
  const found: Readonly<Record<Bias, Contrast | undefined>> = {
    length: lengthBias(rows, facts),
    'own family': ownFamily(rows, texts, facts),
    drift: driftOf(answers.get(JSON.stringify([rubric, judge])) ?? [], facts),
  };
  return BIASES.flatMap((bias) => {
    const contrast = found[bias];
    return contrast === undefined ? [] : [{ ...contrast, bias, judge, rubric }];
  });
}

interface Beside {
  readonly own: number;
  readonly others: number;
  readonly cluster: string;
}

function besideOthers(
  judgement: Judgement,
  text: readonly Judgement[],
  counts: (other: Judgement) => boolean = () => true,
): Beside[] {
  const others = text.filter((each) => each !== judgement && counts(each));
  const mean = summarize(others.map((each) => each.mean))?.mean;
  return mean === undefined
    ? []
    : [{ own: judgement.mean, others: mean, cluster: clusterOf(judgement.row, 'combo') }];
}

function wayOf(row: ScoredRow): string {
  return levelName('way', LEVEL_KEYS.way(row));
}

/** Points for each doubling of the text, of texts of the same combo, less what goes with the way of writing. */
function lengthBias(rows: readonly Judgement[], { lengthOf }: JudgeFacts): Contrast | undefined {
  return slopeWithin(
    rows.flatMap(({ row, mean }) => {
      const length = lengthOf(row.parentGenId);
      if (length === undefined || length === 0) return [];
      return [{ x: Math.log2(length), y: mean, cluster: clusterOf(row, 'combo'), group: wayOf(row) }];
    }),
  );
}

/** How much more it gives texts of its own family, beyond what judges of other families give, than it gives other texts. */
function ownFamily(rows: readonly Judgement[], texts: Texts, { familyOf }: JudgeFacts): Contrast | undefined {
  const family = familyOf(rows[0]?.row.evaluationModel ?? '');
  if (family === '') return undefined;
  const [own, rest]: [Observation[], Observation[]] = [[], []];
  for (const each of rows)
    for (const { own: given, others, cluster } of besideOthers(
      each,
      texts.get(each.row.parentGenId) ?? [],
      ({ row }) => familyOf(row.evaluationModel) !== family,
    ))
      (familyOf(each.row.generationModel) === family ? own : rest).push({ value: given - others, cluster });
  return contrastOfMeans([
    { weight: 1, observations: own },
    { weight: -1, observations: rest },
  ]);
}

/** Points a week, of texts of the same combo and way of writing; undefined where all was answered within a day. */
function driftOf(rows: readonly ScoredRow[], { answeredAt }: JudgeFacts): Contrast | undefined {
  const timed = rows.flatMap((row) => {
    const when = answeredAt(row.genId);
    return when === undefined ? [] : [{ row, when }];
  });
  const first = timed.reduce((least, { when }) => Math.min(least, when), Infinity);
  const last = timed.reduce((most, { when }) => Math.max(most, when), -Infinity);
  if (last - first < DAY) return undefined;
  return slopeWithin(
    timed.map(({ row, when }) => ({
      x: (when - first) / (7 * DAY),
      y: row.score,
      cluster: clusterOf(row, 'combo'),
      group: wayOf(row),
    })),
  );
}

function adjusted(biases: readonly Omit<JudgeBias, 'adjusted'>[]): JudgeBias[] {
  const values = holm(biases.flatMap(({ p }) => p ?? []));
  let next = 0;
  return biases.map((each) => ({ ...each, adjusted: each.p === undefined ? undefined : values[next++] }));
}
