// What becomes of batches that are open: which are looked for, which are waited for, and which are taken, whatever the provider says.
import { beforeEach, describe, expect, it } from 'vitest';
import {
  listBatches,
  openRecord,
  rowsPath,
  writeRecord,
  type BatchRecord,
} from '../../../src/model/batch/journal.ts';
import type { BatchShape, RowEnd } from '../../../src/model/batch/shape.ts';
import { takeBatches, type Taken, type TakingEvent } from '../../../src/model/batch/taking.ts';
import { WireError } from '../../../src/model/batch/wire.ts';
import { discard } from '../../../src/store/writing/atomic.ts';
import { layoutOf, type Layout } from '../../../src/store/layout.ts';
import {
  BATCH_ID,
  batchId,
  batchRecord,
  batchRow,
  CREATED,
  endsOf,
  shapeWith,
} from '../../support/batchrows.ts';
import { scratchFolder } from '../../support/project.ts';

const ROWS = [batchRow('a'), batchRow('b')];
const SENT: BatchRecord = batchRecord(ROWS, { state: 'sent', sent: CREATED, remote: { id: 'r1' } });
const MOMENT = Date.parse(CREATED);
const MINUTE = 60_000;

let layout: Layout;
beforeEach(() => void (layout = layoutOf(scratchFolder())));

const said = (customId: string): RowEnd => ({
  customId,
  body: {
    id: `gen-${customId}`,
    choices: [{ message: { content: `On ${customId}` }, finish_reason: 'stop' }],
  },
});

const over = (...ends: readonly RowEnd[]): Partial<BatchShape> => ({
  standing: async () => ({ status: 'completed', over: true }),
  ends: () => endsOf(...ends),
});

/** Looks once, and tells what was said, in short. */
async function taken(
  shape: Partial<BatchShape> | string | ((batch: BatchRecord) => BatchShape | string),
  after = MINUTE,
): Promise<Taken & { readonly events: readonly TakingEvent[]; readonly kept: readonly string[] }> {
  const events: TakingEvent[] = [];
  const kept: string[] = [];
  const came = await takeBatches({
    layout,
    now: () => MOMENT + after,
    hear: (event) => void events.push(event),
    settle: () => {},
    shapeOf: (batch) =>
      typeof shape === 'function' ? shape(batch) : typeof shape === 'string' ? shape : shapeWith(shape),
    keep: async ({ text, genId }) => {
      kept.push(text);
      return `${genId}-1`;
    },
    ledger: { record: () => {}, recorded: () => new Set(), flush: () => {} },
  });
  return { ...came, events, kept };
}

describe('a batch that is under way', () => {
  it('stays, with the provider’s word for it, and how far it is', async () => {
    await openRecord(layout, SENT, ROWS);
    const { events } = await taken({ standing: async () => ({ status: 'busy', over: false, done: 1 }) });
    const seen = { ...SENT, remote: { id: 'r1', status: 'busy' } };
    expect(events).toEqual([{ type: 'batch_open', batch: seen, done: 1 }]);
    expect(listBatches(layout)).toEqual([seen]);
  });

  it('is told as such when it is found', async () => {
    await openRecord(layout, batchRecord(ROWS), ROWS);
    const { events } = await taken({
      list: async () => [{ remoteId: 'r1' }],
      standing: async () => ({ status: 'busy', over: false }),
    });
    expect(events.map(({ type }) => type)).toEqual(['batch_found', 'batch_open']);
    expect(listBatches(layout)).toMatchObject([{ remote: { id: 'r1', status: 'busy' } }]);
  });

  it('is not told to be at a place where the provider does not say so', async () => {
    await openRecord(layout, SENT, ROWS);
    const { events } = await taken({ standing: async () => ({ status: 'busy', over: false }) });
    expect(events[0]).not.toHaveProperty('done');
  });
});

