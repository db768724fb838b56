// A data root opened for doctor: as much of it as can be read, and every problem met on the way. Judges nothing beyond what plan
// does, and writes nothing.
import { loadCatalog } from '../catalog/load.ts';
import type { Catalog } from '../catalog/catalog.ts';
import { loadProject, type Settings } from '../config.ts';
import { asProblems, attempt, ProblemError, type Problem } from '../problem.ts';
import { genId as idOf, signature } from '../generation/genid.ts';
import { genKey, type GenId, type Stage } from '../generation/stage.ts';
import { taskAt, type Graph, type RowOf } from '../graph/graph.ts';
import { diskReader } from '../inputs/disk/diskreader.ts';
import type { InputReader } from '../inputs/disk/reader.ts';
import { loadIndex, type KeptIndex } from '../store/gens/genindex.ts';
import { indexPath, layoutOf, type Layout } from '../store/layout.ts';
import type { StoredGeneration } from '../store/gens/surveyfacts.ts';
import { beginSurvey } from '../store/gens/surveying.ts';
import { usageOf, type Usage } from '../engine/upkeep/removable.ts';
import {
  cohortsIn,
  compileCohorts,
  filesOfCohort,
  type CompiledCohorts,
  type ProjectCatalog,
} from '../engine/cohorts/membershipfiles.ts';
import { cohortIds, hasSpec } from '../engine/cohorts/sources.ts';
import type { LoadOptions } from '../engine/project/options.ts';
import { neededLines, type Begun } from './begin.ts';
import { Holdings } from './holdings.ts';
import { makePlan, PLAIN_REQUEST, type Plan } from '../engine/plan/plan.ts';
import { openUnread, readUnfilled, type Session } from '../engine/project/session.ts';

export interface Examination {
  readonly environment: Readonly<Record<string, string | undefined>>;
  /** Milliseconds since the epoch. */
  readonly now: number;
  readonly settings: Settings;
  readonly layout: Layout;
  readonly reader: InputReader;
  readonly catalog: Catalog;
  readonly cohorts: CompiledCohorts;
  /** By cohort: what is compiled of it, by the name of the file. */
  readonly files: ReadonlyMap<string, Readonly<Record<string, string>>>;
  readonly problems: readonly Problem[];
  /** Undefined while the inputs can not be read as a whole. */
  readonly opened: Opened | undefined;
  readonly store: readonly StoredGeneration[];
  /** Of the store, those whose coordinates in metadata.json do not give their id. */
  readonly strangers: ReadonlySet<StoredGeneration>;
  /** Relative to the data root: what a crash left half written in the store. */
  readonly leftovers: readonly string[];
  /** Relative to the data root: what may not be read of generations, which then are not in `store`, and of kept responses. */
  readonly unreadable: readonly string[];
  /** Names of kept responses that can not be read. */
  readonly damagedResponses: readonly string[];
  /** A generation of the store. */
  readonly stored: (stage: Stage, genId: GenId) => StoredGeneration | undefined;
  /** The one that a metadata.json names as its parent, where the store has it. */
  readonly parentOf: (stored: StoredGeneration) => StoredGeneration | undefined;
  /** The index file as it is on disk; `damaged` where it can not be read. */
  readonly index: KeptIndex | 'damaged' | undefined;
  /** Whether doctor was asked about this cohort, or about a generation; everything without a cohort named. */
  readonly asked: {
    readonly cohort: (id: string) => boolean;
    readonly generation: (stored: Target) => boolean;
  };
}

export interface Opened {
  readonly session: Session;
  readonly plan: Plan;
  readonly usage: Usage;
  /** Row of a generation. */
  readonly row: RowOf;
  /**
   * Row of the generation that would have this id, were it not taken: while a metadata.json is wrong, its cohort has the next id.
   */
  readonly displaced: (stage: Stage, genId: GenId) => number | undefined;
}

export interface Target {
  readonly stage: Stage;
  readonly genId: GenId;
}

/** Hears how much of the store is read. */
export type OnSurveyed = (done: number, total: number) => void;

export interface Looking {
  /** What is asked about; everything without one. */
  readonly cohort?: string | undefined;
  readonly onSurveyed?: OnSurveyed | undefined;
  /** Where reading the store was begun before. */
  readonly begun?: Begun | undefined;
}

export async function examine(
  options: LoadOptions,
  { cohort, onSurveyed = () => {}, begun }: Looking = {},
): Promise<Examination> {
  const { value: project, problems } = await loadProject(options);
  const { settings, environment } = project;
  const layout = layoutOf(settings.dataRoot);
  // Other threads read the store while the inputs are read here.
  const isBegun = begun?.layout.dataRoot === layout.dataRoot;
  const surveying = isBegun ? begun.surveying : await beginSurvey(layout, neededLines(settings));
  const reader = diskReader();
  const catalog = loadCatalog(reader, settings);
  const { session, found } = await open(options);
  const cohorts = cohortsOf(session, { settings, layout, catalog: catalog.value, problems: [] });
  const files = new Map(cohorts.cohorts.map((each) => [each.id, filesOfCohort(each)]));
  const index = readIndex(layout);
  const holdings = new Holdings(session, (id) => hasSpec(layout, id, reader));
  const { strangers, stored, parentOf } = holdings;
  const { store, leftovers, unreadable, damagedResponses } = await surveying.finish({
    onProgress: onSurveyed,
    rowOf: (stage, genId) => holdings.rowOf(stage, genId) ?? -1,
    onGenerations: (some, from) => holdings.take(some, from),
  });
  const planned = session === undefined ? {} : await plan(session, holdings);
  const { opened } = planned;
  const inCohort = (target: Target): boolean =>
    opened?.usage.of(target.stage, target.genId).has(cohort ?? '') === true;
  return {
    environment,
    now: options.now(),
    settings,
    layout,
    reader,
    catalog: catalog.value,
    cohorts,
    files,
    problems: distinct([
      ...problems,
      ...catalog.problems,
      ...cohorts.problems,
      ...found,
      ...(planned.found ?? []),
    ]),
    opened,
    store,
    strangers,
    leftovers,
    unreadable,
    damagedResponses,
    stored,
    parentOf,
    index,
    asked: {
      cohort: (id) => cohort === undefined || id === cohort,
      generation: (target) =>
        cohort === undefined || inCohort(target) || originOf(stored(target.stage, target.genId)) === cohort,
    },
  };
}

