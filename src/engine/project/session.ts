// A data root as it stands: graph, index, verdicts. Opened by every command; kept open and refreshed by watch. Runs nothing.
import { join } from 'node:path';
import { OFFLINE } from '../../config.ts';
import { problem, ProblemError } from '../../problem.ts';
import { idAt, stageAt, taskAt, type Graph } from '../../graph/graph.ts';
import { digestIn } from '../../inputs/disk/stamped.ts';
import { loadGraphCache, type CachedGraph } from '../../graph/graphcache.ts';
import { Judge, type JudgeOptions } from '../../plan/judge.ts';
import type { Texts } from '../../run/study.ts';
import { FILES, FLAGS, GenIndex, loadIndex, UNKNOWN, type KeptIndex } from '../../store/gens/genindex.ts';
import { FILE, genFolder, indexPath, INDEXED_FILES } from '../../store/layout.ts';
import { isAway } from '../../store/writing/lodging.ts';
import { changedPlaces, sweepAll, type SweepJob } from '../../store/gens/sweep.ts';
import { labelsIn, rememberLabels } from './labels.ts';
import { loadGraph, rememberGraph, type LoadedGraph } from './load.ts';
import { type LoadOptions } from './options.ts';

export interface Session {
  readonly options: LoadOptions;
  readonly loaded: LoadedGraph;
  readonly index: GenIndex;
  /** Texts for rendering; loads catalogs and the template engine at first use. */
  readonly texts: () => Promise<Texts>;
}

export interface OpenOptions extends LoadOptions {
  /** Read every file again, whatever its stamp says. */
  readonly verify?: boolean;
  readonly onProgress?: (done: number, total: number) => void;
  /** The graph's cache, where it was read already. */
  readonly cached?: CachedGraph;
}

export async function openSession(options: OpenOptions): Promise<Session> {
  const loaded = await loadGraph(options, options.cached);
  const kept = options.verify === true ? undefined : loadIndex(indexPath(loaded.layout));
  const session = rememberedOf(options, loaded, kept);
  await sweep(session, options.onProgress);
  return session;
}

/** A session of inputs that are read, with the index as it was kept: whether the store is still so is looked at later, with `refreshRange`. */
export function rememberedOf(
  options: LoadOptions,
  loaded: LoadedGraph,
  kept: KeptIndex | undefined,
): Session {
  return sessionOf(options, loaded, indexOf(loaded, kept));
}

/** The same with an empty index, for a caller that reads the store itself and puts into the index what it finds. */
export async function openUnread(options: OpenOptions): Promise<Session> {
  const loaded = await loadGraph(options, options.cached);
  return sessionOf(options, loaded, new GenIndex(loaded.structure.size));
}

/** Reads the rows of such an index that the caller did not fill: 1 in `filled` where it did. */
export async function readUnfilled(session: Session, filled: Uint8Array): Promise<void> {
  const { graph } = session.loaded;
  const rows: number[] = [];
  for (let row = 0; row < graph.size; row++) if (filled[row] !== 1) rows.push(row);
  await refreshRows(session, rows);
  refuseNewer(graph, session.index);
}

function sessionOf(options: LoadOptions, loaded: LoadedGraph, index: GenIndex): Session {
  noteFiles(loaded, index);
  let texts: Promise<Texts> | undefined;
  return {
    options,
    loaded,
    index,
    texts: () => (texts ??= loadTexts(loaded)),
  };
}

/** Templates of several files are known by one digest: what it is made of is kept beside it, to say later which of them changed. */
export function noteFiles({ graph, header }: Pick<LoadedGraph, 'graph' | 'header'>, index: GenIndex): void {
  for (const [place, each] of graph.templateFiles.entries()) {
    const digest = digestIn(header.texts[place]);
    if (each !== null && digest !== undefined && digest !== each.files[each.own])
      index.noteFiles(digest, each.files);
  }
}

async function loadTexts(loaded: LoadedGraph): Promise<Texts> {
  const { readCatalog, textsOf } = await import('./texts.ts');
  return textsOf(() => readCatalog(loaded.settings), loaded.settings);
}

/** The index of this graph's rows: as it was kept, carried over from another order of rows, or empty. */
function indexOf({ layout, structure, header }: LoadedGraph, kept: KeptIndex | undefined): GenIndex {
  if (kept === undefined) return new GenIndex(structure.size);
  if (kept.structureKey === header.structureKey && kept.index.size === structure.size) return kept.index;
  const before = loadGraphCache(join(layout.state, 'graph.bin'));
  if (before === undefined || before.header.structureKey !== kept.structureKey)
    return new GenIndex(structure.size);
  return carriedOver(before.structure, kept.index, structure);
}

export function carriedOver(
  before: Pick<Graph, 'ids' | 'stage'>,
  index: GenIndex,
  now: Pick<Graph, 'ids' | 'stage' | 'size'>,
): GenIndex {
  const rows = new Map(now.ids.map((id, row) => [`${now.stage[row] ?? 0}${id}`, row]));
  const carried = new GenIndex(now.size);
  const to = Int32Array.from(before.ids, (id, row) => rows.get(`${before.stage[row] ?? 0}${id}`) ?? -1);
  carried.adoptRows(to, index);
  return carried;
}

