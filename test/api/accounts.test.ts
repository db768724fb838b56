// What was built and spent as a view tells it: always what the project says, however ledger and records change in between.
import { appendFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { mkdirSync } from 'node:fs';
import { beforeEach, describe, expect, it } from 'vitest';
import { Accounts } from '../../src/api/view/accounts.ts';
import { costsOf } from '../../src/api/reading/money.ts';
import type { LedgerEntry } from '../../src/store/ledger/ledger.ts';
import { layoutOf, type Layout } from '../../src/store/layout.ts';
import { runPath, type RunRecord } from '../../src/store/runs/runs.ts';
import { ledgerLine } from '../support/ledgerline.ts';
import { scratchFolder } from '../support/project.ts';

const NOW = Date.parse('2026-11-30T12:00:30.000Z');

let layout: Layout;
let accounts: Accounts;
beforeEach(() => {
  layout = layoutOf(join(scratchFolder(), 'data'));
  accounts = new Accounts();
  mkdirSync(dirname(layout.ledger), { recursive: true });
  mkdirSync(layout.runs, { recursive: true });
});

function spend(change: Partial<LedgerEntry>): void {
  appendFileSync(layout.ledger, `${JSON.stringify({ version: 1, ...ledgerLine(change) })}\n`);
}

function run(id: string, change: Partial<RunRecord> = {}): void {
  const record = {
    version: 1,
    id,
    started: `2026-11-${id}T00:00:00.000Z`,
    tags: {},
    covered: { cohorts: [], generations: [] },
    built: { draft: ['d_1', 'd_2'], essay: [], evaluation: [] },
    failures: [{ kind: 'api', message: 'no', genIds: Array.from({ length: 30 }, (_, at) => `d_${at}`) }],
    ...change,
  };
  writeFileSync(runPath(layout, id), JSON.stringify(record));
}

describe('the accounts of a view', () => {
  it('say what the project says, by whatever is asked, as lines come', async () => {
    for (const by of ['model', ['stage', 'day'], 'cohort'] as const)
      for (const since of [undefined, '2026-11-29', '1d']) {
        spend({ model: 'a', stage: 'draft', when: '2026-11-28T10:00:00.000Z', cost: 0.25 });
        spend({ model: 'b', stage: 'essay', when: '2026-11-29T18:00:00.000Z', cost: 0.1 });
        spend({ model: 'b', stage: 'essay', when: '2026-11-30T10:00:00.000Z' });
        const told = await accounts.costs(layout, { by, since }, NOW);
        expect(told).toEqual(costsOf(layout, { by, since }, NOW));
        expect(told.total.attempts).toBeGreaterThan(0);
      }
  });

  it('forget a ledger that was replaced, and name its damaged lines', async () => {
    spend({ cost: 1 });
    expect((await accounts.costs(layout, {}, NOW)).total.cost).toBe(1);
    rmSync(layout.ledger);
    expect((await accounts.costs(layout, {}, NOW)).total.attempts).toBe(0);
    spend({ cost: 0.5 });
    appendFileSync(layout.ledger, 'no entry\n');
    spend({ cost: 0.25 });
    const { total, warnings } = await accounts.costs(layout, {}, NOW);
    expect(total).toMatchObject({ attempts: 2, cost: 0.75 });
    expect(warnings).toMatchObject([{ code: 'DD620', place: { line: 2 } }]);
    expect(warnings).toEqual(costsOf(layout, {}, NOW).warnings);
  });

  it('refuse what nobody can sum by', async () => {
    await expect(accounts.costs(layout, { since: 'whenever' }, NOW)).rejects.toThrow('--since');
  });

  it('tell runs without their lists, and anew what was replaced or removed', async () => {
    run('01', { team: { answers: 2, saved: 0.5 } });
    run('02');
    const [first, second] = await accounts.runs(layout);
    expect(first).toMatchObject({
      id: '01',
      built: { draft: 2, essay: 0 },
      failures: [{ kind: 'api', count: 30 }],
    });
    expect(first?.failures[0]?.genIds).toHaveLength(20);
    expect(second).not.toHaveProperty('covered');
    expect((await accounts.costs(layout, {}, NOW)).team).toMatchObject({ answers: 2, saved: 0.5 });
    run('01', { tags: { mended: 'yes' } });
    rmSync(runPath(layout, '02'));
    writeFileSync(runPath(layout, '03'), '{');
    const after = await accounts.runs(layout);
    expect(after.map(({ id, tags }) => [id, tags])).toEqual([['01', { mended: 'yes' }]]);
  });
});
