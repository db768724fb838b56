// Exported rows as files: Parquet read back by a reader that is not ours, JSON lines, CSV.
import { parquetMetadata, parquetReadObjects, parquetSchema } from 'hyparquet';
import { describe, expect, it } from 'vitest';
import {
  EXPORT_FORMATS,
  exportColumns,
  type ExportFormat,
  type ExportRow,
} from '../../../src/engine/export/columns.ts';
import { encoderFor } from '../../../src/engine/export/encoding.ts';
import { readCsv } from '../../support/naivetables.ts';

const ROW: ExportRow = {
  stage: 'evaluation',
  gen_id: 'v_1',
  parent_gen_id: 'e_1',
  draft_gen_id: 'd_1',
  essay_gen_id: 'e_1',
  cohorts: ['a', 'b'],
  combo_id: 'combo_1',
  concepts: ['tide pool', 'kite'],
  template_id: '=rubric',
  llm_model_id: 'judge',
  replicate: 2,
  mode: 'llm',
  draft_template: 't',
  draft_model: 'm',
  essay_template: 't',
  essay_model: null,
  rubric: '=rubric',
  judge: 'judge',
  state: 'current',
  why: [],
  failure: null,
  score: 7,
  error: null,
  provider: 'openrouter',
  model: 'lab/judge',
  answered_by: 'lab/judge',
  finish_reason: 'stop',
  prompt_tokens: 5_000_000_000,
  completion_tokens: 12,
  cost: 0.1 + 0.2,
  calls: 3,
  spent: null,
  duration_s: 1.5,
  answered_at: '2026-11-23T23:59:59.123Z',
  run_id: 'r1',
  tags: ['experiment_id=autumn-1'],
  scores: '{"clarity":7}',
  rationale: 'Clear.',
  prompt: 'One\n"two", 三 \u{1D4B3}',
  raw: '',
  parsed: null,
};
const { prompt: _prompt, raw: _raw, parsed: _parsed, ...BARE } = ROW;
const NOTHING: ExportRow = {
  ...BARE,
  gen_id: 'v_2',
  cohorts: [],
  score: null,
  prompt_tokens: null,
  completion_tokens: null,
  cost: null,
  duration_s: null,
  answered_at: null,
  tags: [],
};

/** The bytes of a file of these batches. */
async function fileOf(
  format: ExportFormat,
  batches: readonly (readonly ExportRow[])[],
  texts = false,
): Promise<Buffer> {
  const encoder = await encoderFor(format, exportColumns(texts));
  return Buffer.concat([...batches.map((batch) => encoder.rows(batch)), encoder.end()]);
}

function arrayBufferOf(bytes: Buffer): ArrayBuffer {
  return new Uint8Array(bytes).buffer;
}

async function parquetRows(batches: readonly (readonly ExportRow[])[], texts = false): Promise<unknown[]> {
  return parquetReadObjects({ file: arrayBufferOf(await fileOf('parquet', batches, texts)) });
}

describe('Parquet', () => {
  it('holds texts, whole numbers, doubles, instants, lists and nulls as what they are', async () => {
    expect(await parquetRows([[ROW]], true)).toEqual([
      {
        ...ROW,
        replicate: 2n,
        prompt_tokens: 5_000_000_000n,
        completion_tokens: 12n,
        calls: 3n,
        answered_at: new Date('2026-11-23T23:59:59.123Z'),
      },
    ]);
    const [read] = await parquetRows([[NOTHING]]);
    expect(read).toMatchObject({
      cohorts: [],
      score: null,
      cost: null,
      answered_at: null,
      essay_model: null,
    });
    expect(read).not.toHaveProperty('prompt');
  });

  it('declares types that do not depend on what the rows hold', async () => {
    const schemaOf = async (batches: readonly (readonly ExportRow[])[]): Promise<unknown> =>
      parquetSchema(parquetMetadata(arrayBufferOf(await fileOf('parquet', batches))));
    const empty = await schemaOf([]);
    expect(await schemaOf([[BARE]])).toEqual(empty);
    expect(await schemaOf([[NOTHING]])).toEqual(empty);
    const { children } = empty as { children: { element: { name: string; type?: string } }[] };
    const typed = Object.fromEntries(children.map(({ element: { name, type } }) => [name, type]));
    expect(typed).toMatchObject({
      gen_id: 'BYTE_ARRAY',
      score: 'DOUBLE',
      calls: 'INT64',
      answered_at: 'INT64',
    });
  });

  it('has a row group a batch, so that a file is never in memory as a whole', async () => {
    const batches = [0, 1, 2].map((batch) =>
      Array.from({ length: 100 }, (_, row) => ({ ...BARE, gen_id: `v_${batch}_${row}`, calls: row })),
    );
    const bytes = arrayBufferOf(await fileOf('parquet', batches));
    const { row_groups: groups } = parquetMetadata(bytes);
    expect(groups.map(({ num_rows: rows }) => rows)).toEqual([100n, 100n, 100n]);
    const read = (await parquetReadObjects({ file: bytes })) as { gen_id: string; calls: bigint }[];
    expect(read.map(({ gen_id: id, calls }) => `${id} ${calls}`)).toEqual(
      batches.flat().map(({ gen_id: id, calls }) => `${id} ${calls}`),
    );
  });
});

describe('JSON lines', () => {
  it('have a row a line, with every column', async () => {
    const lines = (await fileOf('jsonl', [[ROW], [NOTHING]])).toString('utf8').trimEnd().split('\n');
    expect(lines.map((line) => JSON.parse(line) as unknown)).toEqual([ROW, NOTHING]);
  });
});

describe('CSV', () => {
  it('has one header, lists with a bar between, blanks for nulls, doubles as Python writes them', async () => {
    const { header, records } = readCsv((await fileOf('csv', [[ROW], [NOTHING]], true)).toString('utf8'));
    expect(header).toEqual(exportColumns(true).map(({ name }) => name));
    expect(records).toHaveLength(2);
    expect(records[0]).toMatchObject({
      concepts: 'tide pool|kite',
      template_id: '=rubric',
      score: '7.0',
      prompt_tokens: '5000000000',
      cost: '0.30000000000000004',
      spent: '',
      answered_at: '2026-11-23T23:59:59.123Z',
      prompt: ROW.prompt,
    });
  });

  it('makes cells harmless to spreadsheets on request', async () => {
    const { records } = readCsv((await fileOf('csv-safe', [[ROW]])).toString('utf8'));
    expect(records[0]).toMatchObject({ template_id: "'=rubric" });
  });
});

it('no rows are a whole file without any', async () => {
  expect(await parquetRows([])).toEqual([]);
  const texts = await Promise.all(EXPORT_FORMATS.slice(1).map((format) => fileOf(format, [])));
  const header = `${exportColumns(false)
    .map(({ name }) => name)
    .join()}\n`;
  expect(texts.map((bytes) => bytes.toString('utf8'))).toEqual([header, header, '']);
});
