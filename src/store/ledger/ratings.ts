// What people say of texts: `ratings/RATER.csv`, a file a person, to which lines are added at the end and never changed. Knows no text.
import { closeSync, fsyncSync, fstatSync, mkdirSync, openSync, readSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { GenId } from '../../generation/stage.ts';
import { otherSeparator, parseCsvRecords } from '../../inputs/csv/csv.ts';
import { csvLine } from '../../inputs/csv/csvline.ts';
import { conflictIn, decodeText } from '../../inputs/disk/diskreader.ts';
import { type Loaded, type Problem, warning } from '../../problem.ts';
import { namesIfPresent, readIfPresent, writeBytes } from '../writing/atomic.ts';
import type { Layout } from '../layout.ts';

/** Of two texts: the one that was shown first, the other, or neither. */
export const PREFERENCES = ['first', 'second', 'neither'] as const;
export type Preference = (typeof PREFERENCES)[number];

/** A score, a preference, or that the person would not say. */
export type RatingAnswer = number | Preference | 'skip';

export interface RatedText {
  /** The essay. */
  readonly genId: GenId;
  /** Of the text that was read: an essay that was made anew since has another. */
  readonly digest: string;
}

export interface Rating {
  readonly rubric: string;
  readonly first: RatedText;
  /** The text that it was compared with; undefined for a score. */
  readonly second?: RatedText | undefined;
  readonly answer: RatingAnswer;
  /** ISO 8601, UTC. */
  readonly when: string;
}

export interface RatingOf extends Rating {
  readonly rater: string;
}

// When it was comes last: a line that a crash tore has no whole one.
const HEADER = 'rubric,essay_gen_id,text_digest,other_gen_id,other_digest,answer,when';
const WHEN = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?Z$/;
const RATER = /^[\p{L}\p{N}][\p{L}\p{N}_.-]{0,63}$/u;

/** Whether a person may be called so: it becomes the name of a file. */
export function isRaterName(name: string): boolean {
  return RATER.test(name) && !name.endsWith('.');
}

export function ratingsFile({ ratings }: Layout, rater: string): string {
  return join(ratings, `${rater}.csv`);
}

/** Adds a line, which the disk has when this returns. What a crash tore before it stays, as a line of its own. */
export function addRating(path: string, { rubric, first, second, answer, when }: Rating): void {
  mkdirSync(dirname(path), { recursive: true });
  const cells = [rubric, first.genId, first.digest, second?.genId ?? '', second?.digest ?? ''];
  const line = `${csvLine([...cells, String(answer), when])}\n`;
  const file = openSync(path, 'a+');
  try {
    const { size } = fstatSync(file);
    const last = Buffer.alloc(1);
    if (size > 0) readSync(file, last, 0, 1, size - 1);
    writeBytes(file, `${size === 0 ? `${HEADER}\n` : last[0] === 10 ? '' : '\n'}${line}`);
    fsyncSync(file);
  } finally {
    closeSync(file);
  }
}

/** Of all persons, in the order of their names and then of the lines. Of lines about the same texts the last one counts. */
export function readRatings(layout: Layout): Loaded<readonly RatingOf[]> {
  const read = namesIfPresent(layout.ratings)
    .filter((name) => name.endsWith('.csv') && isRaterName(name.slice(0, -4)))
    .map((name) => readRatingsOf(layout, name.slice(0, -4)));
  return {
    value: read.flatMap(({ value }) => value),
    problems: read.flatMap(({ problems }) => problems),
  };
}

/** A file that is another kind of text as a whole is an error, and nothing of it counts: nobody may add a line to it. */
export function readRatingsOf(layout: Layout, rater: string): Loaded<readonly RatingOf[]> {
  const path = ratingsFile(layout, rater);
  const { value: text, problems: unreadable } = textIn(path);
  if (text === undefined) return { value: [], problems: unreadable };
  const lines = text.split(/\r\n|\r|\n/);
  const last = new Map<string, RatingOf>();
  const problems: Problem[] = [];
  for (const [at, line] of lines.entries()) {
    // Line by line, so that a quote in one that a crash tore swallows no other.
    const [cells = []] = parseCsvRecords(line, path).value.map((record) => record.cells);
    if (line.trim() === '' || cells.join(',') === HEADER) continue;
    const rating = ratingOf(cells);
    if (rating === undefined)
      problems.push(
        warning('DD711', 'a line that is no rating is left out', { place: { file: path, line: at + 1 } }),
      );
    else last.set(keyOfRating(rating), { ...rating, rater });
  }
  return { value: [...last.values()], problems };
}

/** As an editor, a spreadsheet or a merge may have left it. A letter that a crash tore spoils its own line alone. */
function textIn(path: string): Loaded<string | undefined> {
  const bytes = readIfPresent(path) ?? Buffer.alloc(0);
  const { value: first, problems } = decodeText(bytes.subarray(0, bytes.indexOf(10) + 1), path);
  if (first === undefined) return { value: undefined, problems };
  const text = bytes.toString('utf8');
  const [header] = parseCsvRecords(first, path).value;
  const found = otherSeparator(header?.cells ?? [], { file: path, line: 1 }) ?? conflictIn(text, path);
  return found === undefined ? { value: text, problems: [] } : { value: undefined, problems: [found] };
}

/** The same for the same question, whichever of two texts was shown first. */
export function keyOfRating({ rubric, first, second }: Pick<Rating, 'rubric' | 'first' | 'second'>): string {
  const texts = [first, ...(second === undefined ? [] : [second])].map(
    ({ genId, digest }) => `${genId} ${digest}`,
  );
  return JSON.stringify([rubric, ...texts.sort()]);
}

function ratingOf(cells: readonly string[]): Rating | undefined {
  const [rubric = '', genId = '', digest = '', otherId = '', otherDigest = '', said = '', when = ''] =
    cells.map((cell) => cell.trim());
  const second = otherId === '' ? undefined : { genId: otherId, digest: otherDigest };
  const answer = answerOf(said, second === undefined ? 'score' : 'preference');
  if (rubric === '' || genId === '' || answer === undefined || !WHEN.test(when)) return undefined;
  return { rubric, first: { genId, digest }, second, answer, when };
}

function answerOf(text: string, kind: 'score' | 'preference'): RatingAnswer | undefined {
  if (text === 'skip') return text;
  if (kind === 'preference') return PREFERENCES.find((each) => each === text);
  return /^-?(?:\d+\.?\d*|\.\d+)$/.test(text) ? Number(text) : undefined;
}
