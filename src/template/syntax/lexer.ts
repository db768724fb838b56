// Cuts a template into tokens as Jinja2 does: texts between tags with whitespace control, comments, raw blocks, and what stands inside
// tags. One token at a time, so that what is wrong early is said early. Knows no grammar.
import { BLANK, trim } from '../../text/python.ts';
import { TemplateFault, syntaxFault } from './fault.ts';
import { stringValue } from './strings.ts';
import type { Position } from './tree.ts';

export type TokenKind =
  | 'text'
  | 'print'
  | 'print end'
  | 'tag'
  | 'tag end'
  | 'name'
  | 'string'
  | 'integer'
  | 'float'
  | 'operator'
  | 'end';

export interface Token {
  readonly kind: TokenKind;
  /** What it says: for strings without quotes and with escapes resolved. */
  readonly text: string;
  readonly offset: number;
}

const MAX_TAGS = 100_000;

const OPENING = String.raw`\{(?:%[-+]?[BLANK]*raw[BLANK]*(?:-%\}[BLANK]*|%\})|[%{#][-+]?)`;
const rule = (source: string, flags = 'y'): RegExp => new RegExp(source.replaceAll('BLANK', BLANK), flags);
const OPENINGS = rule(OPENING, 'g');
const COMMENT_END = rule(String.raw`\+#\}|-#\}[BLANK]*|#\}`, 'g');
const RAW_END = rule(String.raw`\{%([-+]?)[BLANK]*endraw[BLANK]*(?:\+%\}|-%\}[BLANK]*|%\})`, 'g');
const TAG_END = rule(String.raw`\+%\}|-%\}[BLANK]*|%\}`);
const PRINT_END = rule(String.raw`-\}\}[BLANK]*|\}\}`);
const BLANKS = rule('[BLANK]+');

