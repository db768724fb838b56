// Takes the idea of the highest stage out of `<essay-idea>` blocks. Pure text to text.
import type { Parser } from './parser.ts';
import { asciiDigits, BLANK } from '../../text/python.ts';

const TAG = '<essay-idea';
const CLOSING = '\n</essay-idea>';
const AFTER_NAME = new RegExp(`[>${BLANK}]`);
const STAGE = /stage="(\p{Nd}+)"/gu;

interface Block {
  readonly content: string;
  /** ASCII digits without leading zeros, as they may be longer than any number type. */
  readonly stage: string | undefined;
}

export const essayIdeaLast: Parser = {
  name: 'essay_idea_last',
  stages: ['draft'],
  version: '1',
  parse(raw) {
    let best: Block | undefined;
    for (const block of blocksIn(raw)) {
      if (best === undefined || compareStages(block.stage, best.stage) >= 0) best = block;
    }
    return best === undefined
      ? { ok: false, reason: 'missing_essay_idea_block' }
      : { ok: true, text: best.content };
  },
};

/** Left to right. Every search starts where the last one ended, so that unclosed tags cost no second look at the text. */
function* blocksIn(text: string): Generator<Block> {
  let tagEnd = -1;
  for (let at = text.indexOf(TAG); at >= 0;) {
    const afterName = at + TAG.length;
    if (tagEnd < afterName) tagEnd = text.indexOf('>', afterName);
    if (tagEnd < 0) return;
    let next = afterName;
    if (AFTER_NAME.test(text.charAt(afterName)) && text[tagEnd + 1] === '\n') {
      const end = text.indexOf(CLOSING, tagEnd + 2);
      if (end < 0) return;
      next = end + CLOSING.length;
      const lineStart = text.lastIndexOf('\n', at) + 1;
      yield { content: text.slice(tagEnd + 2, end), stage: stageIn(text.slice(lineStart, next)) };
    }
    at = text.indexOf(TAG, next);
  }
}

/** The number on the first tag that has one; of several on one tag, the last. */
function stageIn(text: string): string | undefined {
  for (let at = text.indexOf(TAG); at >= 0;) {
    const tagEnd = text.indexOf('>', at);
    const end = tagEnd < 0 ? text.length : tagEnd;
    const digits = [...text.slice(at, end).matchAll(STAGE)].at(-1)?.[1];
    if (digits !== undefined) return asciiDigits(digits).replace(/^0+(?=.)/, '');
    at = text.indexOf(TAG, end);
  }
  return undefined;
}

/** A numbered block beats an unnumbered one. */
function compareStages(a: string | undefined, b: string | undefined): number {
  if (a === undefined || b === undefined) return (a === undefined ? 0 : 1) - (b === undefined ? 0 : 1);
  if (a.length !== b.length) return a.length - b.length;
  return a < b ? -1 : a > b ? 1 : 0;
}
