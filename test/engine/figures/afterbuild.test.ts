// Figures are reckoned before anybody asks: after which builds, and that nobody waits for them.
import { mkdirSync } from 'node:fs';
import { beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { figuresAfter, worthAfter, type BuildEnded } from '../../../src/engine/figures/afterbuild.ts';
import { locate } from '../../../src/engine/project/load.ts';
import { indexPath } from '../../../src/store/layout.ts';
import { GenIndex } from '../../../src/store/gens/genindex.ts';
import { makeKite, type Kite } from '../../support/kite.ts';

const HOUR = 3_600_000;

/** As many generations as are worth it; what is in them matters to nobody here. */
let kite: Kite;
beforeAll(async () => {
  kite = makeKite();
  const { layout } = await locate({ root: kite.root, environment: {}, now: Date.now });
  mkdirSync(layout.state, { recursive: true });
  new GenIndex(1000).save(indexPath(layout), '');
});

describe('figures', () => {
  it.each([
    ['of a small root, which are not kept', HOUR, 999, false],
    ['that cost more than a fifth of the build', 15_000, 1000, false],
    ['that cost less', 15_176, 1000, true],
    ['of a hundred thousand after half a minute', HOUR / 120, 100_001, false],
    ['of a hundred thousand after 36 s', HOUR / 100, 100_001, true],
  ])('%s', (_which, took, generations, worth) => {
    expect(worthAfter(took, generations)).toBe(worth);
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
    await after({ took: 15_000 });
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
