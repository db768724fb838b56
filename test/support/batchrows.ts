// Rows of batches and their records from a few words each, as a build would make them. Knows no provider and no build.
import { BATCH_VERSION, type BatchRecord, type BatchRow } from '../../src/model/batch/journal.ts';
import type { BatchShape, RowEnd } from '../../src/model/batch/shape.ts';

export const BATCH_ID = '00000000-0000-4000-8000-000000000001';
export const CREATED = '2026-03-01T12:00:00.000Z';

/** A question whose address is its name. */
export function batchRow(address: string, more: Partial<BatchRow> = {}): BatchRow {
  const prompt = `What is ${address}?`;
  return {
    address,
    asked: { model: 'lab/w1', prompt },
    modelId: 'writer',
    maxTokens: 100,
    reserved: 0.5,
    call: {
      genId: `d_${address}`,
      provider: 'lab',
      pool: 'paid',
      request: { prompt, model: 'lab/w1', maxTokens: 100, sampling: {}, stage: 'draft', replicate: 1 },
    },
    ...more,
  };
}

export function batchRecord(
  rows: readonly BatchRow[] = [batchRow('a')],
  more: Partial<BatchRecord> = {},
): BatchRecord {
  return {
    version: BATCH_VERSION,
    id: BATCH_ID,
    state: 'sending',
    provider: 'lab',
    shape: 'openai',
    model: 'lab/w1',
    pool: 'paid',
    questions: rows.map(({ address, call }) => [address, call.request.stage, call.genId]),
    reserved: rows.reduce((sum, { reserved }) => sum + reserved, 0),
    created: CREATED,
    ...more,
  };
}

/** An id as ours are, told by a number. */
export const batchId = (number: number): string => BATCH_ID.replace(/1$/, String(number));

/** A provider's interface of which a test says what it does; what it does not say is never asked for. */
export function shapeWith(does: Partial<BatchShape>): BatchShape {
  const never = (): never => {
    throw new Error('nobody was to ask for this');
  };
  return {
    name: 'openai',
    most: { rows: 100, bytes: 1_000_000 },
    sizeOf: () => 10,
    submit: never,
    list: never,
    standing: never,
    ends: never,
    ...does,
  };
}

export async function* endsOf(...ends: readonly RowEnd[]): AsyncGenerator<RowEnd> {
  yield* ends;
}
