// Figures that were reckoned before anybody asked are what is asked for later, by a process of its own. Takes as long as files take to be
// old enough to be told from later ones.
import { rmSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { FiguresAhead } from '../../src/engine/figures/ahead.ts';
import { namesIfPresent } from '../../src/store/writing/atomic.ts';
import { makeKite, type Kite } from '../support/kite.ts';
import { ROOT } from '../support/program.ts';

const PROGRAM = join(ROOT, 'dist/figuresprocess.js');

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
