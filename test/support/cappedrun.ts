// One build under a cap that is all chance: what calls cost, how long they take, which fail, and the cap. Simulated: no provider, no clock.
import { Budget } from '../../src/model/money/budget.ts';
import { call, dispatching, failed, reply, settingAside } from './dispatching.ts';
import { seededRandom } from './fakeprovider.ts';

export interface CappedRun {
  /** What the provider billed, in dollars. */
  readonly billed: number;
  readonly cap: number;
  /** How many calls were not asked, for they might have passed the cap. */
  readonly over: number;
  /** The most that were in flight at once. */
  readonly most: number;
  /** What is set aside still when all is over. */
  readonly reserved: number;
}

/** 100 calls at concurrency 64. */
export async function cappedRun(seed: number): Promise<CappedRun> {
  const random = seededRandom(seed);
  // One a run: a signal shared by all would gather the listeners of every sleep of every run.
  const { signal } = new AbortController();
  const cap = 0.05 + random() * 3;
  const budget = new Budget(cap);
  let billed = 0;
  const rig = dispatching(
    () => {
      const cost = random() * 0.1;
      const fate = random();
      if (fate < 0.15) return failed('server');
      billed += cost;
      return fate < 0.2 ? failed('timeout', { lostReply: true }) : reply({ usage: { cost } });
    },
    { budget, random, pool: { concurrency: 64 }, latencyMs: () => Math.ceil(random() * 5000) },
  );
  const calls = Array.from({ length: 100 }, (_, index) =>
    rig.dispatcher.submit(call(String(index), settingAside(0.1)), signal),
  );
  const all = Promise.all(calls);
  await rig.clock.runUntil(all);
  const over = (await all).filter(({ kind }) => kind === 'over_budget').length;
  return { billed, cap, over, most: rig.most(), reserved: budget.state().reserved };
}
