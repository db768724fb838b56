// The input watcher on the real file system, with real events: what is noticed, when it is reported, and what happens without events.
import {
  appendFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  renameSync,
  rmSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join, relative } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { afterEach, describe, expect, it } from 'vitest';
import {
  InputWatcher,
  openEvents,
  type InputNews,
  type InputWatcherOptions,
} from '../../src/watch/inputs/inputwatcher.ts';
import type { Root } from '../../src/watch/inputs/roots.ts';

const closers: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const close of closers.splice(0)) await close();
});

interface Bench {
  readonly at: (name: string) => string;
  readonly write: (name: string, text: string) => void;
  readonly watcher: InputWatcher;
  readonly news: readonly InputNews[];
  /** The next batch, as paths relative to the folder; fails after five seconds. */
  readonly batch: () => Promise<readonly string[]>;
  readonly batches: () => number;
}

async function bench(
  files: Readonly<Record<string, string>>,
  options: Partial<InputWatcherOptions> & { before?: (root: string) => void } = {},
): Promise<Bench> {
  const root = mkdtempSync(join(tmpdir(), 'daydream-watch-'));
  const at = (name: string): string => join(root, name);
  const write = (name: string, text: string): void => {
    mkdirSync(join(at(name), '..'), { recursive: true });
    writeFileSync(at(name), text);
  };
  for (const [name, text] of Object.entries(files)) write(name, text);
  options.before?.(root);
  const roots: readonly Root[] = [
    { kind: 'tree', path: at('raw') },
    { kind: 'tree', path: at('templates') },
    { kind: 'cohorts', path: at('cohorts') },
    { kind: 'files', path: root, names: ['.env', 'daydream.config.ts'] },
  ];
  const news: InputNews[] = [];
  let taken = 0;
  let wake = (): void => {};
  const settled = (): Extract<InputNews, { kind: 'settled' }>[] =>
    news.filter((each) => each.kind === 'settled');
  const watcher = new InputWatcher({
    roots,
    mailbox: at('state/requests'),
    settle: 80,
    scan: 60_000,
    mode: 'events',
    ...options,
    listen(each) {
      news.push(each);
      wake();
    },
  });
  closers.push(async () => {
    await watcher.close();
    rmSync(root, { recursive: true, force: true });
  });
  await watcher.start();
  return {
    at,
    write,
    watcher,
    news,
    batches: () => settled().length,
    async batch() {
      const until = Date.now() + 60_000;
      while (settled().length <= taken) {
        if (Date.now() > until) throw new Error(`no batch; news: ${JSON.stringify(news)}`);
        await new Promise<void>((resolve) => {
          wake = resolve;
          setTimeout(resolve, 200);
        });
      }
      const { paths } = settled()[taken++]!;
      return paths.map((path) => relative(root, path));
    },
  };
}

const FILES = { 'raw/a.csv': 'a\n', 'templates/draft/t.txt': 't\n', 'cohorts/C/spec/config.yaml': 'c\n' };

describe('saves', () => {
  it('reports a save, with its path', async () => {
    const { write, batch } = await bench(FILES);
    write('raw/a.csv', 'b\n');
    expect(await batch()).toEqual(['raw/a.csv']);
  });

  it('are calm at once one by one, and not while other files follow closely', async () => {
    const { write, batch, watcher } = await bench(FILES);
    const isCalm = (): Promise<boolean> =>
      Promise.race([watcher.calm().then(() => true), new Promise<boolean>((no) => setImmediate(no, false))]);
    write('raw/a.csv', 'b\n');
    await batch();
    expect(await isCalm()).toBe(true);
    write('templates/draft/t.txt', 'other\n');
    await batch();
    expect(await isCalm()).toBe(false);
    await watcher.calm();
    expect(await isCalm()).toBe(true);
  });

  it('says that something is changing before it has settled', async () => {
    const { write, batch, news } = await bench(FILES);
    write('raw/a.csv', 'b\n');
    await batch();
    expect(news.filter(({ kind }) => kind !== 'mail').map(({ kind }) => kind)).toEqual([
      'changing',
      'settled',
    ]);
  });

  it('takes a temporary file and a rename, and a backup copy, for one batch', async () => {
    const { at, write, batch, batches } = await bench(FILES);
    write('templates/draft/t.txt~', 't\n');
    write('templates/draft/.t.tmp', 'new\n');
    renameSync(at('templates/draft/.t.tmp'), at('templates/draft/t.txt'));
    rmSync(at('templates/draft/t.txt~'));
    expect(await batch()).toContain('templates/draft/t.txt');
    await wait(300);
    expect(batches()).toBe(1);
  });

  it('still sees a file that was renamed over, when it is written to later', async () => {
    const { at, write, batch } = await bench(FILES);
    for (const text of ['one\n', 'two\n']) {
      write('raw/next', text);
      renameSync(at('raw/next'), at('raw/a.csv'));
      expect(await batch()).toContain('raw/a.csv');
    }
    write('raw/a.csv', 'three\n');
    expect(await batch()).toEqual(['raw/a.csv']);
  });

  it('waits for a file that is written in pieces', async () => {
    // Settled far later than a busy machine takes from one piece to the next.
    const { at, batch, batches } = await bench(FILES, { settle: 1000 });
    for (let piece = 0; piece < 10; piece++) {
      appendFileSync(at('raw/a.csv'), `row ${piece}\n`);
      await wait(40);
    }
    expect(batches()).toBe(0);
    expect(await batch()).toEqual(['raw/a.csv']);
  });

  it('reports 500 files at once as one batch', async () => {
    const { write, batch, batches } = await bench(FILES);
    for (let file = 0; file < 500; file++) write(`raw/concepts/c${file}.txt`, `${file}\n`);
    const paths = await batch();
    expect(paths.filter((path) => path.endsWith('.txt'))).toHaveLength(500);
    await wait(200);
    expect(batches()).toBe(1);
  });
});

