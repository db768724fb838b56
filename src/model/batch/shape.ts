// What a provider's batch interface can do, whatever it looks like. Knows no journal and no file.
import type { CallFailure } from '../provider.ts';

/** A row as it is sent: its `custom_id` and the body of an ordinary call. */
export interface SentRow {
  readonly customId: string;
  readonly body: Readonly<Record<string, unknown>>;
}

export interface Submission {
  /** Ours; shapes that keep what one tells them are told. */
  readonly id: string;
  readonly model: string;
  readonly rows: readonly SentRow[];
}

/** A batch of the provider's list that may be one of ours. */
export interface Listed {
  readonly remoteId: string;
  /** Our id, where the provider has kept it. */
  readonly ours?: string;
  readonly model?: string;
  readonly rows?: number;
  /** Milliseconds since the epoch. */
  readonly created?: number;
}

export interface Standing {
  /** The provider's own word. */
  readonly status: string;
  /** True once nothing more will come. */
  readonly over: boolean;
  /** Why, where the provider says so of the whole. */
  readonly message?: string;
  /** Rows so far, where it says so. */
  readonly done?: number;
  /** It was taken on, and then there was no room for it. */
  readonly limited?: true;
}

/** One row's end: the body of an ordinary reply, or why there is none. */
export type RowEnd =
  | { readonly customId: string; readonly body: unknown; readonly requestId?: string }
  | ({
      readonly customId: string;
      readonly status?: number;
      readonly error: string;
    } & Pick<CallFailure, 'usage' | 'lostReply'>);

export interface BatchShape {
  readonly name: 'openrouter' | 'openai';
  /** Of one batch. */
  readonly most: { readonly rows: number; readonly bytes: number };
  /** Bytes that a row adds to what is sent. */
  sizeOf(row: SentRow): number;
  /** Resolves with the provider's id. Rejects with a WireError; only one that is not `unsure` means that nothing was taken on. */
  submit(submission: Submission): Promise<string>;
  /** Every batch since then (milliseconds since the epoch), as far as the list goes. */
  list(since: number): Promise<readonly Listed[]>;
  standing(remoteId: string): Promise<Standing>;
  /** Every row that has come, of a batch that is over: also of one that failed, expired or was cancelled. */
  ends(remoteId: string): AsyncIterable<RowEnd>;
  /** Absent where the provider can not stop one. What it has done is billed, and taken. */
  readonly cancel?: (remoteId: string) => Promise<void>;
}
