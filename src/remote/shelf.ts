// What a kind of storage must be able to do: bring a text, say whether one is there, keep one. Knows no answer and no question.

/** Why it could not be done. */
export type Trouble =
  /** The storage does not let this one do it (401, 403, a folder without the right to write). */
  | { readonly kind: 'refused'; readonly message: string }
  /** It answered with something that helps nobody (500, 405, a full disk). */
  | { readonly kind: 'failed'; readonly message: string }
  /** It did not answer: no connection, or not in time. */
  | { readonly kind: 'silent'; readonly message: string };

export type Fetched =
  | { readonly kind: 'text'; readonly text: string }
  | { readonly kind: 'missing' }
  /** As S3 says of a name that is not there to whoever may not list the bucket: most likely missing. */
  | { readonly kind: 'hidden'; readonly message: string }
  | Trouble;

export type Looked = { readonly kind: 'there' } | Exclude<Fetched, { readonly kind: 'text' }>;

export type Put =
  | { readonly kind: 'kept' }
  /** Somebody else's lies there, and was to stay. */
  | { readonly kind: 'there' }
  | Trouble;

/** A storage. Its questions never throw; an aborted one is `silent`. */
export interface Shelf {
  readonly get: (name: string, signal: AbortSignal) => Promise<Fetched>;
  readonly has: (name: string, signal: AbortSignal) => Promise<Looked>;
  /** `keep`: what lies there already stays, where the storage can tell. */
  readonly put: (entry: NamedText, there: 'keep' | 'replace', signal: AbortSignal) => Promise<Put>;
  readonly close: () => Promise<void>;
}

export interface NamedText {
  /** 64 hexadecimal characters. */
  readonly name: string;
  readonly text: string;
}

/** Characters of an entry at most; who sends more sends no answer of a model. */
export const LONGEST = 16 * 1024 * 1024;

/** What went wrong on the way, in words. */
export function silence(error: unknown): Trouble {
  const { code, message } = (error ?? {}) as { code?: unknown; message?: unknown };
  // An aborted request rejects with the reason for it, whatever that is.
  if (!(error instanceof Error)) return { kind: 'silent', message: 'given up' };
  const words = typeof message === 'string' && message !== '' ? message : error.name;
  return {
    kind: 'silent',
    message: typeof code === 'string' && !words.includes(code) ? `${words} (${code})` : words,
  };
}
