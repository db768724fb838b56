// What may be removed: generations that no cohort has, those of one cohort, those that were selected, old responses. Only finds;
// who removes moves it all to the trash. What a cohort uses counts with all that it is made from.
import { join, relative } from 'node:path';
import { traceOf } from '../../generation/trace.ts';
import { genKey, STAGES, type GenId, type Stage } from '../../generation/stage.ts';
import { keyAt, rowFinder, at, idAt, stageAt } from '../../graph/graph.ts';
import { listGenerations, readMetadata } from '../../store/gens/genstore.ts';
import type { Layout } from '../../store/layout.ts';
import { listResponses, packWith, readResponse, responsePath } from '../../store/responses.ts';
import { temporaryFiles } from '../../store/leftovers.ts';
import { bytesBelow } from '../../store/trash.ts';
import { hasSpec } from '../cohorts/sources.ts';
import type { Session } from '../project/session.ts';

export interface Removal {
  readonly kind: 'generation' | 'response' | 'temporary' | 'cohort';
  /** A file or folder, relative to the data root. */
  readonly path: string;
  readonly bytes: number;
  readonly why: string;
}

interface Stored {
  readonly stage: Stage;
  readonly genId: GenId;
}

/** The cohorts that have a generation, or something that is made from it. */
export interface Usage {
  readonly ofRow: (row: number) => ReadonlySet<string>;
  readonly of: (stage: Stage, genId: GenId) => ReadonlySet<string>;
}

const NOBODY: ReadonlySet<string> = new Set();

export function usageOf({ loaded }: Pick<Session, 'loaded'>): Usage {
  const { graph, layout } = loaded;
  const users = Array.from({ length: graph.size }, () => NOBODY);
  const beside = new Map<string, ReadonlySet<string>>();
  const withCohort = sharedSets();
  /** What the graph does not have, and a metadata.json names as a parent. */
  const addBeside = (stored: Stored, cohort: string): void => {
    for (let each: Stored | undefined = stored; each !== undefined; each = storedParent(layout, each)) {
      const row = rowOf(each.stage, each.genId);
      if (row !== undefined) return add(row, cohort);
      const known = beside.get(genKey(each)) ?? NOBODY;
      if (known.has(cohort)) return;
      beside.set(genKey(each), withCohort(known, cohort));
    }
  };
  const add = (member: number, cohort: string): void => {
    for (let row = member; ; row = at(graph.parent, row)) {
      const known = at(users, row);
      if (known.has(cohort)) return;
      users[row] = withCohort(known, cohort);
      if (at(graph.parent, row) >= 0) continue;
      const above = storedParent(layout, { stage: stageAt(graph, row), genId: idAt(graph, row) });
      return above === undefined ? undefined : addBeside(above, cohort);
    }
  };
  const rowOf = rowFinder(graph);
  for (const { id, members } of graph.cohorts) for (const row of members) add(row, id);
  const ofRow = (row: number): ReadonlySet<string> => users[row] ?? NOBODY;
  return {
    ofRow,
    of(stage, genId) {
      const row = rowOf(stage, genId);
      return row === undefined ? (beside.get(genKey({ stage, genId })) ?? NOBODY) : ofRow(row);
    },
  };
}

/** The same set for the same cohorts: most generations have those of many others. */
function sharedSets(): (known: ReadonlySet<string>, cohort: string) => ReadonlySet<string> {
  const extended = new Map<ReadonlySet<string>, Map<string, ReadonlySet<string>>>();
  return (known, cohort) => {
    const made = extended.get(known) ?? new Map<string, ReadonlySet<string>>();
    extended.set(known, made);
    const set = made.get(cohort) ?? new Set([...known, cohort]);
    made.set(cohort, set);
    return set;
  };
}

/** The parent that a metadata.json names. */
function storedParent(layout: Layout, { stage, genId }: Stored): Stored | undefined {
  if (stage === 'draft') return undefined;
  const metadata = readMetadata(layout, stage, genId);
  const parent = metadata === undefined || metadata === 'damaged' ? undefined : metadata['parent_gen_id'];
  if (typeof parent !== 'string' || parent === '') return undefined;
  return { stage: stage === 'essay' ? 'draft' : 'essay', genId: parent };
}

