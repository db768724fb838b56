// Scores without a judge: how long a text is, how often it has what a pattern names, how much of another text is in it. Each is a
// parser of the text itself. Pure text to text.
import { runInContext, createContext, type Context } from 'node:vm';
import { codePointLength, isBlank, lowerCase, nonBlankLines } from '../../text/python.ts';
import type { BesideText, ParseResult, Parser } from './parser.ts';
import { scoredText } from './scored.ts';

const LENGTHS: Readonly<Record<string, (text: string) => number>> = {
  words: (text) => wordsIn(text).length,
  characters: codePointLength,
  lines: nonBlankLines,
  paragraphs: (text) => text.split(/\n[^\S\n]*\n/).filter((each) => !isBlank(each)).length,
};
const OTHERS = ['draft', 'text'] as const satisfies readonly (keyof BesideText)[];

/** How they are written, for who names one that is not there. */
export const TEXT_SCORES: readonly string[] = [
  ...Object.keys(LENGTHS).map((unit) => `length:${unit}`),
  'pattern:REGEX',
  ...OTHERS.map((other) => `similarity:${other}`),
];

/** The scorer of a name such as `length:words`, `pattern:/very/i` or `similarity:draft`; undefined for any other name. */
export function textScoreNamed(name: string): Parser | undefined {
  const [kind, argument] = [name.split(':', 1)[0], name.slice(name.indexOf(':') + 1)];
  const length = kind === 'length' && Object.hasOwn(LENGTHS, argument) ? LENGTHS[argument] : undefined;
  if (length !== undefined) return scorer(name, (text) => scoredText({ score: length(text) }));
  if (kind === 'pattern' && name.length > 'pattern:'.length) return patternScore(name, argument);
  const other = OTHERS.find((each) => name === `similarity:${each}`);
  return other === undefined ? undefined : scorer(name, (text, beside) => similarity(text, beside, other));
}

function scorer(name: string, parse: Parser['parse']): Parser {
  return { name, stages: ['evaluation'], version: '1', parse };
}

/** In any writing that sets words apart; an apostrophe or a hyphen inside is part of a word. */
const WORD = /[\p{L}\p{M}\p{N}]+(?:['’-][\p{L}\p{M}\p{N}]+)*/gu;

function wordsIn(text: string): readonly string[] {
  return text.match(WORD) ?? [];
}

/** So many milliseconds for one text: some patterns would take for ever on some texts. */
const PATIENCE = 500;
let room: Context | undefined;

function patternScore(name: string, argument: string): Parser | undefined {
  const [, body = argument, flags = ''] = /^\/(.+)\/([imsu]*)$/s.exec(argument) ?? [];
  const pattern = compiled(body, flags);
  return pattern === undefined
    ? undefined
    : scorer(name, (text) => {
        try {
          // A time limit ends a search only where it runs in a context of its own.
          room ??= createContext({});
          Object.assign(room, { text, pattern });
          const score: unknown = runInContext('[...text.matchAll(pattern)].length', room, {
            timeout: PATIENCE,
          });
          return scoredText({ score: Number(score) });
        } catch {
          return { ok: false, reason: 'pattern_takes_too_long', data: { pattern: body } };
        }
      });
}

function compiled(body: string, flags: string): RegExp | undefined {
  try {
    return new RegExp(body, `g${flags.includes('u') ? flags : `${flags}u`}`);
  } catch {
    return undefined;
  }
}

/** Words that follow one another, as many as make a phrase. */
const PHRASE = 3;

/**
 * The share, 0 to 1, of different phrases of three words that two texts have in common among all that either has, letter case
 * ignored (the Jaccard index of their shingles). Two texts without a word are alike.
 *
 * Source: A. Z. Broder, On the resemblance and containment of documents, Compression and Complexity of Sequences (1997).
 */
function similarity(text: string, beside: BesideText | undefined, other: keyof BesideText): ParseResult {
  const against = beside?.[other];
  if (against === undefined) return { ok: false, reason: 'no_text_to_compare', data: { with: other } };
  const [one, two] = [phrasesIn(text), phrasesIn(against)];
  const shared = [...one].filter((phrase) => two.has(phrase)).length;
  const all = one.size + two.size - shared;
  return scoredText({ score: all === 0 ? 1 : shared / all });
}

function phrasesIn(text: string): ReadonlySet<string> {
  const words = wordsIn(lowerCase(text));
  const length = Math.min(PHRASE, Math.max(1, words.length));
  return new Set(
    words.slice(0, words.length - length + 1).map((_, at) => words.slice(at, at + length).join(' ')),
  );
}
