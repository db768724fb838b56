// Rows as Parquet, a row group a batch. Knows no file.
import { ByteWriter, ParquetWriter, type SchemaElement } from 'hyparquet-writer';
import { TOOL_VERSION } from '../../version.ts';
import type { Encoder, ExportColumn, ExportRow, Kind } from './columns.ts';

export function parquetEncoder(columns: readonly ExportColumn[]): Encoder {
  const writer = new ByteWriter();
  const parquet = new ParquetWriter({
    writer,
    schema: [{ name: 'generations', num_children: columns.length }, ...columns.flatMap(elementsOf)],
    createdBy: `daydream version ${TOOL_VERSION}`,
  });
  /** What was written since the last time: the writer's offset goes on, its buffer begins anew. */
  const taken = (): Uint8Array => {
    const bytes = writer.getBytes().slice();
    writer.index = 0;
    return bytes;
  };
  return {
    rows(batch) {
      const columnData = columns.map(({ name, kind }) => ({
        name,
        data: batch.map((row) => valueOf(row[name], kind)),
        // A dictionary of whole texts costs memory and saves nothing.
        ...(LONG.has(name) ? { encoding: 'PLAIN' as const } : {}),
      }));
      void parquet.write({ columnData, rowGroupSize: batch.length });
      return taken();
    },
    end() {
      void parquet.finish();
      return taken();
    },
  };
}

const LONG: ReadonlySet<keyof ExportRow> = new Set(['prompt', 'raw', 'parsed']);

/** Both spellings of a type, the newer and the older, where readers differ in which they know. */
function elementsOf({ name, kind }: ExportColumn): readonly SchemaElement[] {
  switch (kind) {
    case 'text':
      return [textElement(name, 'OPTIONAL')];
    case 'integer':
      return [{ name, type: 'INT64', repetition_type: 'OPTIONAL' }];
    case 'number':
      return [{ name, type: 'DOUBLE', repetition_type: 'OPTIONAL' }];
    case 'time':
      return [
        {
          name,
          type: 'INT64',
          repetition_type: 'OPTIONAL',
          logical_type: { type: 'TIMESTAMP', unit: 'MILLIS', isAdjustedToUTC: true },
        },
      ];
    case 'list':
      return [
        { name, repetition_type: 'REQUIRED', converted_type: 'LIST', num_children: 1 },
        { name: 'list', repetition_type: 'REPEATED', num_children: 1 },
        textElement('element', 'REQUIRED'),
      ];
    default:
      return kind satisfies never;
  }
}

function textElement(name: string, repetition: 'OPTIONAL' | 'REQUIRED'): SchemaElement {
  return { name, type: 'BYTE_ARRAY', repetition_type: repetition, converted_type: 'UTF8' };
}

function valueOf(value: ExportRow[keyof ExportRow], kind: Kind): unknown {
  if (value === null || value === undefined) return null;
  if (kind === 'integer' && typeof value === 'number') return BigInt(value);
  if (kind === 'time' && typeof value === 'string') return new Date(value);
  return value;
}
