// All that a run says. Console, JSON stream, watch and tests listen; a summary is a fold over it. Does nothing itself.
import type { GenId, Stage, Step } from '../generation/stage.ts';
import type { FailureKind } from '../generation/trace.ts';

/** How an artifact came to be. `called` is the only one that may cost money. */
export type How = 'rendered' | 'called' | 'offline' | 'cached' | 'copied' | 'parsed';

export type Outcome =
  | { readonly kind: 'built'; readonly steps: readonly How[]; readonly cost?: number }
  /** Its trace was written; its artifacts were right already. */
  | { readonly kind: 'adopted' }
  /** What is above it ran, and gave the same text. */
  | { readonly kind: 'unchanged' }
  | {
      readonly kind: 'failed';
      readonly failure: FailureReport;
      readonly steps: readonly How[];
      readonly cost?: number;
    }
  | { readonly kind: 'blocked'; readonly by: GenId }
  /** Not started, or given up: by an interrupt, a cap or a daily limit. */
  | {
      readonly kind: 'left';
      readonly why: 'interrupted' | 'over_budget' | 'parked' | 'superseded';
      readonly until?: number;
      readonly pool?: string;
    };

export interface FailureReport {
  readonly step: Step;
  readonly kind: FailureKind;
  readonly reason: string;
  readonly message: string;
}

export type RunEvent =
  | { readonly type: 'run_started'; readonly attempted: number }
  | { readonly type: 'generation'; readonly genId: GenId; readonly stage: Stage; readonly outcome: Outcome }
  | { readonly type: 'run_finished'; readonly summary: RunSummary };

export interface RunSummary {
  readonly built: Readonly<Record<Stage, number>>;
  readonly how: Readonly<Record<How, number>>;
  readonly adopted: number;
  readonly unchanged: number;
  readonly failed: number;
  readonly blocked: number;
  readonly left: number;
  /** USD that this run was billed. */
  readonly cost: number;
  /** By kind and message, most frequent first. */
  readonly failures: readonly {
    readonly kind: FailureKind;
    readonly message: string;
    readonly genIds: readonly GenId[];
  }[];
  readonly parked: readonly { readonly pool: string; readonly until: number }[];
  readonly why: readonly ('interrupted' | 'over_budget' | 'parked' | 'superseded')[];
}

/** Folds generation events into a summary. */
export class Tally {
  readonly #built: Record<Stage, number> = { draft: 0, essay: 0, evaluation: 0 };
  readonly #how: Record<How, number> = {
    rendered: 0,
    called: 0,
    offline: 0,
    cached: 0,
    copied: 0,
    parsed: 0,
  };
  readonly #counts = { adopted: 0, unchanged: 0, failed: 0, blocked: 0, left: 0 };
  readonly #failures = new Map<string, { kind: FailureKind; message: string; genIds: GenId[] }>();
  readonly #parked = new Map<string, number>();
  readonly #why = new Set<'interrupted' | 'over_budget' | 'parked' | 'superseded'>();
  #cost = 0;

  add(genId: GenId, stage: Stage, outcome: Outcome): void {
    if (outcome.kind === 'built') this.#built[stage]++;
    else this.#counts[outcome.kind]++;
    if (outcome.kind === 'built' || outcome.kind === 'failed') {
      for (const how of outcome.steps) this.#how[how]++;
      this.#cost += outcome.cost ?? 0;
    }
    if (outcome.kind === 'failed') this.#fail(genId, outcome.failure);
    if (outcome.kind === 'left') this.#why.add(outcome.why);
    if (outcome.kind === 'left' && outcome.until !== undefined)
      this.#parked.set(outcome.pool ?? '', outcome.until);
  }

  #fail(genId: GenId, { kind, message }: FailureReport): void {
    const key = `${kind} ${message}`;
    const group = this.#failures.get(key) ?? { kind, message, genIds: [] };
    group.genIds.push(genId);
    this.#failures.set(key, group);
  }

  summary(): RunSummary {
    return {
      built: { ...this.#built },
      how: { ...this.#how },
      ...this.#counts,
      cost: this.#cost,
      failures: [...this.#failures.values()].sort((a, b) => b.genIds.length - a.genIds.length),
      parked: [...this.#parked].map(([pool, until]) => ({ pool, until })),
      why: [...this.#why].sort(),
    };
  }
}
