// The way of questions into batches: what is collected together, when it is sent, what is set aside for it, and how sending can end.
import { beforeEach, describe, expect, it } from 'vitest';
import { listBatches, rowsOf, type BatchRow } from '../../../src/model/batch/journal.ts';
import { BatchLane, type LaneEvent, type LaneOptions, type Packing } from '../../../src/model/batch/lane.ts';
import type { BatchShape, Submission } from '../../../src/model/batch/shape.ts';
import { WireError } from '../../../src/model/batch/wire.ts';
import { Budget } from '../../../src/model/money/budget.ts';
import { layoutOf, type Layout } from '../../../src/store/layout.ts';
import { batchRow, CREATED, shapeWith } from '../../support/batchrows.ts';
import { scratchFolder } from '../../support/project.ts';

let layout: Layout;
let sent: Submission[];
let said: LaneEvent[];
beforeEach(() => {
  layout = layoutOf(scratchFolder());
  sent = [];
  said = [];
});

function lane(more: Partial<LaneOptions> = {}): BatchLane {
  return new BatchLane({
    layout,
    bodyOf: ({ asked }) => ({ prompt: asked['prompt'] }),
    now: () => Date.parse(CREATED),
    open: new Map(),
    hear: (event) => void said.push(event),
    ...more,
  });
}

function packing(more: Partial<Packing> = {}, shape: Partial<BatchShape> = {}): Packing {
  const submit = async (submission: Submission): Promise<string> => {
    sent.push(submission);
    return `r${sent.length}`;
  };
  return { shape: shapeWith({ submit, ...shape }), ...more };
}

/** A row of another provider, pool or model. */
function rowOf(address: string, { provider = 'lab', pool = 'paid', model = 'lab/w1' } = {}): BatchRow {
  const { call } = batchRow(address);
  return batchRow(address, { call: { ...call, provider, pool, request: { ...call.request, model } } });
}

const names = (): readonly (readonly string[])[] =>
  sent.map(({ rows }) => rows.map(({ customId }) => customId));

describe('what is collected', () => {
  it('is sent when the lane is closed, as one batch, written down before it is sent', async () => {
    const open = lane();
    const rows = [batchRow('a'), batchRow('b', { reserved: 0.25 })];
    let then: unknown;
    const pack = packing(
      {},
      {
        submit: async (submission) => {
          then = listBatches(layout);
          sent.push(submission);
          return 'r1';
        },
      },
    );
    expect(rows.map((row) => open.add(row, pack))).toEqual(['taken', 'taken']);
    expect(sent).toEqual([]);
    await open.close('send');
    const [record] = listBatches(layout);
    const written = {
      version: 1,
      id: record?.id,
      state: 'sending',
      provider: 'lab',
      shape: 'openai',
      model: 'lab/w1',
      pool: 'paid',
      questions: [
        ['a', 'draft', 'd_a'],
        ['b', 'draft', 'd_b'],
      ],
      reserved: 0.75,
      unpriced: 2,
      created: CREATED,
    };
    expect(then).toEqual([written]);
    expect(record).toEqual({ ...written, state: 'sent', sent: CREATED, remote: { id: 'r1' } });
    expect(rowsOf(layout, record!)).toEqual(rows);
    expect(sent).toEqual([
      {
        id: record?.id,
        model: 'lab/w1',
        rows: [
          { customId: 'a', body: { prompt: 'What is a?' } },
          { customId: 'b', body: { prompt: 'What is b?' } },
        ],
      },
    ]);
    expect(said).toEqual([{ type: 'batch_sent', batch: record }]);
  });

  it('is let go of where it is not to be sent, and what was set aside is free again', async () => {
    const budget = new Budget(10);
    const open = lane({ budget });
    open.add(batchRow('a'), packing());
    expect(budget.state().reserved).toBe(0.5);
    expect([...(await open.close('let_go'))]).toEqual([['a', { why: 'interrupted' }]]);
    expect([sent, said, listBatches(layout)]).toEqual([[], [], []]);
    expect(budget.state()).toMatchObject({ reserved: 0, spent: 0 });
  });

  it('is nothing where nothing was added', async () => {
    await lane().close('send');
    expect(said).toEqual([]);
  });

  it('is kept apart by provider, pool and model', async () => {
    const open = lane();
    const pack = packing();
    open.add(rowOf('a'), pack);
    open.add(rowOf('b', { provider: 'other' }), pack);
    open.add(rowOf('c', { pool: 'free' }), pack);
    open.add(rowOf('d', { model: 'lab/w2' }), pack);
    open.add(rowOf('e'), pack);
    await open.close('send');
    expect(names()).toEqual([['a', 'e'], ['b'], ['c'], ['d']]);
    expect(
      listBatches(layout)
        .map(({ pool, provider, model }) => `${provider} ${pool} ${model}`)
        .sort(),
    ).toEqual(['lab free lab/w1', 'lab paid lab/w1', 'lab paid lab/w2', 'other paid lab/w1']);
  });
});

