// Figures are reckoned before anybody asks: after which builds, that they are what is asked for later, and that nobody waits for them.
import { rmSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { figuresAfter, worthAfter, type BuildEnded } from '../../../src/engine/figures/afterbuild.ts';
import { FiguresAhead } from '../../../src/engine/figures/ahead.ts';
import { namesIfPresent } from '../../../src/store/writing/atomic.ts';
import { makeKite, type Kite } from '../../support/kite.ts';
import { ROOT } from '../../support/program.ts';

const PROGRAM = join(ROOT, 'dist/figuresprocess.js');
const HOUR = 3_600_000;

/** As many generations as are worth it: four drafts, eight essays, a thousand evaluations. */
let kite: Kite;
beforeAll(async () => {
  kite = makeKite(undefined, {
    'data/1_raw/replication_config.csv': 'stage,replicates\ndraft,1\nessay,1\nevaluation,125\n',
  });
  await kite.build();
});
const forget = (): void => rmSync(kite.path('data/.daydream/results'), { recursive: true, force: true });
beforeEach(forget);

const results = (): readonly string[] =>
  namesIfPresent(kite.path('data/.daydream/results')).map((name) => {
    const { size, mtimeMs } = statSync(kite.path(`data/.daydream/results/${name}`));
    return `${name} ${size} ${mtimeMs}`;
  });
const ahead = (): FiguresAhead => new FiguresAhead({ root: kite.root }, PROGRAM);

describe('figures', () => {
  it.each([
    ['of a small root, which are not kept', HOUR, 999, false],
    ['that cost more than a twentieth of the build', 20_000, 1000, false],
    ['that cost less', 21_001, 1000, true],
    ['of a hundred thousand after two minutes', HOUR / 30, 100_001, false],
    ['of a hundred thousand after three minutes', HOUR / 20, 100_001, true],
  ])('%s', (_which, took, generations, worth) => {
    expect(worthAfter(took, generations)).toBe(worth);
  });

  it('are what `report --stats`, a page and single tables are made of, which find them and write none', async () => {
    const plain = await kite.run(['report', '--stats']);
    forget();
    await ahead().begin();
    const kept = results();
    expect(kept).toHaveLength(2);
    expect((await kite.run(['report', '--stats'])).stdout).toBe(plain.stdout);
    await ahead().begin();
    await kite.run(['report', '--show', 'noise']);
    expect(results()).toEqual(kept);
    await kite.run(['report', '--html']);
    expect(results()).toEqual(expect.arrayContaining([...kept]));
    // The page is one more; its figures are none.
    expect(results()).toHaveLength(3);
  });

  it('are given up at once, and nothing is left of them', async () => {
    const one = ahead();
    const begun = one.begin();
    one.giveUp();
    await begun;
    expect(results()).toEqual([]);
  });

  it('are nobody’s failure where they can not be reckoned', async () => {
    await new FiguresAhead({ root: kite.path('nowhere') }, PROGRAM).begin();
    await new FiguresAhead({ root: kite.root }, kite.path('no-such-program.js')).begin();
    expect(results()).toEqual([]);
  });
});

describe('the end of a build', () => {
  const begin = vi.fn<() => Promise<void>>(() => Promise.resolve());
  const giveUp = vi.fn<() => void>();
  beforeEach(() => {
    begin.mockReset().mockResolvedValue();
    giveUp.mockReset();
  });
  const said = vi.fn<() => void>();
  const after = (more: Partial<BuildEnded>): Promise<void> =>
    figuresAfter(
      {
        loading: { root: kite.root, environment: {}, now: Date.now },
        took: HOUR,
        stopping: { asked: () => false, listen: () => {} },
        onBegin: said,
        ...more,
      },
      { begin, giveUp },
    );

  it('has them reckoned where that is worth it', async () => {
    await after({ took: 20_000 });
    expect(begin).not.toHaveBeenCalled();
    await after({});
    expect([begin.mock.calls.length, said.mock.calls.length]).toEqual([1, 1]);
    expect(giveUp).not.toHaveBeenCalled();
  });

  it('begins nothing where somebody has asked to stop', async () => {
    await after({ stopping: { asked: () => true, listen: () => {} } });
    expect(begin).not.toHaveBeenCalled();
  });

  it('waits no longer as soon as somebody asks to stop', async () => {
    let end = (): void => {};
    begin.mockImplementation(() => new Promise((resolve) => (end = resolve)));
    giveUp.mockImplementation(() => end());
    let stop = (): void => {};
    const waiting = after({
      stopping: {
        asked: () => false,
        listen(listener) {
          stop = listener;
        },
      },
    });
    await vi.waitUntil(() => begin.mock.calls.length > 0);
    stop();
    await waiting;
    expect(giveUp).toHaveBeenCalledTimes(1);
  });
});
