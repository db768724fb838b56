// The whole gens store read once: every generation and every kept response is looked at, in pieces that leave none out, and comes
// back in order.
import { mkdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { basename, dirname, join, relative } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { digest } from '../../../src/digest.ts';
import { GenIndex } from '../../../src/store/gens/genindex.ts';
import {
  beginSurvey,
  foundIn,
  WORTH_A_THREAD,
  surveyPiece,
  surveyShare,
  workOf,
  type SurveyJob,
} from '../../../src/store/gens/surveying.ts';
import { genFolder, indexPath, layoutOf, type Layout } from '../../../src/store/layout.ts';
import { responsePath } from '../../../src/store/responses.ts';
import { closeTo, realFs, replaceInFs } from '../../support/disk.ts';
import { scratchFolder } from '../../support/project.ts';
import { imitateThreads, realThreads, type Thread } from '../../support/threads.ts';

const LINES = { draft: 0, essay: 0, evaluation: 0 };
const rowOf = (): number => -1;

let layout: Layout;
beforeEach(() => {
  layout = layoutOf(scratchFolder());
});
afterEach(realFs);

function write(path: string, text: string): void {
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, text);
}

const names = (count: number, prefix: string): readonly string[] =>
  Array.from({ length: count }, (_, number) => `${prefix}${String(number).padStart(3, '0')}`);

const jobOf = (ids: SurveyJob['ids'], responses: readonly string[] = []): SurveyJob => ({
  dataRoot: layout.dataRoot,
  ids,
  responses: responses.join('\n'),
  lines: LINES,
  next: new Int32Array(1),
});

describe('the work', () => {
  it('is every generation, stage by stage, and every response, in pieces of either', () => {
    const work = workOf(jobOf(['d_1\nd_2', '', 'v_1'], ['r-1', 'r-2']));
    expect(foundIn(work, surveyPiece(work, 0)).generations).toMatchObject([
      { stage: 'draft', genId: 'd_1' },
      { stage: 'draft', genId: 'd_2' },
      { stage: 'evaluation', genId: 'v_1' },
    ]);
    expect([work.responses, work.pieces, work.layout]).toEqual([['r-1', 'r-2'], 2, layout]);
  });

  it('is none where there is nothing, and may be of one kind alone', () => {
    expect(workOf(jobOf([]))).toMatchObject({ size: 0, responses: [], pieces: 0 });
    expect(workOf(jobOf(['d_1'])).pieces).toBe(1);
    expect(workOf(jobOf([], ['r-1'])).pieces).toBe(1);
  });

  it('has a further piece as soon as one is full', () => {
    const pieces = (generations: number, responses: number): number =>
      workOf(jobOf([names(generations, 'd').join('\n')], names(responses, 'r'))).pieces;
    expect([pieces(256, 0), pieces(257, 0), pieces(256, 256), pieces(257, 513)]).toEqual([1, 2, 2, 5]);
  });
});

describe('the pieces', () => {
  it('hold together every generation once, in order, with what an index says of each', () => {
    const ids = names(300, 'd_');
    for (const genId of ids) write(join(genFolder(layout, 'draft', genId), 'raw.txt'), `text of ${genId}`);
    const work = workOf(jobOf([ids.join('\n'), 'e_1']));
    const pieces = [0, 1].map((number) => surveyPiece(work, number));
    expect(pieces.map(({ number, size }) => [number, size])).toEqual([
      [0, 256],
      [1, 45],
    ]);
    const read = pieces.flatMap((piece) => foundIn(work, piece).generations.map(({ genId }) => genId));
    expect(read).toEqual([...ids, 'e_1']);
    for (const piece of pieces) {
      const index = new GenIndex(piece.size, piece);
      for (const [row, { genId, texts }] of foundIn(work, piece).generations.entries()) {
        if (genId === 'e_1') continue;
        expect(index.get('rawFile', row)).toBe(digest(`text of ${genId}`));
        expect(texts.raw?.digest).toBe(digest(`text of ${genId}`));
      }
    }
  });

  it('hold together every damaged response once, after the generations', () => {
    const responses = names(600, 'ab').map((name) => `${name}-1`);
    const damaged = [0, 255, 256, 511, 512, 599].map((at) => responses[at] ?? '');
    for (const name of damaged) write(responsePath(layout, name), 'torn');
    const generations = names(600, 'd_');
    const work = workOf(jobOf([generations.join('\n')], responses));
    const pieces = [0, 1, 2, 3, 4, 5].map((number) => foundIn(work, surveyPiece(work, number)));
    expect(work.pieces).toBe(6);
    expect(pieces.map((each) => each.generations.length)).toEqual([256, 256, 88, 0, 0, 0]);
    expect(pieces.map((each) => each.damaged)).toEqual([
      [],
      [],
      [],
      damaged.slice(0, 2),
      damaged.slice(2, 4),
      damaged.slice(4),
    ]);
  });
});