describe('a batch is full', () => {
  const added = async (pack: Packing, count = 5): Promise<readonly (readonly string[])[]> => {
    const open = lane();
    for (let number = 1; number <= count; number++) open.add(batchRow(String(number)), pack);
    await open.close('send');
    return names();
  };

  it('with so many rows as the config says', async () => {
    expect(await added(packing({ size: 2 }))).toEqual([['1', '2'], ['3', '4'], ['5']]);
  });

  it('with so many as the provider takes, whatever the config says', async () => {
    expect(await added(packing({ size: 100 }, { most: { rows: 3, bytes: 1000 } }))).toEqual([
      ['1', '2', '3'],
      ['4', '5'],
    ]);
  });

  it('before it would pass ninety-five of a hundred of the bytes that the provider takes', async () => {
    const sizes = (bytes: number): Packing => packing({}, { sizeOf: () => 19, most: { rows: 100, bytes } });
    expect(await added(sizes(40), 4)).toEqual([
      ['1', '2'],
      ['3', '4'],
    ]);
    sent = [];
    expect(await added(sizes(39), 2)).toEqual([['1'], ['2']]);
  });

  it('by the sizes of its rows as they are sent', async () => {
    const pack = packing(
      {},
      {
        sizeOf: ({ customId, body }) => (customId === '2' && body['prompt'] === 'What is 2?' ? 90 : 10),
        most: { rows: 100, bytes: 100 },
      },
    );
    expect(await added(pack, 4)).toEqual([['1'], ['2'], ['3', '4']]);
  });

  it('and is sent at once, while others are collected', async () => {
    const open = lane();
    open.add(batchRow('a'), packing({ size: 1 }));
    await expect.poll(() => sent.length).toBe(1);
    await open.close('let_go');
    expect(said.map(({ type }) => type)).toEqual(['batch_sent']);
  });
});

it('batches are sent one after the other', async () => {
  const open = lane();
  let under = 0;
  const pack = packing(
    { size: 1 },
    {
      submit: async () => {
        expect(++under).toBe(1);
        await new Promise((done) => setImmediate(done));
        under--;
        return 'r';
      },
    },
  );
  for (const address of ['a', 'b', 'c']) open.add(batchRow(address), pack);
  await open.close('send');
  expect(said).toHaveLength(3);
});

describe('there is no room', () => {
  it('for a new batch where so many of its pool are open, and for one that was begun there is', async () => {
    const open = lane({ open: new Map([['paid', 1]]) });
    const pack = packing({ maxInFlight: 2, size: 2 });
    const came = ['a', 'b', 'c'].map((each) => open.add(batchRow(each), pack));
    await open.close('let_go');
    expect(came).toEqual(['taken', 'taken', 'no_room']);
  });

  it('by pool: another pool has its own', () => {
    const open = lane({ open: new Map([['paid', 2]]) });
    const pack = packing({ maxInFlight: 2 });
    expect(open.add(rowOf('a'), pack)).toBe('no_room');
    expect(open.add(rowOf('b', { pool: 'free' }), pack)).toBe('taken');
  });

  it('never where nobody says how many', () => {
    expect(lane({ open: new Map([['paid', 1000]]) }).add(batchRow('a'), packing())).toBe('taken');
  });

  it('and nothing is set aside then', () => {
    const budget = new Budget(10);
    lane({ budget, open: new Map([['paid', 1]]) }).add(batchRow('a'), packing({ maxInFlight: 1 }));
    expect(budget.state().reserved).toBe(0);
  });
});

