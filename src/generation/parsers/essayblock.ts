// Takes the essay out of `<essay>` tags, strictly, or leniently with the model's thinking removed. Pure text to text.
import type { ParseResult, Parser } from './parser.ts';
import { codePointLength, lowerCase, trim } from '../../text/python.ts';

const OPENING = /<essay>/iu;
const CLOSING = /<\/essay>/giu;
/** Python's folding joins i with dotless i and dotted capital I, which JavaScript's does not; k and s are folded alike by both. */
const THINKING_OPENING = /<th[iıİ]nk[iıİ]ng(?![\p{L}\p{N}_])/giu;
const THINKING_CLOSING = /<\/th[iıİ]nk[iıİ]ng>/giu;
const LOWER_OPENING = '<essay>';

export const essayBlock: Parser = {
  name: 'essay_block',
  stages: ['draft'],
  version: '1',
  parse(raw) {
    const text = essayIn(raw);
    return text === undefined ? { ok: false, reason: 'missing_essay_block' } : { ok: true, text };
  },
};

export const essayBlockLenient: Parser = {
  name: 'essay_block_lenient',
  stages: ['draft'],
  version: '1',
  parse(raw): ParseResult {
    const spoken = withoutThinking(raw);
    return { ok: true, text: essayIn(spoken) ?? trim(spoken) };
  },
};

function essayIn(text: string): string | undefined {
  const opening = OPENING.exec(text);
  if (opening !== null) {
    const start = opening.index + opening[0].length;
    CLOSING.lastIndex = start;
    const closing = CLOSING.exec(text);
    if (closing !== null) return trim(text.slice(start, closing.index));
  }
  return restAfterOpening(text);
}

/**
 * Without a closing tag, everything after the opening one. The place is counted on the lower-cased text and used on the
 * original, as the system did whose data roots are adopted; the two differ where lower-casing lengthens a letter (U+0130).
 */
function restAfterOpening(text: string): string | undefined {
  const lowered = lowerCase(text);
  const at = lowered.indexOf(LOWER_OPENING);
  if (at < 0) return undefined;
  if (lowered.length === text.length) return trim(text.slice(at + LOWER_OPENING.length));
  return trim(dropCodePoints(text, codePointLength(lowered.slice(0, at)) + LOWER_OPENING.length));
}

function dropCodePoints(text: string, count: number): string {
  let start = 0;
  for (let dropped = 0; dropped < count; dropped += 1)
    start += (text.codePointAt(start) ?? 0) > 0xffff ? 2 : 1;
  return text.slice(start);
}

/** Drops every closed thinking block. Stops at the first opening that nothing closes, as nothing can close a later one. */
function withoutThinking(text: string): string {
  let kept = '';
  let from = 0;
  for (;;) {
    THINKING_OPENING.lastIndex = from;
    const opening = THINKING_OPENING.exec(text);
    const tagEnd = opening === null ? -1 : text.indexOf('>', opening.index);
    if (opening === null || tagEnd < 0) break;
    THINKING_CLOSING.lastIndex = tagEnd + 1;
    const closing = THINKING_CLOSING.exec(text);
    if (closing === null) break;
    kept += text.slice(from, opening.index);
    from = closing.index + closing[0].length;
  }
  return kept + text.slice(from);
}
