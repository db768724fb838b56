// What the page is given of the past and of the plan: two builds compared, every answer that was kept, what was spent by the day, batches,
// a cohort's spec.
import { describe, expect, it, onTestFinished } from 'vitest';
import { openProject } from '../../src/api.ts';
import { Aside } from '../../src/ui/aside/aside.ts';
import { startFakeProvider } from '../support/fakeprovider.ts';
import { DRAFT, kiteAnswer, makeKite } from '../support/kite.ts';
import { clientOf, openBench } from '../support/pageserver.ts';

const BATCH = {
  version: 1,
  id: '0b9f3c52-8d7e-4c11-9a3e-5f6a7b8c9d0e',
  state: 'sent',
  provider: 'lab',
  shape: 'openai',
  model: 'lab/w1',
  pool: 'paid',
  rows: 3,
  questions: [],
  reserved: 0.25,
  created: '2026-11-28T09:00:00.000Z',
  remote: { id: 'batch_7', status: 'in_progress' },
};

describe('the documents of the page', { timeout: 90_000 }, () => {
  it('tell two builds apart, keep every answer, and show a spec, spending and batches', async () => {
    const server = await startFakeProvider({ answer: kiteAnswer, cost: () => 0.01 });
    onTestFinished(() => server.close());
    const kite = makeKite(server.url);
    const project = await openProject({ root: kite.root });
    await project.build({ tags: { try: 'one' } }).report;
    kite.write(DRAFT, 'Use only {{ concepts[0].name }}.\n');
    await project.build({ tags: { try: 'two' } }).report;
    kite.write(`data/.daydream/batches/${BATCH.id}.json`, JSON.stringify(BATCH));
    await project.close();
    const bench = await openBench(kite);
    onTestFinished(() => bench.close());
    const { get } = await clientOf(bench);

    const { document: runs } = await get('runs');
    const [second, first] = runs['runs'] as readonly { readonly id: string; readonly tags: object }[];
    expect([first?.tags, second?.tags]).toEqual([{ try: 'one' }, { try: 'two' }]);
    expect((await get(`runpair?a=${first?.id ?? ''}&b=${second?.id ?? ''}`)).document).toMatchObject({
      made: [{ stage: 'draft', a: 4, b: 2, both: 2 }, { stage: 'essay' }, { stage: 'evaluation' }],
      kept: { stages: [{ stage: 'draft', same: 2, changed: 2, added: 0, gone: 0 }, {}, {}] },
    });

    const { document: kept } = await get(`answers?id=${kite.id('A:d-one')}`);
    expect(kept['answers']).toMatchObject([{ current: false }, { current: true }]);
    const texts = (kept['answers'] as readonly { readonly text: string }[]).map(({ text }) => text);
    expect(new Set(texts).size).toBe(2);

    const { document: costs } = await get('costs?by=stage&by=day');
    const lines = costs['lines'] as readonly { readonly key: string; readonly cost: number }[];
    expect(costs['by']).toEqual(['stage', 'day']);
    expect(lines.map(({ key }) => key.split('\n')[0]).toSorted()).toEqual(['draft', 'essay', 'evaluation']);
    expect(lines.reduce((sum, { cost }) => sum + cost, 0)).toBeCloseTo(server.requests.length * 0.01, 10);

    const unread = await get('costs?since=monday');
    expect(unread.status).toBe(422);
    expect(unread.document).toMatchObject({
      problems: [
        {
          code: 'DD168',
          message: 'since must be a span such as 7d or 12h, or a date, not "monday"',
          place: { field: 'since' },
          cure: expect.stringContaining('where you wrote the address by hand') as string,
        },
      ],
    });

    expect((await get('spec?cohort=C')).document).toMatchObject({
      cohort: 'C',
      files: [{ path: 'cohorts/C/spec/config.yaml', text: expect.stringContaining('combo_id: [A, B]') }],
    });
    for (const cohort of ['D', '../C', 'C/spec', '../../1_raw'])
      expect((await get(`spec?cohort=${encodeURIComponent(cohort)}`)).status).toBe(422);

    expect((await get('status')).document).toMatchObject({ batched: true });
    expect((await get('batches')).document).toMatchObject({
      batches: [{ state: 'sent', rows: 3, reserved: 0.25, remote: { id: 'batch_7', status: 'in_progress' } }],
    });
  });

  it('tell how far doctor is while it looks, and look once for all who ask meanwhile', async () => {
    const kite = makeKite();
    const project = await openProject({ root: kite.root, provider: 'offline' });
    await project.build().report;
    const bench = await openBench(kite);
    onTestFinished(async () => {
      await bench.close();
      await project.close();
    });
    const { get, hears } = await clientOf(bench);
    // Four drafts, four essays, sixteen evaluations.
    const heard = hears(({ aside }) => {
      const far = aside as
        | { readonly name: string; readonly done: number; readonly total: number }
        | undefined;
      return far?.name === 'health' && far.done === far.total && far.total >= 24;
    });
    expect((await get('health')).status).toBe(200);
    await heard;

    const aside = new Aside({
      project,
      elsewhere: undefined,
      size: () => 0,
      moment: () => '',
      listen: () => {},
    });
    const looking = aside.fresh('health');
    expect(aside.fresh('health')).toBe(looking);
    await looking;
    const again = aside.fresh('health');
    expect(again).not.toBe(looking);
    await again;
    aside.close();
  });
});
