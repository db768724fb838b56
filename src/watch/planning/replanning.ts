// From inputs that were looked at again to the next session: what changed, who joined and left, and the index in its new order.
// Plans nothing and runs nothing.
import type { LoadedGraph } from '../../engine/project/load.ts';
import type { LoadOptions } from '../../engine/project/options.ts';
import { carriedOver, noteFiles, type Session } from '../../engine/project/session.ts';
import type { FileRecord } from '../../inputs/disk/stamped.ts';
import type { Catalog } from '../../catalog/catalog.ts';
import type { GenId, Stage } from '../../generation/stage.ts';
import { idAt, stageAt, type Structure } from '../../graph/graph.ts';
import type { GraphHeader } from '../../graph/graphcache.ts';
import type { Texts } from '../../run/study.ts';
import type { FileChange } from '../events.ts';

/** Files whose contents differ, in code point order. Equal contents under new stamps are no change. */
export function changedFiles(before: LoadedGraph, now: LoadedGraph): readonly FileChange[] {
  if (before.header === now.header) return [];
  const [old, present] = [contentsOf(before.header), contentsOf(now.header)];
  const unmoved = byOthersAlone(before.header, now.header);
  const changes: FileChange[] = [];
  for (const [path, digest] of present) {
    const was = old.get(path) ?? '';
    if (was === digest || (was !== '' && unmoved.has(path))) continue;
    changes.push({ path, what: was === '' ? 'added' : digest === '' ? 'removed' : 'changed' });
  }
  for (const [path, was] of old)
    if (was !== '' && !present.has(path)) changes.push({ path, what: 'removed' });
  return changes.sort((a, b) => (a.path < b.path ? -1 : 1));
}

/** Templates that are as they were themselves, where a system prompt or what they load has changed: their digests hold that too. */
function byOthersAlone(before: GraphHeader, now: GraphHeader): ReadonlySet<string> {
  if (JSON.stringify(before.loaded) === JSON.stringify(now.loaded)) return new Set();
  const old = new Set(before.texts.map(stampOf));
  return new Set(now.texts.filter((each) => old.has(stampOf(each))).map(([path]) => path));
}

/** Path, size, time and inode, and no digest. */
function stampOf(record: FileRecord): string {
  return record.slice(0, -1).join(' ');
}

/** Digests by path; empty for a file that is not there. */
function contentsOf({
  sources,
  catalogReads,
  specReads,
  texts,
  loaded,
}: GraphHeader): ReadonlyMap<string, string> {
  const contents = new Map<string, string>();
  for (const [path, , , , digest] of [
    ...sources,
    ...catalogReads.files,
    ...specReads.files,
    ...loaded,
    ...texts,
  ])
    if (path !== '') contents.set(path, digest);
  return contents;
}

/** Rows that were not there before: the index knows nothing of them, whatever the store holds. */
export function newcomers(before: Structure, now: Structure): readonly number[] {
  const old = new Set(keysOf(before));
  return keysOf(now).flatMap((key, row) => (old.has(key) ? [] : [row]));
}

export interface Moves {
  readonly joined: number;
  readonly left: readonly { readonly stage: Stage; readonly genId: GenId }[];
}

function keysOf({ ids, stage }: Structure): readonly string[] {
  return ids.map((id, row) => `${stage[row] ?? 0}${id}`);
}

export function movesBetween(before: Structure, now: Structure): Moves {
  const [old, present] = [keysOf(before), new Set(keysOf(now))];
  const left = old.flatMap((key, row) =>
    present.has(key) ? [] : [{ stage: stageAt(before, row), genId: idAt(before, row) }],
  );
  return { left, joined: present.size - (old.length - left.length) };
}

/** Sessions over the same store, one after the other; catalogs are read again only if something in them changed. */
export class Sessions {
  #catalog: { readonly tables: unknown; readonly value: Catalog } | undefined;

  /** The session of these inputs. The index is the same one while the rows are, so nothing may write to it elsewhere. */
  next(before: Session, loaded: LoadedGraph, options: LoadOptions): Session {
    const same = loaded.header.structureKey === before.loaded.header.structureKey;
    const index = same ? before.index : carriedOver(before.loaded.structure, before.index, loaded.structure);
    noteFiles(loaded, index);
    let texts: Promise<Texts> | undefined;
    return {
      options,
      loaded,
      index,
      texts: () => (texts ??= this.#textsOf(loaded)),
    };
  }

  /** Loads what reads catalogs and renders only now. */
  async #textsOf({ header: { tables }, settings }: LoadedGraph): Promise<Texts> {
    const { readCatalog, textsOf } = await import('../../engine/project/texts.ts');
    return textsOf(() => {
      if (this.#catalog?.tables !== tables) this.#catalog = { tables, value: readCatalog(settings) };
      return this.#catalog.value;
    }, settings);
  }
}
