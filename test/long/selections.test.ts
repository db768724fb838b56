// What a selection and a force buy, what is said of what lies below, and how the same standing is said everywhere.
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { faults, startFakeProvider, type FakeProvider } from '../support/fakeprovider.ts';
import { CONFIG_FILE, DRAFT, kiteAnswer, makeKite, settingsFor, type Kite } from '../support/kite.ts';

const MODELS = 'data/1_raw/llm_models.csv';
const RENDERED = 'rendered called parsed';

let server: FakeProvider;
let kite: Kite;

beforeEach(async () => {
  server = await startFakeProvider({ answer: kiteAnswer });
  kite = makeKite(server.url);
  await kite.build();
});

afterEach(() => server.close());

describe('the order of words does not change what is bought', () => {
  it.each([
    ['before', (id: string) => ['--force', id]],
    ['behind', (id: string) => [id, '--force']],
  ])('--force %s an id makes that one again, and nothing stale beside it', async (_where, words) => {
    kite.edit('data/1_raw/templates/draft/d-two.txt', 'Tagged', 'Tagged anew');
    const asked = server.requests.length;
    const { code, steps } = await kite.build(...words(kite.id('A:d-one')));
    expect({ code, steps }).toEqual({ code: 0, steps: [`A:d-one ${RENDERED}`] });
    expect(server.requests).toHaveLength(asked + 1);
  });

  it('--force with a stage or a selector beside a selection says which of it', async () => {
    const drafts = [`A:d-one ${RENDERED}`, `A:d-two ${RENDERED}`];
    for (const words of [
      ['combo:A,stage:draft', '--force', 'draft'],
      ['--force', 'draft', 'combo:A,stage:draft'],
    ])
      expect((await kite.build(...words)).steps).toEqual(drafts);
  });

  it('--force of what is not selected is refused, and buys nothing', async () => {
    const asked = server.requests.length;
    const { code, stderr } = await kite.run(['build', '--force', kite.id('A:d-one'), kite.id('B:d-one')]);
    expect(code).toBe(2);
    expect(stderr).toContain('DD109');
    expect(stderr).toContain(`daydream build ${kite.id('B:d-one')} ${kite.id('A:d-one')} --force`);
    expect(server.requests).toHaveLength(asked);
  });
});

describe('a selection', () => {
  it('plans itself and what it needs above, counted apart', async () => {
    kite.edit(DRAFT, 'Use:', 'Use all of:');
    const { stdout } = await kite.run(['plan', 'template:e-llm']);
    expect(stdout).toContain('2 of 4 generations to run, and 2 above them that they need');
    const json = JSON.parse((await kite.run(['plan', 'template:e-llm', '--json'])).stdout) as Record<
      string,
      unknown
    >;
    expect(json).toMatchObject({ total: 4, attempted: 2, above: 2 });
    // What is below is planned only when it is asked for.
    const below = await kite.run(['plan', 'template:e-llm+']);
    expect(below.stdout).toContain('6 of 12 generations to run, and 2 above them that they need');
  });

  it('of free models plans paid calls only where it needs them above', async () => {
    kite.write(
      MODELS,
      kite.read(MODELS).replace('w2,lab/w2,lab,W2,gen,0.01,0.01', 'w2,lab/w2:free,lab,W2,gen,,'),
    );
    const { stdout } = await kite.run(['plan', 'model:w2']);
    expect(stdout).toContain('4 of 4 generations to run');
    expect(stdout).toContain('4 free calls');
    expect(stdout).not.toContain('paid call');
  });

  it('that was built leaves what is below it stale, and the build says so', async () => {
    const id = kite.id('A:d-one');
    const { code, stderr } = await kite.run(['build', id, '--force']);
    expect(code).toBe(0);
    expect(stderr).toContain(`below: 2 stale, 4 pending; \`daydream build ${id}+\` makes them`);
    const rest = await kite.run(['build', `${id}+`]);
    expect(rest.stderr).not.toContain('below:');
    expect((await kite.check()).code).toBe(0);
  });

  it('that was edited by hand leaves what is below it stale, and the build says so', async () => {
    const id = kite.id('A:d-one');
    kite.write(`${kite.folder('A:d-one')}/parsed.txt`, 'By hand.\n');
    const { code, stderr } = await kite.run(['build', id]);
    expect(code).toBe(0);
    expect(stderr).toContain('1 edited by hand, kept');
    expect(stderr).toContain(`below: 2 stale, 4 pending; \`daydream build ${id}+\` makes them`);
  });
});

