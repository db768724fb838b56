// Each judge by each rubric: how mild it is, whether it uses the scale, agrees with itself and the others, and what sways it that should
// not. Lengths, families and times are handed in.
import { type Intraclass, intraclass } from '../../statistics/agreement/intraclass.ts';
import { alphaInterval, krippendorffAlpha } from '../../statistics/agreement/krippendorff.ts';
import { type Contrast, contrastOfColumns, type Interval } from '../../statistics/clustered.ts';
import { holm } from '../../statistics/significance/holm.ts';
import { slopeWithin } from '../../statistics/slopes.ts';
import { summarizeRange, type Summary } from '../../statistics/summary.ts';
import type { GenId } from '../../generation/stage.ts';
import { codesAt, numbersAt, segmentAt, type Segments, segmentsOf } from '../columns/codes.ts';
import { type Judged, listsIn } from '../columns/judgements.ts';
import { leansOf } from './spreads.ts';

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

export function judgeReport(judged: Judged, facts: JudgeFacts): JudgeReport {
  const { columns, firsts } = judged;
  const raters = columns.agreeing('evaluationTemplate', 'evaluationModel');
  const known = {
    judged,
    facts,
    leans: leansOf(judged),
    itemOf: itemsOf(judged),
    answers: segmentsOf(raters),
  };
  const [rubric, judge] = [columns.field('evaluationTemplate'), columns.field('evaluationModel')];
  const byRubric = segmentsOf({ of: codesAt(rubric.of, firsts), size: rubric.size });
  const judges = { of: codesAt(judge.of, firsts), size: judge.size };
  const found = rubric.names.flatMap((_, code) => {
    const rows = segmentAt(byRubric, code);
    const scores = listsIn(judged, rows).values.sort();
    const range = summarizeRange(scores, 0, scores.length);
    const byJudge = segmentsOf(judges, rows);
    return judge.names.flatMap((__, at) => {
      const own = segmentAt(byJudge, at);
      const place = firsts[own[0] ?? -1];
      if (place === undefined || range === undefined) return [];
      const rater = { ...known, own, place, rater: raters.of[place] ?? 0 };
      return [{ traits: traitsOf(rater, range), biases: biasesOf(rater) }];
    });
  });
  return {
    traits: found.flatMap(({ traits }) => traits ?? []),
    biases: adjusted(found.flatMap(({ biases }) => biases)),
  };
}

/** A judge by a rubric. */
interface Rater {
  readonly judged: Judged;
  readonly facts: JudgeFacts;
  /** Of each judgement: how much higher than the others of the same text. */
  readonly leans: Float64Array;
  /** Of each judgement: the place of its text among the items. */
  readonly itemOf: Int32Array;
  /** All scores by rater. */
  readonly answers: Segments;
  /** Its judgements. */
  readonly own: Int32Array;
  /** Of one of its rows. */
  readonly place: number;
  /** Its number. */
  readonly rater: number;
}

function itemsOf({ size, items }: Judged): Int32Array {
  const of = new Int32Array(size);
  for (let item = 0; item + 1 < items.length; item++) of.fill(item, items[item] ?? 0, items[item + 1] ?? 0);
  return of;
}

function traitsOf({ judged, leans, own, place }: Rater, range: Summary): JudgeTraits | undefined {
  const { columns, firsts, means } = judged;
  const lists = listsIn(judged, own);
  const given = lists.values.toSorted();
  const summary = summarizeRange(given, 0, given.length);
  if (summary === undefined) return undefined;
  const combos = columns.clusters('combo');
  const beside = own.filter((judgement) => !Number.isNaN(leans[judgement] ?? Number.NaN));
  const clusters = codesAt(combos.of, codesAt(firsts, beside));
  const share = (end: number): number => (range.min === range.max ? 0 : timesIn(given, end) / given.length);
  // Its own score of each text, and the mean of the others'.
  const units = {
    values: new Float64Array(2 * beside.length),
    starts: new Int32Array(beside.length + 1),
    clusters,
  };
  for (let at = 0; at < beside.length; at++) {
    const judgement = beside[at] ?? 0;
    units.values[2 * at] = means[judgement] ?? 0;
    units.values[2 * at + 1] = (means[judgement] ?? 0) - (leans[judgement] ?? 0);
    units.starts[at + 1] = 2 * (at + 1);
  }
  const row = columns.rows[place];
  return {
    judge: row?.evaluationModel ?? '',
    rubric: row?.evaluationTemplate ?? '',
    scores: summary.count,
    mean: summary.mean,
    std: summary.std,
    floor: share(range.min),
    ceiling: share(range.max),
    lean: contrastOfColumns([{ weight: 1, values: numbersAt(leans, beside), clusters }]),
    self: intraclass({ ...lists, clusters: codesAt(combos.of, codesAt(firsts, own)) }),
    alpha: krippendorffAlpha(units, 'interval'),
    alphaInterval: alphaInterval(units),
  };
}

