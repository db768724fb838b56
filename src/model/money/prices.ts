// What a call costs: from the provider's word, else from tokens and prices. Knows no pool, no budget and no file.
import { mostTokens } from '../../graph/asking.ts';
import type { ModelRequest, Usage } from '../provider.ts';
import { estimateTokens } from './tokens.ts';
import { defined } from '../../defined.ts';

/** USD per million tokens. */
export interface Price {
  readonly input: number;
  readonly output: number;
}

/** Output tokens of like calls in this data root's history, and the limit that is sent along. */
export interface OutputHistory {
  readonly median?: number;
  readonly p90?: number;
  readonly maxTokens: number;
}

/** USD. `ceiling` is what a cap must reserve: the whole of `max_tokens`, and a long-side count of the prompt. */
export interface CallEstimate {
  readonly lower: number;
  readonly upper: number;
  readonly ceiling: number;
}

export type CostSource = 'provider' | 'tokens' | 'estimate';

const MILLION = 1_000_000;
/** Our own count of a prompt's tokens may be short by so much. */
export const PROMPT_MARGIN = 1.5;

/** Offered free of charge, by the provider's model string. */
export function isFree(model: string): boolean {
  return model.endsWith(':free');
}

/** Models that are offered free of charge need no price of their own. */
export function priceOf(model: string, given: Partial<Price>): Price | undefined {
  if (given.input !== undefined && given.output !== undefined)
    return { input: given.input, output: given.output };
  return isFree(model) ? { input: 0, output: 0 } : undefined;
}

/** The price of a model with what is known of it; undefined where nobody knows. */
export function priceOfAsk(ask: {
  readonly model: string;
  readonly inputPrice?: number;
  readonly outputPrice?: number;
}): Price | undefined {
  const { model, inputPrice, outputPrice } = ask;
  return priceOf(model, defined({ input: inputPrice, output: outputPrice }));
}

/** The price of a model in its provider's batches. Where nobody knows it, it is the ordinary one: unknown is no discount. */
export function batchPriceOfAsk(
  ask: Parameters<typeof priceOfAsk>[0] & {
    readonly batchInputPrice?: number;
    readonly batchOutputPrice?: number;
  },
): { readonly price: Price | undefined; readonly known: boolean } {
  const { model, batchInputPrice: input, batchOutputPrice: output } = ask;
  const price = priceOf(model, defined({ input, output }));
  return price === undefined ? { price: priceOfAsk(ask), known: false } : { price, known: true };
}

export function costOfTokens(price: Price, promptTokens: number, completionTokens: number): number {
  return (promptTokens * price.input + completionTokens * price.output) / MILLION;
}

/** What an answered call cost, and how that is known. Undefined where neither the provider nor a price says. */
export function costOf(
  usage: Usage,
  price: Price | undefined,
  texts: { readonly prompt: string; readonly reply: string },
): { readonly usd: number; readonly source: CostSource } | undefined {
  if (usage.cost !== undefined) return { usd: usage.cost, source: 'provider' };
  if (price === undefined) return undefined;
  const { promptTokens, completionTokens } = usage;
  if (promptTokens !== undefined && completionTokens !== undefined) {
    return { usd: costOfTokens(price, promptTokens, completionTokens), source: 'tokens' };
  }
  const prompt = promptTokens ?? estimateTokens(texts.prompt);
  const reply = completionTokens ?? estimateTokens(texts.reply);
  return { usd: costOfTokens(price, prompt, reply), source: 'estimate' };
}

/** Before a call: median and 90th percentile of what was seen, all of `max_tokens` where nothing was. */
export function estimateCall(call: {
  readonly promptTokens: number;
  readonly output: OutputHistory;
  readonly price: Price;
}): CallEstimate {
  const { promptTokens, output, price } = call;
  const upperTokens = Math.min(output.p90 ?? output.maxTokens, output.maxTokens);
  const lowerTokens = Math.min(output.median ?? upperTokens, upperTokens);
  return {
    lower: costOfTokens(price, promptTokens, lowerTokens),
    upper: costOfTokens(price, promptTokens, upperTokens),
    ceiling: costOfTokens(price, Math.ceil(promptTokens * PROMPT_MARGIN), output.maxTokens),
  };
}

/** The most that a request is expected to cost, for a cap to reserve. */
export function ceilingOf(request: ModelRequest, price: Price): number {
  const output = { maxTokens: mostTokens(request) };
  return estimateCall({ promptTokens: estimateTokens(request.prompt), output, price }).ceiling;
}
