// A data root opened for doctor: as much of it as can be read, and every problem met on the way. Judges nothing beyond what plan
// does, and writes nothing.
import { join } from 'node:path';
import { loadCatalog } from '../catalog/load.ts';
import type { Catalog } from '../catalog/catalog.ts';
import { loadProject, type Settings } from '../config.ts';
import { ProblemError, type Problem } from '../problem.ts';
import { genId as idOf, signature } from '../generation/genid.ts';
import { genKey, parentStage, type GenId, type Stage } from '../generation/stage.ts';
import { rowsByKey, taskAt, type Graph } from '../graph/graph.ts';
import { diskReader } from '../inputs/disk/diskreader.ts';
import type { InputReader } from '../inputs/disk/reader.ts';
import { loadIndex, type GenIndex } from '../store/gens/genindex.ts';
import { layoutOf, type Layout } from '../store/layout.ts';
import { surveyStore, type StoredGeneration } from '../store/gens/survey.ts';
import { usageOf, type Usage } from '../engine/upkeep/removable.ts';
import { compileCohorts, type CompiledCohorts } from '../engine/cohorts/membershipfiles.ts';
import type { LoadOptions } from '../engine/project/options.ts';
import { makePlan, PLAIN_REQUEST, type Plan } from '../engine/plan/plan.ts';
import { openSession, type Session } from '../engine/project/session.ts';

export interface Examination {
  readonly environment: Readonly<Record<string, string | undefined>>;
  /** Milliseconds since the epoch. */
  readonly now: number;
  readonly settings: Settings;
  readonly layout: Layout;
  readonly reader: InputReader;
  readonly catalog: Catalog;
  readonly cohorts: CompiledCohorts;
  readonly problems: readonly Problem[];
  /** Undefined while the inputs can not be read as a whole. */
  readonly opened: Opened | undefined;
  readonly store: readonly StoredGeneration[];
  /** A generation of the store. */
  readonly stored: (stage: Stage, genId: GenId) => StoredGeneration | undefined;
  /** The index file as it is on disk; `damaged` where it can not be read. */
  readonly index: GenIndex | 'damaged' | undefined;
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
  readonly row: (stage: Stage, genId: GenId) => number | undefined;
  /**
   * Row of the generation that would have this id, were it not taken: while a metadata.json is wrong, its cohort has the next id.
   */
  readonly displaced: (stage: Stage, genId: GenId) => number | undefined;
}

export interface Target {
  readonly stage: Stage;
  readonly genId: GenId;
}

export async function examine(options: LoadOptions, cohort: string | undefined): Promise<Examination> {
  const { value: project, problems } = await loadProject(options);
  const { settings, environment } = project;
  const layout = layoutOf(settings.dataRoot);
  const reader = diskReader();
  const catalog = loadCatalog(reader, settings);
  const cohorts = compileCohorts({ settings, layout, catalog: catalog.value, problems: [] });
  const index = readIndex(layout);
  const { opened, found } = await open(options);
  const store = surveyStore(layout);
  const places = new Map(store.map((each) => [genKey(each), each]));
  const inCohort = (target: Target): boolean => opened?.usage.get(genKey(target))?.has(cohort ?? '') === true;
  return {
    environment,
    now: options.now(),
    settings,
    layout,
    reader,
    catalog: catalog.value,
    cohorts,
    problems: distinct([...problems, ...catalog.problems, ...cohorts.problems, ...found]),
    opened,
    store,
    stored: (stage, genId) => places.get(genKey({ stage, genId })),
    index,
    asked: {
      cohort: (id) => cohort === undefined || id === cohort,
      generation: (target) =>
        cohort === undefined || inCohort(target) || originOf(places.get(genKey(target))) === cohort,
    },
  };
}

function originOf(stored: StoredGeneration | undefined): unknown {
  const { metadata } = stored ?? {};
  return metadata === undefined || metadata === 'damaged' ? undefined : metadata['origin_cohort_id'];
}

async function open(
  options: LoadOptions,
): Promise<{ readonly opened: Opened | undefined; readonly found: readonly Problem[] }> {
  try {
    // What the index says is checked on its own, so nothing here may rest on it.
    const session = await openSession({ ...options, verify: true });
    const plan = await makePlan(session, PLAIN_REQUEST);
    const { graph } = session.loaded;
    const rows = rowsByKey(graph);
    const row = (stage: Stage, genId: GenId): number | undefined => rows.get(genKey({ stage, genId }));
    const ids = displacedIds(graph);
    const displaced = (stage: Stage, genId: GenId): number | undefined => ids.get(genKey({ stage, genId }));
    const opened = { session, plan, usage: usageOf(session), row, displaced };
    return { opened, found: session.loaded.warnings };
  } catch (error) {
    if (error instanceof ProblemError) return { opened: undefined, found: error.problems };
    throw error;
  }
}

/** Earlier candidates of the ids that end in the number of a collision. */
function displacedIds(graph: Graph): ReadonlyMap<string, number> {
  const rows = new Map<string, number>();
  for (const [row, id] of graph.ids.entries()) {
    const [, collision = '0'] = /-([1-9])$/.exec(id) ?? [];
    const task = taskAt(graph, row);
    const parts =
      collision === '0'
        ? undefined
        : signature(task.stage, { ...task, comboId: task.combo.id, templateId: task.template.id });
    if (parts?.ok !== true) continue;
    for (let earlier = 0; earlier < Number(collision); earlier++)
      rows.set(genKey({ stage: task.stage, genId: idOf(task.stage, parts.parts, earlier) }), row);
  }
  return rows;
}

function readIndex({ state }: Layout): Examination['index'] {
  const path = join(state, 'gens.bin');
  const names = diskReader().files(state, '.bin');
  return names.includes('gens.bin') ? (loadIndex(path)?.index ?? 'damaged') : undefined;
}

/** The same problem is met by more than one loader. */
function distinct(problems: readonly Problem[]): readonly Problem[] {
  return [
    ...new Map(
      problems.map((each) => [JSON.stringify([each.code, each.message, each.place]), each]),
    ).values(),
  ];
}

/** The chain of parents that metadata.json files name, nearest first; ends before a loop closes. */
export function ancestorsOf(
  examination: Pick<Examination, 'stored'>,
  target: Target,
): readonly StoredGeneration[] {
  const chain: StoredGeneration[] = [];
  for (
    let each = examination.stored(target.stage, target.genId);
    each?.parentId !== undefined && each.stage !== 'draft';
  ) {
    each = examination.stored(parentStage(each.stage), each.parentId);
    if (each !== undefined) chain.push(each);
  }
  return chain;
}
