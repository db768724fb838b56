// What was built and what was spent, out of the records of runs and the call ledger. Reads no input and no generation.
import { filesNamed } from '../../inputs/disk/foldertree.ts';
import { problem, ProblemError, type Loaded, type Problem } from '../../problem.ts';
import { readLedgers } from '../../store/ledger/ledger.ts';
import {
  LEDGER_KEYS,
  sumsOf,
  type LedgerKey,
  type LedgerSums,
  type LedgerTotal,
} from '../../store/ledger/totals.ts';
import type { Layout } from '../../store/layout.ts';
import { runsMeant } from '../../engine/results/recorded.ts';
import { addTeam, type TeamShare } from '../../run/events.ts';
import { readRuns, type RunRecord } from '../../store/runs/runs.ts';
import { millisecondsOf } from '../../text/amounts.ts';
import { didYouMean } from '../../text/nearest.ts';

export interface CostOptions {
  /** By what sums are made: `model` where nothing is said. */
  readonly by?: LedgerKey | readonly LedgerKey[] | undefined;
  /** Only since then: a date, an ISO text, or a span before now such as `7d`, `12h`. */
  readonly since?: string | Date | undefined;
  /** Ledgers beside the data root's own, such as those of shards: paths, with `*` and `**` as in globs. A line in two of them counts once. */
  readonly ledger?: string | readonly string[] | undefined;
}

export interface Costs {
  /** ISO time; null for all of it. */
  readonly since: string | null;
  readonly by: readonly LedgerKey[];
  /** A line for each value of the keys; several keys stand in `key` one under the other. */
  readonly lines: readonly LedgerTotal[];
  readonly total: LedgerTotal;
  /** Answers that others of the team bought and builds of this data root used, and what they cost then, in USD. */
  readonly team: TeamShare;
  /** Patterns that no ledger answers to, and damaged lines of ledgers, if there are any. */
  readonly warnings: readonly Problem[];
}

/** The same as they come from a command line. */
interface CostWords extends Omit<CostOptions, 'by'> {
  readonly by?: string | readonly string[] | undefined;
}

/** `now`: milliseconds since the epoch, for spans. */
export function costsOf(layout: Layout, words: CostWords, now: number): Costs {
  const { ledger = [] } = words;
  const asked = costsAsked(words, now);
  const named = (typeof ledger === 'string' ? [ledger] : ledger).map(ledgersOf);
  const others = named.flatMap(({ value }) => value);
  const { value, problems } = readLedgers([
    layout.ledger,
    ...others.filter((path) => path !== layout.ledger),
  ]);
  return costsFrom(asked, sumsOf(value, asked.since), {
    runs: readRuns(layout),
    warnings: [...named.flatMap((each) => each.problems), ...problems],
  });
}

export interface CostsAsked {
  readonly by: readonly LedgerKey[];
  /** ISO time; undefined for all of it. */
  readonly since: string | undefined;
}

/** What is meant; a ProblemError where the words mean nothing. */
export function costsAsked({ by = 'model', since }: CostWords, now: number): CostsAsked {
  return { by: keysOf(typeof by === 'string' ? [by] : by), since: sinceOf(since, now) };
}

/** `sums`: of the entries since then. */
export function costsFrom(
  { by, since }: CostsAsked,
  sums: LedgerSums,
  beside: {
    readonly runs: readonly Pick<RunRecord, 'started' | 'team'>[];
    readonly warnings: readonly Problem[];
  },
): Costs {
  return {
    since: since ?? null,
    by,
    lines: sums.by(...by),
    total: sums.total,
    team: teamShare(beside.runs.filter(({ started }) => since === undefined || started >= since)),
    warnings: beside.warnings,
  };
}

function teamShare(runs: readonly Pick<RunRecord, 'team'>[]): TeamShare {
  return runs.reduce((sum, { team }) => (team === undefined ? sum : addTeam(sum, team)), {
    answers: 0,
    saved: 0,
  } as TeamShare);
}

/** Files that a path or a pattern names. Shards that asked nothing have no ledger, so a pattern may name none; a path may not. */
function ledgersOf(pattern: string): Loaded<readonly string[]> {
  const value = filesNamed(pattern);
  const none = problem('DD102', `--ledger ${JSON.stringify(pattern)} names no file`, {
    place: { field: '--ledger' },
    cure: 'Name the `calls.jsonl` of each shard; quote a pattern with `*`, so that it arrives as one word.',
    severity: pattern.includes('*') ? 'warning' : 'error',
  });
  if (value.length === 0 && none.severity === 'error') throw new ProblemError([none]);
  return { value, problems: value.length === 0 ? [none] : [] };
}

function keysOf(words: readonly string[]): readonly LedgerKey[] {
  const keys = words.flatMap((word) => LEDGER_KEYS.filter((key) => key === word));
  const unknown = words.filter((word) => !LEDGER_KEYS.some((key) => key === word));
  if (unknown.length === 0 && keys.length > 0) return [...new Set(keys)];
  const [first = ''] = unknown;
  throw new ProblemError([
    problem('DD102', `--by can not be ${JSON.stringify(first)}${didYouMean(first, LEDGER_KEYS)}`, {
      place: { field: '--by' },
      cure: `Keys are ${LEDGER_KEYS.join(', ')}.`,
    }),
  ]);
}

/** An ISO time; undefined for all of it. */
function sinceOf(since: string | Date | undefined, now: number): string | undefined {
  if (since === undefined) return undefined;
  const text = since instanceof Date ? String(since) : since;
  const span = millisecondsOf(text);
  const then = since instanceof Date ? since.getTime() : span === undefined ? dateOf(text) : now - span;
  if (!Number.isNaN(then) && Math.abs(then) < 8.64e15) return new Date(then).toISOString();
  throw new ProblemError([
    problem('DD102', `--since must be a span such as 7d or 12h, or a date, not ${JSON.stringify(text)}`, {
      place: { field: '--since' },
    }),
  ]);
}

function dateOf(text: string): number {
  return /^\d{4}-\d{2}-\d{2}/.test(text) ? Date.parse(text) : Number.NaN;
}

/** The record of a run by its id or the beginning of one, of the `last`, or of the last one with a tag; a ProblemError where there is none. */
export function runOf(layout: Layout, id: string): RunRecord {
  const run = runsMeant(layout, id).at(-1);
  if (run === undefined) throw new RangeError('runs that are meant are there');
  return run;
}
