// Small things that a day's work meets: ids by their beginning, numbers that people read, what a judge said, one of something.
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { startFakeProvider, type FakeProvider } from '../support/fakeprovider.ts';
import { kiteAnswer, makeKite, type Kite } from '../support/kite.ts';

let server: FakeProvider;
let kite: Kite;

beforeEach(async () => {
  server = await startFakeProvider({
    answer: (request) =>
      request.prompt.startsWith('Judge')
        ? `Weighed with care.\nSCORE: ${request.index % 3 === 0 ? '12' : '8.35'}`
        : kiteAnswer(request),
  });
  kite = makeKite(server.url);
  await kite.run(['build']);
});
afterEach(() => server.close());

describe('the beginning of an id', () => {
  it('is the id where it is the only one, for what reads and for selectors; else it is asked for', async () => {
    const id = kite.id('A:d-one');
    const [begin, other] = [id.slice(0, 8), id.slice(0, 2)];
    for (const words of [['show'], ['why'], ['render']])
      expect((await kite.run([...words, begin])).code).toBe(0);
    expect((await kite.run(['show', begin])).stdout).toBe(kite.read(`${kite.folder('A:d-one')}/parsed.txt`));
    expect((await kite.run(['ls', begin, '--columns', 'gen_id', '--format', 'csv'])).stdout).toBe(
      `gen_id\n${id}\n`,
    );
    for (const words of [['show'], ['ls'], ['build', '--force']]) {
      const { code, stderr } = await kite.run([...words, other]);
      expect({ words, code, stderr }).toMatchObject({
        code: 2,
        stderr: expect.stringMatching(/is the beginning of 4 ids.*d_/) as string,
      });
    }
    expect((await kite.run(['ls', `${other}zzz`])).code).toBe(2);
  });
});

describe('what a judge said', () => {
  it('is what show shows of an evaluation, with its score; a score out of range says its limits', async () => {
    const rows = (await kite.run(['ls', 'stage:evaluation', '--columns', 'gen_id,state', '--format', 'csv']))
      .stdout;
    const idOf = (state: string): string => new RegExp(`^(v_\\S+),${state}$`, 'm').exec(rows)?.[1] ?? '';
    const shown = await kite.run(['show', idOf('current')]);
    expect(shown).toMatchObject({ code: 0, stdout: 'Weighed with care.\nSCORE: 8.35\n' });
    expect(shown.stderr).toContain('score 8.35');
    expect((await kite.run(['show', idOf('current'), '--parsed'])).stdout).toBe('8.35\n');
    const failed = await kite.run(['show', idOf('failed')]);
    expect(failed).toMatchObject({ code: 1, stdout: expect.stringContaining('SCORE: 12') as string });
    expect((await kite.run(['why', idOf('failed')])).stdout).toContain(
      'the score 12.0 is out of range: parser in_last_line takes 0 to 9'.replace('12.0', '12'),
    );
  });
});

describe('top', () => {
  it('says of each essay what it was made by and how it begins, in numbers that can be read', async () => {
    const { stdout } = await kite.run(['top', '--rubric', 'v-one', '--dry-run']);
    const [header = '', ...lines] = stdout.trim().split('\n');
    expect(header).toMatch(/draft_template +generation_template +generation_model +begins/);
    expect(lines.some((line) => /d-one +e-llm +w2 +Call \d+\. On /.test(line))).toBe(true);
    expect(stdout).not.toMatch(/\d\.\d{7}/);
  });
});

it('counts one of something as one', async () => {
  const one = kite.id('A:d-one');
  expect((await kite.run(['plan', '--force', one])).stdout).toContain('1 of 1 generation to run');
  await kite.run(['build', one, '--tag', 'x=y']);
  expect((await kite.run(['runs', 'show', 'last'])).stdout).toContain('covered   1 generation\n');
});

describe('finding and counting', () => {
  it('selects evaluations by score and texts by what they say, and has the score as a column', async () => {
    const list = async (...words: readonly string[]): Promise<readonly string[]> => {
      const { code, stdout, stderr } = await kite.run([
        'ls',
        ...words,
        '--columns',
        'gen_id,score',
        '--format',
        'csv',
      ]);
      expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
      return stdout.trim().split('\n').slice(1);
    };
    const high = await list('score:>7');
    const none = await list('score:none');
    expect(high.length + none.length).toBe(16);
    expect(high.every((line) => line.endsWith(',8.35'))).toBe(true);
    expect(await list('score:<=8.35')).toEqual(high);
    const [header = ''] = (await kite.run(['ls', 'stage:evaluation,score:>7'])).stdout.split('\n');
    expect(header).toMatch(/ score *$/);
    expect((await kite.run(['ls', 'stage:draft'])).stdout).not.toContain('score');
    expect((await kite.run(['ls', 'score:high'])).stderr).toContain('score:>7');
    const drafts = await list('text:call,stage:draft');
    expect(drafts).toEqual([`${kite.id('A:d-one')},`, `${kite.id('B:d-one')},`]);
  });

  it('sums costs by template, registers combos by the dozen, all or none, and begins without a sample', async () => {
    const { lines } = JSON.parse((await kite.run(['cost', '--by', 'template', '--json'])).stdout) as {
      lines: readonly { template: string; attempts: number }[];
    };
    expect(lines.map(({ template, attempts }) => [template, attempts])).toEqual([
      ['d-one', 2],
      ['d-two', 2],
      ['e-llm', 4],
      ['v-one', 16],
    ]);
    const pairs = ['cohort', 'combos', 'add', 'k1', 'k2', 'k3', '--all-subsets', '2', '--json'];
    const added = JSON.parse((await kite.run(pairs)).stdout) as { combos: readonly { added: boolean }[] };
    expect(added.combos.map((each) => each.added)).toEqual([true, true, true]);
    const every = await kite.run(['cohort', 'combos', 'add', '--all-subsets', '3']);
    expect(every.stderr).toContain('1 registered in data/combo_mappings.csv, 0 were there already');
    kite.write('sets.txt', '# two\nk1, k2\nk1 k2 k3\n');
    const again = await kite.run(['cohort', 'combos', 'add', '--from', 'sets.txt']);
    expect(again.stderr).toContain('0 registered in data/combo_mappings.csv, 2 were there already');
    const before = kite.read('data/combo_mappings.csv');
    kite.write('sets.txt', 'k1 k3\nk2 nobody\n');
    expect((await kite.run(['cohort', 'combos', 'add', '--from', 'sets.txt'])).code).toBe(2);
    expect(kite.read('data/combo_mappings.csv')).toBe(before);
    await kite.run(['init', 'empty', '--empty']);
    expect(kite.read('empty/data/1_raw/concepts_metadata.csv').trim().split('\n')).toHaveLength(1);
    expect(kite.files('empty').filter((name) => /templates\/|cohorts\//.test(name))).toEqual([]);
    expect((await kite.run(['cohort', 'combos', 'ls', '--root', 'empty'])).code).toBe(0);
    expect((await kite.run(['--root', 'empty'])).stdout).toBe(
      '0 cohorts, 0 generations\nnothing to build yet: `daydream cohort new NAME` writes a spec of what the catalogs hold\n',
    );
  });
});
