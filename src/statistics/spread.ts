// How far one judge strays from itself, and judges from each other. Knows nothing of reports.
import { type Group, groupBy } from './groups.ts';
import type { ScoredRow } from './scores.ts';
import { sum, summarize } from './summary.ts';

/** Scores of one text under one rubric: a list of replicates for each judge. */
export type Item = readonly (readonly number[])[];

export interface Spread {
  /** The standard deviation of one judge's replicates of one text; undefined without replicates. */
  readonly within: number | undefined;
  /**
   * The standard deviation of judges about each other on one text, beyond what their replicates explain; without replicates it
   * holds both. Undefined where no text has two judges.
   */
  readonly between: number | undefined;
}

/**
 * Components of variance of a one-way random-effects model, judges being the levels, pooled over texts.
 *
 * within² = MSW, the sum of squares about each judge's mean by its degrees of freedom; between² = max(0, (MSB - MSW) / n0), with
 * MSB the sum of squares of judges' means about the text's mean, weighted by their replicates, by its degrees of freedom, and
 * n0 the number of replicates a judge, corrected for inequality: Σ over texts of (N - Σ n² / N) by the same degrees.
 *
 * Source: D. C. Montgomery, Design and Analysis of Experiments, section on the random-effects model; the names within and
 * between follow ISO 5725-2, where they are repeatability and the between-laboratory part of reproducibility.
 */
export function spreadOf(items: readonly Item[]): Spread {
  const within = { squares: 0, degrees: 0 };
  const between = { squares: 0, degrees: 0, size: 0 };
  for (const item of items) {
    const judges = item.flatMap((scores) => summarize(scores) ?? []);
    const count = sum(judges.map((judge) => judge.count));
    if (count === 0) continue;
    const mean = sum(judges.map((judge) => judge.count * judge.mean)) / count;
    within.squares += sum(judges.map((judge) => (judge.count - 1) * (judge.std ?? 0) ** 2));
    within.degrees += count - judges.length;
    between.squares += sum(judges.map((judge) => judge.count * (judge.mean - mean) ** 2));
    between.degrees += judges.length - 1;
    between.size += count - sum(judges.map((judge) => judge.count ** 2)) / count;
  }
  const noise = within.degrees === 0 ? undefined : within.squares / within.degrees;
  return {
    within: noise === undefined ? undefined : Math.sqrt(noise),
    between: rootBetween(between, noise ?? 0),
  };
}

function rootBetween(
  { squares, degrees, size }: { readonly squares: number; readonly degrees: number; readonly size: number },
  noise: number,
): number | undefined {
  if (degrees === 0) return undefined;
  return Math.sqrt(Math.max(0, (squares / degrees - noise) / (size / degrees)));
}

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

/** The spread over all essays and rubrics. */
export function spreadOfScores(rows: readonly ScoredRow[]): Spread {
  return spreadOf(itemsOf(rows).map((judges) => judges.map(scoresOf)));
}

/** Every judge by itself, in code point order. */
export function judgeSpreads(rows: readonly ScoredRow[]): readonly JudgeSpread[] {
  const leans = leansOf(itemsOf(rows));
  return groupBy(rows, (row) => [row.evaluationModel]).flatMap((group): JudgeSpread[] => {
    const judge = group.rows[0].evaluationModel;
    const summary = summarize(scoresOf(group));
    if (summary === undefined) return [];
    const items = itemsOf(group.rows).map((judges) => judges.map(scoresOf));
    const { count, mean, min, max } = summary;
    const { within } = spreadOf(items);
    const replicates = count / items.length;
    return [
      {
        judge,
        scores: count,
        replicates,
        mean,
        min,
        max,
        within,
        lean: summarize(leans.get(judge) ?? [])?.mean,
      },
    ];
  });
}

/** For each essay and rubric a group for each judge. */
function itemsOf(rows: readonly ScoredRow[]): Group<ScoredRow>[][] {
  return groupBy(rows, (row) => [row.parentGenId, row.evaluationTemplate]).map((item) =>
    groupBy(item.rows, (row) => [row.evaluationModel]),
  );
}

function scoresOf(group: Group<ScoredRow>): number[] {
  return group.rows.map((row) => row.score);
}

/** By judge, for each item with other judges: its own mean less the mean of the others' means. */
function leansOf(items: readonly (readonly Group<ScoredRow>[])[]): Map<string, number[]> {
  const leans = new Map<string, number[]>();
  for (const item of items.filter((judges) => judges.length > 1)) {
    const means = item.map((group) => summarize(scoresOf(group))?.mean ?? 0);
    const total = sum(means);
    for (const [at, group] of item.entries()) {
      const own = means[at] ?? 0;
      const lean = own - (total - own) / (item.length - 1);
      const judge = group.rows[0].evaluationModel;
      const known = leans.get(judge);
      if (known === undefined) leans.set(judge, [lean]);
      else known.push(lean);
    }
  }
  return leans;
}
