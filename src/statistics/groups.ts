// Rows that share a key. Knows nothing of what the rows are.
import { compareCodePoints } from '../text/python.ts';

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

/** Each text that is not blank once, in code point order. */
export function distinct(texts: Iterable<string>): string[] {
  return [...new Set(texts)].filter((text) => text !== '').sort(compareCodePoints);
}
