// What of a plan goes into the provider's batches: round by round, since an essay is asked once its draft is there, at the price of
// batches and at the ordinary one. Asks nobody.
import type { Settings } from '../../config.ts';
import type { Ask } from '../../graph/graph.ts';
import { STAGES, type Stage } from '../../generation/stage.ts';
import { batchPriceOfAsk, priceOfAsk, type Price } from '../../model/money/prices.ts';
import { wayOf, type BatchMode } from '../plan/batchway.ts';
import { sumOfBounds, type Bounds, type LikeCalls } from './bounds.ts';

/** All sums are USD. */
export interface BatchRound extends Bounds {
  readonly stage: Stage;
  /** The same questions, asked directly. */
  readonly directly: { readonly lower: number; readonly upper: number };
}

export interface BatchPlan extends Omit<BatchRound, 'stage'> {
  readonly rounds: readonly BatchRound[];
  /** Model ids whose price in batches nobody knows: no discount is counted for them. */
  readonly undiscounted: readonly string[];
  /** Providers that have no batches, as far as the config says: what is to go into a batch of theirs is not asked. */
  readonly without: readonly string[];
}

/** How calls to a model go, and what they cost that way. */
export interface Way {
  readonly ask: Ask;
  readonly way: 'batch' | 'directly' | 'nowhere';
  readonly price: Price | undefined;
  readonly discountKnown: boolean;
}

export interface BatchKind extends LikeCalls, Way {
  readonly stage: Stage;
}

export function batchedIn(settings: Settings, mode: BatchMode | undefined): (ask: Ask) => Way {
  return (ask) => {
    const direct = { ask, way: 'directly', price: priceOfAsk(ask), discountKnown: true } as const;
    if (typeof wayOf(settings, mode, ask) === 'string') return direct;
    const has = settings.providers[ask.provider]?.batch !== undefined;
    if (!has) return mode === 'prefer' ? direct : { ...direct, way: 'nowhere' };
    const { price, known } = batchPriceOfAsk(ask);
    return { ask, way: 'batch', price, discountKnown: known };
  };
}

/** Undefined where nothing goes into a batch. */
export function batchPlanOf(all: readonly BatchKind[]): BatchPlan | undefined {
  const batched = all.filter(({ way }) => way === 'batch');
  const lost = all.filter(({ way }) => way === 'nowhere');
  if (batched.length + lost.length === 0) return undefined;
  const rounds = STAGES.map((stage) => batched.filter((kind) => kind.stage === stage)).filter(
    (kinds) => kinds.length > 0,
  );
  return {
    ...bothPrices(batched),
    rounds: rounds.flatMap((kinds) =>
      kinds.slice(0, 1).map(({ stage }) => ({ stage, ...bothPrices(kinds) })),
    ),
    undiscounted: names(batched.filter(({ discountKnown }) => !discountKnown).map(({ ask }) => ask.modelId)),
    without: names(lost.map(({ ask }) => ask.provider)),
  };
}

function bothPrices(kinds: readonly BatchKind[]): Omit<BatchRound, 'stage'> {
  const { lower, upper } = sumOfBounds(kinds.map((kind) => ({ ...kind, price: priceOfAsk(kind.ask) })));
  return { ...sumOfBounds(kinds), directly: { lower: lower.usd, upper: upper.usd } };
}

function names(all: readonly string[]): readonly string[] {
  return [...new Set(all)].sort();
}