/** Where they can not be compiled, what may not be read is among the problems. */
function cohortsOf(session: Session | undefined, catalog: ProjectCatalog): CompiledCohorts {
  const known = session === undefined ? undefined : attempt(() => cohortsIn(session.loaded)).value;
  const { value, problems } = attempt(() => known ?? compileCohorts(catalog));
  if (value !== undefined) return value;
  const ids = attempt(() => cohortIds(diskReader(), catalog.layout)).value ?? [];
  return { ids, cohorts: [], problems };
}

function originOf(stored: StoredGeneration | undefined): unknown {
  const { metadata } = stored ?? {};
  return metadata === undefined || metadata === 'damaged' ? undefined : metadata['origin_cohort_id'];
}

/** The inputs as a whole, and the warnings or what is wrong with them. */
async function open(
  options: LoadOptions,
): Promise<{ readonly session: Session | undefined; readonly found: readonly Problem[] }> {
  return orProblems<Awaited<ReturnType<typeof open>>>(
    async () => {
      // What the index on the disk says is checked on its own, so nothing here may rest on it.
      // With a cohort left out, what it has would look like nobody's.
      const session = await openUnread({ ...options, onBroken: undefined });
      return { session, found: session.loaded.warnings };
    },
    (found) => ({ session: undefined, found }),
  );
}

interface Planned {
  readonly opened?: Opened;
  readonly found?: readonly Problem[];
}

function plan(session: Session, { rowOf, filled }: Holdings): Promise<Planned> {
  return orProblems<Planned>(
    async () => {
      await readUnfilled(session, filled);
      const made = await makePlan(session, PLAIN_REQUEST);
      const ids = displacedIds(session.loaded.graph);
      const opened = {
        session,
        plan: made,
        usage: usageOf(session),
        row: rowOf,
        displaced: (stage: Stage, genId: GenId) => ids.get(genKey({ stage, genId })),
      };
      return { opened };
    },
    (found) => ({ found }),
  );
}

async function orProblems<T>(
  work: () => Promise<T>,
  otherwise: (problems: readonly Problem[]) => T,
): Promise<T> {
  try {
    return await work();
  } catch (error) {
    const refused = asProblems(error);
    if (refused instanceof ProblemError) return otherwise(refused.problems);
    throw error;
  }
}

/** Earlier candidates of the ids that end in the number of a collision. */
function displacedIds(graph: Graph): ReadonlyMap<string, number> {
  const rows = new Map<string, number>();
  for (const [row, id] of graph.ids.entries()) {
    const [, collision = '0'] = id.at(-2) === '-' ? (/-([1-9])$/.exec(id) ?? []) : [];
    if (collision === '0') continue;
    const task = taskAt(graph, row);
    const parts = signature(task.stage, { ...task, comboId: task.combo.id, templateId: task.template.id });
    if (!parts.ok) continue;
    for (let earlier = 0; earlier < Number(collision); earlier++)
      rows.set(genKey({ stage: task.stage, genId: idOf(task.stage, parts.parts, earlier) }), row);
  }
  return rows;
}

function readIndex({ state }: Layout): Examination['index'] {
  const { value: names } = attempt(() => diskReader().files(state, '.bin'));
  return names?.includes('gens.bin') === true ? (loadIndex(indexPath({ state })) ?? 'damaged') : undefined;
}

/** The same problem is met by more than one loader. */
function distinct(problems: readonly Problem[]): readonly Problem[] {
  return [
    ...new Map(
      problems.map((each) => [JSON.stringify([each.code, each.message, each.place]), each]),
    ).values(),
  ];
}

/** Whether a generation is not in the store because it, or what it lies in, may not be read. */
export function isClosed({ unreadable }: Pick<Examination, 'unreadable'>, { stage, genId }: Target): boolean {
  const folder = `gens/${stage}/${genId}/`;
  return unreadable.some((path) => `${path}/`.startsWith(folder) || folder.startsWith(`${path}/`));
}

/** The chain of parents that metadata.json files name, nearest first; ends before a loop closes. */
export function ancestorsOf(
  { parentOf }: Pick<Examination, 'parentOf'>,
  stored: StoredGeneration,
): readonly StoredGeneration[] {
  const chain: StoredGeneration[] = [];
  for (let each = parentOf(stored); each !== undefined; each = parentOf(each)) chain.push(each);
  return chain;
}
