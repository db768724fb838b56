// Tables for people and programs: aligned for a terminal, CSV, JSON, Markdown. Knows nothing of what the rows mean.
import { formatFloat } from '../../text/python.ts';
import { round } from '../../statistics/summary.ts';
import { csvOf, type Cell, type Column, type Table } from '../../report/tables/table.ts';
import type { Console } from '../console.ts';
import { displayText } from '../../text/display.ts';
import { widthOf } from './width.ts';

/** Decimals that somebody reads; CSV and JSON have them all. */
const READ = 6;

export const TABLE_FORMATS = ['table', 'csv', 'csv-safe', 'json', 'md'] as const;
export type TableFormat = (typeof TABLE_FORMATS)[number];

/** The whole text, ending in a line feed. */
export function formatTable(table: Table, format: TableFormat): string {
  switch (format) {
    case 'table':
      return alignedText(table);
    case 'csv':
      return csvOf(table);
    case 'csv-safe':
      return csvOf(table, 'neutralise');
    case 'json':
      return `${JSON.stringify(tableRecords(table), null, 2)}\n`;
    case 'md':
      return markdownText(table);
  }
}

/** To standard output; on a terminal with colour the header stands out. */
export function printTable(console: Console, table: Table, format: TableFormat): void {
  const text = formatTable(table, format);
  if (format !== 'table') return console.write(text);
  const end = text.indexOf('\n');
  console.print(console.paint('bold', text.slice(0, end)));
  console.write(text.slice(end + 1));
}

/** A record a row; blanks are null. */
export function tableRecords({
  columns,
  rows,
}: Table): readonly Readonly<Record<string, string | number | null>>[] {
  return rows.map((row) => Object.fromEntries(columns.map(({ name }, place) => [name, valueOf(row[place])])));
}

function valueOf(cell: Cell): string | number | null {
  return cell === undefined || cell === '' || Number.isNaN(cell) ? null : cell;
}

/** Columns two blanks apart, numbers to the right; a cell never spans lines. */
export function alignedText({ columns, rows }: Table): string {
  const lines = [columns.map(({ name }) => name), ...rows.map((row) => columns.map(cellText(row)))].map(
    (cells) => cells.map(oneLine),
  );
  const widths = columns.map((_, place) => Math.max(...lines.map((cells) => widthOf(cells[place] ?? ''))));
  const text = lines.map((cells) =>
    cells
      .map((cell, place) => {
        const fill = ' '.repeat((widths[place] ?? 0) - widthOf(cell));
        return columns[place]?.kind === 'text' ? cell + fill : fill + cell;
      })
      .join('  ')
      .trimEnd(),
  );
  return `${text.join('\n')}\n`;
}

function markdownText({ columns, rows }: Table): string {
  return [
    markdownLine(columns.map(({ name }) => markdownCell(name))),
    markdownLine(columns.map(({ kind }) => (kind === 'text' ? '---' : '---:'))),
    ...rows.map((row) => markdownLine(columns.map(cellText(row)).map(markdownCell))),
    '',
  ].join('\n');
}

function markdownLine(cells: readonly string[]): string {
  return `| ${cells.join(' | ')} |`;
}

/** Text and nothing else: neither another cell nor markup. */
function markdownCell(text: string): string {
  return oneLine(text).replaceAll(/[\\`*[\]<|~&]|(?<!\w)_|_(?!\w)/g, String.raw`\$&`);
}

function cellText(row: readonly Cell[]): (column: Column, place: number) => string {
  return ({ kind }, place) => {
    const cell = row[place];
    if (typeof cell !== 'number') return cell ?? '';
    if (Number.isNaN(cell)) return '';
    return kind === 'float' ? formatFloat(round(cell, READ)) : String(cell);
  };
}

/** What would have the rest of the line, and so other cells, read from the other side. */
const TURNING = /[\u202A-\u202E\u2066-\u2069]/g;

function oneLine(text: string): string {
  return displayText(text.replaceAll(/[\r\n\t\u2028\u2029]+/g, ' ').replaceAll(TURNING, ''));
}
