// Reads a judge's score out of a reply in JSON: the field `score`, or the one that the parser's name gives. Pure text to text.
import type { ParseResult, Parser } from './parser.ts';
import { formatFloat, isBlank, parseFloatText, trim } from '../../text/python.ts';

const NAME = 'json_score';

export const JSON_SCORE = parserOf(NAME, ['score']);

/** The parser of a name such as `json_score:quality.overall`, a field in a field; undefined for another name. */
export function jsonScoreNamed(name: string): Parser | undefined {
  if (!name.startsWith(`${NAME}:`)) return undefined;
  const path = name.slice(NAME.length + 1).split('.');
  return path.some((part) => trim(part) === '') ? undefined : parserOf(name, path);
}

function parserOf(name: string, path: readonly string[]): Parser {
  return { name, stages: ['evaluation'], version: '1', parse: (raw) => scoreAt(raw, path) };
}

function scoreAt(raw: string, path: readonly string[]): ParseResult {
  if (isBlank(raw)) return { ok: false, reason: 'empty_response' };
  const reply = objectIn(raw);
  if (reply === undefined) return { ok: false, reason: 'no_json_object' };
  const field = path.join('.');
  const value = path.reduce<unknown>((inner, name) => fieldOf(inner, name), reply);
  if (value === undefined) return { ok: false, reason: 'no_score_field', data: { field } };
  const score =
    typeof value === 'number' ? value : typeof value === 'string' ? parseFloatText(value) : undefined;
  if (score === undefined || !Number.isFinite(score))
    return { ok: false, reason: 'score_is_no_number', data: { field, value } };
  return { ok: true, text: `${formatFloat(score)}\n` };
}

/** The whole reply, what stands in a fence, or what stands between the first brace and the last: models write around what is asked for. */
function objectIn(raw: string): unknown {
  const fence = /```(?:json)?[ \t]*\n([^`]*)```/i.exec(raw)?.[1];
  const braces = raw.slice(raw.indexOf('{'), raw.lastIndexOf('}') + 1);
  for (const text of [raw, fence ?? '', braces]) {
    try {
      const value: unknown = JSON.parse(text);
      if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value;
    } catch {
      // The next place is looked at.
    }
  }
  return undefined;
}

function fieldOf(value: unknown, name: string): unknown {
  if (typeof value !== 'object' || value === null || !Object.hasOwn(value, name)) return undefined;
  return (value as Readonly<Record<string, unknown>>)[name];
}
