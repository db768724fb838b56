// Who answers a question, and what can come of asking. Knows no provider, no pool and no desk.
import type { ModelReply } from '../model/provider.ts';
import type { Spending } from '../store/ledger/spending.ts';
import type { Question } from './question.ts';

/** One attempt at a call, as raw_metadata.json lists it. */
export type AttemptNote = Readonly<Record<string, unknown>>;

/** What came of asking, retries and limits included. */
export type Answer =
  | {
      readonly kind: 'reply';
      readonly reply: ModelReply;
      readonly attempts: readonly AttemptNote[];
      readonly spent: Spending;
      readonly durationMs: number;
      /** The name under which the response cache keeps it; absent until it is kept, and for one that cost nothing. */
      readonly response?: string;
    }
  | {
      readonly kind: 'failure';
      readonly reason: string;
      readonly message: string;
      readonly attempts: readonly AttemptNote[];
      readonly spent: Spending;
    }
  | { readonly kind: 'parked'; readonly pool: string; readonly until: number }
  /** The call might have passed the cap, or was expected to pass what was agreed to. */
  | { readonly kind: 'over_budget' | 'over_agreed' }
  /** It is in a batch, and answered when the provider is done with that. */
  | { readonly kind: 'submitted' }
  /** It is to go into one, and who asks sends none; or so many of its pool are open that another one may not be sent. */
  | { readonly kind: 'for_batch' | 'batches_full' }
  | { readonly kind: 'aborted' };

/** What whoever sends a question has to know besides it. */
export interface Sending {
  /** For the ledger. */
  readonly cohort: string;
  /** Lower goes first. */
  readonly priority: number;
  /** Hears each time that it is sent, after its wait in the pool. */
  readonly onSent: () => void;
}

/** Takes a question to its answer. Never throws. */
export type AnswerQuestion = (question: Question, sending: Sending, signal: AbortSignal) => Promise<Answer>;
