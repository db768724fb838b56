// OpenRouter's batches: all rows in one JSON text, one model a batch, results in the answer to a look. No batch can be stopped.
// Source: https://openrouter.ai/docs/batch-quickstart
import { field, textField } from '../fields.ts';
import { listedSince, listOf, pathOf, standingOf } from './listing.ts';
import { rowEnd } from './rowend.ts';
import type { BatchShape, SentRow } from './shape.ts';
import { WireError, type Wire } from './wire.ts';

const ENDPOINT = '/v1/chat/completions';

export function openRouterBatches(wire: Wire): BatchShape {
  return {
    name: 'openrouter',
    most: { rows: 5000, bytes: 200_000_000 },
    sizeOf: (row) => Buffer.byteLength(rowText(row)) + 1,
    async submit({ model, rows }) {
      // The server reads as it comes, and refuses rows that stand before what they are for.
      const text = `{"endpoint":${JSON.stringify(ENDPOINT)},"model":${JSON.stringify(model)},"requests":[${rows.map(rowText).join(',')}]}`;
      const id = textField(await wire.post('/batches', text), 'id');
      if (id === undefined) throw new WireError('the batch was taken on without an id', { unsure: true });
      return id;
    },
    list: (since) => listedSince(wire, since),
    standing: async (remoteId) => standingOf(await wire.get(pathOf(remoteId))),
    async *ends(remoteId) {
      const batch = await wire.get(pathOf(remoteId));
      const inline = field(batch, 'results');
      yield* (Array.isArray(inline) ? inline : await paged(wire, remoteId)).flatMap(rowEnd);
    },
  };
}

function rowText({ customId, body }: SentRow): string {
  // The batch says for which model it is.
  const { model: _left, stream: _none, ...rest } = body;
  return JSON.stringify({ custom_id: customId, body: rest });
}

/** The rows of a batch whose answer holds none of them. */
async function paged(wire: Wire, remoteId: string): Promise<readonly unknown[]> {
  const rows: unknown[] = [];
  for (let cursor: string | undefined = ''; cursor !== undefined;) {
    const page: unknown = await wire.get(
      `${pathOf(remoteId)}/results${cursor === '' ? '' : `?cursor=${encodeURIComponent(cursor)}`}`,
    );
    rows.push(...listOf(page));
    const next = textField(page, 'next_cursor');
    cursor = next === cursor ? undefined : next;
  }
  return rows;
}
