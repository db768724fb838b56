// Design rows as text: CSV, JSON lines or JSON. Knows nothing of where they come from.
import { csvLine } from '../../inputs/csv/csvline.ts';
import type { Design } from './design.ts';
import { isLiteral, isTuple, levelJson, levelText, type Level } from '../spec/level.ts';

export type DesignFormat = 'csv' | 'jsonl' | 'json';

/** CSV lines end in CRLF; JSON lines are ASCII, as Python writes them; JSON is one indented array. */
export function formatDesign(design: Design, format: DesignFormat): string {
  switch (format) {
    case 'csv':
      return [design.columns, ...design.rows.map((row) => row.map(levelText))]
        .map((cells) => `${csvLine(cells)}\r\n`)
        .join('');
    case 'jsonl':
      return design.rows.map((row) => `${jsonLine(design.columns, row)}\n`).join('');
    case 'json': {
      const rows = design.rows.map((row) =>
        Object.fromEntries(design.columns.map((name, at) => [name, levelJson(row[at] ?? null)])),
      );
      return `${JSON.stringify(rows, null, 2)}\n`;
    }
  }
}

function jsonLine(columns: readonly string[], row: readonly Level[]): string {
  return `{${columns.map((name, at) => `${asciiJson(name)}: ${levelLine(row[at] ?? null)}`).join(', ')}}`;
}

function levelLine(level: Level): string {
  if (isTuple(level)) return `[${level.map(levelLine).join(', ')}]`;
  if (!isLiteral(level)) return asciiJson(level);
  return level.kind === 'number' && /\d/.test(level.text) ? level.text : asciiJson(level.text);
}

function asciiJson(value: unknown): string {
  return JSON.stringify(value).replace(
    /[\u0080-\uffff]/g,
    (unit) => String.raw`\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
}
