// What a person is asked: one text by a rubric, or two texts of the same combo, in an order drawn by a seed. Knows no text and no file.
import { digest, digestNumber } from '../../digest.ts';
import type { GenId } from '../../generation/stage.ts';
import { groupBy } from '../../statistics/groups.ts';

export const RATING_KINDS = ['score', 'preference'] as const;
export type RatingKind = (typeof RATING_KINDS)[number];

/** An essay that a rubric judges. */
export interface Rateable {
  readonly essay: GenId;
  readonly rubric: string;
  readonly combo: string;
  /** Another one where anything else was chosen on the way to it, but for the concepts. */
  readonly way: number;
}

/** One essay, or two of the same combo that were written in different ways. */
export interface RatingItem {
  readonly rubric: string;
  readonly essays: readonly [GenId] | readonly [first: GenId, second: GenId];
}

/** Of one combo at most so many pairs are asked about: those of essays that lie near each other in the order that is drawn. */
const MOST_PAIRS = 500;

/**
 * All that can be asked, in an order that depends on the seed and on each question alone: the first n are a random sample, and what
 * is added later falls between what was there. Which of two texts comes first is drawn as well.
 */
export function ratingItemsOf(rateables: readonly Rateable[], kind: RatingKind, seed: string): RatingItem[] {
  const questions =
    kind === 'score'
      ? rateables.map(({ essay, rubric }): RatingItem => ({ rubric, essays: [essay] }))
      : groupBy(rateables, ({ rubric, combo }) => [rubric, combo]).flatMap(({ rows }) => pairsOf(rows, seed));
  return inOrderDrawn(questions, ({ rubric, essays: [first, second] }) =>
    second === undefined ? wordsOf(seed, rubric, first) : wordsOf(seed, rubric, first, second),
  );
}

function pairsOf(rateables: readonly Rateable[], seed: string): RatingItem[] {
  const drawn = inOrderDrawn(rateables, ({ rubric, essay }) => wordsOf(seed, rubric, essay));
  const pairs: RatingItem[] = [];
  for (let apart = 1; apart < drawn.length && pairs.length < MOST_PAIRS; apart++)
    for (const [at, a] of drawn.entries()) {
      const b = drawn[at + apart];
      if (b === undefined || a.way === b.way) continue;
      const swapped = Number.parseInt(digest(wordsOf(seed, a.essay, b.essay)).slice(-1), 16) % 2 === 1;
      pairs.push({ rubric: a.rubric, essays: swapped ? [b.essay, a.essay] : [a.essay, b.essay] });
    }
  return pairs.slice(0, MOST_PAIRS);
}

/** By the digests of their words: of a hundred thousand, so each has a number and no more. */
function inOrderDrawn<T>(items: readonly T[], wordsFor: (item: T) => string): T[] {
  const drawn = Float64Array.from(items, (item) => digestNumber(wordsFor(item)));
  const order = Uint32Array.from(items, (_, place) => place);
  order.sort((a, b) => (drawn[a] ?? 0) - (drawn[b] ?? 0) || a - b);
  return Array.from(order, (place) => items[place] as T);
}

function wordsOf(...parts: readonly string[]): string {
  return JSON.stringify(parts);
}
