// From a project's folder to its bound graph: out of the cache while nothing that it was made from has changed, else by reading
// config, catalogs and specs again. Judges and writes nothing but that cache.
import { existsSync } from 'node:fs';
import { join, resolve } from 'node:path';
import {
  mergedCohorts,
  mergesAmong,
  problemsOfBroken,
  refuseMerges,
  type BrokenCohort,
  type Cohort,
} from '../../cohort/cohort.ts';
import { loadProject, type Settings } from '../../config.ts';
import { ProblemError, hasErrors, problem, type Problem } from '../../problem.ts';
import { RENDERER } from '../../generation/renderer.ts';
import { ABSENT_TEXT, bind } from '../../graph/bind.ts';
import type { Graph, Structure } from '../../graph/graph.ts';
import { loadGraphCache, saveGraph, type CachedGraph, type GraphHeader } from '../../graph/graphcache.ts';
import { digestIn, listingsHold, unlike } from '../../inputs/disk/stamped.ts';
import { layoutOf, type Layout } from '../../store/layout.ts';
import { PROGRAM } from '../../version.ts';
import { sharedAnswers } from './sharedanswers.ts';
import { digestOfVariable, optionsOf, type LoadOptions } from './options.ts';

export interface LoadedGraph {
  readonly settings: Settings;
  readonly layout: Layout;
  readonly graph: Graph;
  readonly structure: Structure;
  readonly header: GraphHeader;
  readonly warnings: readonly Problem[];
  /** Cohorts that can not be used, and that nothing else here knows of; none where they are refused. */
  readonly broken: readonly BrokenCohort[];
  /** What was compiled just now; undefined when the structure came from the cache. */
  readonly compiled: readonly Cohort[] | undefined;
  /** True when the cache on disk is not up to date. */
  readonly changed: boolean;
}

/** Throws a ProblemError with everything that is wrong with the inputs. */
export async function loadGraph(
  options: LoadOptions,
  cached: CachedGraph | undefined = loadGraphCache(cachePath(options)),
): Promise<LoadedGraph> {
  return heldTo(options, await loadOrCompile(options, cached));
}

async function loadOrCompile(options: LoadOptions, cached: CachedGraph | undefined): Promise<LoadedGraph> {
  if (cached === undefined || !sameCall(cached.header, options)) return fresh(options, undefined);
  return (await changedSince(cached, options)) ?? loadedFrom(cached, { compiled: undefined, changed: false });
}

/** What is broken is told where somebody hears of it, and else refused. */
function heldTo({ merges, onBroken }: LoadOptions, loaded: LoadedGraph): LoadedGraph {
  const { broken, warnings } = loaded;
  if (broken.length > 0 && onBroken === undefined)
    throw new ProblemError([...warnings, ...problemsOfBroken(broken)]);
  if (merges === 'refused') refuseMerges(warnings);
  if (broken.length > 0) onBroken?.(broken);
  return loaded;
}

/** The inputs looked at again: the same value while nothing that was read looks any different. Throws like `loadGraph`. */
export async function reloadGraph(before: LoadedGraph, options: LoadOptions): Promise<LoadedGraph> {
  if (!sameCall(before.header, options)) return heldTo(options, await fresh(options, before));
  return heldTo(options, (await changedSince(before, options)) ?? before);
}

/** Undefined while every file and folder that was read looks as it did. */
async function changedSince(cached: CachedGraph, options: LoadOptions): Promise<LoadedGraph | undefined> {
  const { header } = cached;
  if (unlike([...header.sources, ...header.catalogReads.files, ...header.specReads.files]).length > 0)
    return fresh(options, cached);
  if (!listingsHold([...header.catalogReads.listings, ...header.specReads.listings]))
    return fresh(options, cached);
  const texts = unlike([...header.texts, ...header.loaded]);
  if (texts.length === 0 && listingsHold(header.listed ?? [])) return undefined;
  // Where a text may break a cohort, or mend it, which cohorts there are is found anew.
  return (
    (header.broken === undefined ? await withTexts(cached, options) : undefined) ?? fresh(options, cached)
  );
}

async function fresh(options: LoadOptions, cached: CachedGraph | undefined): Promise<LoadedGraph> {
  const { readProject } = await import('./compile.ts');
  const { compiled, cache, problems } = await readProject(options, cached);
  if (cache === undefined || hasErrors(problems)) throw new ProblemError(problems);
  return loadedFrom(cache, { compiled, changed: true });
}

