// One call: what is asked of whom, how it can end, and the ledger line of each attempt. Knows no queue and no clock.
import type { LedgerEntry } from '../store/ledger/ledger.ts';

import { costOf } from './money/prices.ts';
import { estimateTokens } from './money/tokens.ts';
import type { Price } from './money/prices.ts';
import type { CallFailure, ModelOutcome, ModelReply, ModelRequest, Provider } from './provider.ts';
import { defined } from '../defined.ts';

export interface Call {
  readonly genId: string;
  readonly provider: string;
  readonly pool: string;
  readonly request: ModelRequest;
  /** Lower goes first; equals go in order of arrival. Give whole chains the better one. */
  readonly priority: number;
  /** Absent where nobody knows: then a capped run refuses the call. */
  readonly price?: Price;
  /** USD that it is expected to cost at most, for what was agreed to; absent where nobody knows. */
  readonly expectedUsd?: number;
  /** For the ledger. */
  readonly cohort?: string;
  readonly template?: string;
  /** Hears each time that the call is sent. */
  readonly onSent?: () => void;
}

export type DispatchOutcome =
  | { readonly kind: 'reply'; readonly reply: ModelReply; readonly attempts: readonly LedgerEntry[] }
  | { readonly kind: 'failure'; readonly failure: CallFailure; readonly attempts: readonly LedgerEntry[] }
  /** The pool is done until that moment (milliseconds since the epoch); submit the call again then. */
  | {
      readonly kind: 'parked';
      readonly pool: string;
      readonly until: number;
      readonly attempts: readonly LedgerEntry[];
    }
  | { readonly kind: 'over_budget' | 'over_agreed'; readonly attempts: readonly LedgerEntry[] }
  | { readonly kind: 'aborted'; readonly attempts: readonly LedgerEntry[] };

/** The ledger's line for one attempt: what happened, what it cost, how long it took. */
export function attemptLine(attempt: {
  readonly call: Call;
  readonly provider: Pick<Provider, 'name' | 'paid'>;
  /** From 1. */
  readonly number: number;
  readonly outcome: ModelOutcome;
  readonly durationMs: number;
  /** Milliseconds since the epoch. */
  readonly endedAt: number;
}): LedgerEntry {
  const { call, provider, number, outcome, durationMs, endedAt } = attempt;
  return defined({
    when: new Date(endedAt).toISOString(),
    stage: call.request.stage,
    gen_id: call.genId,
    cohort: call.cohort,
    template: call.template,
    model: call.request.model,
    provider: provider.name,
    pool: call.pool,
    attempt: number,
    ...(outcome.kind === 'failure'
      ? failedPart(call, provider, outcome)
      : answeredPart(call, provider, outcome)),
    prompt_estimate: estimateTokens(call.request.prompt),
    duration_ms: durationMs,
    request_id: outcome.requestId,
  }) as LedgerEntry;
}

function failedPart(call: Call, provider: Pick<Provider, 'paid'>, failed: CallFailure): Partial<LedgerEntry> {
  const { cause, status, message, lostReply, usage } = failed;
  const paid = usage === undefined ? {} : paidPart(call, provider, { usage, text: '' });
  const isUnknown = lostReply === true || (usage !== undefined && paid.cost === undefined);
  return defined({
    outcome: cause,
    status,
    message,
    ...paid,
    maybe_billed: isUnknown ? true : undefined,
  }) as Partial<LedgerEntry>;
}

function answeredPart(call: Call, provider: Pick<Provider, 'paid'>, reply: ModelReply): Partial<LedgerEntry> {
  return defined({
    outcome: reply.refusal ?? (reply.truncated ? 'truncated' : 'reply'),
    ...paidPart(call, provider, reply),
    answered_by: reply.answeredBy,
  }) as Partial<LedgerEntry>;
}

type Paid = Pick<LedgerEntry, 'prompt_tokens' | 'completion_tokens' | 'cost' | 'cost_from'>;

function paidPart(
  call: Call,
  provider: Pick<Provider, 'paid'>,
  { usage, text }: Pick<ModelReply, 'usage' | 'text'>,
): Paid {
  const texts = { prompt: call.request.prompt, reply: text };
  const cost = costOf(usage, provider.paid ? call.price : undefined, texts);
  return defined({
    prompt_tokens: usage.promptTokens,
    completion_tokens: usage.completionTokens,
    cost: cost?.usd,
    cost_from: cost?.source,
  });
}
