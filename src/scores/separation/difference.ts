// How much a difference of two levels varies from combo to combo, and how much of that each stage of noise puts into it.
import { groupBy, keyNumbers } from '../../statistics/groups.ts';
import { summarize } from '../../statistics/summary.ts';
import type { Judgement } from '../judgements.ts';
import { judgedBy, LEVEL_KEYS, levelName, TEXT_KEYS, type ComparedDimension } from '../levels/dimensions.ts';
import { clusterOf } from '../observations.ts';
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

/** The judgements of a dimension by level, and how differences of two of them vary: each found once. */
export class LevelNoise {
  readonly #dimension: ComparedDimension;
  readonly #noises: Noises;
  readonly #levels: ReadonlyMap<string, readonly Judgement[]>;
  readonly #known = new Map<string, DifferenceNoise>();

  constructor(judgements: readonly Judgement[], dimension: ComparedDimension, noises: Noises) {
    this.#dimension = dimension;
    this.#noises = noises;
    this.#levels = new Map(
      groupBy(judgements, ({ row }) => LEVEL_KEYS[dimension](row)).map(({ key, rows }) => [
        levelName(dimension, key),
        rows,
      ]),
    );
  }

  judgementsOf(...levels: readonly string[]): readonly Judgement[] {
    return levels.flatMap((level) => this.#levels.get(level) ?? []);
  }

  between(a: string, b: string): DifferenceNoise {
    const key = JSON.stringify([a, b]);
    const found =
      this.#known.get(key) ?? differenceNoise(this.judgementsOf(a, b), this.#dimension, [a, b], this.#noises);
    this.#known.set(key, found);
    return found;
  }
}

/** The difference of two levels within blocks, combo by combo. */
export function differenceNoise(
  judgements: readonly Judgement[],
  dimension: ComparedDimension,
  [a, b]: readonly [string, string],
  noises: Noises,
): DifferenceNoise {
  const named = judgements.filter(({ row }) => {
    const name = levelName(dimension, LEVEL_KEYS[dimension](row));
    return name === a || name === b;
  });
  const combos = groupBy(named, ({ row }) => [clusterOf(row, 'combo')]).flatMap(({ rows }) => {
    const weighted = weightsIn(rows, dimension, a);
    return weighted.length === 0
      ? []
      : [
          {
            difference: sumOf(weighted, ({ judgement, weight }) => weight * judgement.mean),
            parts: partsOf(weighted, noises),
          },
        ];
  });
  const std = summarize(combos.map(({ difference }) => difference))?.std;
  const part = (noise: Repeated): number =>
    combos.length === 0 ? 0 : sumOf(combos, ({ parts }) => parts[noise]) / combos.length;
  return {
    combos: combos.length,
    variance: std === undefined ? undefined : std ** 2,
    parts: { draft: part('draft'), essay: part('essay'), judge: part('judge'), replicate: part('replicate') },
  };
}

interface Weighted {
  readonly judgement: Judgement;
  readonly weight: number;
}

/** How much each judgement of a combo counts in its mean difference: positive on the side of `a`; only blocks with both count. */
function weightsIn(judgements: readonly Judgement[], dimension: ComparedDimension, a: string): Weighted[] {
  const numberOf = keyNumbers();
  const blocks: { a: Judgement[]; b: Judgement[] }[] = [];
  for (const judgement of judgements) {
    const { row } = judgement;
    const at = numberOf([...TEXT_KEYS[dimension](row), ...judgedBy(dimension, row)]);
    const block = (blocks[at] ??= { a: [], b: [] });
    (levelName(dimension, LEVEL_KEYS[dimension](row)) === a ? block.a : block.b).push(judgement);
  }
  const both = blocks.filter((block) => block.a.length > 0 && block.b.length > 0);
  return both.flatMap((block) => [
    ...block.a.map((judgement) => ({ judgement, weight: 1 / (both.length * block.a.length) })),
    ...block.b.map((judgement) => ({ judgement, weight: -1 / (both.length * block.b.length) })),
  ]);
}

/** Each stage's variance times the sum over its units of the square of what the unit weighs in all. */
function partsOf(weighted: readonly Weighted[], noises: Noises): Record<Repeated, number> {
  const squares = (unitOf: (judgement: Judgement) => string): number => {
    const units = new Map<string, number>();
    for (const { judgement, weight } of weighted) {
      const unit = unitOf(judgement);
      units.set(unit, (units.get(unit) ?? 0) + weight);
    }
    return sumOf([...units.values()], (each) => each ** 2);
  };
  const variance = (noise: Repeated): number => noises[noise].variance ?? 0;
  return {
    draft:
      variance('draft') * squares(({ row }) => (row.draftGenId === '' ? row.parentGenId : row.draftGenId)),
    essay: variance('essay') * squares(({ row }) => row.parentGenId),
    judge: variance('judge') * sumOf(weighted, ({ weight }) => weight ** 2),
    replicate:
      variance('replicate') *
      sumOf(weighted, ({ judgement, weight }) => weight ** 2 / judgement.scores.length),
  };
}

function sumOf<T>(items: readonly T[], of: (item: T) => number): number {
  return items.reduce((total, each) => total + of(each), 0);
}
