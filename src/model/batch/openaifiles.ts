// OpenAI's batches, as many servers have them: rows in a file that is uploaded, results in files that are fetched.
// Source: https://platform.openai.com/docs/guides/batch
import { randomUUID } from 'node:crypto';
import { defined } from '../../defined.ts';
import { saysError } from '../client/failure.ts';
import { field, textField } from '../fields.ts';
import { listedSince, OURS, pathOf, standingOf } from './listing.ts';
import { rowEnd } from './rowend.ts';
import type { BatchShape, RowEnd, SentRow } from './shape.ts';
import { WireError, type Wire } from './wire.ts';

const ENDPOINT = '/v1/chat/completions';

export function openAiBatches(wire: Wire): BatchShape {
  return {
    name: 'openai',
    most: { rows: 50_000, bytes: 200_000_000 },
    sizeOf: (row) => Buffer.byteLength(line(row)) + 1,
    async submit({ id, rows }) {
      const file = await uploaded(wire, id, rows.map(line).join('\n'));
      const body = JSON.stringify({
        input_file_id: file,
        endpoint: ENDPOINT,
        completion_window: '24h',
        metadata: { [OURS]: id },
      });
      const remoteId = textField(await begun(wire, file, body), 'id');
      if (remoteId === undefined)
        throw new WireError('the batch was taken on without an id', { unsure: true });
      return remoteId;
    },
    list: (since) => listedSince(wire, since),
    standing: async (remoteId) => standingOf(await wire.get(pathOf(remoteId))),
    async *ends(remoteId) {
      const batch = await wire.get(pathOf(remoteId));
      for (const name of ['output_file_id', 'error_file_id']) {
        const file = textField(batch, name);
        if (file === undefined) continue;
        yield* rowsIn(wire.lines(`/files/${encodeURIComponent(file)}/content`));
      }
    },
    async cancel(remoteId) {
      await wire.post(`${pathOf(remoteId)}/cancel`, '{}');
    },
  };
}

/**
 * What is no row came in their place, or broke on the way: the file is to be fetched again, since rows that are asked again are paid
 * again. Whole rows are handed on before that is said.
 */
async function* rowsIn(lines: AsyncIterable<string>): AsyncGenerator<RowEnd> {
  let rows = 0;
  let strange: string | undefined;
  let broken: string | undefined;
  for await (const text of lines) {
    const value = jsonIn(text);
    const ends = rowEnd(value);
    refuseInstead(text, value);
    if (value === undefined) broken ??= text;
    else if (ends.length === 0) strange ??= text;
    rows += ends.length;
    yield* ends;
  }
  const left = broken ?? (rows === 0 ? strange : undefined);
  if (left === undefined) return;
  const what = rows === 0 ? 'something else came in place of the results' : 'a row of the results broke off';
  throw new WireError(`${what}: ${left.slice(0, 80)}`, { unsure: true });
}

function refuseInstead(text: string, value: unknown): void {
  if (text.trimStart().startsWith('<'))
    throw new WireError(`a web page came in place of the results: ${text.slice(0, 80)}`, { unsure: true });
  const error = field(value, 'error');
  if (textField(value, 'custom_id') === undefined && saysError(error))
    throw new WireError(`an error came in place of the results: ${wordsIn(error)}`, { unsure: true });
}

/** Undefined where it is none. */
function jsonIn(row: string): unknown {
  try {
    return JSON.parse(row);
  } catch {
    return undefined;
  }
}

function wordsIn(error: unknown): string {
  return textField(error, 'message') ?? JSON.stringify(error);
}

function line({ customId, body }: SentRow): string {
  const { stream: _none, ...rest } = body;
  return JSON.stringify({ custom_id: customId, method: 'POST', url: ENDPOINT, body: rest });
}

/** A file of which nothing is made would lie there for good, and another one with each time that it is tried. */
async function begun(wire: Wire, file: string, body: string): Promise<unknown> {
  try {
    return await wire.post('/batches', body);
  } catch (error) {
    if (error instanceof WireError && !error.unsure)
      await wire.remove(`/files/${encodeURIComponent(file)}`).catch(() => {});
    throw error;
  }
}

/** The id of the file. One that is uploaded and never used costs nothing, so to be unsure of it is to be sure that nothing runs. */
async function uploaded(wire: Wire, name: string, text: string): Promise<string> {
  const boundary = `daydream-${randomUUID()}`;
  const part = (disposition: string, body: string, type = ''): string =>
    `--${boundary}\r\nContent-Disposition: form-data; ${disposition}\r\n${type}\r\n${body}\r\n`;
  const body = [
    part('name="purpose"', 'batch'),
    part(`name="file"; filename="${name}.jsonl"`, text, 'Content-Type: application/jsonl\r\n'),
    `--${boundary}--\r\n`,
  ].join('');
  try {
    const id = textField(await wire.post('/files', body, `multipart/form-data; boundary=${boundary}`), 'id');
    if (id !== undefined) return id;
  } catch (error) {
    if (!(error instanceof WireError)) throw error;
    throw new WireError(error.message, { unsure: false, ...defined({ limit: error.limit }) });
  }
  throw new WireError('the file was uploaded without an id', { unsure: false });
}
