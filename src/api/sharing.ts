// One process of several that share the work of a plan, and its limits. Plans and runs nothing.
import { sharedRequest, type DividedLimit } from '../engine/plan/share.ts';
import { shardOf } from '../engine/plan/shardwords.ts';
import type { Shard } from '../graph/shard.ts';
import type { PlanOptions, SpendOptions } from './request.ts';

/** Which part of the work it is. */
export interface Part extends Shard {
  /** By how much the limits are divided: 1 where each part has keys, and so limits, of its own. */
  readonly limitsDividedBy: number;
}

/** A part as a plan says it. */
export interface PartReport extends Part {
  /** Those of the pools that are asked, where they are divided. */
  readonly limits: readonly DividedLimit[];
  /** The cap in USD, where it is divided. */
  readonly maxCost?: { readonly whole: number; readonly part: number };
}

/** Options whose own limits are divided already. */
export type Shared<T extends PlanOptions> = Omit<T, 'shard' | 'shardShare'> & {
  readonly part: Part | undefined;
};

/** Throws a ProblemError (DD102) where `shard` is none. */
export function sharing<T extends PlanOptions & Pick<SpendOptions, 'maxCost'>>(
  options: T,
  environment: Readonly<Record<string, string | undefined>>,
): Shared<T> {
  const { shard: words, shardShare, ...rest } = options;
  if (words === undefined) return { ...rest, part: undefined };
  const shard = shardOf(words, environment);
  const limitsDividedBy = shardShare === 'full' ? 1 : shard.of;
  return { ...sharedRequest(rest, limitsDividedBy), part: { ...shard, limitsDividedBy } };
}
