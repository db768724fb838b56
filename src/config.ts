// daydream.config.ts: its schema, its defaults, and the environment. The only reader of the environment; knows no command.
import { existsSync, realpathSync } from 'node:fs';
import { dirname, isAbsolute, join, resolve } from 'node:path';
import { hasErrors, problem, ProblemError, type Loaded, type Place, type Problem } from './problem.ts';
import { oddPrice } from './catalog/pricerange.ts';
import { definedThroughout } from './defined.ts';
import { remoteProblems, type RemoteConfig } from './remote/place.ts';
import type { AskSettings, TokensField } from './graph/asking.ts';
import type { StageSettings } from './graph/bindtables.ts';
import type { CustomParser, CustomScorer } from './generation/parsers/custom.ts';
import { STAGES, type Stage } from './generation/stage.ts';
import { codeBeside, evaluateModule } from './inputs/configcode.ts';
import { conflictInFile } from './inputs/disk/diskreader.ts';
import { envProblems, readEnvFile } from './inputs/envfile.ts';
import { CONFIG } from './configshape.ts';
import { checkShape } from './inputs/shape.ts';
import { checkNames, checkSendable } from './model/providers/checks.ts';
import { providersIn } from './model/providers/known.ts';
import type { ProviderConfig, ProviderSettings } from './model/providers/settings.ts';

/** What one pool may do at a time and in time. */
export interface PoolConfig {
  /** Calls in flight; `auto` grows and shrinks by what the provider says. */
  readonly concurrency?: number | 'auto';
  readonly requestsPerMinute?: number;
  readonly tokensPerMinute?: number;
  /** Per UTC day. */
  readonly requestsPerDay?: number;
  /** Its questions go into the provider's batches: so many rows a batch, so many batches open at a time. */
  readonly batch?: boolean | { readonly size?: number; readonly maxInFlight?: number };
}

/** Wins over stage and catalog row. */
export interface ModelRule extends AskSettings {
  readonly provider?: string;
  readonly pool?: string;
  /** USD per million tokens. */
  readonly inputPrice?: number;
  readonly outputPrice?: number;
  /** In the provider's batches. */
  readonly batchInputPrice?: number;
  readonly batchOutputPrice?: number;
  /** The parameter that limits a reply's tokens, where this model wants another than its provider. */
  readonly tokensField?: TokensField;
  /** A system prompt for whatever this model is asked, in place of the template's and the stage's; null for none. */
  readonly system?: string | null;
}

export interface StageConfig extends AskSettings {
  /** Fewest lines of a reply that hold more than blanks. */
  readonly minLines?: number;
  /** What to do with a reply that was cut off. */
  readonly truncation?: 'reject' | 'accept';
  /** `apart`: the `<think>` block before an answer stays in raw.txt, and is no part of what is parsed. */
  readonly thoughts?: 'keep' | 'apart';
  /** A system prompt, rendered with the variables of the stage; `ID.system.txt` beside a template goes before it. */
  readonly system?: string;
}

/** What `daydream.config.ts` exports. Every key is optional. */
export interface Config {
  /** The data root, relative to this file: `data`. */
  readonly dataRoot?: string;
  /** Where prompt templates lie: `<data root>/1_raw/templates`. */
  readonly templatesRoot?: string;
  /** Who answers: a known provider such as `openrouter`, `offline`, or a name under `providers`. */
  readonly provider?: string;
  /** Another endpoint for OpenRouter. */
  readonly baseURL?: string;
  readonly providers?: Readonly<Record<string, ProviderConfig>>;
  /** What is special of single models, by model id or a pattern with `*`. Wins over `llm_models.csv`. */
  readonly models?: Readonly<Record<string, ModelRule>>;
  readonly stages?: Readonly<Partial<Record<Stage, StageConfig>>>;
  /** Whether `replication_config.csv` multiplies stages without a replicate axis, or only the spec does. */
  readonly replication?: 'catalog' | 'spec';
  readonly pools?: Readonly<Record<string, PoolConfig>>;
  /** USD above which a terminal is asked before a build. */
  readonly confirmAbove?: number;
  /** USD that a build may spend at most. */
  readonly maxCost?: number;
  /** Parsers of your own; use one by its name in a template catalog. */
  readonly parsers?: readonly CustomParser[];
  /** Scores without a judge; name one in the column `parser` of an evaluation template whose generator is `code`. */
  readonly scorers?: readonly CustomScorer[];
  readonly timeouts?: {
    readonly call?: number;
    readonly idle?: number;
    /** Of one request to the remote cache. */
    readonly remote?: number;
  };
  /** A team's cache of answers. */
  readonly remote?: RemoteConfig;
  readonly reports?: { readonly perfectScore?: number };
  /** Whose model it is, by its short id, where the provider's name for it does not say: judges may prefer their own family. */
  readonly families?: Readonly<Record<string, string>>;
  readonly watch?: {
    readonly settle?: number;
    readonly poll?: boolean;
    readonly scan?: number;
    readonly sweep?: number;
  };
}

