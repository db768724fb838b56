// Reads a judge's score, 0 to 9, from the last lines of its reply. Pure text to text.
import type { ParseResult, Parser } from './parser.ts';
import { asciiDigits, BLANK, formatFloat, isBlank, trim } from '../../text/python.ts';

const WINDOW = 3;
const HIGHEST = 9;
/** The scale of its scores. */
export const SCALE = { low: 0, high: HIGHEST };
/** Scores that it takes, in words. */
export const LIMITS = `${SCALE.low} to ${SCALE.high}`;
const LEAD = `score(?::[${BLANK}]*|[${BLANK}]+)`;
const GAP = `,?[${BLANK}]?`;
const EXACT = new RegExp(`^[${BLANK}]*score:[${BLANK}]*([0-9](?:\\.\\p{Nd}+)?)[${BLANK}]*$`, 'iu');
const THREE_DIGITS = new RegExp(`${LEAD}(\\p{Nd}${GAP}\\p{Nd}${GAP}\\p{Nd})`, 'iu');
const NUMBER = new RegExp(`${LEAD}(-?\\p{Nd}+(?:\\.\\p{Nd}+)?)(?=[${BLANK}]|$)`, 'iu');

/** A score, an error that ends the search, or undefined: look further. */
type Finding = { readonly score: number } | Extract<ParseResult, { readonly ok: false }> | undefined;

export const inLastLine: Parser = {
  name: 'in_last_line',
  stages: ['evaluation'],
  version: '1',
  parse(raw) {
    if (isBlank(raw)) return { ok: false, reason: 'empty_response' };
    const lines = lastLines(raw).map((line) => line.replace(/[*#]/g, ''));
    const found = first(lines, exactScore) ?? first(lines, looseScore);
    if (found === undefined) return { ok: false, reason: 'no_score_last_lines' };
    if (!('score' in found)) return found;
    if (found.score < 0 || found.score > HIGHEST)
      return { ok: false, reason: 'out_of_range', data: { value: found.score } };
    return { ok: true, text: `${formatFloat(found.score)}\n` };
  },
};

/** The last three lines that hold more than blanks, trimmed, in order. */
function lastLines(text: string): string[] {
  const lines: string[] = [];
  let end = text.length;
  while (lines.length < WINDOW && end > 0) {
    const start = text.lastIndexOf('\n', end - 1) + 1;
    const line = trim(text.slice(start, end));
    if (line !== '') lines.unshift(line);
    end = start - 1;
  }
  return lines;
}

/** The earliest line with a finding wins, not the last. */
function first(lines: readonly string[], look: (line: string) => Finding): Finding {
  for (const line of lines) {
    const finding = look(line);
    if (finding !== undefined) return finding;
  }
  return undefined;
}

function exactScore(line: string): Finding {
  const score = EXACT.exec(line)?.[1];
  return score === undefined ? undefined : { score: Number(asciiDigits(score)) };
}

function looseScore(line: string): Finding {
  return meanOfThree(THREE_DIGITS.exec(line)?.[1]) ?? plainNumber(line);
}

/** Some judges answer one digit for each of three criteria. A mean of nothing but zeros is left to the plain reading. */
function meanOfThree(value: string | undefined): Finding {
  if (value === undefined) return undefined;
  const digits = asciiDigits(value).replace(/[, ]/g, '');
  if (digits.length !== 3) return { ok: false, reason: 'invalid_three_digit_score', data: { value } };
  const sum = [...digits].reduce((total, digit) => total + Number(digit), 0);
  return sum === 0 ? undefined : { score: sum / 3 };
}

function plainNumber(line: string): Finding {
  const number = NUMBER.exec(line)?.[1];
  return number === undefined ? undefined : { score: Number(asciiDigits(number)) };
}
