// How much a difference of two levels varies from combo to combo, and how much of that each stage of noise puts into it.
import { summarizeRange } from '../../statistics/summary.ts';
import {
  type Codes,
  codesAt,
  combined,
  Distinct,
  segmentAt,
  type Segments,
  segmentsOf,
} from '../columns/codes.ts';
import type { Judged } from '../columns/judgements.ts';
import { blocksIn, type ComparedDimension, levelsIn } from '../levels/dimensions.ts';
import type { Noises } from './noise.ts';

/** What can be repeated. */
export const REPEATED = ['draft', 'essay', 'judge', 'replicate'] as const;
export type Repeated = (typeof REPEATED)[number];

export interface DifferenceNoise {
  /** Combos that have both levels in a block. */
  readonly combos: number;
  /** The sample variance over combos of the mean difference within each; undefined with fewer than two. */
  readonly variance: number | undefined;
  /** How much of it each stage explains at its present number of replicates, on average over combos. */
  readonly parts: Readonly<Record<Repeated, number>>;
}

/** Numbers of judgements, kept from one pair to the next so that none is made twice. */
interface Units {
  /** By judgement. */
  readonly blocks: Int32Array;
  readonly combos: Int32Array;
  readonly drafts: Int32Array;
  readonly essays: Int32Array;
  /** By number of a block: how many judgements of each level it has. */
  readonly counts: readonly [a: Int32Array, b: Int32Array];
  /** By number of a combo. */
  readonly both: Int32Array;
  readonly differences: Float64Array;
  readonly parts: Readonly<Record<Repeated, Float64Array>>;
  /** By number of a unit: what it weighs in all. */
  readonly weights: { readonly drafts: Float64Array; readonly essays: Float64Array };
}

/** The judgements of a dimension by level, and how differences of two of them vary: each found once. */
export class LevelNoise {
  readonly judged: Judged;
  readonly #noises: Noises;
  readonly #units: () => Units;
  readonly #levels: ReadonlyMap<string, number>;
  readonly #byLevel: Segments;
  readonly #known = new Map<string, DifferenceNoise>();

  constructor(judged: Judged, dimension: ComparedDimension, noises: Noises) {
    this.judged = judged;
    this.#noises = noises;
    const levels = levelsIn(judged.columns, dimension);
    this.#levels = new Map(levels.names.map((name, level) => [name, level]));
    this.#byLevel = segmentsOf({ of: atFirsts(judged, levels), size: levels.size });
    let units: Units | undefined;
    this.#units = () => (units ??= unitsOf(judged, dimension));
  }

