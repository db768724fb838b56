// Finds the tags of a template as Jinja2 finds them: comments, raw blocks, whitespace control, brackets and strings inside tags,
// and which block closes which. What is left to an expression parser is the inside of tags. Knows nothing of expressions.
import type { Code } from '../errors.ts';
import { didYouMean } from '../text/nearest.ts';
import { BLANK, trim } from '../text/python.ts';
import { TemplateFault } from './fault.ts';
import type { Position } from './syntaxtree.ts';

export interface Scan {
  /** The template with its tags in place (so that line and column still hold) and all other text blotted out. */
  readonly masked: string;
  /** The text of each blotted stretch, in order. */
  readonly texts: readonly string[];
}

const MAX_TAGS = 100_000;
const MAX_TAG_LENGTH = 10_000;
const TAG_START = /\{[{%#][-+]?/g;
const RAW_START = /\{%[-+]?\s*raw\s*(-?)%\}/y;
const RAW_END = /\{%([-+]?)\s*endraw\s*([-+]?)%\}/g;
const LEADING_BLANKS = new RegExp(`^[${BLANK}]+`);
const CLOSERS: Readonly<Record<string, string>> = { '(': ')', '[': ']', '{': '}' };
/**
 * What the parser of expressions would misread outside strings: a number behind a dot is an index, unless it belongs to a number,
 * and the brackets of two mappings that end together are not the end of the tag. Shifts later columns of the tag by one.
 */
const MISREAD = /"(?:[^"\\]|\\[^])*"|'(?:[^'\\]|\\[^])*'|\}|(?<=[A-Za-z_]\w*|[\])])\.(\d+)(?!\w)/g;

const ENDS: Readonly<Record<string, string>> = {
  for: 'endfor',
  if: 'endif',
  set: 'endset',
  filter: 'endfilter',
};
const MIDDLES: Readonly<Record<string, readonly string[]>> = { elif: ['if'], else: ['if', 'for'] };
const LOADING = new Set(['include', 'import', 'from', 'extends']);
const KNOWN = [...Object.keys(ENDS), ...Object.values(ENDS), ...Object.keys(MIDDLES), 'raw', 'endraw'];

const TAGS_CURE = `Templates know these tags: ${KNOWN.toSorted().join(', ')}.`;

interface OpenBlock {
  readonly name: string;
  readonly offset: number;
}

interface State {
  readonly source: string;
  readonly masked: string[];
  readonly texts: string[];
  readonly open: OpenBlock[];
  /** Where the stretch of text since the last tag began, and what it says so far. */
  stretch: number;
  text: string;
  at: number;
  /** The last tag ended in `-`: blanks after it go. */
  strip: boolean;
  tags: number;
}

/** Throws a TemplateFault at the first tag that cannot be right. */
export function scanTags(source: string): Scan {
  const state: State = {
    source,
    masked: [],
    texts: [],
    open: [],
    stretch: 0,
    text: '',
    at: 0,
    strip: false,
    tags: 0,
  };
  for (;;) {
    TAG_START.lastIndex = state.at;
    const start = TAG_START.exec(source);
    addText(state, start?.index ?? source.length, start?.[0].endsWith('-') ?? false);
    if (start === null) break;
    if ((state.tags += 1) > MAX_TAGS)
      throw faultAt(state, start.index, {
        code: 'DD404',
        message: `The template has more than ${MAX_TAGS} tags`,
      });
    readTag(state, start.index, start[0]);
  }
  closeStretch(state, source.length);
  const open = state.open.at(-1);
  if (open !== undefined) {
    throw faultAt(state, open.offset, {
      code: 'DD401',
      message: `{% ${open.name} %} has no {% ${ENDS[open.name] ?? ''} %}`,
    });
  }
  return { masked: state.masked.join(''), texts: state.texts };
}

/** Takes over the text up to `end`, which begins another tag or the end of the template. */
function addText(state: State, end: number, stripRight: boolean): void {
  let text = state.source.slice(state.at, end);
  if (state.strip) text = text.replace(LEADING_BLANKS, '');
  state.text += stripRight ? trim(`|${text}`).slice(1) : text;
  state.at = end;
}

function readTag(state: State, start: number, opening: string): void {
  RAW_START.lastIndex = start;
  const raw = RAW_START.exec(state.source);
  if (opening.startsWith('{#')) return readComment(state, start, opening.length);
  if (raw !== null) return readRaw(state, start, raw);
  closeStretch(state, start);
  const closer = opening.startsWith('{{') ? '}}' : '%}';
  const end = tagEnd(state, start, start + opening.length, closer);
  const marker = /[-+]/.exec(state.source.charAt(end - 1))?.[0] ?? '';
  const body = state.source.slice(start + opening.length, end - marker.length);
  const blank = ' ';
  const code = body.replace(MISREAD, (all: string, index?: string) =>
    index === undefined ? (all === '}' ? '} ' : all) : `[${index}]`,
  );
  state.masked.push(
    opening.slice(0, 2),
    blank.repeat(opening.length - 2),
    code,
    blank.repeat(marker.length),
    closer,
  );
  if (closer === '%}') follow(state, trim(body), start);
  state.at = state.stretch = end + closer.length;
  state.strip = marker === '-';
}

function readComment(state: State, start: number, opening: number): void {
  const end = state.source.indexOf('#}', start + opening);
  if (end < 0)
    throw faultAt(state, start, {
      code: 'DD401',
      message: 'The comment that begins here is never closed by #}',
    });
  state.strip = end > start + opening && state.source[end - 1] === '-';
  state.at = end + 2;
}

function readRaw(state: State, start: number, raw: RegExpExecArray): void {
  state.at = start + raw[0].length;
  state.strip = raw[1] === '-';
  RAW_END.lastIndex = state.at;
  const end = RAW_END.exec(state.source);
  if (end === null) throw faultAt(state, start, { code: 'DD401', message: '{% raw %} has no {% endraw %}' });
  addText(state, end.index, end[1] === '-');
  state.at = end.index + end[0].length;
  state.strip = end[2] === '-';
}

function closeStretch(state: State, end: number): void {
  const stretch = state.source.slice(state.stretch, end);
  if (stretch !== '') {
    const lastLine = stretch.length - (stretch.lastIndexOf('\n') + 1);
    state.masked.push('\n'.repeat(stretch.split('\n').length - 1), 'x'.repeat(lastLine));
    state.texts.push(state.text);
  }
  state.text = '';
}

/** The offset of the closer that belongs to the tag: outside strings, with all brackets closed. */
function tagEnd(state: State, start: number, from: number, closer: string): number {
  const { source } = state;
  const brackets: string[] = [];
  const last = Math.min(source.length, from + MAX_TAG_LENGTH);
  for (let at = from; at < last; at += 1) {
    const char = source.charAt(at);
    if (brackets.length === 0 && source.startsWith(closer, at)) return at;
    if (char === '"' || char === "'") at = stringEnd(source, at, last);
    else if (CLOSERS[char] !== undefined) brackets.push(CLOSERS[char]);
    else if (')]}'.includes(char) && brackets.pop() !== char) {
      throw faultAt(state, at, { code: 'DD401', message: `"${char}" closes no bracket of its kind` });
    }
  }
  const limit =
    last < source.length
      ? `not closed by ${closer} within ${MAX_TAG_LENGTH} characters`
      : `never closed by ${closer}`;
  throw faultAt(state, start, { code: 'DD401', message: `The tag that begins here is ${limit}` });
}

function stringEnd(source: string, start: number, last: number): number {
  const quote = source.charAt(start);
  for (let at = start + 1; at < last; at += 1) {
    const char = source.charAt(at);
    if (char === '\\') at += 1;
    else if (char === quote) return at;
  }
  return last;
}

/** Keeps account of which blocks are open. */
function follow(state: State, body: string, offset: number): void {
  const name = /^\w*/.exec(body)?.[0] ?? '';
  const open = state.open.at(-1);
  if (LOADING.has(name)) {
    throw faultAt(state, offset, {
      code: 'DD403',
      message: `{% ${name} %}: no other templates can be loaded`,
    });
  }
  if (!KNOWN.includes(name)) {
    throw faultAt(state, offset, {
      code: 'DD401',
      message: `There is no tag {% ${name} %}${didYouMean(name, KNOWN)}`,
      cure: TAGS_CURE,
    });
  }
  if (ENDS[name] !== undefined) {
    if (name !== 'set' || !body.includes('=')) state.open.push({ name, offset });
  } else if (MIDDLES[name] !== undefined) {
    if (!MIDDLES[name].includes(open?.name ?? '')) throw unexpected(state, name, offset);
  } else if (open !== undefined && ENDS[open.name] === name) state.open.pop();
  else throw unexpected(state, name, offset);
}

function unexpected(state: State, name: string, offset: number): TemplateFault {
  const open = state.open.at(-1);
  const inside =
    open === undefined
      ? 'no block is open'
      : `the open block is {% ${open.name} %} of line ${positionOf(state.source, open.offset).line}`;
  return faultAt(state, offset, { code: 'DD401', message: `{% ${name} %} does not belong here: ${inside}` });
}

interface Finding {
  readonly code: Extract<Code, 'DD401' | 'DD403' | 'DD404'>;
  readonly message: string;
  readonly cure?: string;
}

function faultAt(state: State, offset: number, { message, ...details }: Finding): TemplateFault {
  return new TemplateFault(message, { ...details, at: positionOf(state.source, offset) });
}

function positionOf(source: string, offset: number): Position {
  const before = source.slice(0, offset);
  return { line: before.split('\n').length, column: offset - before.lastIndexOf('\n') };
}
