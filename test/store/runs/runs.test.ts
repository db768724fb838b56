// The records of builds: each comes back as it was written or is damaged, and all come in the order in which they began.
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeEach, describe, expect, it } from 'vitest';
import { layoutOf, type Layout } from '../../../src/store/layout.ts';
import {
  listRuns,
  readRun,
  readRuns,
  runIdOf,
  runPath,
  writeRun,
  type RunRecord,
} from '../../../src/store/runs/runs.ts';
import { scratchFolder } from '../../support/project.ts';

let layout: Layout;
beforeEach(() => {
  layout = layoutOf(scratchFolder());
});

const recordOf = (id: string): RunRecord => ({
  version: 1,
  id,
  command: 'daydream build',
  started: '2026-11-23T10:00:00.000Z',
  ended: '2026-11-23T10:01:00.000Z',
  durationMs: 60_000,
  daydream: '0.1.0',
  node: 'v20',
  tags: { why: 'wörd' },
  selectors: [],
  excluded: [],
  covered: { cohorts: ['one'], generations: ['d_1'] },
  plan: { calls: 3 },
  built: { draft: ['d_1'], essay: [], evaluation: [] },
  how: { called: 1 },
  adopted: 0,
  unchanged: 0,
  failed: 0,
  blocked: 0,
  left: 0,
  cost: 0.5,
  failures: [],
  parked: [],
  why: [],
  states: { current: 1 },
});

function leave(id: string, text: string): void {
  mkdirSync(layout.runs, { recursive: true });
  writeFileSync(runPath(layout, id), text);
}

describe('a record', () => {
  it('comes back as it was written', async () => {
    await writeRun(layout, recordOf('r1'));
    expect(runPath(layout, 'r1')).toBe(join(layout.runs, 'r1.json'));
    expect(readRun(layout, 'r1')).toEqual(recordOf('r1'));
    expect(readRun(layout, 'r2')).toBeUndefined();
  });

  it.each([
    '',
    '{',
    'null',
    JSON.stringify({ ...recordOf('r1'), id: 1 }),
    JSON.stringify({ ...recordOf('r1'), tags: 'none' }),
    JSON.stringify({ ...recordOf('r1'), covered: undefined }),
    JSON.stringify({ ...recordOf('r1'), covered: { cohorts: 'one', generations: [] } }),
    JSON.stringify({ ...recordOf('r1'), covered: { cohorts: [], generations: 'd_1' } }),
  ])('is damaged as %s', (text) => {
    leave('r1', text);
    expect(readRun(layout, 'r1')).toBe('damaged');
  });
});

describe('all records', () => {
  it('come oldest first, without what is damaged or no record', async () => {
    expect([listRuns(layout), readRuns(layout)]).toEqual([[], []]);
    for (const id of ['r3', 'r1', 'r2']) await writeRun(layout, recordOf(id));
    leave('r0', '{');
    writeFileSync(join(layout.runs, '.r4.json'), '');
    writeFileSync(join(layout.runs, 'r1.made.jsonl'), '');
    writeFileSync(join(layout.runs, 'r1.json.txt'), '');
    expect(listRuns(layout)).toEqual(['r0', 'r1', 'r2', 'r3']);
    expect(readRuns(layout).map(({ id }) => id)).toEqual(['r1', 'r2', 'r3']);
  });
});

describe('the name of a run', () => {
  it('is when it began, and a number that tells it from others of that moment', () => {
    const when = Date.parse('2026-11-23T10:07:08.009Z');
    expect(runIdOf(layout, when, () => 0)).toBe('20261123T100708009-0000');
    expect(runIdOf(layout, when, () => 0.9999999)).toBe('20261123T100708009-ffff');
    expect(runIdOf(layout, when, () => 1 / 0x1000)).toBe('20261123T100708009-0010');
    expect(runIdOf(layout, when, () => 0.5) < runIdOf(layout, when + 1, () => 0)).toBe(true);
  });

  it('sorts behind all runs and all that went to the trash, though the clock was ahead once', async () => {
    const when = Date.parse('2026-11-23T10:07:08.009Z');
    await writeRun(layout, recordOf('20261122T100000000-0000'));
    expect(runIdOf(layout, when, () => 0)).toBe('20261123T100708009-0000');
    mkdirSync(join(layout.trash, '20461123T100000999-abcd'), { recursive: true });
    expect(runIdOf(layout, when, () => 0)).toBe('20461123T100001000-0000');
    await writeRun(layout, recordOf('20991231T235959999-ffff'));
    await writeRun(layout, recordOf('by-hand'));
    expect(runIdOf(layout, when, () => 0)).toBe('21000101T000000000-0000');
    await writeRun(layout, recordOf('99999999T999999999-0000'));
    expect(runIdOf(layout, when, () => 0)).toBe('20461123T100001000-0000');
  });
});
