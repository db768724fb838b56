// What makes a reply acceptable before and after its parser. Knows neither files nor where replies come from.
import type { BesideText, ParseResult, Parser } from './parsers/parser.ts';
import { isBlank, nonBlankLines, splitLines, trim } from '../text/python.ts';

export interface Reply {
  readonly raw: string;
  /** Lines with more than blanks that the stage demands; 0 for none. */
  readonly minLines: number;
  /** The model stopped at its token limit. */
  readonly truncated: boolean;
  readonly truncation: 'reject' | 'accept';
  /** What the model thought aloud before its answer is no part of that. */
  readonly thoughts?: 'apart' | undefined;
}

export type Rejection = Extract<ParseResult, { readonly ok: false }>;

const PREVIEW_LINES = 5;
const PREVIEW_LENGTH = 1000;

/** The first rule that the reply breaks: `truncated_raw`, then `min_lines_not_met` with {observed, required}. */
export function checkReply(reply: Reply): Rejection | undefined {
  if (reply.truncated && reply.truncation === 'reject') return { ok: false, reason: 'truncated_raw' };
  const observed = nonBlankLines(reply.raw);
  if (observed >= reply.minLines) return undefined;
  return { ok: false, reason: 'min_lines_not_met', data: { observed, required: reply.minLines } };
}

/** The block in which DeepSeek's, Qwen's, Mistral's and other models think at the start of a reply; all of it where nothing closes it. */
const BLOCK = /^\s*(?:<think>[^]*?(?:<\/think>|$)|\[THINK\][^]*?(?:\[\/THINK\]|$))\s*/i;
/** Some servers leave the opening tag with the prompt; the closing one stands on a line of its own. */
const HEADLESS = /^(?:(?!<think>)[^])*?\n[ \t]*<\/think>[ \t]*(?:\n\s*|$)/i;

export function withoutThoughts(raw: string): string {
  return BLOCK.test(raw) ? raw.replace(BLOCK, '') : raw.replace(HEADLESS, '');
}

/**
 * The parsed text of a reply. A parser's refusal becomes `parse_failed` with the parser's name, its own reason as `cause`, its
 * own data, and a preview of the reply's end.
 */
export function parseReply(given: Reply, parser: Parser, beside?: BesideText): ParseResult {
  const reply = given.thoughts === 'apart' ? { ...given, raw: withoutThoughts(given.raw) } : given;
  const cut = given.truncated && given.truncation === 'reject';
  if (!cut && isBlank(reply.raw) && !isBlank(given.raw)) return { ok: false, reason: 'only_thoughts' };
  const rejection = checkReply(reply);
  if (rejection !== undefined) return rejection;
  const result = parser.parse(reply.raw, beside);
  if (result.ok) return result;
  const data = { ...result.data, cause: result.reason, parser: parser.name, preview: preview(reply.raw) };
  return { ok: false, reason: 'parse_failed', data };
}

/** The last five lines that hold more than blanks, on one line; cut when very long. */
export function preview(raw: string): string {
  const lines = splitLines(raw).filter((line) => !isBlank(line));
  const text = lines.slice(-PREVIEW_LINES).map(trim).join(' | ');
  return text.length <= PREVIEW_LENGTH
    ? text
    : `…${text.slice(-PREVIEW_LENGTH).replace(/^[\udc00-\udfff]/, '')}`;
}