describe('a batch that is over', () => {
  it('is taken: its answers are kept, and what they cost is told by name', async () => {
    await openRecord(layout, SENT, ROWS);
    const { events, kept, bought } = await taken(over(said('a'), said('b')));
    expect(kept).toEqual(['On a', 'On b']);
    expect([...bought.keys()]).toEqual(['d_a-1', 'd_b-1']);
    expect(events).toMatchObject([{ type: 'batch_taken', batch: { state: 'taken', ends: { kept: 2 } } }]);
    expect(events[0]).not.toHaveProperty('message');
    const ended = new Date(MOMENT + MINUTE).toISOString();
    expect(listBatches(layout)).toMatchObject([{ state: 'taken', ended, questions: [], rows: 2 }]);
  });

  it('is taken with the provider’s words, whatever became of it', async () => {
    await openRecord(layout, SENT, ROWS);
    const { events } = await taken({
      ...over(said('a')),
      standing: async () => ({ status: 'expired', over: true, message: 'too late' }),
    });
    expect(events).toMatchObject([{ type: 'batch_taken', message: 'too late' }]);
    expect(listBatches(layout)[0]?.failures).toEqual({
      b: 'it did not come back: the batch expired, too late',
    });
  });

  it.each<[state: string, type: string, ends: readonly RowEnd[]]>([
    ['given_up', 'batch_refused', []],
    ['taken', 'batch_taken', [said('a')]],
    ['taken', 'batch_taken', [{ customId: 'a', error: 'no', lostReply: true }]],
  ])('is %s where there was no room for it, by %s, with %j', async (state, type, ends) => {
    await openRecord(layout, SENT, ROWS);
    const { events } = await taken({
      ...over(...ends),
      standing: async () => ({ status: 'failed', over: true, message: 'full', limited: true }),
    });
    expect(events).toMatchObject([{ type, message: 'full' }]);
    expect(listBatches(layout)).toMatchObject([{ state }]);
    expect(Object.keys(listBatches(layout)[0]?.failures ?? {}).length > 0).toBe(state === 'taken');
  });

  it('stays where fewer rows come than are done: they were billed, and are fetched again', async () => {
    await openRecord(layout, SENT, ROWS);
    const shape = {
      ...over(said('a')),
      standing: async () => ({ status: 'completed', over: true, done: 2 }),
    };
    const { events, kept } = await taken(shape);
    expect(kept).toEqual(['On a']);
    expect(events).toMatchObject([
      { type: 'batch_unsure', message: '2 of its rows are done, it says, and 1 came' },
    ]);
    expect(listBatches(layout)).toMatchObject([{ state: 'ended' }]);
    expect((await taken(over(said('a'), said('b')))).events).toMatchObject([{ type: 'batch_taken' }]);
  });

  it('is taken though it has brought nothing, where it is surely ours', async () => {
    await openRecord(layout, SENT, ROWS);
    const { events } = await taken(over());
    expect(events).toMatchObject([{ type: 'batch_taken', batch: { ends: { kept: 0, failed: 2 } } }]);
  });

  it('keeps the moment that a look before had written down', async () => {
    const ended = '2026-03-01T12:00:30.000Z';
    await openRecord(layout, { ...SENT, state: 'ended', ended }, ROWS);
    await taken(over(said('a')));
    expect(listBatches(layout)[0]?.ended).toBe(ended);
  });

  it('has the moment on the disk before the first answer is kept', async () => {
    await openRecord(layout, SENT, ROWS);
    let then: readonly BatchRecord[] = [];
    await taken({
      ...over(),
      async *ends() {
        then = listBatches(layout);
        yield said('a');
      },
    });
    expect(then).toMatchObject([{ state: 'ended', ended: new Date(MOMENT + MINUTE).toISOString() }]);
  });

  it('stays where its rows are gone: nobody can tell what its answers are answers to', async () => {
    await openRecord(layout, SENT, ROWS);
    discard(rowsPath(layout, BATCH_ID));
    const { events, kept } = await taken(over(said('a')));
    expect(events).toMatchObject([{ type: 'batch_unsure' }]);
    expect(events[0]).toHaveProperty('message', expect.stringContaining(`${BATCH_ID}.rows.json`));
    expect(kept).toEqual([]);
    expect(listBatches(layout)).toMatchObject([{ state: 'sent' }]);
  });

  it('ends what others said of the questions that it answered, and of no others', async () => {
    const before = batchRecord(ROWS, {
      id: batchId(2),
      state: 'taken',
      failures: { a: 'no room', b: 'no room' },
    });
    await writeRecord(layout, before);
    await openRecord(layout, SENT, ROWS);
    await taken(over(said('a')));
    const [first, second] = [batchId(2), BATCH_ID].map((id) =>
      listBatches(layout).find((each) => each.id === id),
    );
    expect(first?.failures).toEqual({ b: 'no room' });
    expect(Object.keys(second?.failures ?? {})).toEqual(['b']);
  });
});