describe('a survey', () => {
  it('gives every generation with its row, tells how far it is, and says what is half written or damaged', async () => {
    const ids = names(260, 'd_');
    for (const genId of ids) mkdirSync(genFolder(layout, 'draft', genId), { recursive: true });
    write(join(genFolder(layout, 'essay', 'e_1'), '.raw.txt.tmp'), 'half');
    write(join(genFolder(layout, 'essay', 'e_1'), 'prompt.txt'), 'p');
    mkdirSync(join(layout.gens, 'essay', '.e_2.tmp'));
    write(join(layout.gens, 'essay', '.DS_Store'), '');
    write(join(layout.gens, 'evaluation', 'note.txt'), 'no folder');
    const [good, torn] = ['aa-1', 'bb-1'];
    write(
      responsePath(layout, good),
      JSON.stringify({ version: 1, asked: {}, kind: 'answer', text: '', rawMetadata: {} }),
    );
    write(responsePath(layout, torn), '{');

    const heard = new Map<string, number | undefined>();
    const progress: (readonly [number, number])[] = [];
    const { finish } = await beginSurvey(layout, LINES);
    const survey = await finish({
      rowOf,
      onGenerations(some, index) {
        for (const [row, { genId }] of some.entries()) heard.set(genId, index.sizeOf('promptFile', row));
      },
      onProgress: (done, total) => progress.push([done, total]),
    });
    expect(survey.store.map(({ genId }) => genId)).toEqual([...ids, 'e_1']);
    expect([heard.size, heard.get('e_1'), heard.get('d_000')]).toEqual([261, 1, undefined]);
    expect(survey.leftovers).toEqual(['gens/essay/.e_2.tmp', 'gens/essay/e_1/.raw.txt.tmp']);
    expect(survey.damagedResponses).toEqual([torn]);
    expect(progress).toEqual([
      [256, 263],
      [263, 263],
      [263, 263],
    ]);
  });

  it('names what may not be read, and leaves out generations of which that is a part', async () => {
    for (const genId of ['d_1', 'd_2']) write(join(genFolder(layout, 'draft', genId), 'raw.txt'), 'r');
    write(join(genFolder(layout, 'essay', 'e_1'), 'raw.txt'), 'r');
    const closed = [responsePath(layout, 'aa-1'), dirname(responsePath(layout, 'bb-1'))];
    for (const name of ['aa-1', 'aa-2', 'bb-1']) write(responsePath(layout, name), '{');
    for (const path of [
      join(genFolder(layout, 'draft', 'd_1'), 'raw.txt'),
      join(layout.gens, 'essay'),
      ...closed,
    ])
      closeTo(path);
    const { finish } = await beginSurvey(layout, LINES);
    const survey = await finish({ rowOf, onGenerations: () => {}, onProgress: () => {} });
    expect(survey.store.map(({ genId }) => genId)).toEqual(['d_2']);
    const [response = '', shard = ''] = closed.map((path) => relative(layout.dataRoot, path));
    expect(survey.unreadable).toEqual(['gens/essay', 'gens/draft/d_1/raw.txt', shard, response]);
    expect(survey.damagedResponses).toEqual(['aa-2']);
  });

  it('of a store that is not there finds nothing', async () => {
    const { finish } = await beginSurvey(layout, LINES);
    const never = (): void => expect.unreachable();
    expect(await finish({ rowOf, onGenerations: never, onProgress: never })).toEqual({
      store: [],
      leftovers: [],
      unreadable: [],
      damagedResponses: [],
    });
  });
});

