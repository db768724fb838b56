// Parts of a graph: whole chains, each in exactly one part, the same whatever else is in the graph.
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { shardRows } from '../../src/graph/shard.ts';

/** `parents[row]`: the row that it is made from, -1 for a root. */
function structureOf(ids: readonly string[], parents: readonly number[]): Parameters<typeof shardRows>[0] {
  return {
    ids: ids as Parameters<typeof shardRows>[0]['ids'],
    parent: Int32Array.from(parents),
    size: ids.length,
  };
}

const chains = fc
  .uniqueArray(fc.string({ minLength: 1 }), { minLength: 1, maxLength: 40 })
  .chain((ids) =>
    fc.tuple(fc.constant(ids), fc.tuple(...ids.map((_, row) => fc.integer({ min: -1, max: row - 1 })))),
  );

describe('the rows of a shard', () => {
  it('are whole chains, and each chain is in one shard', () => {
    fc.assert(
      fc.property(chains, fc.integer({ min: 1, max: 9 }), ([ids, parents], of) => {
        const structure = structureOf(ids, parents);
        const parts = Array.from({ length: of }, (_, part) => shardRows(structure, { index: part + 1, of }));
        for (const [row, parent] of parents.entries()) {
          expect(parts.filter((rows) => rows[row] === 1)).toHaveLength(1);
          const above = parent < 0 ? row : parent;
          expect(parts.map((rows) => rows[row])).toEqual(parts.map((rows) => rows[above]));
        }
      }),
    );
  });

  // By hand: SHA-256 of the id, as a number, modulo 4.
  it('are those of which the digest says so, here and on every other machine', () => {
    const ids = ['d_a', 'd_b', 'd_c', 'd_d', 'd_e', 'd_f'];
    const of = 4;
    const found = ids.map((id) =>
      [1, 2, 3, 4].find((index) => shardRows(structureOf([id], [-1]), { index, of })[0] === 1),
    );
    expect(found).toEqual([3, 4, 3, 2, 4, 2]);
  });
});
