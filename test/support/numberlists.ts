// Lists of numbers as statistics take them. Knows nothing of what they are.
import type { NumberLists } from '../../src/statistics/agreement/lists.ts';

export function listsOf(lists: readonly (readonly number[])[]): NumberLists {
  const starts = new Int32Array(lists.length + 1);
  for (const [at, list] of lists.entries()) starts[at + 1] = (starts[at] ?? 0) + list.length;
  return { values: Float64Array.from(lists.flat()), starts };
}
