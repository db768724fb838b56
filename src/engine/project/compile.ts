// Reads config, catalogs, specs and templates and compiles them into a graph, with every problem found on the way. Loaded only
// when something changed. Writes nothing.
import type { Catalog } from '../../catalog/catalog.ts';
import { loadCatalog } from '../../catalog/load.ts';
import { problemsOfBroken, type Cohort } from '../../cohort/cohort.ts';
import { loadProject, type Project, type Settings } from '../../config.ts';
import { digestOf } from '../../digest.ts';
import { hasErrors, problem, type Problem } from '../../problem.ts';
import {
  createParserRegistry,
  formerFingerprint,
  parserFingerprint,
  unknownParser,
  type ParserRegistry,
} from '../../generation/parsers/registry.ts';
import { identity } from '../../generation/parsers/identity.ts';
import { TEXT_SCORES } from '../../generation/parsers/textscores.ts';
import { RENDERER } from '../../generation/renderer.ts';
import { STAGES } from '../../generation/stage.ts';
import type { Tables } from '../../graph/bind.ts';
import { bindTables } from '../../graph/bindtables.ts';
import type { GraphTemplate } from '../../graph/graph.ts';
import type { CachedGraph, GraphHeader } from '../../graph/graphcache.ts';
import { recordingReader, reread } from '../../inputs/disk/recordingreader.ts';
import { foldersOf } from '../templates/loadedtemplates.ts';
import { readTexts, type TextRecords } from '../templates/readtexts.ts';
import type { FileRecord } from '../../inputs/disk/stamped.ts';
import { PROGRAM } from '../../version.ts';
import { cohortsWith, unfitIn, type Unfit } from '../cohorts/unfit.ts';
import { weaveProject, without, type Weaving, type Woven } from '../cohorts/weaving.ts';
import { digestOfVariable, optionsOf, type LoadOptions } from './options.ts';
import { isCode } from '../../generation/mode.ts';
import { bindSettings, forNobody, misplacedInRows, servedByNobody } from './modelrules.ts';

export interface ReadProject {
  readonly compiled: readonly Cohort[] | undefined;
  readonly cache: CachedGraph | undefined;
  readonly problems: readonly Problem[];
}

/** Reads everything. A structure in `cached` is used again when no spec and no id has changed. */
export async function readProject(
  options: LoadOptions,
  cached: CachedGraph | undefined,
): Promise<ReadProject> {
  // Stamps are trusted as of now: what changes while it is being read must be read again by the next command.
  const started = options.now();
  const { value: project, problems } = await loadProject(options);
  const parsers = createParserRegistry(project);
  const place = { file: project.settings.configFile ?? project.settings.root, field: 'parsers' };
  const found: Problem[] = [...problems, ...parsers.problems.map((each) => ({ ...each, place }))];
  if (hasErrors(found)) return { compiled: undefined, cache: undefined, problems: found };
  const { settings } = project;
  const inputs = recordingReader(foldersOf(settings));
  const catalog = loadCatalog(inputs.reader, settings);
  found.push(
    ...catalog.problems,
    ...servedByNobody(settings, catalog.value),
    ...forNobody(settings, catalog.value),
    ...misplacedInRows(catalog.value),
  );
  if (hasErrors(found)) return { compiled: undefined, cache: undefined, problems: found };
  const catalogKey = keyOf(catalog.value, settings);
  const weaving = { settings, catalog: catalog.value, catalogKey, cached, now: started, ...heard(options) };
  const { woven, tables, texts, others, odd } = await bindSound(
    weaveProject(weaving),
    weaving,
    parsers.value,
  );
  const { broken } = woven;
  found.push(...woven.problems, ...odd);
  if (hasErrors(found) || (broken.length > 0 && woven.structure.cohorts.length === 0))
    return { compiled: undefined, cache: undefined, problems: [...found, ...problemsOfBroken(broken)] };
  const header: GraphHeader = {
    tool: PROGRAM,
    settings,
    options: optionsOf(options),
    environment: [...new Set(project.consulted)]
      .sort()
      .map((name) => [name, digestOfVariable(options.environment[name])]),
    sources: project.sources.map((path) => reread(path, started)),
    catalogReads: inputs.record(started),
    specReads: woven.reads,
    ...texts,
    loaded: withOthers(texts.loaded, others),
    tables,
    renderer: RENDERER,
    parsers: tables.boundTemplates.map(({ stage, parser }) => fingerprintOf(parsers.value, stage, parser)),
    parsersFormerly: formerFingerprints(parsers.value, tables),
    warnings: found,
    ...(broken.length === 0 ? {} : { broken }),
    structureKey: woven.structureKey,
    catalogKey,
    ...(woven.manifests === undefined ? {} : { manifests: woven.manifests }),
  };
  return { compiled: woven.compiled, cache: { header, structure: woven.structure }, problems: found };
}