/** Types a config; returns it as it is. */
export function defineConfig(config: Config): Config {
  return config;
}

/** A config with its defaults filled in. Paths are absolute, times are milliseconds. Plain JSON: parsers are kept apart. */
export interface Settings {
  readonly root: string;
  readonly configFile: string | undefined;
  readonly dataRoot: string;
  readonly templatesRoot: string;
  readonly provider: string;
  /** It is meant for every model, whatever catalog and rules say: the command line's word. */
  readonly providerOfAll?: true;
  readonly providers: Readonly<Record<string, ProviderSettings>>;
  readonly models: NonNullable<Config['models']>;
  readonly stages: Readonly<Record<Stage, StageSettings>>;
  readonly replication: 'catalog' | 'spec';
  readonly pools: Readonly<Record<string, PoolConfig>>;
  readonly confirmAbove: number;
  readonly maxCost?: number;
  readonly timeouts: { readonly call: number; readonly idle: number; readonly remote?: number };
  readonly remote?: RemoteConfig;
  readonly reports: { readonly perfectScore: number };
  /** By a model's short id; absent from what an earlier version remembered. */
  readonly families?: Readonly<Record<string, string>>;
  readonly watch: {
    readonly settle: number;
    readonly poll: boolean;
    readonly scan: number;
    readonly sweep: number;
  };
}

export interface Project {
  readonly settings: Settings;
  readonly parsers: readonly CustomParser[];
  readonly scorers: readonly CustomScorer[];
  /** All code of the config and of what it imports that is no single parser's own. */
  readonly code: string;
  /** The environment, with `.env` beneath it. */
  readonly environment: Readonly<Record<string, string | undefined>>;
  /** Files whose change can change the settings. */
  readonly sources: readonly string[];
  /** Names of the variables that the config looked at. */
  readonly consulted: readonly string[];
}

const CONFIG_NAMES = [
  'daydream.config.ts',
  'daydream.config.mts',
  'daydream.config.js',
  'daydream.config.mjs',
  'daydream.config.json',
];
export const OFFLINE = 'offline';

const POOLS: Settings['pools'] = {
  llm_api_free: { concurrency: 1 },
  llm_api_paid: { concurrency: 5 },
  [OFFLINE]: { concurrency: 64 },
};
/** Those that models are in without a word. */
export const USUAL_POOLS: readonly string[] = Object.keys(POOLS);

const STAGE_DEFAULTS: Readonly<Record<Stage, StageSettings>> = {
  draft: { temperature: 0.7, maxTokens: 20_480, minLines: 3, truncation: 'reject', sampling: {} },
  essay: { temperature: 0.7, maxTokens: 20_480, minLines: 0, truncation: 'reject', sampling: {} },
  evaluation: { temperature: 0.1, maxTokens: 20_480, minLines: 0, truncation: 'reject', sampling: {} },
};

/** The folder of the nearest config upwards from a folder; undefined when there is none. */
export function findProject(from: string): string | undefined {
  for (let folder = resolve(from); ; folder = dirname(folder)) {
    if (configFileIn(folder) !== undefined) return folder;
    if (dirname(folder) === folder) return undefined;
  }
}

function configFileIn(root: string): string | undefined {
  return CONFIG_NAMES.map((name) => join(root, name)).find((path) => existsSync(path));
}