describe('the threads of a survey', () => {
  afterEach(realThreads);

  /** Drafts without files. */
  function drafts(count: number): readonly string[] {
    const ids = names(count, 'd_');
    for (const genId of ids) mkdirSync(genFolder(layout, 'draft', genId), { recursive: true });
    return ids;
  }

  const QUIET = { rowOf, onGenerations: (): void => {}, onProgress: (): void => {} };

  const toldTo = ({ heard }: Thread): SurveyJob => heard[0] as SurveyJob;

  /** Reads the next piece, as a thread does that is slow. */
  function readsOne(thread: Thread): void {
    const job = toldTo(thread);
    thread.say(surveyPiece(workOf(job), Atomics.add(job.next, 0, 1)));
  }

  const readsAll = (thread: Thread): void => {
    surveyShare(toldTo(thread), (piece, transfer) => thread.say(structuredClone(piece, { transfer })));
    thread.end();
  };

  it('are as many as there is work, and no more than processors', async () => {
    const counts: number[] = [];
    const count = async (processors?: number): Promise<void> => {
      const threads = imitateThreads(() => {}, processors);
      await beginSurvey(layout, LINES);
      counts.push(threads.length);
      expect(threads.every(({ file }) => basename(file) === 'surveyworker.js')).toBe(true);
    };
    drafts(2 * WORTH_A_THREAD - 1);
    await count();
    drafts(2 * WORTH_A_THREAD);
    await count();
    await count(1);
    drafts(5 * WORTH_A_THREAD);
    await count(3);
    await count(64);
    expect(counts).toEqual([0, 2, 0, 3, 4]);
  });

  it('begin before the names are read where an index knows of many', async () => {
    const ids = drafts(3);
    const threads = imitateThreads(readsAll);
    mkdirSync(layout.state, { recursive: true });
    new GenIndex(2 * WORTH_A_THREAD).save(indexPath(layout), '');
    const surveying = await beginSurvey(layout, LINES);
    expect(threads.map(({ heard }) => heard.length)).toEqual([1, 1]);
    expect((await surveying.finish(QUIET)).store.map(({ genId }) => genId)).toEqual(ids);
  });

  it('need no index that may be looked for', async () => {
    const ids = drafts(2);
    const stat = statSync as (...asked: readonly unknown[]) => unknown;
    replaceInFs({
      statSync: ((path: string, ...rest: readonly unknown[]) => {
        if (path !== indexPath(layout)) return stat(path, ...rest);
        throw Object.assign(new Error('EACCES: imitated'), { code: 'EACCES', syscall: 'stat', path });
      }) as typeof statSync,
    });
    expect((await (await beginSurvey(layout, LINES)).finish(QUIET)).store.map(({ genId }) => genId)).toEqual(
      ids,
    );
  });

  it('end where the names can not be read', async () => {
    const threads = imitateThreads(() => {});
    mkdirSync(layout.state, { recursive: true });
    new GenIndex(2 * WORTH_A_THREAD).save(indexPath(layout), '');
    drafts(1);
    closeTo(join(layout.gens, 'draft'), 'EIO');
    await expect(beginSurvey(layout, LINES)).rejects.toThrow('EIO');
    expect(threads.map(({ ended }) => ended)).toEqual([true, true]);
  });

  it('begin at once, and what each read comes in order', async () => {
    const ids = drafts(2 * WORTH_A_THREAD);
    let early = 0;
    // One piece before anybody listens, and the rest after.
    imitateThreads((thread) => {
      readsOne(thread);
      early++;
      setImmediate(() => setImmediate(() => readsAll(thread)));
    });
    const surveying = await beginSurvey(layout, LINES);
    await new Promise((go) => setImmediate(go));
    expect(early).toBe(2);
    const heard: string[] = [];
    const survey = await surveying.finish({
      ...QUIET,
      onGenerations: (some) => heard.push(...some.map(({ genId }) => genId)),
    });
    expect(survey.store.map(({ genId }) => genId)).toEqual(ids);
    expect([...heard].sort()).toEqual(ids);
  });

  it('read for whoever listens later, and what they have read is not read again', async () => {
    const ids = drafts(2 * WORTH_A_THREAD);
    const folders = ids.map((genId) => genFolder(layout, 'draft', genId));
    for (const folder of folders) writeFileSync(join(folder, 'raw.txt'), 'r');
    imitateThreads(readsAll);
    const surveying = await beginSurvey(layout, LINES);
    await new Promise((go) => setImmediate(go));
    for (const folder of folders) rmSync(join(folder, 'raw.txt'));
    const { store } = await surveying.finish(QUIET);
    expect(store.filter(({ texts }) => texts.raw === undefined)).toEqual([]);
  });

  it('may die of what they took, which is read here then', async () => {
    const ids = drafts(2 * WORTH_A_THREAD);
    const dead: boolean[] = [];
    imitateThreads((thread) => {
      const { next } = toldTo(thread);
      dead.push(true);
      Atomics.add(next, 0, 1);
      if (dead.length === 1) thread.end(new Error('imitated'));
      else readsAll(thread);
    });
    const surveying = await beginSurvey(layout, LINES);
    const heard: string[] = [];
    const survey = await surveying.finish({
      ...QUIET,
      onGenerations: (some) => heard.push(...some.map(({ genId }) => genId)),
    });
    expect(dead).toHaveLength(2);
    expect(survey.store.map(({ genId }) => genId)).toEqual(ids);
    expect([...heard].sort()).toEqual(ids);
  });
});
