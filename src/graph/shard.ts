// Whole chains cut into so many parts, the same ones on every machine: a draft, its essays and their evaluations are never parted.
import { hash } from 'node:crypto';
import { at, type Structure } from './graph.ts';

export interface Shard {
  /** From 1 to `of`. */
  readonly index: number;
  readonly of: number;
}

/**
 * 1 for every row of the shard: those whose chain's root has an id of which SHA-256, as a number, leaves `index - 1` when it is divided
 * by `of`. Neither the order of rows nor what else is in the cohort changes where a chain belongs.
 */
export function shardRows(
  structure: Pick<Structure, 'ids' | 'parent' | 'size'>,
  { index, of }: Shard,
): Uint8Array {
  const rows = new Uint8Array(structure.size);
  const parts = BigInt(of);
  for (let row = 0; row < structure.size; row++) {
    const parent = structure.parent[row] ?? -1;
    rows[row] =
      parent >= 0 ? (rows[parent] ?? 0) : Number(partOf(at(structure.ids, row), parts) === BigInt(index - 1));
  }
  return rows;
}

function partOf(rootId: string, parts: bigint): bigint {
  return BigInt(`0x${hash('sha256', rootId)}`) % parts;
}
