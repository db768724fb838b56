// Which files and folders a project's graph is made from, and how they look now. Reads no contents and hears no events.
import { readdirSync, realpathSync, statSync, type Stats } from 'node:fs';
import { basename, dirname, join, sep } from 'node:path';
import type { LoadedGraph } from '../../engine/project/load.ts';

/** A folder of inputs. Paths are absolute. */
export type Root =
  /** Everything below it. */
  | { readonly kind: 'tree'; readonly path: string }
  /** Only these files directly in it. */
  | { readonly kind: 'files'; readonly path: string; readonly names: readonly string[] }
  /** The data root's `cohorts/`: of each cohort its spec, and its membership.csv. */
  | { readonly kind: 'cohorts'; readonly path: string };

/** What a loaded graph was read from, and what may come to be read: new files, folders and cohorts. */
export function rootsOf({ settings, layout, header }: LoadedGraph): readonly Root[] {
  const sources = header.sources.map(([path]) => path);
  const trees = [join(layout.dataRoot, '1_raw'), settings.templatesRoot];
  const roots: Root[] = [
    ...trees.map((path) => ({ kind: 'tree', path }) as const),
    { kind: 'cohorts', path: layout.cohorts },
  ];
  const read = [...header.catalogReads.files, ...header.specReads.files, ...header.texts, ...header.loaded];
  const single = [...sources, layout.combos, ...read.map(([path]) => path)].filter(
    (path) => path !== '' && !roots.some((root) => belongs(root, path)),
  );
  const folders = [...new Set(single.map((path) => dirname(path)))].sort();
  const files = folders.map((path): Root => {
    const names = single.filter((each) => dirname(each) === path).map((each) => basename(each));
    return { kind: 'files', path, names: [...new Set(names)].sort() };
  });
  return [...roots, ...files];
}

/** Folders that hold no inputs, wherever they lie. */
const FOREIGN = new Set(['.git', 'node_modules', '.daydream']);

/** Whether a path is a root's, or a folder on the way to what is. */
export function belongs(root: Root, path: string): boolean {
  if (path === root.path) return true;
  if (!path.startsWith(root.path + sep)) return false;
  const parts = path.slice(root.path.length + 1).split(sep);
  switch (root.kind) {
    case 'tree':
      return !parts.some((part) => FOREIGN.has(part));
    case 'files':
      return parts.length === 1 && root.names.includes(parts[0] ?? '');
    case 'cohorts':
      return (
        parts.length === 1 || parts[1] === 'spec' || (parts[1] === 'membership.csv' && parts.length === 2)
      );
    default:
      return root satisfies never;
  }
}

/** How every file and folder of some roots looks, by path; a look tells one version from another, as far as stamps can. */
export interface Look {
  readonly stamps: ReadonlyMap<string, string>;
  readonly files: readonly { readonly path: string; readonly files: number }[];
  /** When the latest change of a file was, in milliseconds; 0 when there is none. */
  readonly youngest: number;
  /** When this look was taken. */
  readonly taken: number;
}

export function lookAt(roots: readonly Root[]): Look {
  const taken = Date.now();
  const stamps = new Map<string, string>();
  const seen: Walk = { stamps, counted: new Set(), real: new Set(), youngest: 0 };
  const files = roots.map((root) => {
    const before = seen.counted.size;
    walk(seen, root, root.path);
    return { path: root.path, files: seen.counted.size - before };
  });
  return { stamps, files, youngest: seen.youngest, taken };
}

interface Walk {
  readonly stamps: Map<string, string>;
  readonly counted: Set<string>;
  /** Folders that were entered, links followed: a link to one above is not gone round. */
  readonly real: Set<string>;
  youngest: number;
}

function walk(seen: Walk, root: Root, path: string): void {
  const stat = statSync(path, { throwIfNoEntry: false });
  if (stat === undefined) return;
  if (!stat.isDirectory()) {
    if (path !== root.path) note(seen, path, stat);
    return;
  }
  seen.stamps.set(path, stampOf(stat));
  const names = root.kind === 'files' ? root.names : namesIn(seen, path);
  for (const name of names) {
    const inner = join(path, name);
    if (belongs(root, inner)) walk(seen, root, inner);
  }
}

function note(seen: Walk, path: string, stat: Stats): void {
  seen.stamps.set(path, stampOf(stat));
  seen.counted.add(path);
  seen.youngest = Math.max(seen.youngest, stat.mtimeMs, stat.ctimeMs);
}

/** The time of change is in it, which no program sets back. A folder is told from others, not by what is in it. */
function stampOf(stat: Stats): string {
  if (stat.isDirectory()) return `folder ${stat.dev} ${stat.ino}`;
  return `${stat.size} ${stat.mtimeMs} ${stat.ctimeMs} ${stat.ino}`;
}

/** Clocks of file systems move in steps of up to so many milliseconds: within one, a second change can not be told. */
const TICK = 20;

/** Whether a look has seen all that an event about this path can tell of. */
export function isKnown({ stamps, taken }: Look, path: string): boolean {
  const stat = statSync(path, { throwIfNoEntry: false });
  if (stat === undefined) return !stamps.has(path);
  return stamps.get(path) === stampOf(stat) && (stat.isDirectory() || stat.ctimeMs < taken - TICK);
}

function namesIn(seen: Walk, folder: string): readonly string[] {
  try {
    const real = realpathSync(folder);
    if (seen.real.has(real)) return [];
    seen.real.add(real);
    return readdirSync(folder);
  } catch {
    return [];
  }
}

/** Paths that look different, in code point order: changed, come or gone. */
export function differences(before: Look, now: Look): readonly string[] {
  const paths = new Set<string>();
  for (const [path, stamp] of now.stamps) if (before.stamps.get(path) !== stamp) paths.add(path);
  for (const path of before.stamps.keys()) if (!now.stamps.has(path)) paths.add(path);
  return [...paths].sort();
}

/** Whether a folder that is watched has become another one, or one has come that events can not tell of. */
export function foldersMoved(before: Look, now: Look, roots: readonly Root[]): boolean {
  for (const [path, stamp] of before.stamps)
    if (stamp.startsWith('folder') && now.stamps.has(path) && now.stamps.get(path) !== stamp) return true;
  return roots.some(({ path }) => before.stamps.has(path) !== now.stamps.has(path));
}
