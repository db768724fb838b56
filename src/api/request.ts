// What a program may ask of a project, as options: checked key by key, and put into the engine's words. Runs nothing.
import { defined } from '../defined.ts';
import type { BatchMode } from '../engine/plan/batchway.ts';
import type { PlanRequest } from '../engine/plan/plan.ts';
import type { FailureKind } from '../generation/trace.ts';
import { checkShape, type Shape } from '../inputs/shape.ts';
import { EXPORT_FORMATS } from '../engine/export/columns.ts';
import { CODES } from '../errors.ts';
import { asProblems, problem, ProblemError, type Problem } from '../problem.ts';
import { type Over, OVERS } from '../scores/observations.ts';
import { RATING_KINDS } from '../scores/people/ratingitems.ts';

/** Which generations: selectors as on the command line (`cohort:first-light,stage:draft`), all where none is given. */
export interface SelectOptions {
  /** Several are a union; a text may hold several, separated by blanks. */
  readonly select?: string | readonly string[] | undefined;
  readonly exclude?: string | readonly string[] | undefined;
  /** Reads every file again instead of trusting size, time and inode. */
  readonly verify?: boolean | undefined;
}

/** What two generations of one id are: a mistake, unless it is said that one of them is meant. */
export interface MergeOptions {
  /** Goes on with the first of generations that share an id: essays that differ in their model alone, say. */
  readonly allowMerge?: boolean | undefined;
}

export interface CheckOptions extends SelectOptions, MergeOptions {
  /** Conditions on the current scores of what is selected, separated by commas: `rubric:novelty mean >= 6, failures < 5%`. */
  readonly gate?: string | readonly string[] | undefined;
  /** What the intervals of the gate are to hold for: further `combos`, or these ones and further `essays` of them. */
  readonly over?: Over | undefined;
}

export interface PlanOptions extends SelectOptions, MergeOptions {
  /**
   * `true` generates again all that is selected. Selectors with no other selection are the selection; beside another one, and a stage
   * always, they say what of it is generated again.
   */
  readonly force?: boolean | string | readonly string[] | undefined;
  /** Asks again after failures: of the call, of the reply (cut off, too short, unparsable, filtered), or all. */
  readonly retry?: 'api' | 'refused' | 'all' | undefined;
  /** Replaces artifacts that were edited by hand; they are kept aside. */
  readonly discardEdits?: boolean | undefined;
  /** The response cache or a clear failure, never the network. */
  readonly offline?: boolean | undefined;
  /** The response cache, the team's remote cache and batches that have ended, or a clear failure: nothing is bought. */
  readonly noCalls?: boolean | undefined;
  /** Calls at a time, for every pool; 1 or more. */
  readonly concurrency?: number | undefined;
  /**
   * `2/8`: only the second of eight parts of what is selected, whole chains each; `auto`: which one a scheduler's variables say. Limits of
   * pools, `concurrency`, `maxCost` and `confirmAbove` are divided by the number of parts, unless `shardShare` is `full`.
   */
  readonly shard?: string | undefined;
  /** `full`: each part has keys, and so limits, of its own. */
  readonly shardShare?: 'divided' | 'full' | undefined;
  /** Questions go into the provider's batches; `prefer`: those that failed in three of them are asked directly. */
  readonly batch?: boolean | 'prefer' | undefined;
  /** Asks everything directly, also what is in a batch that is open, and is then paid twice. */
  readonly now?: boolean | undefined;
}

export interface PlanQuery extends PlanOptions {
  /** Looks into the team's remote cache too, for five seconds at most: what is there is no call. */
  readonly remote?: boolean | undefined;
}

/** What a plan would spend, put before whoever has to say yes. */
export interface Spending {
  /** USD at most, of the calls whose price is known. */
  readonly usd: number;
  /** Model ids without a price. */
  readonly unpriced: readonly string[];
  /** The same in words: `up to $2.40`. */
  readonly words: string;
}

export interface SpendOptions {
  /** USD that may be spent at most; the config's `maxCost` where it is left out. Giving it is a yes to spend that much. */
  readonly maxCost?: number | undefined;
  /** A yes to whatever the plan costs, above `confirmAbove` too. */
  readonly approved?: boolean | undefined;
  /** Asked when the plan is dearer than the config's `confirmAbove` and nothing above is given; without it such a plan is refused. */
  readonly confirm?: ((spending: Spending) => boolean | Promise<boolean>) | undefined;
}