/** Generations of the store that no cohort uses, in the order of the stages. */
function orphansOf(session: Pick<Session, 'loaded'>, usage: Usage): readonly Stored[] {
  return STAGES.flatMap((stage) =>
    listGenerations(session.loaded.layout, stage)
      .map((genId) => ({ stage, genId }))
      .filter(({ stage, genId }) => usage.of(stage, genId).size === 0),
  );
}

export interface Collecting {
  /** Responses that are older than this and that no generation of the store came from go too; milliseconds. */
  readonly keepMs: number | undefined;
  /** Milliseconds since the epoch. */
  readonly now: number;
}

export function garbageOf(session: Session, { keepMs, now }: Collecting): readonly Removal[] {
  const { layout } = session.loaded;
  const orphans = orphansOf(session, usageOf(session));
  const gone = new Set(orphans.map(genKey));
  const old = keepMs === undefined ? [] : oldResponses(layout, now - keepMs, gone);
  return [
    ...orphans.flatMap((stored) => removalOf(layout, stored, 'in no cohort')),
    ...old,
    ...temporaryFiles(layout).flatMap((path) => removal(layout, 'temporary', path, 'left by a crash')),
  ];
}

function removalOf(layout: Layout, { stage, genId }: Stored, why: string): readonly Removal[] {
  return removal(layout, 'generation', `gens/${stage}/${genId}`, why);
}

/** Nothing for what is not there. */
function removal(layout: Layout, kind: Removal['kind'], path: string, why: string): readonly Removal[] {
  const bytes = bytesBelow(join(layout.dataRoot, path));
  return bytes === undefined ? [] : [{ kind, path, bytes, why }];
}

/** The entries of one question are numbered without a gap, so one goes only with all that came after it. */
function oldResponses(layout: Layout, before: number, gone: ReadonlySet<string>): readonly Removal[] {
  const used = usedResponses(layout, gone);
  const removals: Removal[] = [];
  for (const names of byQuestion(listResponses(layout))) {
    for (const name of names) {
      const why = used.has(name) ? undefined : whyOld(layout, name, before);
      // Others lie with what is in a pack.
      if (why === undefined || packWith(layout, name) !== undefined) break;
      removals.push(
        ...removal(layout, 'response', relative(layout.dataRoot, responsePath(layout, name)), why),
      );
    }
  }
  return removals;
}

/** Undefined for what is to be kept: what is younger, and what only a later daydream understands. */
function whyOld(layout: Layout, name: string, before: number): string | undefined {
  const response = readResponse(layout, name);
  if (response === undefined || response === 'newer') return undefined;
  if (response === 'damaged') return 'damaged';
  return Date.parse(response.at) < before
    ? `of ${response.at.slice(0, 10)}, for ${response.genId}`
    : undefined;
}

/** Names of entries, those to one question together, the latest first. */
function byQuestion(names: readonly string[]): Iterable<readonly string[]> {
  const questions = new Map<string, string[]>();
  for (const name of names) {
    const address = name.slice(0, name.lastIndexOf('-'));
    const known = questions.get(address);
    if (known === undefined) questions.set(address, [name]);
    else known.push(name);
  }
  for (const known of questions.values()) known.sort((a, b) => numberOf(b) - numberOf(a));
  return questions.values();
}

function numberOf(name: string): number {
  return Number(name.slice(name.lastIndexOf('-') + 1));
}

/** Names of the responses that a generation of the store was made from, those that go now left out. */
function usedResponses(layout: Layout, gone: ReadonlySet<string>): ReadonlySet<string> {
  const used = new Set<string>();
  for (const stage of STAGES) {
    for (const genId of listGenerations(layout, stage)) {
      if (gone.has(genKey({ stage, genId }))) continue;
      const metadata = readMetadata(layout, stage, genId);
      const trace = metadata === undefined || metadata === 'damaged' ? undefined : traceOf(metadata);
      if (trace !== undefined && trace !== 'newer' && trace.generate?.response !== undefined)
        used.add(trace.generate.response);
    }
  }
  return used;
}

