// Rows that share a key. Knows nothing of what the rows are.
import { compareCodePoints } from '../text/python.ts';

export interface Group<T> {
  readonly key: readonly string[];
  readonly rows: readonly [T, ...T[]];
}

/** Groups in code point order of their keys, part by part. A row with a blank in its key is left out. */
export function groupBy<T>(rows: Iterable<T>, keyOf: (row: T) => readonly string[]): Group<T>[] {
  const groups: { key: readonly string[]; rows: [T, ...T[]] }[] = [];
  const number = keyNumbers();
  for (const row of rows) {
    const key = keyOf(row);
    if (key.includes('')) continue;
    const group = groups[number(key)];
    if (group === undefined) groups.push({ key, rows: [row] });
    else group.rows.push(row);
  }
  return groups.sort((a, b) => compareKeys(a.key, b.key));
}

type Branch = Map<string, number | Branch>;

/** Numbers keys from 0 in the order in which they first come: the same for the same key. Keys have a part or more, all as many. */
function keyNumbers(): (key: readonly string[]) => number {
  const root: Branch = new Map();
  let size = 0;
  return (key) => {
    let branch = root;
    for (let at = 0; at < key.length - 1; at++) {
      const part = key[at] ?? '';
      const found = branch.get(part);
      const next: Branch = found instanceof Map ? found : new Map();
      if (next !== found) branch.set(part, next);
      branch = next;
    }
    const last = key.at(-1) ?? '';
    const known = branch.get(last);
    if (typeof known === 'number') return known;
    branch.set(last, size);
    return size++;
  };
}

function compareKeys(a: readonly string[], b: readonly string[]): number {
  for (let at = 0; at < a.length; at++) {
    const order = compareCodePoints(a[at] ?? '', b[at] ?? '');
    if (order !== 0) return order;
  }
  return 0;
}

/** Each text that is not blank once, in code point order. */
export function distinct(texts: Iterable<string>): string[] {
  return [...new Set(texts)].filter((text) => text !== '').sort(compareCodePoints);
}
