// Rows that share a key, and pivots of their scores. Knows no report.
import { compareCodePoints } from '../text/python.ts';
import type { ScoreRow } from './scores.ts';
import { type Summary, summarize } from './summary.ts';

export interface Group<T> {
  readonly key: readonly string[];
  readonly rows: readonly [T, ...T[]];
}

/** Groups in code point order of their keys, part by part. A row with a blank in its key is left out. */
export function groupBy<T>(rows: Iterable<T>, keyOf: (row: T) => readonly string[]): Group<T>[] {
  const groups = new Map<string, { key: readonly string[]; rows: [T, ...T[]] }>();
  for (const row of rows) {
    const key = keyOf(row);
    if (key.includes('')) continue;
    const name = JSON.stringify(key);
    const group = groups.get(name);
    if (group === undefined) groups.set(name, { key, rows: [row] });
    else group.rows.push(row);
  }
  return Array.from(groups.values()).sort((a, b) => compareKeys(a.key, b.key));
}

function compareKeys(a: readonly string[], b: readonly string[]): number {
  for (const [at, part] of a.entries()) {
    const order = compareCodePoints(part, b[at] ?? '');
    if (order !== 0) return order;
  }
  return 0;
}

export interface PivotLine {
  readonly key: readonly string[];
  /** The group's first row in the order of the input. */
  readonly first: ScoreRow;
  /** By label; a label without any score of this group is absent. */
  readonly cells: ReadonlyMap<string, Summary>;
}

export interface Pivot {
  /** In code point order. */
  readonly labels: readonly string[];
  readonly lines: readonly PivotLine[];
}

/** One line a key, one cell a label: the summary of the scores that share both. Rows without a score still give lines and labels. */
export function pivot(
  rows: readonly ScoreRow[],
  by: { readonly key: (row: ScoreRow) => readonly string[]; readonly label: (row: ScoreRow) => string },
): Pivot {
  const groups = groupBy(rows, by.key);
  return {
    labels: distinct(groups.flatMap((group) => group.rows.map(by.label))),
    lines: groups.map(({ key, rows }) => ({ key, first: rows[0], cells: cellsOf(rows, by.label) })),
  };
}

function cellsOf(rows: readonly ScoreRow[], labelOf: (row: ScoreRow) => string): Map<string, Summary> {
  const cells = new Map<string, Summary>();
  for (const { key, rows: members } of groupBy(rows, (row) => [labelOf(row)])) {
    const summary = summarize(members.flatMap((row) => row.score ?? []));
    if (summary !== undefined) cells.set(key.join(), summary);
  }
  return cells;
}

/** Each text that is not blank once, in code point order. */
export function distinct(texts: Iterable<string>): string[] {
  return [...new Set(texts)].filter((text) => text !== '').sort(compareCodePoints);
}

/** What a column label says in place of a blank: the word that existing tables have there. */
export function labelPart(text: string): string {
  return text === '' ? 'nan' : text;
}
