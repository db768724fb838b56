// Reads a judge's scores out of a reply in JSON: the field `score`, or the one that the parser's name gives, alone (`json_score`) or with
// every named score and the rationale beside it (`json_scores`). Pure text to text.
import { defined } from '../../defined.ts';
import type { ParseResult, Parser } from './parser.ts';
import { formatFloat, isBlank, parseFloatText, trim } from '../../text/python.ts';
import { scoredText } from './scored.ts';

const NAME = 'json_score';

const SEVERAL = 'json_scores';

export const JSON_SCORE = parserOf(NAME, ['score']);
export const JSON_SCORES = severalOf(SEVERAL, []);

/**
 * The parser of a name such as `json_score:quality.overall`, a field in a field, or `json_scores:quality`, which has them in an object
 * of that name; undefined for another name.
 */
export function jsonScoreNamed(name: string): Parser | undefined {
  const kind = [NAME, SEVERAL].find((each) => name.startsWith(`${each}:`));
  if (kind === undefined) return undefined;
  const path = name.slice(kind.length + 1).split('.');
  if (path.some((part) => trim(part) === '')) return undefined;
  return kind === NAME ? parserOf(name, path) : severalOf(name, path);
}

function severalOf(name: string, path: readonly string[]): Parser {
  return { name, stages: ['evaluation'], version: '2', parse: (raw) => scoresAt(raw, path) };
}

/** Fields that are no name of a score. */
const SCORE = 'score';
const RATIONALE = 'rationale';
const SCORES = 'scores';

/**
 * The numbers of the object at the path, or of its own object `scores`; `score` is the score itself and their mean where there is none;
 * `rationale`, a text there or above, goes with them.
 */
function scoresAt(raw: string, path: readonly string[]): ParseResult {
  if (isBlank(raw)) return { ok: false, reason: 'empty_response' };
  const reply = objectIn(raw);
  if (reply === undefined) return { ok: false, reason: 'no_json_object' };
  const found = path.reduce<unknown>((inner, name) => fieldOf(inner, name), reply);
  const inner = fieldOf(found, SCORES) ?? found;
  if (typeof inner !== 'object' || inner === null)
    return { ok: false, reason: 'no_score_field', data: { field: path.join('.') } };
  const named = Object.entries(inner).flatMap(([name, value]): [string, number][] => {
    const number = name === SCORE ? undefined : numberIn(value);
    return number === undefined ? [] : [[name, number]];
  });
  const score = [inner, found, reply].map((each) => numberIn(fieldOf(each, SCORE))).find(isDefined);
  if (score === undefined && named.length === 0)
    return { ok: false, reason: 'no_score_field', data: { field: [...path, SCORE].join('.') } };
  const rationale = [inner, found, reply].map((each) => fieldOf(each, RATIONALE)).find(isText);
  return scoredText(defined({ score, scores: Object.fromEntries(named), rationale }));
}

function isDefined(value: number | undefined): value is number {
  return value !== undefined;
}

function isText(value: unknown): value is string {
  return typeof value === 'string';
}

/** A finite number, or a text that is one. */
function numberIn(value: unknown): number | undefined {
  const number =
    typeof value === 'number' ? value : typeof value === 'string' ? parseFloatText(value) : undefined;
  return number === undefined || !Number.isFinite(number) ? undefined : number;
}

function parserOf(name: string, path: readonly string[]): Parser {
  return { name, stages: ['evaluation'], version: '2', parse: (raw) => scoreAt(raw, path) };
}

function scoreAt(raw: string, path: readonly string[]): ParseResult {
  if (isBlank(raw)) return { ok: false, reason: 'empty_response' };
  const reply = objectIn(raw);
  if (reply === undefined) return { ok: false, reason: 'no_json_object' };
  const field = path.join('.');
  const value = path.reduce<unknown>((inner, name) => fieldOf(inner, name), reply);
  if (value === undefined) return { ok: false, reason: 'no_score_field', data: { field } };
  const score = numberIn(value);
  if (score === undefined) return { ok: false, reason: 'score_is_no_number', data: { field, value } };
  return { ok: true, text: `${formatFloat(score)}\n` };
}

/** Braces that begin nothing: more than anybody writes, and few enough to look for the end of each. */
const MOST_BRACES = 100;

/** How an object begins, with quotes of any kind or without. */
const OBJECT = /^\{\s*["'\w-]+\s*:/;

/** The last object of a reply, whatever stands around it: models write before and behind what is asked for, and correct themselves. */
function objectIn(raw: string): unknown {
  let last: unknown;
  let idle = 0;
  for (let from = raw.indexOf('{'); from >= 0 && idle < MOST_BRACES;) {
    const end = endOfObject(raw, from);
    const value = end === undefined ? undefined : parsed(raw.slice(from, end));
    if (value === undefined) idle++;
    else last = value;
    // What stands within an object that is no JSON is a part of it, and not what was asked for.
    const isObject = value !== undefined || OBJECT.test(raw.slice(from, from + 200));
    from = raw.indexOf('{', isObject && end !== undefined ? end : from + 1);
  }
  return last;
}

/** Behind the brace that closes the one at a place, braces in texts aside; undefined where none does. */
function endOfObject(raw: string, from: number): number | undefined {
  const marks = /[{}]|"[^"\\]*(?:\\.[^"\\]*)*"/gs;
  marks.lastIndex = from;
  let open = 0;
  for (let mark = marks.exec(raw); mark !== null; mark = marks.exec(raw)) {
    if (mark[0] === '{') open++;
    if (mark[0] === '}' && --open === 0) return marks.lastIndex;
  }
  return undefined;
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function fieldOf(value: unknown, name: string): unknown {
  if (typeof value !== 'object' || value === null || !Object.hasOwn(value, name)) return undefined;
  return (value as Readonly<Record<string, unknown>>)[name];
}
