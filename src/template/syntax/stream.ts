// The tokens of a template, looked at one ahead, as parsers want them. Knows no grammar.
import { syntaxFault, type TemplateFault } from './fault.ts';
import { Lexer, type Token, type TokenKind } from './lexer.ts';
import type { Position } from './tree.ts';

export interface Stream {
  readonly current: () => Token;
  readonly ahead: () => Token;
  readonly place: () => Position;
  readonly positionOf: (token: Token) => Position;
  /** The current token, which is then behind. */
  readonly take: () => Token;
  readonly isName: (...words: readonly string[]) => boolean;
  readonly isOperator: (...operators: readonly string[]) => boolean;
  /** Takes the word or the operator if it is the current token. */
  readonly skipName: (word: string) => boolean;
  readonly skipOperator: (operator: string) => boolean;
  /** Takes what must come. */
  readonly expect: (kind: TokenKind, text?: string) => Token;
  readonly fault: (message: string, at?: Token, cure?: string) => TemplateFault;
}

export function streamOf(source: string, file?: string): Stream {
  const lexer = new Lexer(source, file);
  let current = lexer.next();
  let ahead: Token | undefined;
  const is = (kind: TokenKind, words: readonly string[]): boolean =>
    current.kind === kind && words.includes(current.text);
  const fault: Stream['fault'] = (message, at = current, cure = undefined) =>
    syntaxFault(message, lexer.positionOf(at.offset), cure);

  function take(): Token {
    const taken = current;
    current = ahead ?? (taken.kind === 'end' ? taken : lexer.next());
    ahead = undefined;
    return taken;
  }

  function skip(kind: TokenKind, text: string): boolean {
    const here = is(kind, [text]);
    if (here) take();
    return here;
  }

  return {
    current: () => current,
    ahead: () => (ahead ??= lexer.next()),
    place: () => lexer.positionOf(current.offset),
    positionOf: (token) => lexer.positionOf(token.offset),
    take,
    isName: (...words) => is('name', words),
    isOperator: (...operators) => is('operator', operators),
    skipName: (word) => skip('name', word),
    skipOperator: (operator) => skip('operator', operator),
    expect(kind, text) {
      if (current.kind === kind && (text === undefined || current.text === text)) return take();
      const unclosed = kind.endsWith(' end') ? lexer.faultWithoutEnd() : undefined;
      if (unclosed !== undefined) throw unclosed;
      throw fault(
        `The template does not parse: expected ${text ?? wordsFor(kind)}, found ${describe(current)}`,
      );
    },
    fault,
  };
}

export function describe({ kind, text }: Token): string {
  return kind === 'name' || kind === 'operator' ? `"${text}"` : wordsFor(kind);
}

function wordsFor(kind: TokenKind): string {
  switch (kind) {
    case 'print end':
      return '}}';
    case 'tag end':
      return '%}';
    case 'end':
      return 'the end of the template';
    case 'integer':
    case 'float':
      return 'a number';
    default:
      return `a ${kind}`;
  }
}
