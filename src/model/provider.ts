// What answers a prompt: the contract that every provider keeps. Knows no provider, no pool, no file.
import type { TokensField } from '../graph/asking.ts';
import type { Refusal } from '../generation/trace.ts';

export interface ModelRequest {
  /** With the system prompt before it, where there is one (`joined`). */
  readonly prompt: string;
  /** The provider's model string. */
  readonly model: string;
  /** Absent where none is sent. */
  readonly temperature?: number;
  readonly maxTokens: number;
  /** Further sampling settings, sent as they are (`top_p`, `seed`, `reasoning` …). */
  readonly sampling: Readonly<Record<string, unknown>>;
  /** Sent beside the rest; decides price or way and no text (`service_tier`, `provider` …). */
  readonly transport?: Readonly<Record<string, unknown>>;
  /** The parameter that limits the reply's tokens; `max_tokens` where it is left out. */
  readonly tokensField?: TokensField;
  /** Which stage asks, and which of its replicates: the offline model answers by them, a real one never sees them. */
  readonly stage: 'draft' | 'essay' | 'evaluation';
  readonly replicate: number;
}

export interface Usage {
  readonly promptTokens?: number;
  readonly completionTokens?: number;
  /** Of the completion's tokens, those that were thoughts. */
  readonly reasoningTokens?: number;
  /** USD, as the provider billed it. */
  readonly cost?: number;
}

/** What the provider says is left of its request limit (`x-ratelimit-*`), as far as it says so. */
export interface RateLimits {
  readonly remainingRequests?: number;
  readonly limitRequests?: number;
  /** Milliseconds until the count starts again. */
  readonly resetMs?: number;
}

export interface ModelReply {
  readonly kind: 'reply';
  /** Trimmed at both ends, CRLF turned into LF. */
  readonly text: string;
  /** The provider's own word. */
  readonly finishReason?: string;
  /** True for a word of which nobody knows what it means: taken for the likeliest. */
  readonly unknownEnding?: boolean;
  /** True when the reply was cut off: its word says so, or its text has all of `maxTokens`. */
  readonly truncated: boolean;
  readonly usage: Usage;
  readonly requestId?: string;
  /** Who really answered, where the provider says so; `offline` for the offline model. */
  readonly answeredBy?: string;
  /** The reply as a whole is no answer. Kept, never served from the cache. */
  readonly refusal?: Refusal;
  /** What the model thought, where it said nothing else. */
  readonly thoughts?: string;
  readonly limits?: RateLimits;
}

/** Why a call gave no reply. The retry table says what follows from each. */
export interface CallFailure {
  readonly kind: 'failure';
  readonly cause:
    | 'rate_limit'
    | 'daily_limit'
    | 'timeout'
    | 'connection'
    | 'certificate'
    | 'proxy'
    | 'moved'
    | 'unsendable'
    | 'unreadable'
    | 'server'
    | 'bad_reply'
    | 'auth'
    | 'payment'
    | 'bad_request'
    | 'not_found'
    | 'aborted'
    | 'budget'
    | 'offline_miss';
  readonly status?: number;
  /** The provider's own words, without keys. */
  readonly message: string;
  /** Milliseconds to wait, as the provider asked. */
  readonly retryAfterMs?: number;
  readonly requestId?: string;
  /** Which setting of the request the provider says that it does not take, such as `temperature`. */
  readonly setting?: string;
  /** A reply may have been made, and billed, that never arrived whole. */
  readonly lostReply?: true;
  /** It reached nobody who could have answered: it is no call that was made, and stands in no ledger. */
  readonly unsent?: true;
  /** What was billed all the same, where the provider says so. */
  readonly usage?: Usage;
  readonly limits?: RateLimits;
}

export type FailureCause = CallFailure['cause'];

export type ModelOutcome = ModelReply | CallFailure;

export interface Provider {
  /** The word that fingerprints and metadata carry: `openrouter`, `offline` … */
  readonly name: string;
  /** False when asking costs nothing and reaches no model. */
  readonly paid: boolean;
  /** One attempt: no retries, the signal honoured at any time. Never throws. */
  ask(request: ModelRequest, signal: AbortSignal): Promise<ModelOutcome>;
}