describe('a cap', () => {
  it('is held: what may cost more is not taken, and begins no batch', () => {
    const budget = new Budget(0.75);
    const open = lane({ budget });
    const pack = packing({ maxInFlight: 1 });
    expect(open.add(batchRow('big', { reserved: 1 }), pack)).toBe('over_budget');
    expect(open.add(batchRow('a'), pack)).toBe('taken');
    expect(open.add(batchRow('b'), pack)).toBe('over_budget');
    expect(open.add(batchRow('c', { reserved: 0.25 }), pack)).toBe('taken');
  });

  it('counts what was sent until it is taken', async () => {
    const budget = new Budget(10);
    const open = lane({ budget });
    open.add(batchRow('a'), packing());
    await open.close('send');
    expect(budget.state().reserved).toBe(0.5);
  });
});

describe('a batch that is sent', () => {
  const failing = (error: Error): Packing =>
    packing(
      {},
      {
        submit: async () => {
          throw error;
        },
      },
    );

  it('and refused is given up: its rows cost nothing after all', async () => {
    const budget = new Budget(10);
    const open = lane({ budget });
    open.add(batchRow('a'), failing(new WireError('status 400: no', { unsure: false })));
    expect([...(await open.close('send'))]).toEqual([['a', { why: 'batch_refused' }]]);
    expect(said).toMatchObject([
      { type: 'batch_refused', message: 'status 400: no', batch: { state: 'given_up' } },
    ]);
    expect(listBatches(layout)).toMatchObject([{ state: 'given_up', cost: 0, questions: [], rows: 1 }]);
    expect(budget.state()).toMatchObject({ reserved: 0, spent: 0 });
  });

  it.each([{}, { until: 99 }])(
    'and is over a limit ends what is for its model, until %j, and nothing else',
    async (limit) => {
      const budget = new Budget(10);
      const open = lane({ budget });
      let tries = 0;
      const submit = async (): Promise<string> => {
        tries++;
        if (tries === 1) return 'r1';
        throw new WireError('status 429: full', { unsure: false, limit });
      };
      for (const address of ['a', 'b', 'c', 'd'])
        open.add(batchRow(address), packing({ size: 1 }, { submit }));
      open.add(rowOf('e', { model: 'lab/other' }), packing());
      const unsent = await open.close('send');
      expect([...unsent]).toEqual(['b', 'c', 'd'].map((each) => [each, { why: 'batch_limited', ...limit }]));
      expect([tries, sent.length]).toEqual([2, 1]);
      expect(said.map(({ type }) => type)).toEqual(['batch_sent', 'batch_refused', 'batch_sent']);
      expect(said[1]).toMatchObject({ message: 'status 429: full', limited: true, ...limit });
      expect(
        listBatches(layout)
          .map(({ state }) => state)
          .sort(),
      ).toEqual(['given_up', 'sent', 'sent']);
      expect(budget.state().reserved).toBe(1);
    },
  );

  it('and may be running stays as one that is being sent, with what is set aside', async () => {
    const budget = new Budget(10);
    const open = lane({ budget });
    open.add(batchRow('a'), failing(new WireError('no answer', { unsure: true })));
    await open.close('send');
    expect(said).toMatchObject([{ type: 'batch_unsure', message: 'no answer', batch: { state: 'sending' } }]);
    expect(listBatches(layout)).toMatchObject([{ state: 'sending', questions: [['a', 'draft', 'd_a']] }]);
    expect(budget.state().reserved).toBe(0.5);
  });

  it('and meets a fault of our own ends the lane with it; nothing more is sent', async () => {
    const open = lane();
    open.add(batchRow('a'), { ...failing(new Error('disk')), size: 1 });
    open.add(rowOf('b', { pool: 'free' }), packing());
    await expect(open.close('send')).rejects.toThrow('disk');
    expect(sent).toEqual([]);
  });

  it('has an id of its own', async () => {
    const open = lane();
    for (const address of ['a', 'b']) open.add(batchRow(address), packing({ size: 1 }));
    await open.close('send');
    expect(new Set(sent.map(({ id }) => id)).size).toBe(2);
    expect(sent[0]?.id).toMatch(/^[0-9a-f-]{36}$/);
  });
});