export interface ProjectOptions {
  readonly root: string;
  readonly dataRoot?: string | undefined;
  readonly provider?: string | undefined;
  /** Read now where it is left out. */
  readonly environment?: Environment;
}

/** Loads the config of a project in an environment, which is the process's over its `.env`; command line options win over all of them. */
export async function loadProject(options: ProjectOptions): Promise<Loaded<Project>> {
  const root = realRoot(options.root);
  const configFile = configFileIn(root);
  const { environment = environmentOf(root) } = options;
  const loaded =
    configFile === undefined
      ? { value: { config: {}, consulted: [], imported: [] }, problems: [] }
      : await importConfig(configFile, environment);
  const { config, consulted, imported } = loaded.value;
  const place = configFile === undefined ? {} : { file: configFile };
  const problems = [
    ...loaded.problems,
    ...envProblems(join(root, '.env'), environment),
    ...checkShape(config, CONFIG, { path: '', place }),
  ];
  const usable: Config = hasErrors(problems) ? {} : config;
  const settings = settle({ root, configFile, config: usable, environment, options });
  problems.push(
    ...checkNames(settings, [OFFLINE], { named: options.provider, place }),
    ...checkSendable(settings, place),
    ...oddPricesOf(settings, place),
    ...remoteProblems(settings, place),
  );
  const project = {
    settings,
    parsers: usable.parsers ?? [],
    scorers: usable.scorers ?? [],
    code:
      configFile === undefined || (usable.parsers ?? usable.scorers) === undefined
        ? ''
        : codeBeside(configFile, imported),
    environment,
    sources: [...sourcesOf(root), ...imported],
    consulted: [...SETTING_VARIABLES, ...consulted],
  };
  return { value: project, problems };
}

const PRICES = ['inputPrice', 'outputPrice', 'batchInputPrice', 'batchOutputPrice'] as const;

function oddPricesOf({ models }: Settings, place: Place): readonly Problem[] {
  return Object.entries(models).flatMap(([id, rule]) =>
    PRICES.flatMap((name) => {
      const field = `models.${id}.${name}`;
      return oddPrice(field, rule[name], { ...place, field });
    }),
  );
}

/** Throws a ProblemError where the folder is gone: a watch may wait until it is back. */
function realRoot(root: string): string {
  if (!existsSync(root))
    throw new ProblemError([
      problem('DD103', `${root} is not there`, {
        place: { file: root },
        cure: 'Put the folder back, or name the project with `--root DIR`.',
      }),
    ]);
  return realpathSync(root);
}

/** The environment of the process over the project's `.env`. */
export function environmentOf(root: string): Environment {
  return { ...readEnvFile(join(root, '.env')), ...process.env };
}

/** Variables that change settings, whatever the config looks at. */
const SETTING_VARIABLES = ['DAYDREAMING_DATA_ROOT', 'GEN_TEMPLATES_ROOT', 'OPENROUTER_BASE_URL'];

function sourcesOf(root: string): readonly string[] {
  return [join(root, '.env'), ...CONFIG_NAMES.map((name) => join(root, name))];
}

type Environment = Readonly<Record<string, string | undefined>>;

async function importConfig(
  file: string,
  environment: Environment,
): Promise<Loaded<{ config: Config; consulted: readonly string[]; imported: readonly string[] }>> {
  const consulted = new Set<string>();
  const imported: string[] = [];
  const before = process.env;
  process.env = new Proxy(
    { ...environment },
    { get: (target, name) => (typeof name === 'string' ? (consulted.add(name), target[name]) : undefined) },
  );
  try {
    const given = await evaluateModule(file, { imported, provides: { daydream: { defineConfig } } });
    // A key that stands there without a value says nothing, as if it did not stand there.
    const config = definedThroughout(given) as Config;
    return { value: { config, consulted: [...consulted].sort(), imported: imported.sort() }, problems: [] };
  } catch (error) {
    const code = [file, ...imported];
    const why =
      code.map(conflictInFile).find((conflict) => conflict !== undefined) ?? unloadable(file, code, error);
    return { value: { config: {}, consulted: [], imported }, problems: [why] };
  } finally {
    process.env = before;
  }
}