/** Reads into the index whatever is not on disk as the index remembers it. Returns how many files that were. */
async function sweep(store: Looked, onProgress?: (done: number, total: number) => void): Promise<number> {
  return readAgain(store, await sweepAll(sweepJob(store)), onProgress);
}

type Looked = Pick<Session, 'options' | 'loaded' | 'index'>;

/** The same for a session that is kept open. */
export function refreshAll(session: Looked): Promise<number> {
  return sweep(session);
}

/** The same for some rows only. */
export async function refreshRows(session: Looked, rows: Iterable<number>): Promise<number> {
  const job = sweepJob(session);
  const places: number[] = [];
  for (const row of rows) places.push(...changedPlaces(job, row, row + 1));
  return readAgain(session, places);
}

/** The same for the rows from one up to another, without a list of them. */
export function refreshRange(session: Looked, from: number, to: number): Promise<number> {
  return readAgain(session, changedPlaces(sweepJob(session), from, Math.min(to, session.loaded.graph.size)));
}

/** The index as another process has left it; undefined where it is of other rows. */
export function indexOnDisk({ layout, header, structure }: LoadedGraph): GenIndex | undefined {
  const kept = loadIndex(indexPath(layout));
  const same = kept?.structureKey === header.structureKey && kept.index.size === structure.size;
  return same ? kept.index : undefined;
}

function sweepJob({ loaded: { graph, layout }, index }: Pick<Session, 'loaded' | 'index'>): SweepJob {
  const { sizes, mtimes, inodes } = index;
  return { gens: layout.gens, ids: graph.ids, stage: graph.stage, sizes, mtimes, inodes };
}

async function readAgain(
  { options, loaded: { graph, layout }, index }: Looked,
  places: readonly number[],
  onProgress?: (done: number, total: number) => void,
): Promise<number> {
  if (places.length === 0) return 0;
  const started = options.now();
  const { refreshFile } = await import('../../store/gens/genstore.ts');
  for (const [done, place] of places.entries()) {
    const row = Math.floor(place / FILES);
    const file = place % FILES;
    refreshFile(
      index,
      row,
      file,
      `${genFolder(layout, stageAt(graph, row), idAt(graph, row))}/${INDEXED_FILES[file] ?? ''}`,
    );
    if (done % 1000 === 0) onProgress?.(done, places.length);
  }
  // A file that changed while it was read, within one tick of the clock, looks the same afterwards.
  index.forgetRacy(started);
  refuseNewer(graph, index);
  return places.length;
}

function refuseNewer(graph: Graph, index: GenIndex): void {
  const row = index.flags.findIndex((flags) => (flags & FLAGS.newer) !== 0);
  if (row < 0) return;
  throw new ProblemError([
    problem('DD503', `the trace of ${idAt(graph, row)} was written by a newer daydream`, {
      place: { genId: idAt(graph, row) },
    }),
  ]);
}

/** Judges every generation. Only rows that another tool made are rendered, to compare their prompts. */
export async function judge(session: Session, options: Omit<JudgeOptions, 'prompted'> = {}): Promise<Judge> {
  const { graph } = session.loaded;
  const prompted = hasForeign(graph, session.index) ? await comparison(session) : () => false;
  const made = new Judge(graph, session.index, {
    ...options,
    prompted,
    adopts: (row) => mayAdopt(graph, row),
    labelsOf: labelsIn(session.loaded),
  });
  made.all();
  return made;
}

/** The offline model can not have made what another tool left. */
function mayAdopt(graph: Graph, row: number): boolean {
  const { work } = taskAt(graph, row);
  return work.kind === 'copy' || work.ask.provider !== OFFLINE;
}

/** Whether a row's prompt.txt equals what would be rendered now. */
async function comparison(session: Session): Promise<(row: number) => boolean> {
  const [{ promptHolds }, texts] = await Promise.all([import('../../run/prepare.ts'), session.texts()]);
  const { graph, layout } = session.loaded;
  return (row) => promptHolds({ texts, graph, layout, index: session.index }, row);
}

function hasForeign(graph: Graph, index: GenIndex): boolean {
  for (let row = 0; row < graph.size; row++) {
    if (
      ((index.flags[row] ?? 0) & FLAGS.traced) === 0 &&
      (index.has(row, FILE.prompt) || index.has(row, FILE.raw) || index.has(row, FILE.parsed))
    )
      return true;
  }
  return false;
}

/** Writes graph and index caches, if they are not up to date. Call it with the lock held. */
export async function remember(session: Session, now: () => number): Promise<void> {
  const { loaded, index } = session;
  if (isAway(loaded.layout)) return;
  if (loaded.changed || index.changed) rememberLabels(loaded, index);
  if (loaded.changed) rememberGraph(loaded);
  if (!index.changed) return;
  if (index.forgetRacy(now()) > 0) {
    // One tick of the file system's clock later the same files can be told from later edits.
    await new Promise((resolve) => setTimeout(resolve, 25));
    await refreshRows(session, forgottenRows(index));
    index.forgetRacy(now());
  }
  if (isAway(loaded.layout)) return;
  index.save(indexPath(loaded.layout), loaded.header.structureKey);
}

function forgottenRows({ mtimes }: GenIndex): ReadonlySet<number> {
  const rows = new Set<number>();
  for (const [place, mtime] of mtimes.entries()) if (mtime === UNKNOWN) rows.add(Math.floor(place / FILES));
  return rows;
}
