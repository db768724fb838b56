// The summary of a run: what is counted, what is summed, and how failures and what is left are gathered.
import { describe, expect, it } from 'vitest';
import { addTeam, Tally, type Outcome } from '../../src/run/events.ts';
import { NOTHING_SPENT } from '../../src/store/ledger/spending.ts';

type Built = Extract<Outcome, { kind: 'built' }>;

const built = (more: Partial<Built> = {}): Outcome => ({ kind: 'built', steps: [], ...more });

function failed(reason: string, message: string, more: Partial<Built> = {}): Outcome {
  const { kind: _built, ...money } = more;
  return {
    kind: 'failed',
    failure: { step: 'parse', kind: 'unparsable', reason, message },
    steps: [],
    ...money,
  };
}

/** A fold over outcomes of drafts, named d1, d2 … */
function tallied(...outcomes: readonly Outcome[]): Tally {
  const tally = new Tally();
  for (const [place, outcome] of outcomes.entries()) tally.add(`d${place + 1}`, 'draft', outcome);
  return tally;
}

describe('counts', () => {
  it('are nothing before anything came', () => {
    expect(new Tally().summary()).toEqual({
      built: { draft: 0, essay: 0, evaluation: 0 },
      how: { rendered: 0, called: 0, offline: 0, cached: 0, copied: 0, scored: 0, parsed: 0 },
      adopted: 0,
      unchanged: 0,
      failed: 0,
      blocked: 0,
      left: 0,
      cost: 0,
      spent: NOTHING_SPENT,
      saved: 0,
      team: { answers: 0, saved: 0 },
      savedUnknown: 0,
      failures: [],
      leftBy: [],
      parked: [],
      why: [],
    });
  });

  it('are by stage for what was built, and by end for everything else', () => {
    const tally = tallied(
      built(),
      { kind: 'adopted' },
      { kind: 'unchanged' },
      { kind: 'unchanged' },
      failed('empty', 'm'),
      { kind: 'blocked', by: 'd5' },
      { kind: 'left', why: 'interrupted' },
    );
    tally.add('e1', 'essay', built());
    tally.add('e2', 'essay', failed('empty', 'm'));
    expect(tally.summary()).toMatchObject({
      built: { draft: 1, essay: 1, evaluation: 0 },
      adopted: 1,
      unchanged: 2,
      failed: 2,
      blocked: 1,
      left: 1,
      leftBy: [{ why: 'interrupted', count: 1 }],
      parked: [],
    });
  });

  it('of steps hold those of failures too', () => {
    const { how } = tallied(
      built({ steps: ['rendered', 'called', 'parsed'] }),
      failed('empty', 'm', { steps: ['rendered', 'cached'] }),
    ).summary();
    expect(how).toMatchObject({ rendered: 2, called: 1, cached: 1, parsed: 1, offline: 0 });
  });
});

describe('money', () => {
  it('is summed over what was built and what failed, by how it is known', () => {
    const { cost, spent, saved } = tallied(
      built({ spent: { ...NOTHING_SPENT, billed: 1, unknown: 1 }, saved: 0.5 }),
      failed('empty', 'm', { spent: { ...NOTHING_SPENT, counted: 0.25 }, saved: 0.125 }),
      built(),
    ).summary();
    expect(spent).toEqual({ billed: 1, counted: 0.25, estimated: 0, unknown: 1, maybeBilled: 0 });
    expect({ cost, saved }).toEqual({ cost: 1.25, saved: 0.625 });
  });

  it('that a kept answer saved is unknown only where one was used and nobody said', () => {
    const { savedUnknown } = tallied(
      built({ steps: ['cached', 'parsed'] }),
      failed('empty', 'm', { steps: ['rendered', 'cached'] }),
      built({ steps: ['cached'], saved: 0 }),
      built({ steps: ['called'] }),
    ).summary();
    expect(savedUnknown).toBe(2);
  });

  it('of calls that failed are those alone that may have cost something, and gave no text', () => {
    const paid = { ...NOTHING_SPENT, billed: 0.5 };
    const all = tallied(
      failed('empty', 'm', { spent: paid }),
      failed('empty', 'm', { spent: { ...NOTHING_SPENT, unknown: 1 } }),
      failed('empty', 'm', { spent: { ...NOTHING_SPENT, maybeBilled: 1 } }),
      failed('empty', 'm', { spent: paid, steps: ['called'] }),
      failed('empty', 'm'),
    );
    expect(all.summary()).toMatchObject({ paidFailures: 2, how: { called: 1 } });
  });

  it('of the team is counted apart, with how many say nothing', () => {
    const all = tallied(
      built({ saved: 0.5, from: 'team' }),
      failed('empty', 'm', { saved: 0.25, from: 'team' }),
      built({ saved: 4 }),
    );
    expect(all.summary().team).toEqual({ answers: 2, saved: 0.75 });
    all.add('d9', 'draft', built({ from: 'team', steps: ['cached'] }));
    expect(all.summary()).toMatchObject({
      team: { answers: 3, saved: 0.75, unknown: 1 },
      saved: 4.75,
      savedUnknown: 1,
    });
  });
});

it('two shares of a team together: what is unknown is left out where it is nothing', () => {
  expect(addTeam({ answers: 1, saved: 2 }, { answers: 3, saved: 4 })).toEqual({ answers: 4, saved: 6 });
  expect(addTeam({ answers: 1, saved: 2, unknown: 1 }, { answers: 0, saved: 0 })).toEqual({
    answers: 1,
    saved: 2,
    unknown: 1,
  });
  expect(addTeam({ answers: 1, saved: 0, unknown: 1 }, { answers: 2, saved: 0, unknown: 2 }).unknown).toBe(3);
});

describe('failures', () => {
  it('are gathered by cause, the most frequent first, each with its most frequent message', () => {
    const api: Outcome = {
      kind: 'failed',
      failure: { step: 'generate', kind: 'api', reason: 'empty', message: 'a call' },
      steps: [],
    };
    const { failures } = tallied(
      failed('min_lines', 'few'),
      failed('empty', 'one'),
      failed('empty', 'two'),
      failed('empty', 'two'),
      api,
      api,
    ).summary();
    expect(failures).toEqual([
      { kind: 'unparsable', reason: 'empty', message: 'two', others: 1, genIds: ['d2', 'd3', 'd4'] },
      { kind: 'api', reason: 'empty', message: 'a call', others: 0, genIds: ['d5', 'd6'] },
      { kind: 'unparsable', reason: 'min_lines', message: 'few', others: 0, genIds: ['d1'] },
    ]);
  });
});

describe('what is left', () => {
  it('is counted by why, and for parked ones by pool, with the end of its rest that was told last', () => {
    const parked = (pool: string, until: number): Outcome => ({ kind: 'left', why: 'parked', pool, until });
    const {
      leftBy,
      parked: pools,
      why,
    } = tallied(
      parked('free', 5),
      { kind: 'left', why: 'over_budget' },
      parked('paid', 7),
      parked('free', 9),
      parked('free', 6),
      { kind: 'left', why: 'over_budget' },
      { kind: 'left', why: 'interrupted' },
    ).summary();
    expect(leftBy).toEqual([
      { why: 'parked', count: 3, pool: 'free', until: 6 },
      { why: 'over_budget', count: 2 },
      { why: 'parked', count: 1, pool: 'paid', until: 7 },
      { why: 'interrupted', count: 1 },
    ]);
    expect(pools).toEqual([
      { pool: 'free', until: 6 },
      { pool: 'paid', until: 7 },
    ]);
    expect(why).toEqual(['interrupted', 'over_budget', 'parked']);
  });
});
