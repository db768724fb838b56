// daydream export: a row a generation, against the store and what a scripted server counted; and a file that is whole or as it was.
import { lstatSync, mkdirSync, readFileSync, rmSync, symlinkSync } from 'node:fs';
import { execFile, execFileSync } from 'node:child_process';
import { promisify } from 'node:util';
import { parquetReadObjects } from 'hyparquet';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openProject } from '../../src/api.ts';
import type { ExportRow } from '../../src/engine/export/columns.ts';
import { startFakeProvider, type FakeProvider } from '../support/fakeprovider.ts';
import { CONFIG_FILE, DRAFT, kiteAnswer, makeKite, settingsFor, type Kite } from '../support/kite.ts';
import { readCsv } from '../support/naivetables.ts';
import { BINARY } from '../support/program.ts';

let server: FakeProvider;
let kite: Kite;

beforeAll(async () => {
  server = await startFakeProvider({ answer: kiteAnswer, cost: () => 0.25 });
  kite = makeKite(undefined, { [CONFIG_FILE]: settingsFor(server.url) });
  const { code, stderr } = await kite.run(['build', '--yes', '--tag', 'experiment_id=one']);
  if (code !== 0) throw new Error(`the kite did not build:\n${stderr}`);
});
afterAll(() => server.close());

async function jsonl(...args: readonly string[]): Promise<readonly ExportRow[]> {
  const ended = await kite.run(['export', ...args, '--out', 'rows.jsonl']);
  expect(ended).toMatchObject({ code: 0 });
  return kite
    .read('rows.jsonl')
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line) as ExportRow);
}

const summed = (rows: readonly ExportRow[], key: 'cost' | 'spent' | 'calls'): number =>
  rows.reduce((sum, row) => sum + (row[key] ?? 0), 0);

describe('daydream export', () => {
  it('has a row for each generation: where it comes from, what was answered, what it cost', async () => {
    const rows = await jsonl();
    expect(rows).toHaveLength(28);
    expect(summed(rows, 'calls')).toBe(server.requests.length);
    expect([summed(rows, 'cost'), summed(rows, 'spent')]).toEqual([server.billedUsd, server.billedUsd]);
    const byId = new Map(rows.map((row) => [row.gen_id, row]));
    const judged = rows.filter(({ stage }) => stage === 'evaluation');
    const scores = readCsv(kite.read(`data/cohorts/C/reports/parsing/aggregated_scores.csv`)).records;
    expect(judged.map(({ gen_id: id, score }) => [id, score]).sort()).toEqual(
      scores.map((record) => [record['gen_id'], Number(record['score'])]).sort(),
    );
    for (const row of judged) {
      const essay = byId.get(row.essay_gen_id ?? '');
      const draft = byId.get(row.draft_gen_id ?? '');
      expect([row.parent_gen_id, essay?.parent_gen_id]).toEqual([essay?.gen_id, draft?.gen_id]);
      expect(row).toMatchObject({
        state: 'current',
        draft_template: draft?.template_id,
        draft_model: draft?.llm_model_id,
        essay_template: essay?.template_id,
        rubric: row.template_id,
        judge: row.llm_model_id,
        tags: ['experiment_id=one'],
        finish_reason: 'stop',
      });
      expect(row.prompt_tokens).toBeGreaterThan(0);
      expect(Math.abs(Date.parse(row.answered_at ?? '') - Date.now())).toBeLessThan(600_000);
    }
  });

  it('is the same in Parquet, with texts on request', async () => {
    const rows = await jsonl('C', '--texts');
    expect((await kite.run(['export', 'C', '--texts', '--out', 'rows.parquet'])).code).toBe(0);
    const bytes = readFileSync(kite.path('rows.parquet'));
    const read = (await parquetReadObjects({ file: new Uint8Array(bytes).buffer })) as Record<
      string,
      unknown
    >[];
    const plain = (value: unknown): unknown =>
      typeof value === 'bigint' ? Number(value) : value instanceof Date ? value.toISOString() : value;
    expect(
      read.map((row) => Object.fromEntries(Object.entries(row).map(([name, value]) => [name, plain(value)]))),
    ).toEqual(rows);
    for (const { stage, gen_id: id, prompt, parsed } of rows)
      expect([prompt, parsed]).toEqual(
        ['prompt', 'parsed'].map((name) => kite.read(`data/gens/${stage}/${id}/${name}.txt`)),
      );
  });

  it('gives what selectors select, with what is stale, and the calls of earlier texts', async () => {
    const before = server.requests.length;
    const text = kite.read(DRAFT);
    kite.write(DRAFT, `${text}\nOnce more.\n`);
    const told = await kite.run(['export', '--current', '--out', 'rows.jsonl']);
    expect(told.stderr).toMatch(
      /wrote 14 rows.*\n6 of 12 texts left out by --current: .*\n8 of 16 scores left out/,
    );
    const stale = await jsonl('--select', 'stage:draft', '--exclude', 'state:current');
    expect(stale.map(({ state, why }) => [state, why])).toEqual(stale.map(() => ['stale', ['template']]));
    expect(stale.length).toBeGreaterThan(0);
    expect((await kite.run(['build', 'stage:draft', '--yes'])).code).toBe(0);
    const asked = server.requests.length - before;
    const rows = await jsonl('--select', 'stage:draft');
    expect(summed(rows, 'calls')).toBe(rows.length + asked);
    expect([summed(rows, 'cost'), summed(rows, 'spent')]).toEqual([
      rows.length * 0.25,
      (rows.length + asked) * 0.25,
    ]);
  });

  it('says what it can not do before it touches the file', async () => {
    kite.write('rows.csv', 'mine');
    const refusals: readonly (readonly [readonly string[], RegExp])[] = [
      [['nowhere', '--out', 'rows.csv'], /DD109.*there is no cohort nowhere/],
      [['--out', 'rows.csv', '--select', 'template:nothing'], /DD109/],
      [['--out', 'rows.csv', '--format', 'xlsx'], /DD102.*parquet or csv/],
      [['--out', 'rows.txt'], /DD102.*does not say which format/],
      [[], /DD102.*wants a file/],
    ];
    for (const [words, said] of refusals) {
      const { code, stderr } = await kite.run(['export', ...words]);
      expect([code, stderr]).toEqual([2, expect.stringMatching(said)]);
    }
    expect(kite.read('rows.csv')).toBe('mine');
    expect(kite.exists('rows.txt')).toBe(false);
  });
});

