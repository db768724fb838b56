// Two bounds of what calls come to: calls that are certain, each as usual, and all that are possible, each as nine in ten. Knows no plan.
import { costOfTokens, type Price } from '../../model/money/prices.ts';
import type { ReplyLength } from './forecast.ts';

/** Calls, tokens and USD. The calls of a model without a price count, their USD do not. */
export interface Bound {
  readonly calls: number;
  readonly promptTokens: number;
  readonly replyTokens: number;
  readonly usd: number;
  /** Calls that cost nothing. */
  readonly free: number;
  /** Calls whose price nobody knows: `usd` leaves them out. */
  readonly unpriced: number;
}

/** From what is certain to what is possible. */
export interface Bounds {
  readonly lower: Bound;
  readonly upper: Bound;
}

/** Calls that differ in their prompts only. */
export interface LikeCalls {
  readonly price: Price | undefined;
  readonly reply: ReplyLength;
  /** USD that such a reply was billed, where that is more than the price says, or there is none: then it does not count. */
  readonly billed?: number | undefined;
  readonly calls: number;
  /** Of all calls, each as nine in ten like it. */
  readonly promptTokens: number;
  readonly certain: number;
  /** Of the certain calls, each as half of those like it. */
  readonly certainPromptTokens: number;
}

export const NOTHING: Bound = { calls: 0, promptTokens: 0, replyTokens: 0, usd: 0, free: 0, unpriced: 0 };

export function sumOfBounds(all: readonly LikeCalls[]): Bounds {
  return all.map(boundsOf).reduce(plus, { lower: NOTHING, upper: NOTHING });
}

function boundsOf({ price, reply, billed = 0, ...kind }: LikeCalls): Bounds {
  const bound = (calls: number, promptTokens: number, replyTokens: number): Bound => ({
    calls,
    promptTokens,
    replyTokens,
    usd: price === undefined ? 0 : Math.max(costOfTokens(price, promptTokens, replyTokens), calls * billed),
    free: price !== undefined && price.input === 0 && price.output === 0 && billed === 0 ? calls : 0,
    unpriced: price === undefined ? calls : 0,
  });
  return {
    lower: bound(kind.certain, kind.certainPromptTokens, kind.certain * reply.median),
    upper: bound(kind.calls, kind.promptTokens, kind.calls * reply.p90),
  };
}

function plus(a: Bounds, b: Bounds): Bounds {
  return { lower: sumOf(a.lower, b.lower), upper: sumOf(a.upper, b.upper) };
}

function sumOf(a: Bound, b: Bound): Bound {
  return {
    calls: a.calls + b.calls,
    promptTokens: a.promptTokens + b.promptTokens,
    replyTokens: a.replyTokens + b.replyTokens,
    usd: a.usd + b.usd,
    free: a.free + b.free,
    unpriced: a.unpriced + b.unpriced,
  };
}