describe('a batch that looks like ours', () => {
  const ALIKE: BatchRecord = { ...SENT, alike: true };

  it('is taken where its rows are ours', async () => {
    await openRecord(layout, ALIKE, ROWS);
    expect((await taken(over(said('z'), said('a')))).events).toMatchObject([{ type: 'batch_taken' }]);
  });

  it('is another’s where its rows are: ours is looked for again, and that one is never taken for it', async () => {
    await openRecord(layout, ALIKE, ROWS);
    const { events, kept } = await taken({ ...over(said('z')), list: async () => [{ remoteId: 'r1' }] });
    expect(kept).toEqual([]);
    expect(events).toMatchObject([{ type: 'batch_unsure', batch: { state: 'sending', notOurs: ['r1'] } }]);
    const [left] = listBatches(layout);
    expect(left).toMatchObject({ state: 'sending', notOurs: ['r1'] });
    for (const gone of ['remote', 'alike', 'sent']) expect(left).not.toHaveProperty(gone);
  });

  it('adds to those that are others’', async () => {
    await openRecord(layout, { ...ALIKE, notOurs: ['r0'] }, ROWS);
    await taken({ ...over(said('z')), list: async () => [] });
    expect(listBatches(layout)).toMatchObject([{ notOurs: ['r0', 'r1'] }]);
  });

  it('is taken at once when it is found and over', async () => {
    await openRecord(layout, ALIKE, ROWS);
    const { events, kept } = await taken({
      standing: async () => ({ status: 'completed', over: true }),
      ends: (id) => endsOf(said(id === 'r1' ? 'z' : 'a')),
      list: async () => [{ remoteId: 'r1' }, { remoteId: 'r2' }],
    });
    expect(events.map(({ type }) => type)).toEqual(['batch_found', 'batch_taken']);
    expect(kept).toEqual(['On a']);
  });

  it('and has brought nothing is waited for a quarter of an hour, and then taken', async () => {
    await openRecord(layout, ALIKE, ROWS);
    const early = await taken(over(), 15 * MINUTE);
    expect(early.events).toMatchObject([
      { type: 'batch_unsure', message: 'one that looks like it has brought nothing' },
    ]);
    const late = await taken(over(), 15 * MINUTE + 1);
    expect(late.events).toMatchObject([{ type: 'batch_taken', batch: { ends: { kept: 0, failed: 2 } } }]);
  });
});

describe('looking', () => {
  it('passes over what is taken or given up', async () => {
    await writeRecord(layout, { ...SENT, state: 'taken' });
    await writeRecord(layout, { ...SENT, id: batchId(2), state: 'given_up' });
    expect((await taken({})).events).toEqual([]);
  });

  it('says why where a provider can not be asked, and goes on with the others', async () => {
    await openRecord(layout, SENT, ROWS);
    await openRecord(
      layout,
      { ...SENT, id: batchId(2), provider: 'other', created: '2026-03-01T12:00:01.000Z' },
      ROWS,
    );
    const { events } = await taken(({ provider }) =>
      provider === 'lab' ? 'no key' : shapeWith({ standing: async () => ({ status: 'busy', over: false }) }),
    );
    expect(events).toMatchObject([{ type: 'batch_unsure', message: 'no key' }, { type: 'batch_open' }]);
    expect(events[0]).toMatchObject({ batch: { state: 'sent' } });
  });

  it('says what a provider refuses to tell, and leaves the batch as it is', async () => {
    await openRecord(layout, SENT, ROWS);
    const { events } = await taken({
      standing: () => Promise.reject(new WireError('status 500: away', { unsure: true })),
    });
    expect(events).toEqual([{ type: 'batch_unsure', batch: SENT, message: 'status 500: away' }]);
    expect(listBatches(layout)).toEqual([SENT]);
  });

  it('ends with what is no fault of the provider', async () => {
    await openRecord(layout, SENT, ROWS);
    await expect(taken({ standing: () => Promise.reject(new Error('disk')) })).rejects.toThrow('disk');
  });

  it('takes no batch for two: one that is known is not found again', async () => {
    await openRecord(layout, SENT, ROWS);
    await openRecord(
      layout,
      batchRecord(ROWS, { id: batchId(2), created: '2026-03-01T12:00:01.000Z' }),
      ROWS,
    );
    const { events } = await taken({
      standing: async () => ({ status: 'busy', over: false }),
      list: async () => [{ remoteId: 'r1' }],
    });
    expect(events.map(({ type, batch }) => [type, batch.id])).toEqual([
      ['batch_open', BATCH_ID],
      ['batch_unsure', batchId(2)],
    ]);
  });

  it('writes nothing where nothing is new', async () => {
    const seen = { ...SENT, remote: { id: 'r1', status: 'busy' } };
    await openRecord(layout, seen, ROWS);
    let wrote = 0;
    const { events } = await taken({
      standing: async () => {
        // What a hand adds stays, since the record is not written again.
        await writeRecord(layout, { ...seen, rows: 7 });
        wrote++;
        return { status: 'busy', over: false };
      },
    });
    expect([wrote, events.length]).toEqual([1, 1]);
    expect(listBatches(layout)[0]?.rows).toBe(7);
  });
});