describe('a file to write to', () => {
  it.each([
    'data/1_raw/llm_models.csv',
    'data/combo_mappings.csv',
    'data/gens/draft/rows.csv',
    'data/.daydream/rows.csv',
    'data/cohorts/C/spec/rows.csv',
    'data/cohorts/C/membership.csv',
    'link.csv',
  ])('is none of the project’s own: %s', async (out) => {
    symlinkSync('data/1_raw/llm_models.csv', kite.path('link.csv'));
    const before = kite.read('data/1_raw/llm_models.csv');
    const { code, stderr } = await kite.run(['export', '--out', out]);
    rmSync(kite.path('link.csv'));
    expect({ code, stderr }).toMatchObject({ code: 2, stderr: expect.stringContaining('DD102 --out') });
    expect([kite.read('data/1_raw/llm_models.csv'), kite.exists('data/gens/draft/rows.csv')]).toEqual([
      before,
      false,
    ]);
  });

  it.each(['data/1_raw/llm_models.csv', 'data/cohorts/C/spec/config.yaml', CONFIG_FILE, 'link.csv'])(
    'nor of a design or a list: %s',
    async (out) => {
      symlinkSync('data/1_raw/llm_models.csv', kite.path('link.csv'));
      const before = kite.files().map((name) => kite.read(name));
      for (const words of [
        ['cohort', 'design', 'C'],
        ['top', 'C', '--rubric', 'v-one', '--force'],
      ]) {
        const { code, stderr } = await kite.run([...words, '--out', out]);
        expect({ code, stderr }).toMatchObject({ code: 2, stderr: expect.stringContaining('DD102 --out') });
      }
      expect(kite.files().map((name) => kite.read(name))).toEqual(before);
      rmSync(kite.path('link.csv'));
    },
  );

  it('that is a link is written where the link leads', async () => {
    mkdirSync(kite.path('elsewhere'));
    symlinkSync('elsewhere/rows.csv', kite.path('led.csv'));
    for (const words of [['export'], ['cohort', 'design', 'C']]) {
      expect((await kite.run([...words, '--out', 'led.csv'])).code).toBe(0);
      expect(lstatSync(kite.path('led.csv')).isSymbolicLink()).toBe(true);
      expect(lstatSync(kite.path('elsewhere/rows.csv')).isFile()).toBe(true);
      rmSync(kite.path('elsewhere/rows.csv'));
    }
    rmSync(kite.path('led.csv'));
    symlinkSync('round.csv', kite.path('round.csv'));
    const { code, stderr } = await kite.run(['export', '--out', 'round.csv']);
    expect({ code, stderr }).toMatchObject({
      code: 2,
      stderr: expect.stringContaining('leads back to itself'),
    });
    rmSync(kite.path('round.csv'));
  });

  it('may lie beside the tables', async () => {
    expect((await kite.run(['export', '--out', 'data/cohorts/C/reports/rows.csv'])).code).toBe(0);
    const page = ['report', 'C', '--html', '--out'];
    expect((await kite.run([...page, 'data/gens/page.html'])).code).toBe(2);
    expect((await kite.run([...page, 'page.html'])).code).toBe(0);
  });

  it.skipIf(process.platform !== 'linux')(
    'that the disk refuses is said by its name, and not as if it were the store',
    async () => {
      const words = ['export', '--format', 'csv', '--out', '/dev/full'];
      const { code, stderr } = await kite.run(words);
      expect({ code, stderr }).toMatchObject({ code: 2, stderr: expect.stringContaining('DD585 /dev/full') });
    },
  );
});