/** The place is the first that the error names of the config and of what it imports. */
function unloadable(file: string, code: readonly string[], error: unknown): Problem {
  const message = error instanceof Error ? error.message : String(error);
  const stack = error instanceof Error ? (error.stack ?? '') : '';
  const places = code.flatMap((path) => {
    const at = stack.indexOf(`${path}:`);
    const found = at < 0 ? null : /^:(\d+):(\d+)/.exec(stack.slice(at + path.length));
    return found === null ? [] : [{ at, file: path, line: Number(found[1]), column: Number(found[2]) }];
  });
  const [{ at: _at, ...place } = { at: 0, file }] = places.sort((a, b) => a.at - b.at);
  return problem('DD104', `the config failed to load: ${message.split('\n')[0] ?? message}`, { place });
}

interface Settling {
  readonly root: string;
  readonly configFile: string | undefined;
  readonly config: Config;
  readonly environment: Environment;
  readonly options: ProjectOptions;
}

function settle({ root, configFile, config, environment, options }: Settling): Settings {
  const from = (path: string): string => (isAbsolute(path) ? path : join(root, path));
  const dataRoot = from(
    options.dataRoot ?? given(environment, 'DAYDREAMING_DATA_ROOT') ?? config.dataRoot ?? 'data',
  );
  const templatesRoot = given(environment, 'GEN_TEMPLATES_ROOT') ?? config.templatesRoot;
  const baseURL = given(environment, 'OPENROUTER_BASE_URL') ?? config.baseURL;
  // Whoever puts another address in OpenRouter's place puts that server in its place: with the same key, and batches of the same shape.
  const openrouter = { baseURL, apiKeyEnv: 'OPENROUTER_API_KEY', batch: 'openrouter' as const };
  return {
    root,
    configFile,
    dataRoot,
    templatesRoot: templatesRoot === undefined ? join(dataRoot, '1_raw', 'templates') : from(templatesRoot),
    provider: options.provider ?? config.provider ?? 'openrouter',
    providers: providersIn({
      ...(baseURL === undefined ? {} : { openrouter: { ...openrouter, baseURL } }),
      ...config.providers,
    }),
    ...(options.provider === undefined ? {} : { providerOfAll: true as const }),
    models: options.provider === undefined ? (config.models ?? {}) : withoutProviders(config.models ?? {}),
    stages: Object.fromEntries(
      STAGES.map((stage) => [stage, { ...STAGE_DEFAULTS[stage], ...config.stages?.[stage] }]),
    ) as Settings['stages'],
    replication: config.replication ?? 'catalog',
    pools: { ...POOLS, ...config.pools },
    confirmAbove: config.confirmAbove ?? 1,
    ...(config.maxCost === undefined ? {} : { maxCost: config.maxCost }),
    timeouts: {
      call: bounded(config.timeouts?.call ?? 600_000),
      idle: bounded(config.timeouts?.idle ?? 120_000),
      ...(config.timeouts?.remote === undefined ? {} : { remote: bounded(config.timeouts.remote) }),
    },
    ...(config.remote === undefined ? {} : { remote: config.remote }),
    reports: { perfectScore: config.reports?.perfectScore ?? 9 },
    ...(config.families === undefined ? {} : { families: config.families }),
    watch: watchSettings(config.watch),
  };
}

/** Milliseconds: 24 days and a half. A timer that is set to more rings at once. */
const LONGEST_WAIT = 2 ** 31 - 1;

function bounded(ms: number): number {
  return Math.min(ms, LONGEST_WAIT);
}

function watchSettings({
  settle = 80,
  poll = false,
  scan = 4000,
  sweep = 60_000,
}: Config['watch'] = {}): Settings['watch'] {
  return { settle: bounded(settle), poll, scan: bounded(scan), sweep: bounded(sweep) };
}

/** `--provider` on the command line is meant for every model. */
function withoutProviders(models: NonNullable<Config['models']>): NonNullable<Config['models']> {
  return Object.fromEntries(
    Object.entries(models).map(([name, { provider: _left, ...rest }]) => [name, rest]),
  );
}

function given(environment: Environment, name: string): string | undefined {
  const value = environment[name];
  return value === undefined || value === '' ? undefined : value;
}