export interface BuildOptions extends PlanOptions, SpendOptions {
  /** Starts nothing more after the first failure. */
  readonly failFast?: boolean | undefined;
  /** Seconds that answers on their way to the team's remote cache get at the end: 10. */
  readonly remoteWait?: number | undefined;
  /** Put on record with the run; the selector `tag:key=value` knows them. */
  readonly tags?: Readonly<Record<string, string>> | undefined;
  /** Keeps the texts, the scores and the inputs for good; copies of the inputs lie under `experiments/`. */
  readonly snapshot?: boolean | undefined;
  /** Only asks a running watch, and fails with DD501 where none runs: then what may be spent is the watch's own matter. */
  readonly byWatch?: boolean | undefined;
  /** Waits for another build or watch to end instead of failing with DD501. */
  readonly wait?: boolean | undefined;
  /** Milliseconds for which batches are waited for, round after round; without it a build ends when only batches are open. */
  readonly batchWait?: number | undefined;
  /** Aborted: starts nothing more and gives up what is in flight. `stop()` lets that finish. */
  readonly signal?: AbortSignal | undefined;
}

export interface WatchOptions extends SelectOptions, MergeOptions, Omit<SpendOptions, 'confirm'> {
  /** `plan` only says what would run; `build()` then runs it. */
  readonly mode?: 'build' | 'plan' | undefined;
  /** So many generations are made first after an edit of a template. */
  readonly sample?: number | undefined;
  readonly offline?: boolean | undefined;
  readonly noCalls?: boolean | undefined;
  readonly remoteWait?: number | undefined;
  readonly concurrency?: number | undefined;
  /** Aborted: gives up what is in flight, and ends. */
  readonly signal?: AbortSignal | undefined;
}

export interface TeamCacheOptions extends SelectOptions {
  /** Aborted: sends and brings nothing more; what was brought is kept. */
  readonly signal?: AbortSignal | undefined;
}

const WORDS: Shape = { either: ['text', { list: 'text' }] };
const SELECT = { select: WORDS, exclude: WORDS, verify: 'flag' } as const satisfies Record<string, Shape>;
const CHECK = { ...SELECT, allowMerge: 'flag' } as const satisfies Record<string, Shape>;
const PLAN = {
  ...CHECK,
  force: { either: ['flag', 'text', { list: 'text' }] },
  retry: ['api', 'refused', 'all'],
  discardEdits: 'flag',
  offline: 'flag',
  noCalls: 'flag',
  concurrency: 'count',
  shard: 'text',
  shardShare: ['divided', 'full'],
  batch: { either: ['flag', ['prefer']] },
  now: 'flag',
} as const satisfies Record<string, Shape>;
const SPEND = { maxCost: 'number', approved: 'flag', confirm: 'function' } as const satisfies Record<
  string,
  Shape
>;

/** Of the options of each thing that can be asked. */
export const OPTIONS = {
  open: { root: 'text', dataRoot: 'text', provider: 'text', name: 'text' },
  select: SELECT,
  check: { ...CHECK, gate: WORDS, over: OVERS },
  generations: { ...SELECT, texts: 'flag' },
  page: { ...SELECT, from: 'number', most: 'count' },
  rows: { ...SELECT, cohort: 'text', current: 'flag', texts: 'flag' },
  export: {
    ...SELECT,
    cohort: 'text',
    current: 'flag',
    texts: 'flag',
    format: EXPORT_FORMATS,
    out: 'text',
    signal: 'anything',
    progress: 'function',
  },
  teamcache: { ...SELECT, signal: 'anything' },
  health: { progress: 'function' },
  costs: { by: WORDS, since: 'anything', ledger: WORDS },
  statistics: { over: OVERS },
  levels: { over: OVERS, cohort: 'text', levels: { list: 'text' } },
  separate: { over: OVERS, cohort: 'text', difference: 'positive' },
  rating: {
    cohort: 'text',
    rubric: 'text',
    rater: 'text',
    kind: RATING_KINDS,
    n: 'count',
    seed: 'text',
  },
  rated: {
    rater: 'text',
    task: {
      fields: {
        rubric: 'text',
        texts: { list: { fields: { genId: 'text', digest: 'text', text: 'text' } } },
      },
    },
    answer: 'anything',
  },
  plan: { ...PLAN, remote: 'flag' },
  build: {
    ...PLAN,
    ...SPEND,
    failFast: 'flag',
    remoteWait: 'number',
    tags: { each: 'text' },
    snapshot: 'flag',
    byWatch: 'flag',
    wait: 'flag',
    batchWait: 'number',
    signal: 'anything',
  },
  watch: {
    ...CHECK,
    maxCost: 'number',
    approved: 'flag',
    mode: ['build', 'plan'],
    sample: 'count',
    offline: 'flag',
    noCalls: 'flag',
    remoteWait: 'number',
    concurrency: 'count',
    signal: 'anything',
  },
} as const satisfies Record<string, Readonly<Record<string, Shape>>>;

/** What may be asked for answers, in the engine's words. */
export function sourcesOf({
  offline,
  noCalls,
  remoteWait,
}: Pick<BuildOptions, 'offline' | 'noCalls' | 'remoteWait'>): {
  readonly cache: 'use' | 'only';
  readonly team: 'on' | 'off';
  readonly remoteWait?: number;
} {
  return {
    cache: offline === true || noCalls === true ? 'only' : 'use',
    team: offline === true ? 'off' : 'on',
    ...(remoteWait === undefined ? {} : { remoteWait: remoteWait * 1000 }),
  };
}

