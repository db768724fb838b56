// What people say of texts, kept in a file a person: lines are added and never changed, the last word on a text counts, and a line that
// a crash tore takes no other with it.
import { appendFileSync, existsSync, mkdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeEach, describe, expect, it } from 'vitest';
import { layoutOf, type Layout } from '../../../src/store/layout.ts';
import {
  addRating,
  isRaterName,
  keyOfRating,
  ratingsFile,
  readRatings,
  readRatingsOf,
  type Rating,
} from '../../../src/store/ledger/ratings.ts';
import { openBelow } from '../../support/disk.ts';
import { scratchFolder } from '../../support/project.ts';

const HEADER = 'rubric,essay_gen_id,text_digest,other_gen_id,other_digest,answer,when\n';
const WHEN = '2026-11-23T10:00:00.000Z';
const SCORE: Rating = { rubric: 'beauty', first: { genId: 'e_1', digest: 'aa' }, answer: 7, when: WHEN };
const PAIR: Rating = { ...SCORE, second: { genId: 'e_2', digest: 'bb' }, answer: 'second' };

let layout: Layout;
let path = '';
beforeEach(() => {
  layout = layoutOf(scratchFolder());
  path = ratingsFile(layout, 'ada');
});

function leave(text: string | Buffer, name = 'ada.csv'): void {
  mkdirSync(layout.ratings, { recursive: true });
  writeFileSync(join(layout.ratings, name), text);
}

const textOf = (): string => readFileSync(path, 'utf8');

describe('a name of a person', () => {
  it.each(['ada', 'Ada.L', 'Łucja-2', '7', 'a'.repeat(64)])('may be %s', (name) => {
    expect(isRaterName(name)).toBe(true);
  });

  it.each(['', '.ada', '-ada', 'ada.', 'a/b', '..', 'a b', 'ada\n', 'a'.repeat(65)])(
    'may not be %j, since it becomes that of a file',
    (name) => {
      expect(isRaterName(name)).toBe(false);
    },
  );
});

describe('a rating', () => {
  it('is a line of its own, below a header that comes with the first', () => {
    expect(path).toBe(join(layout.ratings, 'ada.csv'));
    addRating(path, SCORE);
    expect(textOf()).toBe(`${HEADER}beauty,e_1,aa,,,7,${WHEN}\n`);
    addRating(path, { ...PAIR, rubric: 'a, "b"' });
    expect(openBelow(layout.ratings)).toEqual([]);
    expect(textOf()).toBe(`${HEADER}beauty,e_1,aa,,,7,${WHEN}\n"a, ""b""",e_1,aa,e_2,bb,second,${WHEN}\n`);
  });

  it('does not join the line before it, which a crash tore', () => {
    leave(`${HEADER}beauty,e_`);
    addRating(path, SCORE);
    expect(textOf()).toBe(`${HEADER}beauty,e_\nbeauty,e_1,aa,,,7,${WHEN}\n`);
  });

  it('comes back as it was said, whatever was said', () => {
    const said: readonly Rating[] = [
      { ...SCORE, second: undefined },
      { ...SCORE, first: { genId: 'e_3', digest: '' }, second: undefined, answer: 'skip' },
      PAIR,
      { ...PAIR, rubric: 'a, "b"', answer: 'first' },
      { ...PAIR, rubric: 'x', answer: 'neither' },
      { ...PAIR, rubric: 'y', answer: 'skip' },
      ...[-1.5, 0.25, 10, 12.75].map((answer) => ({
        ...SCORE,
        rubric: `r${answer}`,
        second: undefined,
        answer,
      })),
    ];
    for (const each of said) addRating(path, each);
    expect(readRatingsOf(layout, 'ada')).toEqual({
      value: said.map((each) => ({ ...each, rater: 'ada' })),
      problems: [],
    });
  });
});

