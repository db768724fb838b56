// How far one judge strays from itself, and judges from each other. Knows nothing of reports.
import { type Spread, spreadOf } from '../../statistics/agreement/spread.ts';
import { sum, summarizeRange } from '../../statistics/summary.ts';
import { codesAt, numbersAt, segmentAt, segmentsOf } from '../columns/codes.ts';
import { type Judged, listsIn } from '../columns/judgements.ts';

export interface JudgeSpread {
  readonly judge: string;
  readonly scores: number;
  /** Scores for each essay and rubric, on average. */
  readonly replicates: number;
  readonly mean: number;
  /** Lowest and highest score: equal for a judge that never varies. */
  readonly min: number;
  readonly max: number;
  /** The standard deviation of its replicates about their mean; undefined without replicates. */
  readonly within: number | undefined;
  /** How much higher it scores than the other judges of the same essay and rubric, on average; undefined without any. */
  readonly lean: number | undefined;
}

/** The spread over all essays and rubrics, or over some: places in `items` of the judgements. */
export function spreadOfScores(judged: Judged, chosen?: Int32Array): Spread {
  const { items } = judged;
  if (chosen === undefined) return spreadOf({ ...listsIn(judged), items });
  const sizes = chosen.map((item) => (items[item + 1] ?? 0) - (items[item] ?? 0));
  const starts = new Int32Array(chosen.length + 1);
  for (let at = 0; at < sizes.length; at++) starts[at + 1] = (starts[at] ?? 0) + (sizes[at] ?? 0);
  const judgements = new Int32Array(starts[chosen.length] ?? 0);
  let next = 0;
  for (const item of chosen)
    for (let at = items[item] ?? 0; at < (items[item + 1] ?? 0); at++) judgements[next++] = at;
  return spreadOf({ ...listsIn(judged, judgements), items: starts });
}

/** Every judge by itself, in code point order. */
export function judgeSpreads(judged: Judged): readonly JudgeSpread[] {
  const { columns, firsts } = judged;
  const { of, size, names } = columns.field('evaluationModel');
  const leans = leansOf(judged);
  const byJudge = segmentsOf({ of: codesAt(of, firsts), size });
  return names.flatMap((judge, code): JudgeSpread[] => {
    const own = segmentAt(byJudge, code);
    const lists = listsIn(judged, own);
    const summary = summarizeRange(lists.values.toSorted(), 0, lists.values.length);
    if (summary === undefined) return [];
    const { count, mean, min, max } = summary;
    const { within } = spreadOf({
      ...lists,
      items: Int32Array.from({ length: own.length + 1 }, (_, at) => at),
    });
    const leaning = numbersAt(leans, own).filter((lean) => !Number.isNaN(lean));
    const lean = leaning.length === 0 ? undefined : sum(leaning.sort()) / leaning.length;
    return [{ judge, scores: count, replicates: count / own.length, mean, min, max, within, lean }];
  });
}

/** Of each judgement: its mean less the mean of the others' of the same text; NaN where there are none. */
export function leansOf({ size, items, means }: Judged): Float64Array {
  const leans = new Float64Array(size).fill(Number.NaN);
  for (let item = 0; item + 1 < items.length; item++) {
    const [from, to] = [items[item] ?? 0, items[item + 1] ?? 0];
    if (to - from < 2) continue;
    const total = sum(means, from, to);
    for (let at = from; at < to; at++) {
      const mean = means[at] ?? 0;
      leans[at] = mean - (total - mean) / (to - from - 1);
    }
  }
  return leans;
}
