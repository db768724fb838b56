// The essays behind a cell: their order, whatever their means are, and what finds them.
import { describe, expect, it } from 'vitest';
import { essayPage, type EssayOptions } from '../../src/scores/book/essays.ts';
import { unpackedBook, type PackedBook } from '../../src/scores/book/packed.ts';

const TEMPLATES = ['slow', 'slow@temperature=0.9', 'quick'];

/** Essays e0, e1, …, each with a draft template, a combo, and its scores. */
function bookOf(
  ...essays: readonly (readonly [template: number, combo: number, scores: readonly (number | null)[]])[]
): PackedBook {
  const evaluations = essays.flatMap(([, , scores], essay) => scores.map((score) => ({ essay, score })));
  const nothing = evaluations.map(() => 0);
  const zeros = essays.map(() => 0);
  return {
    names: {
      draft_template: TEMPLATES,
      draft_model: ['Writer'],
      essay_template: ['plain'],
      essay_model: ['writer'],
      combo: ['z-last', 'a-first'],
      rubric: ['rubric'],
      judge: ['judge'],
    },
    states: ['current'],
    essays: {
      ids: essays.map((_, essay) => `E${essay}`),
      drafts: essays.map((_, essay) => `d${essay}`),
      states: zeros,
      lengths: zeros,
      made: {
        draft_template: essays.map(([template]) => template),
        draft_model: zeros,
        essay_template: zeros,
        essay_model: zeros,
        combo: essays.map(([, combo]) => combo),
      },
    },
    evaluations: {
      ids: evaluations.map((_, at) => `v${at}`),
      replicates: nothing,
      states: nothing,
      scores: evaluations.map(({ score }) => score),
      essays: evaluations.map(({ essay }) => essay),
      judged: { rubric: nothing, judge: nothing },
      open: [],
    },
    cohorts: [],
  };
}

const book = unpackedBook(
  bookOf([0, 0, [0, 0]], [1, 0, [null]], [2, 1, [-2]], [0, 1, [4, null, 6]], [1, 1, [5]], [2, 0, []]),
);
const found = (options: EssayOptions): readonly string[] =>
  essayPage(book, options).essays.map(({ genId }) => genId);

describe('essays', () => {
  it('go by their means, of which nothing is a number, with those that have none at the end', () => {
    expect(found({ order: 'best' })).toEqual(['E3', 'E4', 'E0', 'E2', 'E1']);
    expect(found({ order: 'worst' })).toEqual(['E2', 'E0', 'E3', 'E4', 'E1']);
    expect(essayPage(book, {}).essays.map(({ mean }) => mean)).toEqual([5, 5, 0, -2, null]);
  });

  it('go by the names of what they are made of, and then by their means', () => {
    expect(found({ order: 'draft' })).toEqual(['E2', 'E3', 'E4', 'E0', 'E1']);
    expect(found({ order: 'combo' })).toEqual(['E3', 'E4', 'E2', 'E0', 'E1']);
    expect(found({ order: 'rows' })).toEqual(['E0', 'E1', 'E2', 'E3', 'E4']);
  });

  it('are found by words of their names, of the parameters in those, and of their ids', () => {
    expect(found({ order: 'rows', find: 'SLOW writer' })).toEqual(['E0', 'E1', 'E3', 'E4']);
    expect(found({ order: 'rows', find: 'slow@temperature=0.9' })).toEqual(['E1', 'E4']);
    expect(found({ order: 'rows', find: 'e2' })).toEqual(['E2']);
    expect(found({ order: 'rows', find: 'first slow' })).toEqual(['E3', 'E4']);
    expect(found({ find: 'nowhere' })).toEqual([]);
  });
});