const INSIDE: readonly (readonly [TokenKind, RegExp])[] = [
  ['float', /(?<!\.)(?:\d+_)*\d+(?:(?:\.(?:\d+_)*\d+)?e[+-]?(?:\d+_)*\d+|\.(?:\d+_)*\d+)/iy],
  ['integer', /0b(?:_?[01])+|0o(?:_?[0-7])+|0x(?:_?[\da-f])+|[1-9](?:_?\d)*|0(?:_?0)*/iy],
  ['name', /[\p{L}\p{M}\p{N}\p{Pc}\u00b7]+/uy],
  ['string', /'[^'\\]*(?:\\[^][^'\\]*)*'|"[^"\\]*(?:\\[^][^"\\]*)*"/y],
  ['operator', /\/\/|\*\*|[=!<>]=|[-+/*%~[\](){}<>=.:|,;]/y],
];
const IDENTIFIER = /^[\p{XID_Start}_]\p{XID_Continue}*$/u;
const CLOSERS: Readonly<Record<string, string>> = { '(': ')', '[': ']', '{': '}' };

const CLOSING = { tag: '%}', print: '}}' } as const;

/** Of a text whose line ends are line feeds. Tokens are thrown as TemplateFaults where there can be none. */
export class Lexer {
  private readonly source: string;
  private readonly lines: readonly number[];
  private readonly file: string | undefined;
  private readonly brackets: string[] = [];
  private at = 0;
  private tags = 0;
  private inside: 'tag' | 'print' | undefined;
  private tagAhead = false;
  /** Where the tag began that is being read. */
  private opening = 0;

  constructor(source: string, file?: string) {
    this.source = source;
    this.file = file;
    this.lines = lineStarts(source);
  }

  next(): Token {
    if (this.inside !== undefined) return this.within(this.inside);
    if (this.tagAhead) {
      this.tagAhead = false;
      return this.opened();
    }
    const text = this.outside();
    this.tagAhead = this.at < this.source.length;
    if (text.text !== '') return text;
    return this.tagAhead ? this.next() : { kind: 'end', text: '', offset: this.at };
  }

  positionOf(offset: number): Position {
    const position = positionIn(this.lines, offset);
    return this.file === undefined ? position : { file: this.file, ...position };
  }

  /** The fault of the tag that is being read, when the next tag or the end comes before what would close it. */
  faultWithoutEnd(): TemplateFault | undefined {
    if (this.inside === undefined) return undefined;
    const closer = this.source.indexOf(CLOSING[this.inside], this.opening);
    OPENINGS.lastIndex = this.opening + 2;
    const next = OPENINGS.exec(this.source)?.index ?? Infinity;
    return closer < 0 || next < closer ? this.unclosed(this.inside) : undefined;
  }

  private unclosed(tag: 'tag' | 'print'): TemplateFault {
    return this.fault(this.opening, `The tag that begins here is never closed by ${CLOSING[tag]}`);
  }

  private fault(offset: number, message: string): TemplateFault {
    return syntaxFault(message, this.positionOf(offset));
  }

  private matched(pattern: RegExp): string | undefined {
    pattern.lastIndex = this.at;
    return pattern.exec(this.source)?.[0];
  }

  private countTag(offset: number): void {
    this.tags += 1;
    if (this.tags > MAX_TAGS)
      throw new TemplateFault(`The template has more than ${MAX_TAGS} tags`, {
        code: 'DD404',
        at: this.positionOf(offset),
      });
  }

  private stretch(end: number, sign: string): string {
    const text = this.source.slice(this.at, end);
    return sign === '-' ? trim(`|${text}`).slice(1) : text;
  }

  /** Up to the next tag, comments and raw blocks included. */
  private outside(): Token {
    const start = this.at;
    const parts: string[] = [];
    for (;;) {
      OPENINGS.lastIndex = this.at;
      const opening = OPENINGS.exec(this.source);
      const offset = opening?.index ?? this.source.length;
      const said = opening?.[0] ?? '';
      parts.push(this.stretch(offset, said.charAt(2)));
      this.at = offset;
      const raw = said.startsWith('{%') && said.length > 3;
      if (opening === null || (!raw && !said.startsWith('{#')))
        return { kind: 'text', text: parts.join(''), offset: start };
      this.countTag(offset);
      this.at += said.length;
      // As in Jinja2, at the very end nothing has to be closed.
      if (this.at >= this.source.length) return { kind: 'text', text: parts.join(''), offset: start };
      const [pattern, what] = raw
        ? [RAW_END, '{% raw %} has no {% endraw %}']
        : [COMMENT_END, 'The comment that begins here is never closed by #}'];
      pattern.lastIndex = this.at;
      const closing = pattern.exec(this.source);
      if (closing === null) throw this.fault(offset, what);
      if (raw) parts.push(this.stretch(closing.index, closing[1] ?? ''));
      this.at = closing.index + closing[0].length;
    }
  }

  private opened(): Token {
    const offset = this.at;
    const kind = this.source.startsWith('{{', this.at) ? 'print' : 'tag';
    this.countTag(offset);
    this.inside = kind;
    this.opening = offset;
    this.at += /[-+]/.test(this.source.charAt(this.at + 2)) ? 3 : 2;
    return { kind, text: '', offset };
  }

  private balance(operator: string, offset: number): void {
    const closer = CLOSERS[operator];
    if (closer !== undefined) this.brackets.push(closer);
    else if (')]}'.includes(operator) && this.brackets.pop() !== operator)
      throw this.fault(offset, `"${operator}" closes no bracket of its kind`);
  }

  private within(tag: 'tag' | 'print'): Token {
    this.at += this.matched(BLANKS)?.length ?? 0;
    const offset = this.at;
    const end = this.brackets.length === 0 ? this.matched(tag === 'tag' ? TAG_END : PRINT_END) : undefined;
    if (end !== undefined) {
      this.at += end.length;
      this.inside = undefined;
      return { kind: `${tag} end`, text: end, offset };
    }
    for (const [kind, pattern] of INSIDE) {
      const text = this.matched(pattern);
      if (text === undefined) continue;
      this.at += text.length;
      if (kind === 'operator') this.balance(text, offset);
      if (kind === 'name' && !IDENTIFIER.test(text)) throw this.fault(offset, `"${text}" is not a name`);
      if (kind !== 'string') return { kind, text, offset };
      const value = stringValue(text.slice(1, -1));
      if ('wrong' in value) throw this.fault(offset, value.wrong);
      return { kind, text: value.text, offset };
    }
    if (this.at >= this.source.length) throw this.unclosed(tag);
    const char = String.fromCodePoint(this.source.codePointAt(this.at) ?? 0);
    throw this.fault(
      offset,
      /["']/.test(char) ? 'The string that begins here is never closed' : `"${char}" cannot be used in a tag`,
    );
  }
}

function lineStarts(source: string): readonly number[] {
  const starts = [0];
  for (let at = source.indexOf('\n'); at >= 0; at = source.indexOf('\n', at + 1)) starts.push(at + 1);
  return starts;
}

function positionIn(starts: readonly number[], offset: number): Position {
  let [low, high] = [0, starts.length];
  while (high - low > 1) {
    const middle = (low + high) >> 1;
    if ((starts[middle] ?? 0) <= offset) low = middle;
    else high = middle;
  }
  return { line: low + 1, column: offset - (starts[low] ?? 0) + 1 };
}
