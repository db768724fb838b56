// Scores as a matrix of two names, each cell a mean with its interval. Knows no markup.
import { type Estimate, estimateMean } from '../../statistics/estimates.ts';
import { observationsOf } from '../../scores/observations.ts';
import { distinct, groupBy } from '../../statistics/groups.ts';
import type { ScoredRow } from '../../scores/rows.ts';

export interface ScoreMatrix {
  readonly rows: readonly string[];
  readonly columns: readonly string[];
  readonly cell: (row: string, column: string) => Estimate | undefined;
  readonly rowMean: (row: string) => Estimate | undefined;
  /** The lowest and the highest mean of a cell: the ends of the colour scale. */
  readonly range: readonly [number, number];
}

/** Rows and columns in code point order; a score without one of the names takes no part. */
export function scoreMatrix(
  scored: readonly ScoredRow[],
  by: { readonly row: (row: ScoredRow) => string; readonly column: (row: ScoredRow) => string },
): ScoreMatrix {
  const named = scored.filter((row) => by.row(row) !== '' && by.column(row) !== '');
  const cells = estimates(named, (row) => [by.row(row), by.column(row)]);
  const rows = estimates(named, (row) => [by.row(row)]);
  const means = [...cells.values()].map(({ mean }) => mean);
  return {
    rows: distinct(named.map(by.row)),
    columns: distinct(named.map(by.column)),
    cell: (row, column) => cells.get(JSON.stringify([row, column])),
    rowMean: (row) => rows.get(JSON.stringify([row])),
    range: means.length === 0 ? [0, 0] : [Math.min(...means), Math.max(...means)],
  };
}

function estimates(
  rows: readonly ScoredRow[],
  key: (row: ScoredRow) => readonly string[],
): ReadonlyMap<string, Estimate> {
  const found = new Map<string, Estimate>();
  for (const group of groupBy(rows, key)) {
    const estimate = estimateMean(observationsOf(group.rows, 'combo'));
    if (estimate !== undefined) found.set(JSON.stringify(group.key), estimate);
  }
  return found;
}

/** Which of so many steps of the colour scale a mean is on, from 0; the middle one where all means are equal. */
export function stepOf(mean: number, [low, high]: ScoreMatrix['range'], steps: number): number {
  if (high <= low) return Math.floor(steps / 2);
  return Math.min(steps - 1, Math.max(0, Math.floor(((mean - low) / (high - low)) * steps)));
}
