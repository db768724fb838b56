// All that a run says. Console, JSON stream, watch and tests listen; a summary is a fold over it. Does nothing itself.
import type { GenId, Stage, Step } from '../generation/stage.ts';
import type { FailureKind } from '../generation/trace.ts';
import type { RemoteStanding } from '../remote/remote.ts';
import { addSpending, knownUsd, NOTHING_SPENT, type Spending } from '../store/ledger/spending.ts';
import { defined } from '../defined.ts';

/** How an artifact came to be. `called` is the only one that may cost money. */
export type How = 'rendered' | 'called' | 'offline' | 'cached' | 'copied' | 'scored' | 'parsed';

export type Outcome =
  | {
      readonly kind: 'built';
      readonly steps: readonly How[];
      /** USD, as far as it is known. */
      readonly cost?: number;
      readonly spent?: Spending;
      /** USD that an answer out of the cache cost when it was bought; absent where nobody knows. */
      readonly saved?: number;
      /** Of such an answer: somebody else of the team bought it. */
      readonly from?: 'team';
    }
  /** Its trace was written; its artifacts were right already. */
  | { readonly kind: 'adopted' }
  /** What is above it ran, and gave the same text. */
  | { readonly kind: 'unchanged' }
  | {
      readonly kind: 'failed';
      readonly failure: FailureReport;
      readonly steps: readonly How[];
      readonly cost?: number;
      readonly spent?: Spending;
      readonly saved?: number;
      readonly from?: 'team';
    }
  | { readonly kind: 'blocked'; readonly by: GenId }
  | Left;

/** Not started, or given up: by an interrupt, a cap, what was agreed to, a daily limit, or on its way into a batch. */
export interface Left {
  readonly kind: 'left';
  readonly why:
    | 'interrupted'
    | 'over_budget'
    | 'over_agreed'
    | 'parked'
    | 'submitted'
    | 'for_batch'
    | 'batches_full'
    | 'batch_refused'
    | 'batch_limited'
    | 'superseded';
  /** Milliseconds since the epoch. */
  readonly until?: number;
  readonly pool?: string;
}

export interface FailureReport {
  readonly step: Step;
  readonly kind: FailureKind;
  readonly reason: string;
  readonly message: string;
}

export type RunEvent =
  /** Whether and how a team's remote cache is used; before the first run that may ask somebody. */
  | { readonly type: 'remote'; readonly remote: RemoteStanding }
  | { readonly type: 'run_started'; readonly attempted: number }
  | { readonly type: 'generation'; readonly genId: GenId; readonly stage: Stage; readonly outcome: Outcome }
  /** A provider can not be reached: it rests until then, is given up until then, or answers again. */
  | {
      readonly type: 'provider';
      readonly provider: string;
      readonly state: 'resting' | 'given_up' | 'answering';
      readonly reason?: string;
      /** Milliseconds since the epoch. */
      readonly until?: number;
    }
  | { readonly type: 'run_finished'; readonly summary: RunSummary };

/** Failures of one cause, most frequent first. */
export interface FailureGroup {
  readonly kind: FailureKind;
  readonly reason: string;
  /** The most frequent one. */
  readonly message: string;
  /** How many other messages there are. */
  readonly others: number;
  readonly genIds: readonly GenId[];
}

export interface LeftGroup {
  readonly why: Left['why'];
  readonly count: number;
  /** For a parked pool. Milliseconds since the epoch. */
  readonly pool?: string;
  readonly until?: number;
}

export interface RunSummary {
  readonly built: Readonly<Record<Stage, number>>;
  readonly how: Readonly<Record<How, number>>;
  readonly adopted: number;
  readonly unchanged: number;
  readonly failed: number;
  readonly blocked: number;
  readonly left: number;
  /** USD that this run cost, as far as it is known. */
  readonly cost: number;
  /** What that consists of, and what is not known. */
  readonly spent: Spending;
  /** USD that answers out of the cache cost when they were bought. */
  readonly saved: number;
  /** Of these: answers that somebody else of the team bought. */
  readonly team: TeamShare;
  /** Answers out of the cache of which nobody knows what they cost. */
  readonly savedUnknown: number;
  /** Generations that failed at calls of which some were billed, or may cost what nobody knows. Left out where that is none. */
  readonly paidFailures?: number;
  /** Rows of batches that were billed, or may have been, and of which this run made nothing. Left out where that is none. */
  readonly unusedRows?: number;
  readonly failures: readonly FailureGroup[];
  /** What is left, by why. */
  readonly leftBy: readonly LeftGroup[];
  readonly parked: readonly { readonly pool: string; readonly until: number }[];
  readonly why: readonly LeftGroup['why'][];
}

