// A forest plot beside a table: a line a row, its interval and where its number lies in it. Knows nothing of what the numbers are.
import { formatFloat } from '../../text/python.ts';
import type { Cell, Table } from '../../report/tables/table.ts';
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
 */
export function withForest(table: Table, terminal: number | undefined): readonly Table[] {
  const beside = withPlot(table, table, terminal);
  if (beside !== undefined) return [beside];
  const names = onlyNames(table);
  const below = withPlot(names, table, terminal) ?? withPlot(shortNames(names, terminal), table, terminal);
  return below === undefined ? [table] : [table, below];
}

export function printForest(console: Console, table: Table): void {
  for (const [at, each] of withForest(table, console.width).entries()) {
    if (at > 0) console.write('\n');
    printTable(console, each, 'table');
  }
}

function onlyNames({ columns, rows }: Table): Table {
  const kept = columns.map(({ name }) => NAMES.has(name));
  return {
    columns: columns.filter((_, at) => kept[at]),
    rows: rows.map((row) => row.filter((_, at) => kept[at])),
  };
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
  const taken = Math.max(...alignedText(shown).split('\n').map(widthOf)) + BETWEEN;
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
  return {
    columns: [...shown.columns, { name: scale(ends, width), kind: 'text' }],
    rows: shown.rows.map((row, at) => [...row, plot[at]]),
  };
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