describe('what a person said', () => {
  it('of the same texts last is what counts, whichever of two was shown first', () => {
    addRating(path, SCORE);
    addRating(path, PAIR);
    addRating(path, { ...SCORE, answer: 3 });
    addRating(path, { ...PAIR, first: { genId: 'e_2', digest: 'bb' }, second: SCORE.first, answer: 'first' });
    const { value } = readRatingsOf(layout, 'ada');
    expect(value.map(({ answer, first }) => [answer, first.genId])).toEqual([
      [3, 'e_1'],
      ['first', 'e_2'],
    ]);
  });

  it('is another question for another rubric, another text and another state of it', () => {
    const keys = [
      SCORE,
      PAIR,
      { ...SCORE, rubric: 'wit' },
      { ...SCORE, first: { genId: 'e_1', digest: 'ab' } },
      { ...SCORE, first: { genId: 'e_2', digest: 'aa' } },
      { ...PAIR, second: { genId: 'e_2', digest: 'bc' } },
    ].map(keyOfRating);
    expect(new Set(keys).size).toBe(keys.length);
    expect(keyOfRating({ ...PAIR, first: { genId: 'e_2', digest: 'bb' }, second: SCORE.first })).toBe(
      keyOfRating(PAIR),
    );
  });

  it('may have been written elsewhere: other line ends, blanks around, empty lines, the header again', () => {
    leave(
      `${HEADER.trim()}\r\n beauty , e_1 ,aa,,, 7 ,${WHEN}\r\r\n  \n${HEADER}wit,e_1,aa,,,.25,2026-11-23T10:00:00Z`,
    );
    const { value, problems } = readRatingsOf(layout, 'ada');
    expect(value.map(({ rubric, first, answer }) => [rubric, first, answer])).toEqual([
      ['beauty', { genId: 'e_1', digest: 'aa' }, 7],
      ['wit', { genId: 'e_1', digest: 'aa' }, 0.25],
    ]);
    expect(problems).toEqual([]);
  });

  it.each([
    ['torn', `beauty,e_1,aa,,,7,2026-11-23T10:0`],
    ['torn within a quote', `"beau`],
    ['without a rubric', `,e_1,aa,,,7,${WHEN}`],
    ['without an essay', `beauty,,aa,,,7,${WHEN}`],
    ['without an answer', `beauty,e_1,aa,,,,${WHEN}`],
    ['without a time', 'beauty,e_1,aa,,,7,'],
    ['with more than a time', `beauty,e_1,aa,,,7,${WHEN}?`],
    ['with something before the time', `beauty,e_1,aa,,,7,on ${WHEN}`],
    ['with a word for a score', `beauty,e_1,aa,,,seven,${WHEN}`],
    ['with more than a score', `beauty,e_1,aa,,,7 of 9,${WHEN}`],
    ['with something before the score', `beauty,e_1,aa,,,about 7,${WHEN}`],
    ['with a preference of one text', `beauty,e_1,aa,,,first,${WHEN}`],
    ['with a score of two', `beauty,e_1,aa,e_2,bb,7,${WHEN}`],
  ])('and is %s is left out by its place, and nothing else is', (_, line) => {
    leave(`${HEADER}wit,e_1,aa,,,1,${WHEN}\n${line}\ncharm,e_1,aa,,,2,${WHEN}\n`);
    const { value, problems } = readRatingsOf(layout, 'ada');
    expect(value.map(({ rubric }) => rubric)).toEqual(['wit', 'charm']);
    expect(problems).toMatchObject([{ code: 'DD711', severity: 'warning', place: { file: path, line: 3 } }]);
  });
});

describe('a file that is another kind of text as a whole', () => {
  const lines = `${HEADER}wit,e_1,aa,,,1,${WHEN}\n`;
  it.each([
    [
      'UTF-16, as some editors save',
      Buffer.concat([Buffer.from([255, 254]), Buffer.from(lines, 'utf16le')]),
      'DD202',
    ],
    ['separated by semicolons, as some spreadsheets save', lines.replaceAll(',', ';'), 'DD208'],
    [
      'a merge that nobody has decided',
      `${lines}<<<<<<< HEAD\n=======\ncharm,e_1,aa,,,2,${WHEN}\n>>>>>>> b\n`,
      'DD284',
    ],
  ])('%s, is one error, and counts nowhere', (_, content, code) => {
    leave(content);
    expect(readRatingsOf(layout, 'ada')).toMatchObject({
      value: [],
      problems: [{ code, severity: 'error', place: { file: path } }],
    });
  });

  it.each([
    ['a byte order mark', (text: string) => `\uFEFF${text}`],
    ['CRLF', (text: string) => text.replaceAll('\n', '\r\n')],
  ])('but %s is none of that', (_, as) => {
    leave(as(lines));
    expect(readRatingsOf(layout, 'ada')).toMatchObject({ value: [{ rubric: 'wit' }], problems: [] });
  });

  it('nor is a letter that a crash tore', () => {
    leave(Buffer.concat([Buffer.from(`${lines}\u00E9`).subarray(0, -1), Buffer.from(`\n${lines}`)]));
    expect(readRatingsOf(layout, 'ada')).toMatchObject({
      value: [{ rubric: 'wit' }],
      problems: [{ code: 'DD711' }],
    });
  });
});

describe('all ratings', () => {
  it('are those of each person, in the order of their names, with what is wrong in any', () => {
    addRating(ratingsFile(layout, 'zoe'), SCORE);
    addRating(path, { ...SCORE, answer: 2 });
    addRating(path, PAIR);
    addRating(ratingsFile(layout, 'z'.repeat(64)), SCORE);
    leave('rubbish\n', 'bea.csv');
    leave(`wit,e_1,aa,,,1,${WHEN}\n`, 'ada.txt');
    leave(`wit,e_1,aa,,,1,${WHEN}\n`, '.hidden.csv');
    const { value, problems } = readRatings(layout);
    expect(value.map(({ rater, answer }) => [rater, answer])).toEqual([
      ['ada', 2],
      ['ada', 'second'],
      ['zoe', 7],
      ['z'.repeat(64), 7],
    ]);
    expect(problems).toMatchObject([{ place: { file: ratingsFile(layout, 'bea'), line: 1 } }]);
  });

  it('are none where nobody said anything, and to ask makes nothing', () => {
    expect(readRatings(layout)).toEqual({ value: [], problems: [] });
    expect(readRatingsOf(layout, 'ada')).toEqual({ value: [], problems: [] });
    expect(existsSync(layout.ratings)).toBe(false);
  });

  it('are not changed by being read', () => {
    addRating(path, SCORE);
    appendFileSync(path, 'torn');
    const { size } = statSync(path);
    readRatings(layout);
    expect(statSync(path).size).toBe(size);
  });
});
