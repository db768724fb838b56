// A batch that may have been sent: when the provider's list has it, when nobody can tell, and when it never got there.
import { beforeEach, describe, expect, it } from 'vitest';
import { found, SURELY_LISTED, whose, type FindingEvent } from '../../../src/model/batch/finding.ts';
import { listBatches, openRecord, rowsOf, type BatchRecord } from '../../../src/model/batch/journal.ts';
import type { BatchShape, Listed, RowEnd } from '../../../src/model/batch/shape.ts';
import { layoutOf, type Layout } from '../../../src/store/layout.ts';
import { BATCH_ID, batchRecord, batchRow, CREATED, endsOf, shapeWith } from '../../support/batchrows.ts';
import { scratchFolder } from '../../support/project.ts';

const ROWS = [batchRow('a', { reserved: 0.25 }), batchRow('b')];
const RECORD = batchRecord(ROWS);
const SENT_AT = Date.parse(CREATED);
const DAY = 86_400_000;

let layout: Layout;
beforeEach(async () => {
  layout = layoutOf(scratchFolder());
  await openRecord(layout, RECORD, ROWS);
});

/** Looks for the batch in this list, so many milliseconds after it was made. */
async function look(
  list: readonly Listed[],
  { batch = RECORD, after = 1000, known = new Set<string>(), shape = {} as Partial<BatchShape> } = {},
): Promise<{
  readonly came: BatchRecord | undefined;
  readonly said: readonly FindingEvent[];
  readonly settled: readonly unknown[];
  readonly since: number | undefined;
  readonly known: ReadonlySet<string>;
}> {
  const said: FindingEvent[] = [];
  const settled: unknown[] = [];
  let since: number | undefined;
  const came = await found(
    batch,
    shapeWith({
      list: async (from) => {
        since = from;
        return list;
      },
      ...shape,
    }),
    {
      layout,
      now: () => SENT_AT + after,
      hear: (event) => void said.push(event),
      settle: (_batch, reserved, usd) => void settled.push([reserved, usd]),
      known,
    },
  );
  return { came, said, settled, since, known };
}

/** A provider on which these batches are over and have these rows; others are under way. */
function having(rows: Readonly<Record<string, readonly string[]>>): Partial<BatchShape> {
  return {
    standing: async (id) => ({ status: 'x', over: rows[id] !== undefined }),
    ends: (id) => endsOf(...(rows[id] ?? []).map((customId): RowEnd => ({ customId, body: {} }))),
  };
}

const FOUND = { type: 'batch_found' } as const;

describe('it is found', () => {
  it('by our id where the provider has kept it, whatever else lies there', async () => {
    const { came, said, known, settled } = await look([
      { remoteId: 'x' },
      { remoteId: 'r1', ours: BATCH_ID, model: 'lab/other', rows: 9 },
    ]);
    const sent = { ...RECORD, state: 'sent', sent: CREATED, remote: { id: 'r1' } };
    expect(came).toEqual(sent);
    expect(listBatches(layout)).toEqual([sent]);
    expect(said).toEqual([{ type: 'batch_found', batch: sent }]);
    expect([...known]).toEqual(['r1']);
    expect(settled).toEqual([]);
  });

  it('by its looks where there is only one like it, and that is noted', async () => {
    const { came } = await look([
      { remoteId: 'r1', model: 'lab/w1', rows: 2, created: SENT_AT },
      { remoteId: 'r2', ours: 'another' },
    ]);
    expect(came).toMatchObject({ remote: { id: 'r1' }, alike: true });
    expect(listBatches(layout)).toMatchObject([{ alike: true }]);
  });

  it('where the provider tells nothing but its name', async () => {
    expect((await look([{ remoteId: 'r1' }])).came?.remote?.id).toBe('r1');
  });

  it('in a list that goes back a day, for clocks that are apart', async () => {
    expect((await look([])).since).toBe(SENT_AT - DAY);
  });

  it.each([DAY, -DAY])('a day apart by the provider’s clock (%d ms)', async (apart) => {
    expect((await look([{ remoteId: 'r1', created: SENT_AT + apart }])).came).toBeDefined();
  });
});