describe('the standing', () => {
  it('is said in the same words by plan, build, check and status, with the cure that helps', async () => {
    await server.close();
    server = await startFakeProvider({
      answer: kiteAnswer,
      fault: ({ prompt }) =>
        prompt.startsWith('Judge') ? faults.reply({ content: 'no score here' }) : undefined,
    });
    kite.write(CONFIG_FILE, settingsFor(server.url));
    kite.edit('data/1_raw/templates/evaluation/v-one.txt', 'Judge:', 'Judge well:');
    const first = await kite.run(['build']);
    expect(first.code).toBe(1);
    const standing = '16 of 28 generations are not current: 16 failed';
    const cure = '`daydream build --retry all` asks again for the 16 that failed';
    for (const words of [['build'], ['plan'], ['check'], ['status']]) {
      const { stdout, stderr } = await kite.run(words);
      expect(stdout + stderr).toContain(standing);
      expect(stdout + stderr).toContain(cure);
      expect(stdout + stderr).not.toContain('28 generations are current');
      expect(stdout + stderr).not.toContain('`daydream build` brings');
    }
  });
});

describe('a failure', () => {
  it('can be accepted as missing, with a reason that the tables give, until what it is asked for changes', async () => {
    await server.close();
    server = await startFakeProvider({
      answer: kiteAnswer,
      fault: ({ prompt }) =>
        prompt.startsWith('Tagged anew') || prompt.startsWith('Judge well')
          ? faults.reply({ content: 'nothing that fits' })
          : undefined,
    });
    kite.write(CONFIG_FILE, settingsFor(server.url));
    kite.edit('data/1_raw/templates/draft/d-two.txt', 'Tagged', 'Tagged anew');
    expect((await kite.run(['build'])).code).toBe(1);
    expect((await kite.check()).code).toBe(1);

    const draft = kite.id('A:d-two');
    const { code, stderr } = await kite.run(['adopt', '--failed', 'not in this voice', draft]);
    expect(code).toBe(0);
    expect(stderr).toContain('accepted as missing: 1 generation, and 6 made from them');
    expect(
      (await kite.run(['ls', 'state:accepted', '--format', 'csv'])).stdout.trim().split('\n'),
    ).toHaveLength(8);
    expect((await kite.run(['why', draft])).stdout).toMatch(/accepted as missing \(.*\): not in this voice/);

    await kite.run(['adopt', '--failed', 'nor in this one']);
    const asked = server.requests.length;
    for (const words of [['check'], ['build'], ['build', '--retry', 'all']]) {
      const ended = await kite.run(words);
      expect(ended.code).toBe(0);
      expect(ended.stdout + ended.stderr).toContain(
        'all 28 generations are current (14 accepted as missing)',
      );
    }
    expect(server.requests).toHaveLength(asked);

    kite.edit('data/1_raw/templates/draft/d-two.txt', 'Tagged anew', 'Tagged again');
    expect((await kite.run(['build'])).stderr).toContain('all 28 generations are current');
    expect((await kite.check()).stderr).not.toContain('accepted');
  });

  it('that is accepted stands in the tables with its reason', async () => {
    kite.write('data/1_raw/templates/evaluation/v-one.txt', 'Tagged {{ response }}');
    expect((await kite.run(['build'])).stderr).toContain('16 failed');
    await kite.run(['adopt', '--failed', 'no judge']);
    await kite.run(['report', 'C']);
    const table = kite.read('data/cohorts/C/reports/parsing/aggregated_scores.csv');
    const missing = table.split('\n').filter((line) => line.includes('accepted as missing: no judge'));
    expect(missing).toHaveLength(16);
  });

  it('is accepted for a reason, and only what failed is', async () => {
    expect(await kite.run(['adopt', '--failed', ' '])).toMatchObject({ code: 2 });
    expect((await kite.run(['adopt', '--failed', 'none'])).stderr).toContain(
      'nothing that is selected has failed',
    );
  });
});
