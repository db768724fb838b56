// The cohorts of a project woven into one structure, without those that are broken; out of the cache while no spec and no id has changed.
import type { Catalog } from '../../catalog/catalog.ts';
import { mergedCohorts, problemsOfBroken, type BrokenCohort, type Cohort } from '../../cohort/cohort.ts';
import type { Settings } from '../../config.ts';
import { digest, digestOf } from '../../digest.ts';
import type { Structure } from '../../graph/graph.ts';
import type { CachedGraph, GraphHeader } from '../../graph/graphcache.ts';
import { weave } from '../../graph/weave.ts';
import { recordingReader, reread } from '../../inputs/disk/recordingreader.ts';
import { digestIn, listingsHold, unlike, type ReadRecord } from '../../inputs/disk/stamped.ts';
import type { Problem } from '../../problem.ts';
import { layoutOf } from '../../store/layout.ts';
import { compareCodePoints } from '../../text/python.ts';
import { PROGRAM } from '../../version.ts';
import { foldersOf } from '../templates/loadedtemplates.ts';
import type { LoadOptions } from '../project/options.ts';
import { loadCohorts } from './cohorts.ts';
import { includeRoot } from './sources.ts';

export interface Woven {
  readonly structure: Structure;
  /** What was woven; undefined where the structure came from the cache. */
  readonly cohorts: readonly Cohort[] | undefined;
  readonly broken: readonly BrokenCohort[];
  readonly merges: LoadOptions['merges'];
  /** Those of the problems that are of no compiled cohort: warnings of specs. */
  readonly told: readonly Problem[];
  readonly structureKey: string;
  readonly compiled: readonly Cohort[] | undefined;
  readonly reads: ReadRecord;
  readonly problems: readonly Problem[];
  readonly manifests: GraphHeader['manifests'];
}

export interface Weaving {
  readonly settings: Settings;
  readonly catalog: Catalog;
  readonly catalogKey: string;
  readonly cached: CachedGraph | undefined;
  readonly now: number;
  /** `refused`: a cohort that lost generations to another one is broken. */
  readonly merges: LoadOptions['merges'];
}

export function weaveProject({ settings, catalog, catalogKey, cached, now, merges }: Weaving): Woven {
  if (cached !== undefined && cached.header.catalogKey === catalogKey && allSound(cached.header, merges)) {
    const { structure, header } = cached;
    const problems = header.warnings.filter((each) => each.code.startsWith('DD3'));
    return {
      structure,
      cohorts: undefined,
      broken: [],
      merges,
      told: problems,
      structureKey: header.structureKey,
      compiled: undefined,
      reads: header.specReads,
      problems,
      manifests: header.manifests,
    };
  }
  const { reader, record } = recordingReader(foldersOf(settings));
  const layout = layoutOf(settings.dataRoot);
  const projectRoot = includeRoot(settings);
  const { value, problems, broken } = loadCohorts({
    reader,
    layout,
    projectRoot,
    catalog,
    replication: settings.replication,
  });
  const lost = new Set(problemsOfBroken(broken));
  const told = problems.filter((each) => !lost.has(each));
  return wovenOf(
    value.filter(({ id }) => broken.every((each) => each.id !== id)),
    { told, broken, merges, reads: record(now) },
  );
}

interface Threads {
  /** Warnings of the cohorts' specs. */
  readonly told: readonly Problem[];
  readonly broken: readonly BrokenCohort[];
  readonly merges: LoadOptions['merges'];
  readonly reads: ReadRecord;
}

function wovenOf(cohorts: readonly Cohort[], threads: Threads): Woven {
  const { told, broken, merges, reads } = threads;
  const { value: structure, problems } = weave(cohorts);
  const merged = merges === 'refused' ? mergedCohorts(problems) : [];
  const woven: Woven = {
    structure,
    cohorts,
    broken,
    merges,
    told,
    structureKey: structureKeyOf(structure),
    compiled: cohorts,
    reads,
    problems: [...told, ...problems],
    manifests: Object.fromEntries(cohorts.map(({ id, manifest }) => [id, manifest])),
  };
  return merged.length === 0 ? woven : without(woven, merged);
}

/** The same without some of the cohorts, which are broken too. */
export function without(
  { cohorts = [], broken, told, merges, reads }: Woven,
  more: readonly BrokenCohort[],
): Woven {
  return wovenOf(
    cohorts.filter(({ id }) => more.every((each) => each.id !== id)),
    { told, broken: [...broken, ...more].sort((a, b) => compareCodePoints(a.id, b.id)), merges, reads },
  );
}

/** Of a cohort that lies there whole, as its files are now. */
function allSound(header: GraphHeader, merges: LoadOptions['merges']): boolean {
  if (header.broken !== undefined) return false;
  return holds(header) && (merges !== 'refused' || mergedCohorts(header.warnings).length === 0);
}

function holds(header: GraphHeader): boolean {
  const { files, listings } = header.specReads;
  const same = unlike(files).every((record) => digestIn(reread(record[0], 0)) === digestIn(record));
  return same && listingsHold(listings) && header.tool === PROGRAM;
}

function structureKeyOf(structure: Structure): string {
  const { ids, parent, template, model, combo, replicate, templates, models, combos } = structure;
  const columns = [parent, template, model, combo, replicate].map((column) =>
    digest(new Uint8Array(column.buffer, column.byteOffset, column.byteLength)),
  );
  return digestOf([
    digest(ids.join('\n')),
    columns,
    templates,
    models,
    combos,
    structure.cohorts.map(({ id, members }) => [
      id,
      digest(new Uint8Array(members.buffer, members.byteOffset, members.byteLength)),
    ]),
  ]);
}
