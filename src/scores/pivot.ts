// Pivots of scores: a line a key, a cell a label. Knows no report.
import { distinct, groupBy } from '../statistics/groups.ts';
import { type Summary, summarize } from '../statistics/summary.ts';
import type { ScoreRow } from './rows.ts';

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

/** What a column label says in place of a blank: the word that existing tables have there. */
export function labelPart(text: string): string {
  return text === '' ? 'nan' : text;
}