describe('what is watched', () => {
  it('counts the files under each root', async () => {
    const { watcher, at } = await bench({ ...FILES, '.env': 'A=1\n', 'cohorts/C/reports/x.csv': 'x\n' });
    const { files, how, roots } = watcher.watched();
    expect({ files, how }).toEqual({ files: 4, how: 'events' });
    expect(roots).toContainEqual({ path: at('raw'), files: 1 });
  });

  it('leaves everything else alone: generations, reports, the state folder', async () => {
    const { write, batches } = await bench(FILES);
    write('gens/draft/d_1/raw.txt', 'x\n');
    write('cohorts/C/reports/scores.csv', 'x\n');
    write('state/index.bin', 'x\n');
    write('notes.txt', 'x\n');
    write('raw/.git/HEAD', 'x\n');
    await wait(400);
    expect(batches()).toBe(0);
  });

  it('sees new folders and what comes into them later, and new cohorts', async () => {
    const { write, batch } = await bench(FILES);
    write('templates/essay/deep/deeper/e.txt', 'e\n');
    expect(await batch()).toContain('templates/essay/deep/deeper/e.txt');
    write('templates/essay/deep/deeper/e.txt', 'f\n');
    expect(await batch()).toEqual(['templates/essay/deep/deeper/e.txt']);
    write('cohorts/D/spec/items/list.csv', 'l\n');
    expect(await batch()).toContain('cohorts/D/spec/items/list.csv');
  });

  it('sees single files that come, change and go', async () => {
    const { at, write, batch } = await bench(FILES);
    write('.env', 'A=1\n');
    expect(await batch()).toEqual(['.env']);
    write('.env', 'A=22\n');
    expect(await batch()).toEqual(['.env']);
    rmSync(at('.env'));
    expect(await batch()).toEqual(['.env']);
  });

  it('follows links, and is not led round by one that leads upwards', async () => {
    const { at, write, batch, watcher } = await bench(FILES, {
      before(root) {
        mkdirSync(join(root, 'elsewhere'));
        writeFileSync(join(root, 'elsewhere/l.txt'), 'l\n');
        symlinkSync(join(root, 'elsewhere'), join(root, 'raw/linked'));
        symlinkSync(join(root, 'raw'), join(root, 'raw/linked/up'));
      },
    });
    expect(watcher.watched().files).toBe(4);
    write('elsewhere/l.txt', 'm\n');
    expect(await batch()).toContain(relative(at('.'), at('raw/linked/l.txt')));
  });

  it('follows other roots when it is told to', async () => {
    const { at, write, batch, watcher, batches } = await bench({ ...FILES, 'other/x.txt': 'x\n' });
    await watcher.follow([{ kind: 'tree', path: at('other') }]);
    // Whatever changed in between was told to nobody, so one batch is due.
    expect(await batch()).toEqual([]);
    write('raw/a.csv', 'unseen\n');
    await wait(250);
    expect(batches()).toBe(1);
    write('other/x.txt', 'y\n');
    expect(await batch()).toEqual(['other/x.txt']);
  });

  it('tells of mail, whoever puts it there', async () => {
    const { write, news } = await bench(FILES);
    const before = news.filter(({ kind }) => kind === 'mail').length;
    write('state/requests/1.json', '{}');
    await expect.poll(() => news.filter(({ kind }) => kind === 'mail').length).toBeGreaterThan(before);
  });
});

