// Who writes what a run makes: here or in a thread, it is the same that comes of it, also of a thread that dies.
import { existsSync, mkdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { problem, ProblemError } from '../../../src/problem.ts';
import { layoutOf, type Layout } from '../../../src/store/layout.ts';
import { entryOf, findAnswer, readResponse, responsePath } from '../../../src/store/responses.ts';
import { goneAway } from '../../../src/store/writing/lodging.ts';
import {
  openPen,
  penHere,
  takeOrders,
  WORTH_A_THREAD,
  type Order,
  type Pen,
  type Port,
} from '../../../src/store/writing/pen.ts';
import { addressFor, answerTo } from '../../support/answers.ts';
import { scratchFolder } from '../../support/project.ts';
import { imitateThreads, realThreads, type Thread } from '../../support/threads.ts';

let layout: Layout;
beforeEach(() => {
  layout = layoutOf(scratchFolder());
});
afterEach(realThreads);

const folderOf = (name: string): string => join(layout.gens, 'draft', name);
const FILES = [
  ['raw.txt', 'wört'],
  ['metadata.json', '{}'],
] as const;

const stampsIn = (folder: string): readonly object[] =>
  FILES.map(([name]) => {
    const { size, mtimeMs, ino } = statSync(join(folder, name));
    return { size, mtimeMs, ino };
  });

/** A thread that does what it is told; what it hears and says is copied, as it is between threads. */
function writes(thread: Thread): void {
  const port: Port = {
    on: (event, hear) => {
      expect(event).toBe('message');
      for (const orders of thread.heard) hear(structuredClone(orders) as readonly Order[]);
      thread.on('told', (orders) => hear(structuredClone(orders) as readonly Order[]));
    },
    postMessage: (receipts) => thread.say(structuredClone(receipts)),
  };
  takeOrders(port, thread.data as Layout);
}

/** A pen with a thread behind it that lives so. */
async function threaded(life: (thread: Thread) => void): Promise<readonly [Pen, Thread]> {
  const threads = imitateThreads(life);
  const pen = await openPen(layout, WORTH_A_THREAD);
  const [thread] = threads;
  if (thread === undefined) throw new Error('there is no thread');
  return [pen, thread];
}

describe('a pen', () => {
  it('has a thread where there is enough to write, and the thread is there', async () => {
    const threads = imitateThreads(() => {});
    await (await openPen(layout, WORTH_A_THREAD - 1)).close();
    expect(threads).toEqual([]);
    await (await openPen(layout, WORTH_A_THREAD)).close();
    expect(threads.map(({ file, data, ended }) => [basename(file), data, ended])).toEqual([
      ['penworker.js', layout, true],
    ]);
    realThreads();
    await (await openPen(layout, WORTH_A_THREAD)).close();
    expect(threads).toHaveLength(1);
  });
});

describe.each([
  ['here', async (): Promise<Pen> => penHere(layout)],
  ['in a thread', async (): Promise<Pen> => (await threaded(writes))[0]],
])('what is written %s', (_, open) => {
  let pen: Pen;
  beforeEach(async () => {
    pen = await open();
  });
  afterEach(() => pen.close());

  it('appears as a whole folder, and gives the stamps of its files', async () => {
    const folder = folderOf('d_1');
    expect(await pen.write({ folder, files: FILES, fresh: true })).toEqual(stampsIn(folder));
    expect(readFileSync(join(folder, 'raw.txt'), 'utf8')).toBe('wört');
  });

  it('is put beside what is in its folder already, expected or not', async () => {
    for (const [name, fresh] of [
      ['d_1', true],
      ['d_2', false],
    ] as const) {
      const folder = folderOf(name);
      mkdirSync(folder, { recursive: true });
      writeFileSync(join(folder, 'mine.txt'), 'mine');
      expect(await pen.write({ folder, files: FILES, fresh })).toEqual(stampsIn(folder));
      expect(readFileSync(join(folder, 'mine.txt'), 'utf8')).toBe('mine');
    }
    const folder = folderOf('d_3');
    mkdirSync(folder);
    const inode = statSync(folder).ino;
    await pen.write({ folder, files: FILES, fresh: false });
    expect(statSync(folder).ino).toBe(inode);
  });

  it('is a response too, own or brought', async () => {
    const name = await pen.keep(answerTo(1));
    expect([name, readResponse(layout, name)]).toEqual([`${addressFor(1)}-1`, answerTo(1)]);
    expect(await pen.keepBrought(addressFor(2), answerTo(2))).toBe(`${addressFor(2)}-1`);
    expect(findAnswer(layout, addressFor(2))?.response).toEqual(answerTo(2));
  });

  it('is an error that names the file where the disk refuses', async () => {
    mkdirSync(layout.gens);
    writeFileSync(join(layout.gens, 'draft'), 'in the way');
    const failure = pen.write({ folder: folderOf('d_1'), files: FILES, fresh: true });
    await expect(failure).rejects.toMatchObject({ code: 'ENOTDIR' });
    await expect(failure).rejects.toThrow(/ENOTDIR/);
  });

  it('is not made anew in the place of a data root that is away, which is a problem', async () => {
    rmSync(layout.dataRoot, { recursive: true });
    const failure = pen.write({ folder: folderOf('d_1'), files: FILES, fresh: true });
    await expect(failure).rejects.toBeInstanceOf(ProblemError);
    await expect(failure).rejects.toMatchObject({ problems: [goneAway(layout)] });
    expect(existsSync(layout.dataRoot)).toBe(false);
  });
});

describe('a thread', () => {
  it('is told what comes together at once, sixteen at a time, in order', async () => {
    const [pen, thread] = await threaded(writes);
    const names = Array.from({ length: 20 }, (_, number) => `d_${number}`);
    await Promise.all(names.map((name) => pen.write({ folder: folderOf(name), files: FILES, fresh: true })));
    const heard = thread.heard as (readonly Order[])[];
    expect(heard.map((orders) => orders.length)).toEqual([16, 4]);
    expect(
      heard.flat().map(({ writing }) => (writing.kind === 'folder' ? basename(writing.folder) : '')),
    ).toEqual(names);
    expect(new Set(heard.flat().map(({ number }) => number)).size).toBe(20);
    await pen.keep(answerTo(1));
    expect(thread.heard.slice(2)).toMatchObject([
      [{ writing: { kind: 'entry', entry: entryOf(answerTo(1)) } }],
    ]);
    await pen.close();
  });

  it('says at once what it wrote in one turn', async () => {
    const [pen, thread] = await threaded(writes);
    const said: number[] = [];
    thread.on('message', (receipts: readonly unknown[]) => said.push(receipts.length));
    const write = (name: string): Promise<unknown> =>
      pen.write({ folder: folderOf(name), files: FILES, fresh: true });
    await Promise.all(['d_1', 'd_2', 'd_3'].map(write));
    await write('d_4');
    expect(said).toEqual([3, 1]);
    await pen.close();
  });

  it('may answer in any order, and whose answer is not awaited is passed over', async () => {
    const [pen, thread] = await threaded(() => {});
    const told = new Promise<readonly Order[]>((heard) => thread.once('told', heard));
    const written = ['d_1', 'd_2'].map((name) =>
      pen.write({ folder: folderOf(name), files: [], fresh: true }),
    );
    const [first, second] = (await told).map(({ number }) => number);
    const stamp = (size: number): object => ({ size, mtimeMs: 1, ino: 1 });
    thread.say([
      { number: 98, error: { message: 'of nobody' } },
      { number: 99, written: 'x' },
      { number: second, written: [stamp(2)] },
    ]);
    thread.say([{ number: first, written: [stamp(1)] }]);
    expect(await Promise.all(written)).toEqual([[stamp(1)], [stamp(2)]]);
    await pen.close();
  });

  it('says what was wrong as it was', async () => {
    const found = problem('DD509', 'no room');
    const [pen, thread] = await threaded(() => {});
    const told = new Promise<readonly Order[]>((heard) => thread.once('told', heard));
    const kept = pen.keep(answerTo(1)).catch((error: unknown) => error);
    const written = pen
      .write({ folder: folderOf('d_1'), files: [], fresh: true })
      .catch((error: unknown) => error);
    const [first, second] = (await told).map(({ number }) => number);
    thread.say([
      { number: first, problems: [found] },
      { number: second, error: { message: 'full', code: 'ENOSPC', path: '/x' } },
    ]);
    expect(await kept).toBeInstanceOf(ProblemError);
    expect(await kept).toMatchObject({ problems: [found] });
    expect(await written).toBeInstanceOf(Error);
    expect(await written).toMatchObject({ message: 'full', code: 'ENOSPC', path: '/x' });
    await pen.close();
  });

  it.each([new Error('imitated'), undefined])(
    'that dies has done nothing that is not done again (%s), and what comes later is done without it',
    async (error) => {
      const [pen, thread] = await threaded(() => {});
      const told = new Promise((heard) => thread.once('told', heard));
      const first = pen.write({ folder: folderOf('d_1'), files: FILES, fresh: true });
      const name = pen.keep(answerTo(1));
      await told;
      thread.end(error);
      expect(await first).toEqual(stampsIn(folderOf('d_1')));
      expect(readResponse(layout, await name)).toEqual(answerTo(1));
      await pen.write({ folder: folderOf('d_2'), files: FILES, fresh: true });
      expect(existsSync(folderOf('d_2'))).toBe(true);
      const refused = pen.write({
        folder: join(responsePath(layout, await name), 'x'),
        files: FILES,
        fresh: true,
      });
      await expect(refused).rejects.toMatchObject({ code: 'ENOTDIR' });
      expect(thread.heard).toHaveLength(1);
      await pen.close();
    },
  );

  it('is waited for until all is written, and then ended', async () => {
    const [pen, thread] = await threaded(() => {});
    const told = new Promise<readonly Order[]>((heard) => thread.once('told', heard));
    const written = ['d_1', 'd_2'].map((name) =>
      pen.write({ folder: folderOf(name), files: [], fresh: true }),
    );
    let closed = false;
    const closing = pen.close().then(() => (closed = true));
    const [first, second] = (await told).map(({ number }) => number);
    const stillOpen = async (): Promise<void> => {
      for (let turn = 0; turn < 3; turn++) await new Promise((go) => setImmediate(go));
      expect([closed, thread.ended]).toEqual([false, false]);
    };
    await stillOpen();
    thread.say([{ number: first, written: [] }]);
    await stillOpen();
    thread.say([{ number: second, written: [] }]);
    await closing;
    expect([await Promise.all(written), thread.ended]).toEqual([[[], []], true]);
  });
});