interface Sound {
  readonly woven: Woven;
  readonly tables: Tables;
  readonly texts: TextRecords;
  /** Texts that only broken cohorts use: looked at again, since they may be mended. */
  readonly others: readonly FileRecord[];
  readonly odd: readonly Problem[];
}

/** Binds what is woven; cohorts whose templates, combos or models turn out to be unusable are left out, and the others woven anew. */
async function bindSound(woven: Woven, weaving: Weaving, parsers: ParserRegistry): Promise<Sound> {
  const { settings, catalog, now } = weaving;
  const others: FileRecord[] = [];
  for (let left = woven; ;) {
    const tables = bindTables(left.structure, catalog, bindSettings(settings));
    const texts = await readTexts(tables.value, { known: [], now, settings });
    const { value, problems } = texts;
    const strange = unknownParsers(tables.value, catalog, parsers);
    const unfit = [...unfitIn(left.structure, tables), ...texts.unfit, ...strange.unfit];
    const broken = cohortsWith(left.structure, unfit);
    const blamed = new Set(unfit.map(({ problem: each }) => each));
    const odd = [...tables.problems, ...problems, ...strange.problems].filter((each) => !blamed.has(each));
    if (broken.length === 0 || hasErrors(odd))
      return { woven: left, tables: tables.value, texts: value, others, odd: [...odd, ...blamed] };
    others.push(...value.texts, ...value.loaded);
    // A structure out of the cache knows no cohorts to weave.
    left =
      left.cohorts === undefined ? weaveProject({ ...weaving, cached: undefined }) : without(left, broken);
  }
}

function withOthers(loaded: readonly FileRecord[], others: readonly FileRecord[]): readonly FileRecord[] {
  return [...new Map([...others, ...loaded].map((each) => [each[0], each])).values()].filter(
    ([path]) => path !== '',
  );
}

/** Where nobody hears of broken cohorts, merges are refused as a whole by who loads. */
function heard({ merges, onBroken }: LoadOptions): Pick<Weaving, 'merges'> {
  return { merges: onBroken === undefined ? 'told' : merges };
}

/** What of catalogs and settings decides which generations there are: ids, modes, flags and counts, no texts. */
function keyOf(catalog: Catalog, settings: Settings): string {
  return digestOf({
    templates: STAGES.map((stage) =>
      [...catalog.templates[stage].values()].map(({ id, mode }) => [id, mode]).sort(),
    ),
    models: [...catalog.models.values()]
      .map(({ id, forGeneration, forEvaluation }) => [id, forGeneration, forEvaluation])
      .sort(),
    combos: [...catalog.combos.values()].map(({ id, problem: broken }) => [id, broken !== undefined]).sort(),
    replication: settings.replication === 'catalog' ? catalog.replication : 'spec',
    dataRoot: settings.dataRoot,
  });
}

function unknownParsers(tables: Tables, catalog: Catalog, registry: ParserRegistry): Strange {
  const unfit = tables.boundTemplates.flatMap((bound, template) => {
    if (isCode(bound) && bound.parser === identity.name)
      return [{ problem: withoutScorer(bound, catalog), template }];
    const { stage, id, parser } = bound;
    if (registry.find(stage, parser) !== undefined) return [];
    const place = catalog.templates[stage].get(id)?.place ?? {};
    return [{ problem: unknownParser(registry, stage, parser, { ...place, field: 'parser' }), template }];
  });
  return { problems: unfit.map(({ problem: each }) => each), unfit };
}

interface Strange {
  readonly problems: readonly Problem[];
  readonly unfit: readonly Unfit[];
}

function withoutScorer({ id }: GraphTemplate, catalog: Catalog): Problem {
  const { place } = catalog.templates.evaluation.get(id) ?? {};
  return problem('DD470', `The evaluation template "${id}" has the generator code and names no scorer`, {
    reason: 'missing_scorer',
    place: { ...place, field: 'parser' },
    data: { template: id },
    cure: `Write one in the column parser: ${TEXT_SCORES.join(', ')}, or one of \`scorers\` in daydream.config.ts.`,
  });
}

function fingerprintOf(registry: ParserRegistry, stage: GraphTemplate['stage'], name: string): string {
  const parser = registry.find(stage, name);
  return parser === undefined ? name : parserFingerprint(parser);
}

function formerFingerprints(
  registry: ParserRegistry,
  { boundTemplates }: Tables,
): GraphHeader['parsersFormerly'] {
  const names = new Map<string, string>();
  for (const { stage, parser: name } of boundTemplates) {
    const parser = registry.find(stage, name);
    const then = parser === undefined ? undefined : formerFingerprint(parser);
    if (parser !== undefined && then !== undefined) names.set(then, parserFingerprint(parser));
  }
  return [...names];
}

/** Config with its parsers, for who has to parse. */
export async function readParsers(
  options: LoadOptions,
): Promise<{ readonly project: Project; readonly registry: ParserRegistry }> {
  const { value: project } = await loadProject(options);
  return { project, registry: createParserRegistry(project).value };
}
