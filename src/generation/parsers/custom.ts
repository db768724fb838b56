// Parsers and scorers as a user's configuration gives them, made safe: whatever they return or throw, and that they do not end, becomes
// a result. Knows no other parser.
import { defined } from '../../defined.ts';
import { digest } from '../../digest.ts';
import { trim } from '../../text/python.ts';
import { type Stage, STAGES } from '../stage.ts';
import { bounded } from './bounded.ts';
import type { BesideText, Parser, ParseResult } from './parser.ts';
import { type Scored, scoredText } from './scored.ts';

/** A parser as the user's configuration gives it. */
export interface CustomParser {
  readonly name: string;
  /** Where it may be used; all stages when absent. */
  readonly stages?: readonly Stage[];
  /** Raised by the user when the parser's results change; without it its source text and the code beside it stand for it. */
  readonly version?: string;
  /**
   * The parsed text, or why there is none; of a judge's reply also its scores, by name, with a rationale. Must be a function of the
   * text alone.
   */
  readonly parse: (raw: string) => string | Scored | { readonly error: string };
}

/** A score without a judge, as the user's configuration gives it. */
export interface CustomScorer {
  readonly name: string;
  /** As of a parser. */
  readonly version?: string;
  /** The score of an essay. Must be a function of the text, its draft and the template's own text alone. */
  readonly score: (text: string, beside: BesideText) => number | Scored | { readonly error: string };
}

export type Custom = CustomParser | CustomScorer;

/** The user's function. */
export function workOf(custom: Custom): (raw: string, beside: BesideText) => unknown {
  return 'score' in custom ? custom.score : custom.parse;
}

/** `code`: what it may call. `most`: milliseconds for a text. */
export function wrap(custom: Custom, code: string, most?: number): Parser {
  const work = workOf(custom);
  const source = Function.prototype.toString.call(work);
  const isScorer = 'score' in custom;
  return {
    name: trim(custom.name),
    stages: isScorer ? ['evaluation'] : (custom.stages ?? STAGES),
    ...(custom.version === undefined
      ? { version: `source:${digest(`${source}\0${code}`)}`, formerly: `source:${digest(source)}` }
      : { version: custom.version }),
    parse(raw, beside = {}) {
      try {
        const returned = bounded(() => work(raw, beside), most);
        return isScorer && typeof returned === 'number'
          ? scoredText({ score: returned })
          : resultOf(returned);
      } catch (error) {
        return { ok: false, reason: 'parser_threw', data: { message: messageOf(error) } };
      }
    },
  };
}

/** The user's function may return anything at all, whatever its type says. */
function resultOf(returned: unknown): ParseResult {
  if (typeof returned === 'string') return { ok: true, text: returned };
  if (typeof returned === 'object' && returned !== null && !(returned instanceof Promise)) {
    if ('error' in returned && typeof returned.error === 'string')
      return { ok: false, reason: 'parser_refused', data: { message: returned.error } };
    if ('score' in returned || 'scores' in returned) return scoredResult(returned);
  }
  const type = returned instanceof Promise ? 'a promise' : returned === null ? 'null' : typeof returned;
  return { ok: false, reason: 'parser_returned_no_text', data: { returned: type } };
}

function scoredResult(returned: object): ParseResult {
  const { score, scores, rationale } = returned as Readonly<Record<string, unknown>>;
  if (score !== undefined && typeof score !== 'number')
    return { ok: false, reason: 'no_score', data: { value: typeof score } };
  return scoredText({
    ...defined({ score }),
    ...(typeof scores === 'object' && scores !== null ? { scores: scores as Record<string, number> } : {}),
    ...(typeof rationale === 'string' ? { rationale } : {}),
  });
}

function messageOf(thrown: unknown): string {
  try {
    return thrown instanceof Error ? thrown.message : String(thrown);
  } catch {
    return 'something that cannot be shown';
  }
}
