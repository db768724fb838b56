// A provider's list of batches, page by page, and how one of them stands: what is read of both, whatever shape they have.
import { describe, expect, it } from 'vitest';
import { listedSince, listOf, pathOf, standingOf } from '../../../src/model/batch/listing.ts';
import type { Wire } from '../../../src/model/batch/wire.ts';
import { WireError } from '../../../src/model/batch/wire.ts';

/** A wire that has these pages for those who ask, and the paths that were asked for. */
function paged(pages: readonly unknown[]): { readonly wire: Wire; readonly asked: readonly string[] } {
  const asked: string[] = [];
  const get = (path: string): Promise<unknown> => {
    asked.push(path);
    return Promise.resolve(pages[Math.min(asked.length, pages.length) - 1]);
  };
  return { wire: { get } as Wire, asked };
}

const at = (id: string, created_at?: number): unknown => ({ id, created_at });

describe('the list of batches', () => {
  it('tells of each what it is known by, as far as the provider says it', async () => {
    const full = {
      id: 'b1',
      created_at: 1000,
      model: 'm',
      // What earlier versions wrote there is found.
      metadata: { daydream_batch: 'ours' },
      request_counts: { total: 3 },
    };
    const { wire, asked } = paged([{ data: [full, { request_counts: { total: 0 } }] }]);
    expect(await listedSince(wire, 0)).toEqual([
      { remoteId: 'b1', ours: 'ours', model: 'm', rows: 3, created: 1_000_000 },
      { remoteId: '' },
    ]);
    expect(asked).toEqual(['/batches?limit=100']);
  });

  it('goes on while there is more, behind the last one or at the cursor that the provider names', async () => {
    const { wire, asked } = paged([
      { data: [at('b 1')], has_more: true },
      { data: [at('b2')], has_more: true, next_cursor: 'c&2' },
      { data: [at('b3')], has_more: false },
    ]);
    expect((await listedSince(wire, 0)).map(({ remoteId }) => remoteId)).toEqual(['b 1', 'b2', 'b3']);
    expect(asked).toEqual([
      '/batches?limit=100',
      '/batches?limit=100&after=b%201',
      '/batches?limit=100&cursor=c%262',
    ]);
  });

  it('holds what is as new as asked for, and is read no further than that', async () => {
    const { wire, asked } = paged([
      { data: [at('b4', 4), at('b3', 3), at('b?'), at('b2', 2)], has_more: true },
    ]);
    expect((await listedSince(wire, 3000)).map(({ remoteId }) => remoteId)).toEqual(['b4', 'b3', 'b?']);
    expect(asked).toHaveLength(1);
  });

  it('is read on while the last one is as new as asked for', async () => {
    const { wire, asked } = paged([
      { data: [at('b3', 3)], has_more: true },
      { data: [at('b2', 2)], has_more: true },
    ]);
    expect((await listedSince(wire, 3000)).map(({ remoteId }) => remoteId)).toEqual(['b3']);
    expect(asked).toHaveLength(2);
  });

  it('ends with an empty page', async () => {
    for (const data of [[], null])
      expect(await listedSince(paged([{ data, has_more: true }]).wire, 0)).toEqual([]);
  });

  // Taken for an empty list, it would say that a batch never got there: what it asks would be asked again, and paid for again.
  it.each([{ data: 'none', has_more: true }, { error: { message: 'busy' } }, { batches: [] }, 'no object'])(
    'is not known where no list came: %j',
    async (page) => {
      const failed: unknown = await listedSince(paged([page]).wire, 0).catch((error: unknown) => error);
      expect(failed).toBeInstanceOf(WireError);
      expect(failed).toMatchObject({ message: expect.stringContaining('no list came') as string });
    },
  );

  it('without an end is none', async () => {
    const { wire, asked } = paged([{ data: [at('b1')], has_more: true }]);
    const failed: unknown = await listedSince(wire, 0).catch((error: unknown) => error);
    expect(failed).toBeInstanceOf(WireError);
    expect(failed).toMatchObject({ message: 'the list of batches has no end', unsure: false });
    expect(asked).toHaveLength(200);
  });
});

describe('the standing of a batch', () => {
  it.each([
    'completed',
    'failed',
    'expired',
    'cancelled',
    'canceled',
    'COMPLETED',
    'SUCCESS',
    'Timeout-Exceeded',
    'ended',
  ])('is over where it says %s', (status) => {
    expect(standingOf({ status })).toEqual({ status, over: true });
  });

  it.each([
    'in_progress',
    'IN_PROGRESS',
    'validating',
    'cancelling',
    'CANCELLATION_REQUESTED',
    'finalizing',
    '',
  ])('is not over where it says "%s"', (status) => {
    expect(standingOf({ status })).toEqual({ status: status === '' ? 'unknown' : status, over: false });
  });

  it('has the error of the whole, before the first of a list, and how many rows are done', () => {
    const errors = { data: [{ message: 'first' }, { message: 'second' }] };
    expect(standingOf({ status: 'failed', errors })).toMatchObject({ message: 'first' });
    expect(standingOf({ status: 'failed', error: { message: 'all' }, errors })).toMatchObject({
      message: 'all',
    });
    expect(standingOf({ status: 'x', request_counts: { completed: 0 } })).toMatchObject({ done: 0 });
  });
});

describe('what is read of it', () => {
  it('is asked for under its name, which is a name and no path', () => {
    expect(pathOf('b/../1')).toBe('/batches/b%2F..%2F1');
  });

  it('is a list, empty where it is null', () => {
    expect(listOf({ data: [1] })).toEqual([1]);
    expect(listOf({ data: null })).toEqual([]);
    expect(() => listOf({ data: { length: 1 } })).toThrow('no list came');
  });
});
