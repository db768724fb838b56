// The two caches beside the truth: deleted, cut short, overwritten, from another version or another copy of the project, they change
// no command's answer. And what they may trust: which edits are seen by stamps alone, and which need --verify.
import {
  appendFileSync,
  copyFileSync,
  lstatSync,
  mkdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  truncateSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { judge, openSession } from '../../src/engine/project/session.ts';
import { makeKite, type Kite } from '../support/kite.ts';

const SOAK = process.env['DAYDREAM_SOAK'] !== undefined;
const CACHES = ['graph.bin', 'gens.bin'] as const;
type Cache = (typeof CACHES)[number];

/** What every command answers from: each generation with its state, its reasons and the first step that must run. */
async function answerOf(kite: Kite): Promise<unknown> {
  const session = await openSession({ root: kite.root, environment: {}, now: Date.now });
  const { verdicts } = await judge(session);
  const { ids, parent } = session.loaded.graph;
  return ids.map((id, row) => [
    id,
    parent[row],
    verdicts.state[row],
    verdicts.from[row],
    verdicts.why[row],
    verdicts.edited[row],
  ]);
}

const pathOf = (kite: Kite, cache: Cache): string => kite.path(`data/.daydream/${cache}`);

describe('a cache that is not as it was written', () => {
  let kite: Kite;
  let answer: unknown;
  const kept = new Map<Cache, Buffer>();

  /** One of everything: current, edited, missing, stale by its template, and what is pending below. */
  beforeAll(async () => {
    kite = makeKite();
    await kite.build();
    kite.write(`${kite.folder('A:d-one')}/parsed.txt`, 'By hand.\nTwo.\nThree.');
    kite.remove(`${kite.folder('B:d-two/e-llm')}/raw.txt`);
    kite.edit('data/1_raw/templates/draft/d-two.txt', 'Tagged', 'Tagged:');
    for (const cache of CACHES) kept.set(cache, readFileSync(pathOf(kite, cache)));
    answer = await answerOf(kite);
  });
  beforeEach(() => {
    for (const [cache, bytes] of kept) writeFileSync(pathOf(kite, cache), bytes);
  });

  const lengths = (whole: number): readonly number[] =>
    Array.from({ length: whole }, (_, length) => length).filter((length) => SOAK || length % 197 === 0);

  it.each(CACHES)('%s, cut short anywhere, changes no answer', { timeout: 3_600_000 }, async (cache) => {
    const whole = kept.get(cache) ?? Buffer.alloc(0);
    for (const length of lengths(whole.length)) {
      writeFileSync(pathOf(kite, cache), whole.subarray(0, length));
      expect(await answerOf(kite), `${length} of ${whole.length} bytes`).toEqual(answer);
    }
  });

  it.each(CACHES)('%s with a wrong byte changes no answer', { timeout: 3_600_000 }, async (cache) => {
    const whole = kept.get(cache) ?? Buffer.alloc(0);
    for (const place of lengths(whole.length)) {
      const damaged = Buffer.from(whole);
      damaged.writeUInt8(damaged.readUInt8(place) ^ 0x5a, place);
      writeFileSync(pathOf(kite, cache), damaged);
      expect(await answerOf(kite), `byte ${place}`).toEqual(answer);
    }
  });

  it.each([
    ['deleted', (path: string) => rmSync(path)],
    ['empty', (path: string) => truncateSync(path)],
    ['of a later version', (path: string) => writeAt(path, 4, 99)],
    ['of an earlier version', (path: string) => writeAt(path, 4, 0)],
    ['longer than it was', (path: string) => appendFileSync(path, '\0')],
    ['in the way as a folder', (path: string) => (rmSync(path), mkdirSync(path))],
  ])('%s, one or both: check, plan, ls and why say the same', async (_name, damage) => {
    const words = [
      ['check', '--json'],
      ['plan', '--json'],
      ['ls', '--json'],
      ['why', kite.id('B:d-two/e-llm'), '--json'],
    ];
    const said = async (): Promise<readonly unknown[]> => {
      const answers: unknown[] = [];
      for (const each of words) answers.push(timeless(await kite.run(each)));
      return answers;
    };
    const before = await said();
    for (const caches of [['graph.bin'], ['gens.bin'], CACHES] as const) {
      for (const cache of caches) damage(pathOf(kite, cache));
      expect(await said()).toEqual(before);
      for (const cache of caches) rmSync(pathOf(kite, cache), { recursive: true, force: true });
      for (const [cache, bytes] of kept) writeFileSync(pathOf(kite, cache), bytes);
    }
  });

  it('is never written by a command that only looks', async () => {
    const stamps = CACHES.map((cache) => statSync(pathOf(kite, cache)).mtimeMs);
    for (const words of [['check'], ['plan'], ['status'], ['ls']]) await kite.run(words);
    expect(CACHES.map((cache) => statSync(pathOf(kite, cache)).mtimeMs)).toEqual(stamps);
  });
});

function writeAt(path: string, place: number, word: number): void {
  const bytes = readFileSync(path);
  bytes.writeUInt32LE(word, place);
  writeFileSync(path, bytes);
}

/** An answer without what depends on the time of day. */
function timeless({ code, stdout }: { code: number | null; stdout: string }): unknown {
  return { code, stdout: stdout.replaceAll(/"(?:durationMs|seconds)": [\d.]+/g, '') };
}

describe('caches of another time or place', () => {
  let kite: Kite;
  beforeEach(async () => {
    kite = makeKite();
    await kite.build();
  });

  it.each(CACHES)('an older %s beside the newer other one is no lie', async (cache) => {
    const older = readFileSync(pathOf(kite, cache));
    kite.edit('data/cohorts/C/spec/config.yaml', '[A, B]', '[B, A]');
    kite.edit('data/1_raw/templates/draft/d-one.txt', 'Use', 'Take');
    expect((await kite.build()).code).toBe(0);
    writeFileSync(pathOf(kite, cache), older);
    expect((await kite.check()).code).toBe(0);
    expect(await kite.build()).toMatchObject({ code: 0, steps: [] });
  });

  it('a cache of the offline model does not answer for another provider', async () => {
    const { code } = await kite.check('--provider', 'openrouter');
    expect(code).toBe(1);
    expect((await kite.check()).code).toBe(0);
  });

  it('a copy of the project with its caches judges its own files', async () => {
    const copy = makeKite();
    for (const name of kite.files('data')) copy.write(name, name.endsWith('.bin') ? '' : kite.read(name));
    for (const cache of CACHES) copyFileSync(pathOf(kite, cache), pathOf(copy, cache));
    copy.write(`${copy.folder('A:d-one')}/parsed.txt`, 'Other.\nOther.\nOther.');
    const { stdout } = await copy.check('--json');
    expect(stdout).toContain(copy.id('A:d-one'));
    expect((await kite.check()).code).toBe(0);
    expect((await kite.build()).steps).toEqual([]);
  });
});

describe('an edit that keeps what stamps show', () => {
  let kite: Kite;
  let file: string;
  beforeEach(async () => {
    kite = makeKite();
    await kite.build();
    file = kite.path(`${kite.folder('A:d-one')}/parsed.txt`);
  });

  const text = (): string => readFileSync(file, 'utf8');
  const other = (): string => text().replaceAll(/[a-z]/g, 'x');
  const edited = async (...words: readonly string[]): Promise<boolean> =>
    (await kite.run(['ls', 'state:edited', '--json', ...words])).stdout.includes(kite.id('A:d-one'));

  it('is seen by the inode when the file was replaced, with size and time as they were', async () => {
    const { mtime, atime, size } = lstatSync(file);
    writeFileSync(`${file}.new`, other());
    utimesSync(`${file}.new`, atime, mtime);
    // A file system may give a time back rounded: what is meant is the very same time.
    expect(lstatSync(`${file}.new`)).toMatchObject({ size, mtime });
    renameSync(`${file}.new`, file);
    expect(await edited()).toBe(true);
  });

  it('is not seen in place with size and time as they were, but by --verify', async () => {
    const { mtimeMs } = sealed();
    expect((await kite.build()).steps).toEqual([]);
    writeFileSync(file, other());
    utimesSync(file, mtimeMs / 1000, mtimeMs / 1000);
    expect((await kite.check()).code).toBe(0);
    const { code, stdout } = await kite.check('--verify', '--json');
    expect({ code, said: stdout.includes(kite.id('A:d-one')) }).toMatchObject({ said: true });
    expect((await kite.build('--verify')).steps).toContain('A:d-one/e-llm rendered offline parsed');
    expect(await edited()).toBe(true);
  });

  /** Gives the file a time that comes back exactly, and lets the index learn it. */
  function sealed(): { readonly mtimeMs: number } {
    const mtimeMs = Date.now() - 60_000 - (Date.now() % 1000);
    utimesSync(file, mtimeMs / 1000, mtimeMs / 1000);
    return { mtimeMs };
  }

  it('is seen when the time is not older than the index: one tick of the clock may hide two edits', async () => {
    const soon = Date.now() / 1000 + 600;
    writeFileSync(file, other());
    utimesSync(file, soon, soon);
    expect((await kite.build()).code).toBe(0);
    writeFileSync(file, text().replaceAll('x', 'y'));
    utimesSync(file, soon, soon);
    expect((await kite.build()).steps).toContain('A:d-one/e-llm rendered offline parsed');
  });

  it('is seen in a template, a catalog and a spec too', async () => {
    const outside = kite.id('B:d-one');
    const soon = Date.now() / 1000 + 600;
    const touched = (name: string, before: string, after: string): void => {
      kite.edit(name, before, after);
      utimesSync(kite.path(name), soon, soon);
    };
    touched('data/1_raw/templates/draft/d-one.txt', 'Use', 'Usf');
    touched('data/1_raw/draft_templates.csv', ',One,', ',Onf,');
    touched('data/cohorts/C/spec/config.yaml', '[A, B]', '[A, A]');
    await kite.build();
    touched('data/1_raw/templates/draft/d-one.txt', 'Usf', 'Usg');
    touched('data/1_raw/draft_templates.csv', ',Onf,', ',Ong,');
    touched('data/cohorts/C/spec/config.yaml', '[A, A]', '[B, B]');
    const { stdout } = await kite.check('--json');
    expect(stdout).toContain(outside);
    for (const cache of CACHES) rmSync(pathOf(kite, cache));
    expect((await kite.check('--json')).stdout).toBe(stdout);
  });

  it('edits that race a build are all seen by the next', async () => {
    const rounds = SOAK ? 200 : 4;
    for (let round = 0; round < rounds; round++) {
      const building = kite.start(['build', '-q']);
      let edits = 0;
      const timer = setInterval(() => {
        edits++;
        writeFileSync(file, text().replaceAll(/[a-z]/g, String.fromCodePoint(97 + (edits % 26))));
      }, 1);
      await building.ended;
      clearInterval(timer);
      const answers = [await kite.check('--json'), await kite.check('--verify', '--json')];
      expect(answers[0]?.stdout, `round ${round}`).toEqual(answers[1]?.stdout);
    }
  });
});