function timesIn(values: Float64Array, value: number): number {
  let times = 0;
  for (let at = 0; at < values.length; at++) if (values[at] === value) times++;
  return times;
}

function biasesOf(rater: Rater): Omit<JudgeBias, 'adjusted'>[] {
  const row = rater.judged.columns.rows[rater.place];
  const found: Readonly<Record<Bias, Contrast | undefined>> = {
    length: lengthBias(rater),
    'own family': ownFamily(rater),
    drift: driftOf(rater),
  };
  return BIASES.flatMap((bias) => {
    const contrast = found[bias];
    if (contrast === undefined || row === undefined) return [];
    return [{ ...contrast, bias, judge: row.evaluationModel, rubric: row.evaluationTemplate }];
  });
}

/** Points for each doubling of the text, of texts of the same combo, less what goes with the way of writing. */
function lengthBias({ judged, facts, own }: Rater): Contrast | undefined {
  const { columns, firsts, means } = judged;
  const essays = columns.field('parentGenId');
  const lengths = columns.once('lengths', () =>
    Float64Array.from(essays.names.map((essay) => Math.log2(facts.lengthOf(essay) ?? 0))),
  );
  const lengthsOwn = numbersAt(lengths, codesAt(essays.of, codesAt(firsts, own)));
  const known = own.filter((_, at) => Number.isFinite(lengthsOwn[at] ?? Number.NaN));
  return slopeWithin({
    xs: lengthsOwn.filter(Number.isFinite),
    ys: numbersAt(means, known),
    ...groupsAt(judged, codesAt(firsts, known)),
  });
}

/** Combos and ways of rows. */
function groupsAt({ columns }: Judged, places: Int32Array): { clusters: Int32Array; groups: Int32Array } {
  const combos = columns.clusters('combo');
  const ways = columns.agreeing('draftTemplate', 'draftModel', 'generationTemplate', 'generationModel');
  return {
    clusters: codesAt(combos.of, places),
    groups: codesAt(ways.of, places),
  };
}

/** How much more it gives texts of its own family, beyond what judges of other families give, than it gives other texts. */
function ownFamily({ judged, facts, itemOf, own, place }: Rater): Contrast | undefined {
  const { columns, firsts, items, means } = judged;
  const family = facts.familyOf(columns.rows[place]?.evaluationModel ?? '');
  if (family === '') return undefined;
  const judge = columns.field('evaluationModel');
  const writer = columns.field('generationModel');
  const isOwn = ({ names }: { readonly names: readonly string[] }): Uint8Array =>
    Uint8Array.from(names, (name) => (facts.familyOf(name) === family ? 1 : 0));
  const [kin, written] = [isOwn(judge), isOwn(writer)];
  const combos = columns.clusters('combo');
  const sides = [0, 1].map(() => ({
    values: new Float64Array(own.length),
    clusters: new Int32Array(own.length),
    size: 0,
  }));
  for (const judgement of own) {
    const item = itemOf[judgement] ?? 0;
    let [total, strangers] = [0, 0];
    for (let other = items[item] ?? 0; other < (items[item + 1] ?? 0); other++) {
      if (kin[judge.of[firsts[other] ?? 0] ?? 0] === 1) continue;
      total += means[other] ?? 0;
      strangers++;
    }
    const row = firsts[judgement] ?? 0;
    const side = sides[written[writer.of[row] ?? 0] === 1 ? 0 : 1];
    if (strangers === 0 || side === undefined) continue;
    side.values[side.size] = (means[judgement] ?? 0) - total / strangers;
    side.clusters[side.size++] = combos.of[row] ?? 0;
  }
  return contrastOfColumns(
    sides.map(({ values, clusters, size }, at) => ({
      weight: at === 0 ? 1 : -1,
      values: values.subarray(0, size),
      clusters: clusters.subarray(0, size),
    })),
  );
}

/** Points a week, of texts of the same combo and way of writing; undefined where all was answered within a day. */
function driftOf({ judged, facts, answers, rater }: Rater): Contrast | undefined {
  const { columns } = judged;
  const when = columns.once('answered', () =>
    Float64Array.from(columns.rows, ({ genId }) => facts.answeredAt(genId) ?? Number.NaN),
  );
  const timed = segmentAt(answers, rater).filter((place) => !Number.isNaN(when[place] ?? Number.NaN));
  let [first, last] = [Infinity, -Infinity];
  for (const place of timed) {
    first = Math.min(first, when[place] ?? first);
    last = Math.max(last, when[place] ?? last);
  }
  if (last - first < DAY) return undefined;
  return slopeWithin({
    xs: numbersAt(when, timed).map((each) => (each - first) / (7 * DAY)),
    ys: numbersAt(columns.scores, timed),
    ...groupsAt(judged, timed),
  });
}

function adjusted(biases: readonly Omit<JudgeBias, 'adjusted'>[]): JudgeBias[] {
  const values = holm(biases.flatMap(({ p }) => p ?? []));
  let next = 0;
  return biases.map((each) => ({ ...each, adjusted: each.p === undefined ? undefined : values[next++] }));
}