export interface TeamShare {
  readonly answers: number;
  /** USD. */
  readonly saved: number;
  /** Of how many nobody knows what they cost; left out where that is none. */
  readonly unknown?: number;
}

/** Two shares together. */
export function addTeam(a: TeamShare, b: TeamShare): TeamShare {
  const unknown = (a.unknown ?? 0) + (b.unknown ?? 0);
  return {
    answers: a.answers + b.answers,
    saved: a.saved + b.saved,
    ...(unknown === 0 ? {} : { unknown }),
  };
}

const NO_TEAM: TeamShare = { answers: 0, saved: 0 };

/** Folds generation events into a summary. */
export class Tally {
  readonly #built: Record<Stage, number> = { draft: 0, essay: 0, evaluation: 0 };
  readonly #how: Record<How, number> = {
    rendered: 0,
    called: 0,
    offline: 0,
    cached: 0,
    copied: 0,
    scored: 0,
    parsed: 0,
  };
  readonly #counts = { adopted: 0, unchanged: 0, failed: 0, blocked: 0, left: 0 };
  readonly #failures = new Map<string, Failing>();
  readonly #left = new Map<string, LeftGroup>();
  #spent = NOTHING_SPENT;
  #saved = 0;
  #savedUnknown = 0;
  #team = NO_TEAM;
  #paidFailures = 0;
  #unusedRows = 0;

  add(genId: GenId, stage: Stage, outcome: Outcome): void {
    if (outcome.kind === 'built') this.#built[stage]++;
    else this.#counts[outcome.kind]++;
    if (outcome.kind === 'built' || outcome.kind === 'failed') {
      for (const how of outcome.steps) this.#how[how]++;
      this.#spent = addSpending(this.#spent, outcome.spent ?? NOTHING_SPENT);
      this.#saved += outcome.saved ?? 0;
      if (outcome.from === 'team') {
        const { saved } = outcome;
        const share = saved === undefined ? { saved: 0, unknown: 1 } : { saved };
        this.#team = addTeam(this.#team, { answers: 1, ...share });
      }
      if (outcome.saved === undefined && outcome.steps.includes('cached')) this.#savedUnknown++;
    }
    if (outcome.kind === 'failed') {
      this.#fail(genId, outcome.failure);
      const { billed, counted, estimated, unknown } = outcome.spent ?? NOTHING_SPENT;
      const paid = billed + counted + estimated + unknown > 0;
      if (paid && !outcome.steps.includes('called')) this.#paidFailures++;
    }
    if (outcome.kind === 'left') this.#leave(outcome);
  }

  /** Money that batches have cost and that is no generation's of this run, by row. */
  addUnused(rows: readonly Spending[]): void {
    this.#unusedRows += rows.length;
    this.#spent = rows.reduce(addSpending, this.#spent);
  }

  #fail(genId: GenId, { kind, reason, message }: FailureReport): void {
    const key = `${kind} ${reason}`;
    const group = this.#failures.get(key) ?? {
      kind,
      reason,
      messages: new Map<string, number>(),
      genIds: [],
    };
    group.genIds.push(genId);
    group.messages.set(message, (group.messages.get(message) ?? 0) + 1);
    this.#failures.set(key, group);
  }

  #leave({ why, pool, until }: Left): void {
    const key = `${why} ${pool ?? ''}`;
    const count = (this.#left.get(key)?.count ?? 0) + 1;
    this.#left.set(key, defined({ why, count, pool, until }));
  }

  summary(): RunSummary {
    const left = [...this.#left.values()];
    return {
      built: { ...this.#built },
      how: { ...this.#how },
      ...this.#counts,
      cost: knownUsd(this.#spent),
      spent: this.#spent,
      saved: this.#saved,
      team: { ...this.#team },
      savedUnknown: this.#savedUnknown,
      ...(this.#paidFailures === 0 ? {} : { paidFailures: this.#paidFailures }),
      ...(this.#unusedRows === 0 ? {} : { unusedRows: this.#unusedRows }),
      failures: [...this.#failures.values()].map(groupOf).sort((a, b) => b.genIds.length - a.genIds.length),
      leftBy: left,
      parked: left.flatMap(({ pool, until }) =>
        pool === undefined || until === undefined ? [] : [{ pool, until }],
      ),
      why: [...new Set(left.map(({ why }) => why))].sort(),
    };
  }
}

interface Failing {
  readonly kind: FailureKind;
  readonly reason: string;
  readonly messages: Map<string, number>;
  readonly genIds: GenId[];
}

function groupOf({ kind, reason, messages, genIds }: Failing): FailureGroup {
  const [first] = [...messages].sort(([, a], [, b]) => b - a);
  return { kind, reason, message: first?.[0] ?? '', others: messages.size - 1, genIds };
}