  /** Numbers of the judgements. */
  judgementsOf(level: string): Int32Array {
    const number = this.#levels.get(level);
    return number === undefined ? new Int32Array() : segmentAt(this.#byLevel, number);
  }

  /** How many combos have a score of a level. */
  combosOf(level: string): number {
    const { combos, both } = this.#units();
    return new Distinct({ of: combos, size: both.length }).count(this.judgementsOf(level));
  }

  between(a: string, b: string): DifferenceNoise {
    const key = JSON.stringify([a, b]);
    const found =
      this.#known.get(key) ??
      differenceNoise(this.judged, this.#units(), [this.judgementsOf(a), this.judgementsOf(b)], this.#noises);
    this.#known.set(key, found);
    return found;
  }
}

/** What a column has of each judgement. */
function atFirsts({ firsts }: Judged, { of }: Codes): Int32Array {
  return codesAt(of, firsts);
}

function unitsOf(judged: Judged, dimension: ComparedDimension): Units {
  const { columns } = judged;
  const combos = columns.clusters('combo');
  // Within a combo: what two combos share counts in each for itself.
  const within = (of: Codes): Codes => combined([of, combos]);
  const blocks = within(blocksIn(columns, dimension));
  const drafts = columns.once('drafts of combos', () => within(columns.drafts));
  const essays = columns.once('essays of combos', () => within(columns.field('parentGenId')));
  const zeros = (): Float64Array => new Float64Array(combos.size);
  return {
    blocks: atFirsts(judged, blocks),
    combos: atFirsts(judged, combos),
    drafts: atFirsts(judged, drafts),
    essays: atFirsts(judged, essays),
    counts: [new Int32Array(blocks.size), new Int32Array(blocks.size)],
    both: new Int32Array(combos.size),
    differences: zeros(),
    parts: { draft: zeros(), essay: zeros(), judge: zeros(), replicate: zeros() },
    weights: { drafts: new Float64Array(drafts.size), essays: new Float64Array(essays.size) },
  };
}

/**
 * The difference of two levels within blocks, combo by combo. Each judgement of a combo weighs in its mean difference, positive on the side
 * of the first; only blocks with both levels count. A stage puts in its variance times the sum over its units of the square of what the unit
 * weighs in all.
 */
function differenceNoise(
  judged: Judged,
  units: Units,
  sides: readonly [a: Int32Array, b: Int32Array],
  noises: Noises,
): DifferenceNoise {
  const { blocks, combos, counts, both, differences, parts } = units;
  const [one, other] = sides;
  const [ones, others] = counts;
  counted(ones, one, blocks);
  counted(others, other, blocks);
  const seen: number[] = [];
  for (let at = 0; at < one.length; at++) {
    const judgement = one[at] ?? 0;
    const block = blocks[judgement] ?? 0;
    const own = ones[block] ?? 0;
    // A block that was counted has less than none of the first, until all are.
    if ((others[block] ?? 0) === 0 || own < 0) continue;
    ones[block] = -own;
    const combo = combos[judgement] ?? 0;
    if (both[combo] === 0) seen.push(combo);
    both[combo] = (both[combo] ?? 0) + 1;
  }
  weigh(judged, units, one, 0);
  weigh(judged, units, other, 1);
  take(units, one);
  take(units, other);
  for (let at = 0; at < one.length; at++) ones[blocks[one[at] ?? 0] ?? 0] = 0;
  for (let at = 0; at < other.length; at++) others[blocks[other[at] ?? 0] ?? 0] = 0;
  const found = Float64Array.from(seen.map((combo) => taken(differences, combo))).sort();
  for (const combo of seen) both[combo] = 0;
  const part = (noise: Repeated): number => {
    let total = 0;
    for (const combo of seen) total += taken(parts[noise], combo);
    return seen.length === 0 ? 0 : ((noises[noise].variance ?? 0) * total) / seen.length;
  };
  const std = summarizeRange(found, 0, found.length)?.std;
  return {
    combos: seen.length,
    variance: std === undefined ? undefined : std ** 2,
    parts: { draft: part('draft'), essay: part('essay'), judge: part('judge'), replicate: part('replicate') },
  };
}

function counted(counts: Int32Array, judgements: Int32Array, blocks: Int32Array): void {
  for (let at = 0; at < judgements.length; at++) {
    const block = blocks[judgements[at] ?? 0] ?? 0;
    counts[block] = (counts[block] ?? 0) + 1;
  }
}

/** Adds what each judgement of a side weighs, in blocks with both levels: of the first side these were marked. */
function weigh(judged: Judged, units: Units, judgements: Int32Array, side: 0 | 1): void {
  const { blocks, combos, drafts, essays, both, differences } = units;
  const [ones, others] = units.counts;
  const { judge, replicate } = units.parts;
  const weights = units.weights;
  const { means, starts } = judged;
  for (let at = 0; at < judgements.length; at++) {
    const judgement = judgements[at] ?? 0;
    const block = blocks[judgement] ?? 0;
    const [a, b] = [-(ones[block] ?? 0), others[block] ?? 0];
    if (a <= 0 || b === 0) continue;
    const combo = combos[judgement] ?? 0;
    const weight = side === 0 ? 1 / ((both[combo] ?? 1) * a) : -1 / ((both[combo] ?? 1) * b);
    const [draft, essay] = [drafts[judgement] ?? 0, essays[judgement] ?? 0];
    differences[combo] = (differences[combo] ?? 0) + weight * (means[judgement] ?? 0);
    weights.drafts[draft] = (weights.drafts[draft] ?? 0) + weight;
    weights.essays[essay] = (weights.essays[essay] ?? 0) + weight;
    const square = weight * weight;
    const replicates = (starts[judgement + 1] ?? 0) - (starts[judgement] ?? 0);
    judge[combo] = (judge[combo] ?? 0) + square;
    replicate[combo] = (replicate[combo] ?? 0) + square / replicates;
  }
}

/** Each unit once: what it weighs is taken when it is met first, which leaves nothing for the next pair to find. */
function take({ combos, drafts, essays, parts, weights }: Units, judgements: Int32Array): void {
  for (let at = 0; at < judgements.length; at++) {
    const judgement = judgements[at] ?? 0;
    const combo = combos[judgement] ?? 0;
    const [draft, essay] = [drafts[judgement] ?? 0, essays[judgement] ?? 0];
    parts.draft[combo] = (parts.draft[combo] ?? 0) + (weights.drafts[draft] ?? 0) ** 2;
    parts.essay[combo] = (parts.essay[combo] ?? 0) + (weights.essays[essay] ?? 0) ** 2;
    weights.drafts[draft] = 0;
    weights.essays[essay] = 0;
  }
}

function taken(from: Float64Array, at: number): number {
  const value = from[at] ?? 0;
  from[at] = 0;
  return value;
}