/** Throws a ProblemError for every option that does not exist or is of the wrong kind: misread, it could spend money. */
export function checkOptions(options: object, fields: Readonly<Record<string, Shape>>): void {
  const found = checkShape(options, { fields }, { path: '', place: {} });
  if (found.length === 0) return;
  throw new ProblemError(
    found.map(({ message, place, data }) =>
      problem('DD196', message.replace('config key', 'option').replace('the config must', 'options must'), {
        ...defined({ place, data }),
      }),
    ),
  );
}

/**
 * What went wrong as a program hears it, which names options and has no command line: `since`, where that says `--since`. What the disk
 * refuses is a problem with a code too.
 */
export function asOptions(error: unknown): unknown {
  const known = asProblems(error);
  return known instanceof ProblemError && known.problems.some(({ code }) => OF_FLAGS.has(code))
    ? new ProblemError(known.problems.map((each) => (OF_FLAGS.has(each.code) ? inOptions(each) : each)))
    : known;
}

/** Problems that are about flags, or mended by one. */
const OF_FLAGS: ReadonlySet<string> = new Set(['DD102', 'DD111']);

function inOptions({ message, place, cure, ...rest }: Problem): Problem {
  const field = place?.field;
  return {
    ...rest,
    message: withoutDashes(message),
    ...(field === undefined ? defined({ place }) : { place: { ...place, field: withoutDashes(field) } }),
    cure: cure === CODES.DD102.cure ? CODES.DD196.cure : withoutDashes(cure),
  };
}

/** `maxCost` for `--max-cost`, and `approved` for `--yes`; a command that is named whole stays one. */
function withoutDashes(words: string): string {
  return words.replaceAll(/`daydream [^`]*`|(?<![\w-])--([a-z][a-z-]*)/g, (whole, name?: string) =>
    name === undefined
      ? whole
      : name === 'yes'
        ? 'approved'
        : name.replaceAll(/-([a-z])/g, (_dash, letter: string) => letter.toUpperCase()),
  );
}

/** The same where somebody asks by a network: as a question that is not understood, with a cure for whoever has no package at hand. */
export function asQuestions(
  problems: readonly Problem[],
  cure: string = CODES.DD168.cure,
): readonly Problem[] {
  return problems.map((each) =>
    each.code === 'DD102' || each.code === 'DD196'
      ? { ...each, code: 'DD168', cure: each.cure === CODES.DD196.cure ? cure : each.cure }
      : each,
  );
}

/** Kinds of failure that are asked again, by the word for them. */
export const RETRIED: Readonly<Record<'api' | 'refused' | 'all', readonly FailureKind[]>> = {
  api: ['api'],
  refused: ['refused', 'truncated', 'too_short', 'unparsable'],
  all: ['api', 'refused', 'truncated', 'too_short', 'unparsable', 'render'],
};

/** Where what is about to be made, or is called current, must be all that was asked for. */
export function mergesOf({ allowMerge }: MergeOptions): 'refused' | 'told' {
  return allowMerge === true ? 'told' : 'refused';
}

/** Throws a ProblemError (DD102) for options that contradict one another. */
export function batchModeOf({ batch, now }: Pick<PlanOptions, 'batch' | 'now'>): BatchMode | undefined {
  const batched = batch === 'prefer' || batch === true;
  if (now === true && batched)
    throw new ProblemError([
      problem('DD102', '--now asks directly, and --batch does not: one of them, please'),
    ]);
  if (now === true) return 'now';
  return batch === 'prefer' ? 'prefer' : batched ? 'only' : undefined;
}

/** Throws a ProblemError (DD102) for what only a gate would read. */
export function gateOptions({ gate, over }: Pick<CheckOptions, 'gate' | 'over'>): void {
  if (over !== undefined && wordsOf(gate).length === 0)
    throw new ProblemError([problem('DD102', 'over goes with a gate, whose intervals it is about')]);
}

export function wordsOf(words: string | readonly string[] | undefined): readonly string[] {
  if (words === undefined) return [];
  return typeof words === 'string' ? [words] : words;
}

export function requestOf({ select, exclude, force, retry, discardEdits }: PlanOptions): PlanRequest {
  const forced = force === true ? 'all' : force === false ? undefined : force;
  return {
    select: wordsOf(select),
    exclude: wordsOf(exclude),
    ...(forced === undefined ? {} : { force: forced === 'all' ? 'all' : wordsOf(forced) }),
    edits: discardEdits === true ? 'discard' : 'keep',
    retry: new Set(retry === undefined ? [] : RETRIED[retry]),
  };
}
