// What a parser is: pure text to text. Knows nothing of files, models or the parsers themselves.
import type { Stage } from '../stage.ts';

export type ParseResult =
  | { readonly ok: true; readonly text: string }
  | {
      readonly ok: false;
      /** Machine-readable, such as `no_score_last_lines`. */
      readonly reason: string;
      readonly data?: Readonly<Record<string, unknown>>;
    };

/** Texts that a score may hold the scored one against, where they are there. */
export interface BesideText {
  /** The draft that the essay was made from. */
  readonly draft?: string | undefined;
  /** The template's own text. */
  readonly text?: string | undefined;
}

export interface Parser {
  readonly name: string;
  readonly stages: readonly Stage[];
  /** Part of the fingerprint: changed whenever the same text could give another result. */
  readonly version: string;
  /** What an earlier daydream recorded in its place. */
  readonly formerly?: string;
  /** Runs in time linear in the text and never throws. */
  readonly parse: (raw: string, beside?: BesideText) => ParseResult;
}