/** Only texts of templates changed: the tables hold, and the texts are read again. Undefined where one can not be used. */
export async function withTexts(cached: CachedGraph, options: LoadOptions): Promise<LoadedGraph | undefined> {
  const { readTexts } = await import('../templates/readtexts.ts');
  const { tables, texts: known } = cached.header;
  const rereading = { known, now: options.now(), settings: settingsIn(cached.header) };
  const { value: read, problems } = await readTexts(tables, rereading);
  if (hasErrors(problems)) return undefined;
  return loadedFrom(
    { ...cached, header: { ...cached.header, ...read } },
    { compiled: undefined, changed: true },
  );
}

function loadedFrom(
  { header, structure }: CachedGraph,
  rest: { compiled: readonly Cohort[] | undefined; changed: boolean },
): LoadedGraph {
  const settings = settingsIn(header);
  const { boundTemplates } = header.tables;
  const place = new Map(boundTemplates.map((template, index) => [template, index]));
  const graph = bind(structure, header.tables, {
    renderer: header.renderer,
    // A template without a text is one that only copies.
    template: (template) => digestIn(header.texts[place.get(template) ?? -1]) ?? ABSENT_TEXT,
    templateFiles: header.textFiles,
    formerly: [...header.parsersFormerly, ...textsFormerly(header)],
    parser: (stage, name) =>
      header.parsers[boundTemplates.findIndex((each) => each.stage === stage && each.parser === name)] ??
      name,
  });
  return {
    settings,
    layout: layoutOf(settings.dataRoot),
    graph,
    structure,
    header,
    warnings: [...header.warnings, ...sharedAnswers(graph, header)],
    broken: header.broken ?? [],
    ...rest,
  };
}

function textsFormerly({ texts, textsFormerly: names }: GraphHeader): readonly (readonly [string, string])[] {
  return names.flatMap((each, place) =>
    each.map((name) => [name, digestIn(texts[place]) ?? ABSENT_TEXT] as const),
  );
}

/** Brings the cache on disk up to date. Call it with the lock held. */
export function rememberGraph({ layout, header, structure }: LoadedGraph): void {
  saveGraph(join(layout.state, 'graph.bin'), { header, structure });
}

function cachePath(options: LoadOptions): string {
  return join(likelyLayout(options).state, 'graph.bin');
}

/** Of the data root that these options and the environment most likely mean. */
export function likelyLayout({ root, dataRoot, environment }: LoadOptions): Layout {
  return layoutOf(resolve(root, dataRoot ?? environment['DAYDREAMING_DATA_ROOT'] ?? 'data'));
}

function sameCall(header: GraphHeader, options: LoadOptions): boolean {
  const { root, dataRoot, provider } = optionsOf(options);
  return (
    sameMerges(header, options) &&
    header.tool === PROGRAM &&
    header.renderer === RENDERER &&
    header.options['root'] === root &&
    header.options['dataRoot'] === dataRoot &&
    header.options['provider'] === provider &&
    header.environment.every(([name, digest]) => digestOfVariable(options.environment[name]) === digest)
  );
}

/** A merge breaks a cohort where merges are refused, and is a warning elsewhere: a graph is made for one of them. */
function sameMerges({ broken = [], warnings }: GraphHeader, { merges, onBroken }: LoadOptions): boolean {
  return merges === 'refused' && onBroken !== undefined
    ? mergedCohorts(warnings).length === 0
    : broken.every(({ problems }) => mergesAmong(problems).length === 0);
}

export interface Located {
  readonly layout: Layout;
  readonly settings: Settings;
  /** The cache as it was found on the way. */
  readonly cached?: CachedGraph;
}

/** Where a data root's files lie, before anything of it is read: the lock is taken first. */
export async function locate(options: LoadOptions): Promise<Located> {
  const located = await findDataRoot(options);
  const { dataRoot } = located.layout;
  if (existsSync(dataRoot)) return located;
  throw new ProblemError([
    problem('DD114', `the data root ${dataRoot} does not exist`, { place: { file: dataRoot } }),
  ]);
}

async function findDataRoot(options: LoadOptions): Promise<Located> {
  const cached = loadGraphCache(cachePath(options));
  if (cached !== undefined && sameCall(cached.header, options) && unlike(cached.header.sources).length === 0)
    return { ...locatedBy(settingsIn(cached.header)), cached };
  const { value, problems } = await loadProject(options);
  if (hasErrors(problems)) throw new ProblemError(problems);
  return locatedBy(value.settings);
}

function locatedBy(settings: Settings): Located {
  return { layout: layoutOf(settings.dataRoot), settings };
}

function settingsIn(header: GraphHeader): Settings {
  return header.settings as Settings;
}