describe('it is not', () => {
  it.each<[what: string, listed: Listed]>([
    ['of another’s', { remoteId: 'r1', ours: 'another' }],
    ['without a name', { remoteId: '' }],
    ['of another model', { remoteId: 'r1', model: 'lab/other' }],
    ['of another size', { remoteId: 'r1', rows: 3 }],
    ['of another time', { remoteId: 'r1', created: SENT_AT + DAY + 1 }],
    ['from long before', { remoteId: 'r1', created: SENT_AT - DAY - 1 }],
  ])('one %s', async (_what, listed) => {
    const { came, said } = await look([listed]);
    expect(came).toBeUndefined();
    expect(said).toEqual([
      { type: 'batch_unsure', batch: RECORD, message: 'it is in no list of the provider yet' },
    ]);
  });

  it('one that is another of ours', async () => {
    expect((await look([{ remoteId: 'r1' }], { known: new Set(['r1']) })).came).toBeUndefined();
  });

  it('one whose rows were looked at and are others’', async () => {
    const batch = { ...RECORD, notOurs: ['r1'] };
    expect((await look([{ remoteId: 'r1' }], { batch })).came).toBeUndefined();
    expect((await look([{ remoteId: 'r2' }], { batch })).came?.remote?.id).toBe('r2');
  });
});

describe('the one of several that look alike', () => {
  const two: readonly Listed[] = [{ remoteId: 'r1' }, { remoteId: 'r2' }];

  it('is the one with rows of ours', async () => {
    const { came } = await look(two, { shape: having({ r1: ['z'], r2: ['z', 'b'] }) });
    expect(came?.remote?.id).toBe('r2');
    expect(came?.alike).toBe(true);
  });

  it('is the one left when all others have rows of others', async () => {
    expect((await look(two, { shape: having({ r1: ['z'] }) })).came?.remote?.id).toBe('r2');
  });

  it('is not known while two are left, and nothing is sent again', async () => {
    const { came, said } = await look([...two, { remoteId: 'r3' }], {
      shape: having({ r3: ['z'], r2: [] }),
      after: 10 * DAY,
    });
    expect(came).toBeUndefined();
    expect(said).toEqual([
      { type: 'batch_unsure', batch: RECORD, message: '2 batches of the provider may be it' },
    ]);
    expect(listBatches(layout)).toEqual([RECORD]);
  });
});

describe('it never got there', () => {
  it('where it is in no list after a quarter of an hour: what was set aside is free again', async () => {
    const { came, said, settled } = await look([], { after: SURELY_LISTED + 1 });
    expect(came).toBeUndefined();
    expect(said).toMatchObject([{ type: 'batch_lost', batch: { id: BATCH_ID, state: 'given_up' } }]);
    expect(settled).toEqual([
      [0.25, 0],
      [0.5, 0],
    ]);
    expect(listBatches(layout)).toMatchObject([{ state: 'given_up', cost: 0, questions: [], rows: 2 }]);
    expect(rowsOf(layout, RECORD)).toBeUndefined();
  });

  it('is not said before that', async () => {
    const { said, settled } = await look([], { after: SURELY_LISTED });
    expect(said.map(({ type }) => type)).toEqual(['batch_unsure']);
    expect(settled).toEqual([]);
    expect(SURELY_LISTED).toBe(15 * 60 * 1000);
  });

  it('is no matter where it is found late', async () => {
    expect((await look([{ remoteId: 'r1' }], { after: SURELY_LISTED * 2 })).said).toMatchObject([FOUND]);
  });

  it('is said also where its rows are gone', async () => {
    layout = layoutOf(scratchFolder());
    expect((await look([], { after: SURELY_LISTED + 1 })).said).toMatchObject([{ type: 'batch_lost' }]);
  });
});

describe('whose a batch is', () => {
  it.each<[owner: string, names: readonly string[]]>([
    ['ours', ['z', 'a']],
    ['others', ['z', 'y']],
    ['unknown', []],
  ])('%s', async (owner, names) => {
    expect(await whose(RECORD, endsOf(...names.map((customId) => ({ customId, body: {} }))))).toBe(owner);
  });
});