export interface Removals {
  readonly removals: readonly Removal[];
  /** Left where they are, since others use them too. */
  readonly kept: readonly { readonly path: string; readonly cohorts: readonly string[] }[];
}

/** Selected generations (rows, and some that only the store knows), with what is made from them if asked. */
export interface Selecting {
  readonly rows: Uint8Array;
  readonly stored: readonly Stored[];
  readonly below: 'with' | 'without';
  /** Whether generations go that cohorts use which were not selected as a whole. */
  readonly inUse: 'keep' | 'take';
}

export function selectedRemovals(session: Session, { rows, stored, below, inUse }: Selecting): Removals {
  const { graph, layout } = session.loaded;
  const targets = new Map(stored.map((each) => [genKey(each), each]));
  for (let row = 0; row < rows.length; row++) {
    if (rows[row] !== 1) continue;
    const each = { stage: stageAt(graph, row), genId: idAt(graph, row) };
    targets.set(genKey(each), each);
  }
  if (below === 'with') addDescendants(session, targets);
  const whole = new Set(
    graph.cohorts
      .filter(({ members }) => members.every((row) => targets.has(keyAt(graph, row))))
      .map(({ id }) => id),
  );
  const usage = usageOf(session);
  const kept: { path: string; cohorts: readonly string[] }[] = [];
  const removals: Removal[] = [];
  for (const each of [...targets.values()].sort(byStage)) {
    const users = [...usage.of(each.stage, each.genId)];
    const shared = users.length > 1 && users.some((user) => !whole.has(user));
    const found = removalOf(layout, each, users.length === 0 ? 'in no cohort' : `of ${users.join(', ')}`);
    if (shared && inUse === 'keep') kept.push(...found.map(({ path }) => ({ path, cohorts: users })));
    else removals.push(...found);
  }
  return { removals, kept };
}

function byStage(a: Stored, b: Stored): number {
  const stages = STAGES.indexOf(a.stage) - STAGES.indexOf(b.stage);
  return stages !== 0 ? stages : a.genId < b.genId ? -1 : 1;
}

/** Adds what is made from the targets: by the graph, and in the store by what metadata.json says. */
function addDescendants({ loaded }: Session, targets: Map<string, Stored>): void {
  const { graph, layout } = loaded;
  for (let row = 0; row < graph.size; row++) {
    const parent = at(graph.parent, row);
    if (parent < 0 || !targets.has(keyAt(graph, parent))) continue;
    const each = { stage: stageAt(graph, row), genId: idAt(graph, row) };
    targets.set(genKey(each), each);
  }
  for (const stage of STAGES.slice(1)) {
    for (const genId of listGenerations(layout, stage)) {
      const parent = storedParent(layout, { stage, genId });
      if (parent !== undefined && targets.has(genKey(parent)))
        targets.set(genKey({ stage, genId }), { stage, genId });
    }
  }
}

/** A cohort's own generations and what a build writes into its folder; with `all` the folder itself, spec included. */
export function cohortRemovals(session: Session, cohort: string, folder: 'outputs' | 'all'): Removals {
  const { graph, layout } = session.loaded;
  const usage = usageOf(session);
  const members = graph.cohorts.find(({ id }) => id === cohort)?.members ?? new Uint32Array();
  const kept: { path: string; cohorts: readonly string[] }[] = [];
  const removals: Removal[] = [];
  for (const row of members) {
    const each = { stage: stageAt(graph, row), genId: idAt(graph, row) };
    const users = [...usage.ofRow(row)];
    const found = removalOf(layout, each, `only of ${cohort}`);
    if (users.length > 1) kept.push(...found.map(({ path }) => ({ path, cohorts: users })));
    else removals.push(...found);
  }
  const outputs = [...(hasSpec(layout, cohort) ? ['membership.csv'] : []), 'manifest.json', 'reports'];
  const paths = folder === 'all' ? [`cohorts/${cohort}`] : outputs.map((name) => `cohorts/${cohort}/${name}`);
  const why = folder === 'all' ? 'the cohort itself' : 'made by builds';
  return { removals: [...removals, ...paths.flatMap((path) => removal(layout, 'cohort', path, why))], kept };
}
