// Rows for notebooks say how they stand, and leave out what is not current where that is asked for.
import { describe, expect, it } from 'vitest';
import { openProject, type ExportRow, type RowOptions } from '../../src/api.ts';
import { DRAFT, makeKite } from '../support/kite.ts';

describe('exported rows', () => {
  it('count what is not current as their own rows have it, and name the scores of an earlier text', async () => {
    const kite = makeKite();
    const project = await openProject({ root: kite.root });
    const rowsOf = async (options: RowOptions): Promise<readonly ExportRow[]> => {
      const rows: ExportRow[] = [];
      for await (const row of project.rows(options)) rows.push(row);
      return rows;
    };
    const exported = (options: RowOptions) => project.export({ ...options, out: kite.path('rows.csv') });
    const unbuilt = await exported({});
    expect([unbuilt.texts, unbuilt.standing]).toEqual([
      { count: 12, states: { missing: 12 } },
      { evaluations: 16, states: { missing: 16 }, unlisted: 0, earlier: [] },
    ]);
    await project.build().report;
    expect((await exported({ current: true })).standing).toMatchObject({
      states: { current: 16 },
      earlier: [],
    });

    // Two drafts are to be made again, and what is below them with them.
    kite.edit(DRAFT, 'Use:', 'Take:');
    const rows = await rowsOf({});
    const counted = (among: readonly ExportRow[]): Record<string, number> => {
      const states: Record<string, number> = {};
      for (const { state } of among) states[state] = (states[state] ?? 0) + 1;
      return states;
    };
    const scores = rows.filter(({ stage }) => stage === 'evaluation');
    const texts = rows.filter(({ stage }) => stage !== 'evaluation');
    const { standing, texts: told } = await exported({});
    expect(told).toEqual({ count: texts.length, states: counted(texts) });
    expect(standing.states).toEqual(counted(scores));
    expect(standing.states).toEqual({ current: 8, pending: 8 });
    const earlier = scores.filter(({ state, score }) => state === 'pending' && score !== null);
    expect(standing.earlier).toEqual(earlier.map(({ gen_id: id }) => id));

    const current = await exported({ current: true });
    expect(current.rows).toBe(rows.filter(({ state }) => state === 'current').length);
    expect(await rowsOf({ current: true })).toEqual(rows.filter(({ state }) => state === 'current'));
    expect([current.standing, current.texts]).toEqual([standing, told]);
    // Of what was asked for alone.
    expect(await exported({ select: 'stage:draft' })).toMatchObject({
      rows: 4,
      texts: { count: 4, states: { current: 2, stale: 2 } },
      standing: { evaluations: 0, states: {} },
    });
  });
});
