// What a reply says of its tokens and its price, in the words of many providers. Knows no price list.
import { defined } from '../../defined.ts';
import { field, numberField } from '../fields.ts';
import type { Usage } from '../provider.ts';
import type { HeaderReader } from './retryafter.ts';

/** A reply's usage as counts and USD, as far as its body says them, or a gateway in its headers. */
export function usageIn(body: unknown, headers: HeaderReader): Usage {
  const usage = usageOf(field(body, 'usage'));
  return usage.cost === undefined ? defined({ ...usage, cost: costIn(headers) }) : usage;
}

/**
 * LiteLLM says there what a call cost that is not streamed. It says nothing, or 0, where it has no price: to believe that would be to
 * say that an unknown sum is none. Source: https://docs.litellm.ai/docs/proxy/response_headers
 */
function costIn(headers: HeaderReader): number | undefined {
  const cost = numberField({ cost: headers.get('x-litellm-response-cost') }, 'cost');
  return cost === undefined || cost <= 0 ? undefined : cost;
}

/** A body's `usage` as counts and USD, as far as it says them. */
export function usageOf(usage: unknown): Usage {
  // Some servers speak as OpenAI's responses do, and as Anthropic. No prompt is without a token: who counts none has not counted.
  const prompt = (amount(usage, 'prompt_tokens') ?? amount(usage, 'input_tokens')) || undefined;
  const completion = amount(usage, 'completion_tokens') ?? amount(usage, 'output_tokens');
  return defined({
    promptTokens: prompt,
    completionTokens: prompt === undefined ? completion || undefined : completion,
    reasoningTokens: amount(field(usage, 'completion_tokens_details'), 'reasoning_tokens'),
    cost: costOf(usage),
  });
}

/** xAI counts in ten thousand millionths of a dollar. */
const TICKS_PER_USD = 1e10;

function costOf(usage: unknown): number | undefined {
  const ticks = amount(usage, 'cost_in_usd_ticks');
  const own =
    amount(usage, 'cost') ??
    splitCost(field(usage, 'cost')) ??
    // DeepInfra.
    amount(usage, 'estimated_cost') ??
    (ticks === undefined ? undefined : ticks / TICKS_PER_USD);
  const upstream = upstreamOf(field(usage, 'cost_details'));
  // Of a key of one's own that is only OpenRouter's fee.
  if (upstream === undefined) return field(usage, 'is_byok') === true ? undefined : own;
  // OpenRouter: with a key of one's own the upstream provider takes its price, and OpenRouter a fee beside it; else the one holds the
  // other. Where nothing says so, the smaller one is a fee.
  const apart = field(usage, 'is_byok') ?? (own ?? 0) < upstream * ROUNDED;
  return apart === false ? own : (own ?? 0) + upstream;
}

/** Of two sums that mean the same, one may have been added up, and be off by a little. */
const ROUNDED = 0.999;

/** Perplexity says what prompt, reply and search cost, and, as a rule, adds it up. */
function splitCost(cost: unknown): number | undefined {
  if (cost === null || typeof cost !== 'object') return undefined;
  const parts = Object.keys(cost).filter((name) => name.endsWith('_cost'));
  return amount(cost, 'total_cost') ?? sumOf(parts.map((name) => amount(cost, name)));
}

function upstreamOf(details: unknown): number | undefined {
  return (
    amount(details, 'upstream_inference_cost') ??
    sumOf([
      amount(details, 'upstream_inference_prompt_cost'),
      amount(details, 'upstream_inference_completions_cost'),
    ])
  );
}

/** Undefined where none of them is known. */
function sumOf(parts: readonly (number | undefined)[]): number | undefined {
  const known = parts.filter((part) => part !== undefined);
  return known.length === 0 ? undefined : known.reduce((sum, part) => sum + part, 0);
}

/** What is below nothing is no count and no price: believed, it would make a budget last longer. */
function amount(usage: unknown, name: string): number | undefined {
  const number = numberField(usage, name);
  return number === undefined || number < 0 ? undefined : number;
}