describe('what events miss', () => {
  const swap = { scan: 300 };

  it('finds a folder that was swapped by rename, then hears of it again', async () => {
    const { at, write, batch } = await bench({ ...FILES, 'templates/draft.new/t.txt': 'swapped\n' }, swap);
    renameSync(at('templates/draft'), at('old'));
    renameSync(at('templates/draft.new'), at('templates/draft'));
    expect(await batch()).toContain('templates/draft/t.txt');
    await wait(500);
    for (const text of ['one\n', 'two\n', 'three\n']) {
      write('templates/draft/t.txt', text);
      expect(await batch()).toEqual(['templates/draft/t.txt']);
    }
  });

  it('finds a root that was removed and made again, and a root that comes late, with its parents', async () => {
    const { at, write, batch } = await bench({ 'raw/a.csv': 'a\n' }, swap);
    rmSync(at('raw'), { recursive: true });
    write('raw/a.csv', 'again\n');
    expect(await batch()).toContain('raw/a.csv');
    write('templates/draft/t.txt', 'late\n');
    expect(await batch()).toContain('templates/draft/t.txt');
    await wait(500);
    write('raw/a.csv', 'heard\n');
    expect(await batch()).toContain('raw/a.csv');
    write('templates/draft/t.txt', 'heard\n');
    expect(await batch()).toContain('templates/draft/t.txt');
  });

  it('makes no state folder where that has gone, while it takes its watches anew', async () => {
    const { at, write, batch, watcher } = await bench(FILES);
    rmSync(at('state'), { recursive: true });
    rmSync(at('raw'), { recursive: true });
    await batch();
    write('raw/b.csv', 'b\n');
    await batch();
    await watcher.close();
    expect(existsSync(at('state'))).toBe(false);
  });

  it('finds by scanning what no event told of, and takes its watches anew', async () => {
    let opened = 0;
    const deaf: typeof openEvents = async (options) => {
      opened++;
      const proofOnly = (path: string, what: string): void => {
        if (opened > 1 || path.includes('.proof')) options.onEvent(path, what);
      };
      return openEvents({ ...options, onEvent: proofOnly });
    };
    const { write, batch } = await bench(FILES, { ...swap, open: deaf });
    write('raw/a.csv', 'unheard\n');
    expect(await batch()).toEqual(['raw/a.csv']);
    await expect.poll(() => opened).toBe(2);
  });

  it('reports a change of contents that leaves size and time as they were, when an event tells of it', async () => {
    const { at, write, batch } = await bench(FILES);
    utimesSync(at('raw/a.csv'), 1_700_000_000, 1_700_000_000);
    await batch();
    write('raw/a.csv', 'b\n');
    utimesSync(at('raw/a.csv'), 1_700_000_000, 1_700_000_000);
    expect(await batch()).toEqual(['raw/a.csv']);
  });
});

describe('where there are no events', () => {
  it('polls when it is told to', async () => {
    const { write, batch, watcher } = await bench(FILES, { mode: 'polling' });
    expect(watcher.watched().how).toBe('polling');
    write('raw/a.csv', 'b\n');
    expect(await batch()).toEqual(['raw/a.csv']);
  });

  it('polls, and says so, where the proof does not arrive', async () => {
    const silent = (): Promise<{ close: () => Promise<void> }> =>
      Promise.resolve({ close: () => Promise.resolve() });
    const { write, batch, news, watcher } = await bench(FILES, { open: silent });
    expect(news).toContainEqual({ kind: 'polling', why: 'no events arrive from the file system' });
    expect(watcher.watched().how).toBe('polling');
    write('raw/a.csv', 'b\n');
    expect(await batch()).toEqual(['raw/a.csv']);
  });

  it('polls, and says so, when the system has no more watches to give', async () => {
    let fail = (_error: Error): void => {};
    const limited: typeof openEvents = async (options) => {
      fail = options.onError;
      return openEvents(options);
    };
    const { write, batch, news } = await bench(FILES, { open: limited });
    fail(
      Object.assign(new Error('ENOSPC: System limit for number of file watchers reached'), {
        code: 'ENOSPC',
      }),
    );
    expect(news.at(-1)).toMatchObject({ kind: 'polling', why: expect.stringContaining('ENOSPC') as string });
    write('raw/a.csv', 'b\n');
    expect(await batch()).toEqual(['raw/a.csv']);
  });
});

it('misses no last state in random bursts', async () => {
  const { at, write, batches, news, batch } = await bench(FILES, { scan: 1000 });
  let seed = 7;
  const random = (below: number): number => (seed = (seed * 48_271) % 2_147_483_647) % below;
  for (let burst = 0; burst < 20; burst++) {
    for (let edit = 0; edit < 1 + random(6); edit++) {
      const name = `raw/f${random(4)}.txt`;
      const what = random(4);
      if (what === 0) rmSync(at(name), { force: true });
      else if (what === 1) {
        write(`${name}.tmp`, `${burst} ${edit}`);
        renameSync(at(`${name}.tmp`), at(name));
      } else write(name, `${burst} ${edit} ${random(1000)}`);
      if (random(3) === 0) await wait(random(60));
    }
    write('raw/last.txt', `${burst}`);
    const paths: string[] = [];
    while (!paths.includes('raw/last.txt')) paths.push(...(await batch()));
  }
  expect(batches()).toBeGreaterThanOrEqual(20);
  expect(news.some(({ kind }) => kind === 'polling')).toBe(false);
});
