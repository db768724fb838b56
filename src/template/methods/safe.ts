// The methods that safe text has and others have not: back to what is shown of it. Knows no syntax.
import { BLANK, trim } from '../../text/python.ts';
import type { Call } from '../values/kinds.ts';
import { escaped, print } from '../values/printing.ts';
import type { Run } from '../values/run.ts';
import { unescaped } from './entities.ts';
import { taking } from './parameters.ts';
import { TEXT_METHODS } from './texts.ts';

export function withoutTags(value: unknown, run: Run): string {
  const text = print(value, run);
  run.work(1 + (text.length >> 4));
  const bare = cut(cut(text, '<!--', '-->'), '<', '>');
  const words = trim(bare).split(new RegExp(`[${BLANK}]+`));
  return run.text(unescaped(words.join(' ')));
}

/** Without what stands from an opening to the next closing. */
function cut(text: string, opening: string, closing: string): string {
  let made = '';
  let at = 0;
  for (;;) {
    const start = text.indexOf(opening, at);
    const end = start < 0 ? -1 : text.indexOf(closing, start + opening.length);
    if (end < 0) return made + text.slice(at);
    made += text.slice(at, start);
    at = end + closing.length;
  }
}

export const SAFE_METHODS: ReadonlyMap<string, Call> = new Map([
  ...TEXT_METHODS,
  ['escape', taking('self s /', ([, value], run) => escaped(value, run))],
  ['striptags', taking('self /', ([value], run) => withoutTags(value, run))],
  ['unescape', taking('self /', ([value], run) => run.text(unescaped(print(value, run))))],
]);
