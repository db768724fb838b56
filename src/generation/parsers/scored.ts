// A score with what may stand beside it, named scores and a rationale, as the text of a parsed.txt, and back. Pure text to text.
import { formatFloat, parseFloatText, trim } from '../../text/python.ts';
import type { ParseResult } from './parser.ts';

/** What a judge's reply, or a text, was given. At least one of `score` and `scores`. */
export interface Scored {
  /** The mean of the named scores where it is left out. */
  readonly score?: number;
  /** By name, such as `novelty`. */
  readonly scores?: Readonly<Record<string, number>>;
  /** Why. */
  readonly rationale?: string;
}

/** What stands beside a score; empty where nothing does. */
export interface BesideScore {
  readonly scores: Readonly<Record<string, number>>;
  readonly rationale: string;
}

const NOTHING: BesideScore = { scores: {}, rationale: '' };
const LONGEST_NAME = 100;

/**
 * The score on a line of its own, as every reader of a parsed.txt looks for it on the last one; before it, where there is something
 * beside it, a line of JSON.
 */
export function scoredText({ score, scores = {}, rationale = '' }: Scored): ParseResult {
  const named = Object.entries(scores);
  const wrong = named.find(([name, value]) => !isName(name) || !isNumber(value));
  if (wrong !== undefined)
    return { ok: false, reason: 'score_is_no_number', data: { field: wrong[0], value: wrong[1] } };
  const whole = score ?? named.reduce((sum, [, value]) => sum + value, 0) / named.length;
  if (!isNumber(whole)) return { ok: false, reason: 'no_score', data: { value: score ?? null } };
  const beside = {
    ...(named.length === 0 ? {} : { scores: Object.fromEntries(named) }),
    ...(trim(rationale) === '' ? {} : { rationale: trim(rationale) }),
  };
  const line = Object.keys(beside).length === 0 ? '' : `${JSON.stringify(beside)}\n`;
  return { ok: true, text: `${line}${formatFloat(whole)}\n` };
}

function isName(name: string): boolean {
  return trim(name) !== '' && name.length <= LONGEST_NAME;
}

function isNumber(value: unknown): value is number {
  return typeof value === 'number' && Number.isFinite(value);
}

/** What stands beside the score in the text of a parsed.txt; nothing in one that holds something else. */
export function besideScore(parsed: string | undefined): BesideScore {
  const end = parsed?.indexOf('\n') ?? -1;
  if (parsed === undefined || end < 0 || !parsed.startsWith('{')) return NOTHING;
  if (parseFloatText(trim(parsed.slice(end + 1))) === undefined) return NOTHING;
  try {
    const { scores, rationale } = JSON.parse(parsed.slice(0, end)) as Readonly<Record<string, unknown>>;
    const named =
      typeof scores === 'object' && scores !== null
        ? Object.entries(scores).filter((each): each is [string, number] => isNumber(each[1]))
        : [];
    return {
      scores: Object.fromEntries(named),
      rationale: typeof rationale === 'string' ? rationale : '',
    };
  } catch {
    return NOTHING;
  }
}

/** `novelty 7`, `clarity 6.5`. */
export function scoreWords(scores: BesideScore['scores']): readonly string[] {
  return Object.entries(scores).map(([name, value]) => `${name} ${Number(value.toFixed(3))}`);
}