/** Every command that writes a text where it is told to, with how that begins. */
const WRITING: readonly (readonly [begins: string, words: readonly string[]])[] = [
  ['stage,', ['export', '--format', 'csv']],
  ['combo_id,', ['cohort', 'design', 'C']],
  ['selection_rank,', ['top', 'C', '--rubric', 'v-one']],
  ['<!doctype html>', ['report', 'C', '--html']],
  ['# All cohorts against', ['report', '--compare', 'one']],
];

describe.skipIf(process.platform !== 'linux')('what is no file of its own is written as it stands', () => {
  const program = (words: readonly string[]): string =>
    [process.execPath, BINARY, ...words].map((word) => `'${word}'`).join(' ');

  it.each(WRITING)('standard output, for who reads it: %s', async (begins, words) => {
    // With an input, it is a process of its own.
    const ended = await kite.run([...words, '--out', '/dev/stdout'], { input: '' });
    expect(ended).toMatchObject({ code: 0, stdout: expect.stringContaining(begins) });
    expect(ended.stdout.startsWith(begins)).toBe(true);
  });

  it.each(WRITING)('a pipe, which stays one: %s', async (begins, words) => {
    const pipe = kite.path('pipe');
    execFileSync('mkfifo', [pipe]);
    const reader = promisify(execFile)('cat', [pipe], { maxBuffer: 1e8 });
    expect(await kite.run([...words, '--out', 'pipe'])).toMatchObject({ code: 0 });
    expect(lstatSync(pipe).isFIFO()).toBe(true);
    expect((await reader).stdout.startsWith(begins)).toBe(true);
    rmSync(pipe);
  });

  it('a file that standard output is added to, after what it holds', () => {
    kite.write('all.csv', 'before\n');
    const line = `${program(['cohort', 'design', 'C', '--out', '/dev/stdout'])} >> all.csv 2> said.txt`;
    execFileSync('sh', ['-c', line], { cwd: kite.root });
    expect(kite.read('all.csv')).toMatch(/^before\ncombo_id,/);
    expect(kite.read('said.txt')).toBe('8 rows written to /dev/stdout\n');
  });

  it('but no list that is to be read again', async () => {
    const top = ['top', 'C', '--rubric', 'v-one', '--make-cohort', 'X', '--out', '/dev/stdout'];
    const { code, stdout, stderr } = await kite.run(top, { input: '' });
    expect([code, stdout]).toEqual([2, '']);
    expect(stderr).toContain('DD102 --out: --make-cohort reads the list again');
  });

  it('and says that its reader has gone', () => {
    const line = `${program(['report', 'C', '--html', '--out', '/dev/stdout'])} 2> said.txt | true`;
    execFileSync('sh', ['-c', line], { cwd: kite.root });
    expect(kite.read('said.txt')).toContain('DD585 /dev/stdout: whoever was reading has gone');
  });
});

describe('the door', () => {
  it('gives the same rows one by one, and writes the same file', async () => {
    const project = await openProject({ root: kite.root });
    const rows: ExportRow[] = [];
    for await (const row of project.rows({ cohort: 'C', texts: true })) rows.push(row);
    expect(rows).toEqual(await jsonl('--texts'));
    const out = kite.path('mine.jsonl');
    const counts: string[] = [];
    const report = await project.export({
      out,
      texts: true,
      progress: (written, total) => void counts.push(`${written} of ${total}`),
    });
    expect(report).toMatchObject({ end: 'done', path: out, format: 'jsonl', rows: 28 });
    expect(counts).toEqual(['28 of 28']);
    expect(kite.read('mine.jsonl')).toBe(kite.read('rows.jsonl'));
  });

  it('leaves the file as it was when it is interrupted', async () => {
    const project = await openProject({ root: kite.root });
    kite.write('kept.csv', 'mine');
    const report = await project.export({ out: kite.path('kept.csv'), signal: AbortSignal.abort() });
    expect(report).toMatchObject({ end: 'interrupted', rows: 0 });
    expect(kite.read('kept.csv')).toBe('mine');
    expect(kite.files('.').filter((name) => name.includes('kept'))).toEqual(['kept.csv']);
  });
});
