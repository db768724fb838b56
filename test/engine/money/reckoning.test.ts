// What a build cost and what it saved: by the ledger where that knows, else by the texts at today's price.
import { describe, expect, it } from 'vitest';
import { openReckoner, type Reckoning } from '../../../src/engine/money/reckoning.ts';
import type { PlanPrice } from '../../../src/engine/money/price.ts';
import type { Plan } from '../../../src/engine/plan/plan.ts';
import { Tally } from '../../../src/run/events.ts';
import { openLedger, type LedgerEntry } from '../../../src/store/ledger/ledger.ts';
import { rowOf, type GraphSketch } from '../../support/graphs.ts';
import { ledgerLine } from '../../support/ledgerline.ts';
import { replied, workbench, type Workbench } from '../../support/workbench.ts';

/** USD per million tokens. */
const PRICED = { writer: { inputPrice: 1, outputPrice: 10 } };
const CHAIN: GraphSketch = {
  rows: {
    d1: { template: 'draft-t', model: 'writer' },
    e1: { from: 'd1', template: 'essay-t', model: 'writer' },
    v1: { from: 'e1', template: 'judge-t', model: 'writer' },
  },
  texts: { 'draft-t': 'p'.repeat(400) },
  asks: PRICED,
};
const NOTHING = { calls: 0, usd: 0 };
const PRICE = { lower: { calls: 1, usd: 2 }, upper: { calls: 3, usd: 4 } } as unknown as PlanPrice;

/** A built chain, looked at again, and what is reckoned of it. */
async function built(sketch: GraphSketch = CHAIN): Promise<Workbench> {
  const bench = workbench(sketch, { answers: () => replied('r'.repeat(800)) });
  await bench.run();
  bench.verdict('d1');
  return bench;
}

function planOf(bench: Workbench, ...selected: readonly string[]): Plan {
  const { graph, layout, floor } = bench;
  const rows = new Uint8Array(graph.size).fill(selected.length === 0 ? 1 : 0);
  for (const id of selected) rows[rowOf(graph, id)] = 1;
  const session = { loaded: { graph, layout }, index: floor.index };
  return { session, judge: floor.judge, selected: rows } as unknown as Plan;
}

function ledgerOf(bench: Workbench, ...entries: readonly Partial<LedgerEntry>[]): void {
  const ledger = openLedger(bench.layout.ledger);
  for (const entry of entries) ledger.record(ledgerLine(entry));
  ledger.close();
}

/** After a run that these outcomes came of. */
function reckoned(plan: Plan, price: PlanPrice, tally = new Tally()): Reckoning | undefined {
  return openReckoner(plan, price).close(tally.summary());
}

describe('what was saved', () => {
  it('is what the ledger says that the answers cost that are used again, the last one of each', async () => {
    const bench = await built();
    ledgerOf(
      bench,
      { gen_id: 'd1', cost: 7 },
      { gen_id: 'd1', cost: 0.5 },
      { gen_id: 'e1', cost: 0.25 },
      { gen_id: 'e1', cost: 9, outcome: 'server' },
      { gen_id: 'v1', cost: 0.125 },
      { gen_id: 'elsewhere', cost: 100 },
    );
    expect(reckoned(planOf(bench), PRICE)?.saved.unchanged).toEqual({
      generations: 3,
      cost: 0.875,
      unknown: 0,
    });
  });

  it('is told by bytes and prices where the ledger knows nothing: four bytes a token, in and out each at its price', async () => {
    const bench = await built({
      rows: { d1: { template: 'draft-t', model: 'writer' } },
      texts: CHAIN.texts ?? {},
      asks: PRICED,
    });
    // 100 tokens in at 1, 200 out at 10, a million of them.
    expect(reckoned(planOf(bench), PRICE)?.saved.unchanged).toEqual({
      generations: 1,
      cost: expect.closeTo(0.0021, 10),
      unknown: 0,
    });
  });

  it('is unknown where neither the ledger nor a price says', async () => {
    const bench = await built({ ...CHAIN, asks: {} });
    expect(reckoned(planOf(bench), PRICE)?.saved.unchanged).toEqual({ generations: 3, cost: 0, unknown: 3 });
  });

  it('counts what is selected, and neither copies nor the offline model', async () => {
    const bench = await built({ ...CHAIN, copies: ['essay-t'] });
    expect(reckoned(planOf(bench), PRICE)?.saved.unchanged.generations).toBe(2);
    expect(reckoned(planOf(bench, 'v1'), PRICE)?.saved.unchanged.generations).toBe(1);
    const offline = await built({ ...CHAIN, asks: { writer: { provider: 'offline' } } });
    expect(reckoned(planOf(offline), PRICE)?.saved.unchanged.generations).toBe(0);
  });

  it('counts what a hand has edited, and nothing that has to be made', async () => {
    const bench = await built();
    bench.write('v1', 'parsed.txt', 'by hand');
    expect(bench.verdict('v1').state).toBe('edited');
    expect(reckoned(planOf(bench), PRICE)?.saved.unchanged.generations).toBe(3);
    const stale = bench.with({ ...CHAIN, texts: { 'draft-t': 'another' } });
    stale.verdict('d1');
    expect(reckoned(planOf(stale), PRICE)?.saved.unchanged.generations).toBe(0);
  });

  it('counts what the run found unchanged on its way', async () => {
    const bench = await built();
    ledgerOf(bench, { gen_id: 'e1', cost: 0.25 });
    const stale = bench.with({ ...CHAIN, texts: { 'draft-t': 'another' } });
    stale.verdict('d1');
    const reckoner = openReckoner(planOf(stale), PRICE);
    reckoner.listen({ type: 'run_started', attempted: 3 });
    reckoner.listen({
      type: 'generation',
      genId: 'd1',
      stage: 'draft',
      outcome: { kind: 'built', steps: ['called'] },
    });
    reckoner.listen({ type: 'generation', genId: 'e1', stage: 'essay', outcome: { kind: 'unchanged' } });
    expect(reckoner.close(new Tally().summary())?.saved.unchanged).toEqual({
      generations: 1,
      cost: 0.25,
      unknown: 0,
    });
  });
});

describe('what it cost', () => {
  it('stands beside what was estimated, with what came out of the cache', async () => {
    const tally = new Tally();
    const spent = { billed: 0.375, counted: 0.125, estimated: 0, unknown: 0, maybeBilled: 0 };
    tally.add('d1', 'draft', { kind: 'built', steps: ['rendered', 'called', 'parsed'], cost: 0.5, spent });
    tally.add('e1', 'essay', { kind: 'built', steps: ['rendered', 'cached', 'parsed'], saved: 0.25 });
    const { estimated, actual, saved } = reckoned(planOf(await built()), PRICE, tally) ?? {};
    expect(estimated).toMatchObject({ lower: 2, upper: 4, calls: { lower: 1, upper: 3 } });
    expect(actual).toEqual({ cost: 0.5, calls: 1, spent });
    expect(saved?.cached).toEqual({ answers: 1, cost: 0.25, unknown: 0 });
  });

  it('is not told where nothing was to be paid and nothing came out of the cache, or where nothing ran', async () => {
    const free = { lower: NOTHING, upper: NOTHING } as unknown as PlanPrice;
    const plan = planOf(await built());
    expect(reckoned(plan, free)).toBeUndefined();
    expect(openReckoner(plan, PRICE).close(undefined)).toBeUndefined();
    const tally = new Tally();
    tally.add('d1', 'draft', { kind: 'built', steps: ['cached'] });
    expect(reckoned(plan, free, tally)).toBeDefined();
  });
});
