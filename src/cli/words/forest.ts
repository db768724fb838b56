// A forest plot beside a table: a line a row, its interval and where its number lies in it. Knows nothing of what the numbers are.
import { formatFloat } from '../../text/python.ts';
import type { Cell, Column, Table } from '../../report/tables/table.ts';
import { round } from '../../statistics/summary.ts';
import type { Console } from '../console.ts';
import { alignedText, printTable } from './tables.ts';
import { shortenedTo, widthOf } from './width.ts';

/** The columns that a row's number may stand in. */
const NUMBERS: readonly string[] = ['mean', 'difference'];
/** Those that say what a row is about. */
const NAMES = new Set(['by', 'name', 'a', 'b']);
const LEAST = 16;
const MOST = 48;
/** Blanks between two columns. */
const BETWEEN = 2;
/** A name that is cut to less tells nobody which it is. */
const SHORTEST = 8;
/** Where nobody can say how wide it may be. */
const PLAIN = 32;

/**
 * The table with a plot as its last column, as wide as the terminal has room; where there is none beside the table, a second one with
 * the plot beside the names alone, which are shortened where they leave no room either. All rows share one scale, whose ends stand in the head; a difference's 0 is a line down the plot.
 * A table that is wider than the terminal is folded.
 */
export function withForest(table: Table, terminal: number | undefined): readonly Table[] {
  const beside = withPlot(table, table, terminal);
  if (beside !== undefined) return [beside];
  const names = columnsOf(table, ({ name }) => NAMES.has(name));
  const below = withPlot(names, table, terminal) ?? withPlot(shortNames(names, terminal), table, terminal);
  return [folded(table, terminal), ...(below === undefined ? [] : [below])];
}

export function printForest(console: Console, table: Table): void {
  for (const [at, each] of withForest(table, console.width).entries()) {
    if (at > 0) console.write('\n');
    printTable(console, each, 'table');
  }
}

function columnsOf({ columns, rows }: Table, wanted: (column: Column, place: number) => boolean): Table {
  const kept = columns.map(wanted);
  return {
    columns: columns.filter((_, at) => kept[at]),
    rows: rows.map((row) => row.filter((_, at) => kept[at])),
  };
}

/** A table that is wider than the terminal with several lines for each row: what it is about first, then as many columns on each as have room. */
function folded(table: Table, terminal = Infinity): Table {
  if (tableWidth(table) <= terminal) return table;
  const parts = [true, false].flatMap((ofNames) =>
    partsOf(
      columnsOf(table, ({ name }) => NAMES.has(name) === ofNames),
      terminal - FOLD.length,
    ),
  );
  const [heads = [], ...rows] = linesTogether(parts);
  const [head = '', ...further] = heads;
  return {
    columns: [{ name: head, kind: 'text' }],
    rows: [...further, ...rows.flat()].map((line) => [line]),
  };
}

/** One column at least each. */
function partsOf(table: Table, most: number): readonly Table[] {
  const parts: Table[] = [];
  let from = 0;
  for (let to = 1; to <= table.columns.length; to++) {
    const part = (end: number): Table => columnsOf(table, (_, place) => place >= from && place < end);
    if (to < table.columns.length && tableWidth(part(to + 1)) <= most) continue;
    parts.push(part(to));
    from = to;
  }
  return parts;
}

/** Before every line of a row but its first. */
const FOLD = '  ';

/** The lines of each row, those of the head first; of lines that say nothing only a first one is there. */
function linesTogether(parts: readonly Table[]): readonly (readonly string[])[] {
  const texts = parts.map((each) => alignedText(each).split('\n').slice(0, -1));
  const [first = []] = texts;
  return first.map((_, at) => {
    const [line = '', ...further] = texts.map((text) => text[at] ?? '');
    return [line, ...further.filter((each) => each !== '').map((each) => FOLD + each)];
  });
}

function beside(one: Table, other: Table): Table {
  return {
    columns: [...one.columns, ...other.columns],
    rows: one.rows.map((row, at) => [...row, ...(other.rows[at] ?? [])]),
  };
}

function tableWidth(table: Table): number {
  return Math.max(...alignedText(table).split('\n').map(widthOf));
}

/** Their longest columns are cut to what leaves room for a small plot. */
function shortNames({ columns, rows }: Table, terminal = 0): Table {
  const widths = columns.map(({ name }, at) =>
    Math.max(widthOf(name), ...rows.map((row) => widthOf(String(row[at] ?? '')))),
  );
  const room = terminal - LEAST - BETWEEN * columns.length;
  let most = Math.max(...widths);
  while (most > SHORTEST && widths.reduce((sum, width) => sum + Math.min(width, most), 0) > room) most--;
  return { columns, rows: rows.map((row) => row.map((cell) => shortenedTo(String(cell ?? ''), most))) };
}

/** `shown` with a plot of `table`, whose rows it has; undefined where there are no intervals to plot, or no room. */
function withPlot(shown: Table, { columns, rows }: Table, terminal: number | undefined): Table | undefined {
  const place = (names: readonly string[]): number => columns.findIndex(({ name }) => names.includes(name));
  const places = { number: place(NUMBERS), low: place(['low']), high: place(['high']) };
  if (Math.min(...Object.values(places)) < 0 || rows.length === 0) return undefined;
  const taken = tableWidth(shown) + BETWEEN;
  const width = terminal === undefined ? PLAIN : Math.min(MOST, terminal - taken);
  if (width < LEAST) return undefined;
  const zero = columns[places.number]?.name === 'difference';
  const lines = rows.map((row) => ({
    number: row[places.number],
    low: row[places.low],
    high: row[places.high],
  }));
  const ends = endsOf(lines, zero);
  const plot = lines.map((line) => plotted(line, { ...ends, width, zero }));
  return beside(shown, {
    columns: [{ name: scale(ends, width), kind: 'text' }],
    rows: plot.map((line) => [line]),
  });
}

type Line = Readonly<Record<'number' | 'low' | 'high', Cell>>;

interface Ends {
  readonly least: number;
  readonly most: number;
}

function endsOf(lines: readonly Line[], zero: boolean): Ends {
  const numbers = lines.flatMap(({ number, low, high }) =>
    [number, low, high].filter((each) => typeof each === 'number'),
  );
  if (zero || numbers.length === 0) numbers.push(0);
  return {
    least: numbers.reduce((least, each) => Math.min(least, each)),
    most: numbers.reduce((most, each) => Math.max(most, each)),
  };
}

function plotted(
  { number, low, high }: Line,
  { least, most, width, zero }: Ends & { readonly width: number; readonly zero: boolean },
): string {
  const at = (value: number): number =>
    most === least ? Math.floor(width / 2) : Math.round(((value - least) / (most - least)) * (width - 1));
  const line = Array.from({ length: width }, () => ' ');
  if (zero) line[at(0)] = '┊';
  if (typeof low === 'number' && typeof high === 'number') {
    line.fill('─', at(low), at(high) + 1);
    line[at(low)] = '├';
    line[at(high)] = '┤';
  }
  if (typeof number === 'number') line[at(number)] = '●';
  return line.join('');
}

function scale({ least, most }: Ends, width: number): string {
  const [from, to] = [least, most].map((each) => formatFloat(round(each, 2)));
  return `${from ?? ''}${(to ?? '').padStart(width - (from ?? '').length)}`;
}
