// Brings generations back as a record has them. What lies in their places goes to the trash first, so that nothing is lost.
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { genKey } from '../../generation/stage.ts';
import { genFolder, type Layout } from '../../store/layout.ts';
import { keptText } from '../../store/runs/texts.ts';
import { moveToTrash, type Batch } from '../../store/trash.ts';
import { writeAtomic } from '../../store/writing/atomic.ts';
import type { RecordedGeneration } from '../results/recorded.ts';

export interface ComeBack {
  readonly restored: readonly string[];
  /** Lie there as they are on record. */
  readonly unchanged: readonly string[];
  /** Of which only digests are on record, or whose kept files are gone. */
  readonly missing: readonly string[];
}

type Files = ReadonlyMap<string, Buffer>;

/** The lock is held by the caller. */
export function comeBack(
  layout: Layout,
  generations: readonly RecordedGeneration[],
  batch: Omit<Batch, 'items'>,
): ComeBack {
  const found = generations.map((each) => ({ each, files: filesOf(layout, each) }));
  const ids = (list: typeof found): string[] => list.map(({ each }) => each.genId);
  const known = found.flatMap(({ each, files }) => (files === undefined ? [] : [{ each, files }]));
  const other = known.filter(({ each, files }) => !liesThere(layout, each, files));
  const items = other
    .map(({ each }) => `gens/${each.stage}/${each.genId}`)
    .filter((item) => existsSync(join(layout.dataRoot, item)));
  if (items.length > 0) moveToTrash(layout, { ...batch, items: items.sort() });
  for (const { each, files } of other) writeFiles(genFolder(layout, each.stage, each.genId), files);
  const written = new Set(other.map(({ each }) => genKey(each)));
  return {
    restored: ids(other),
    unchanged: ids(known.filter(({ each }) => !written.has(genKey(each)))),
    missing: ids(found.filter(({ files }) => files === undefined)),
  };
}

/** Undefined where not every file is kept. */
function filesOf(layout: Layout, { files, state }: RecordedGeneration): Files | undefined {
  if (files === undefined) return undefined;
  const kept = new Map<string, Buffer>();
  for (const [name, address] of Object.entries(files)) {
    const bytes = keptText(layout, address);
    if (bytes === undefined) return undefined;
    kept.set(name, bytes);
  }
  // What was never made then has nothing to bring back.
  return kept.size === 0 && state !== 'missing' ? undefined : kept;
}

function liesThere(layout: Layout, { stage, genId }: RecordedGeneration, files: Files): boolean {
  const folder = genFolder(layout, stage, genId);
  return [...files].every(([name, bytes]) => {
    const path = join(folder, name);
    return existsSync(path) && readFileSync(path).equals(bytes);
  });
}

/** metadata.json, which vouches for the others, is last. */
function writeFiles(folder: string, files: Files): void {
  const names = [...files.keys()].sort(
    (a, b) => Number(a === 'metadata.json') - Number(b === 'metadata.json'),
  );
  for (const name of names) writeAtomic(join(folder, name), files.get(name) ?? Buffer.alloc(0));
}
