// What was built and spent, for whoever asks often: the ledger is read on from where it was left, a piece between two turns of the event
// loop, and a run's record once. Sums as the command does.
import { setImmediate as turn } from 'node:timers/promises';
import { stampAt } from '../../inputs/disk/diskreader.ts';
import { damagedLines } from '../../store/ledger/ledger.ts';
import { LedgerReader } from '../../store/ledger/reader.ts';
import { LedgerSums } from '../../store/ledger/totals.ts';
import type { Layout } from '../../store/layout.ts';
import { listRuns, readRun, runPath, type RunRecord } from '../../store/runs/runs.ts';
import { defined } from '../../defined.ts';
import { costsAsked, costsFrom, type CostOptions, type Costs } from '../reading/money.ts';

/** A record without its long lists. */
export interface RunLine extends Omit<RunRecord, 'covered' | 'plan' | 'built' | 'failures'> {
  /** By stage: how many generations were made. */
  readonly built: Readonly<Record<string, number>>;
  readonly failures: readonly {
    readonly kind: string;
    readonly reason?: string;
    readonly message: string;
    readonly count: number;
    /** The first of them. */
    readonly genIds: readonly string[];
  }[];
}

/** Generations of a failure that a line names. */
const NAMED = 20;
/** Times since which sums are kept: of all, and those that were asked for last. */
const MOST_TIMES = 3;
/** Records that are read between two turns. */
const AT_A_TIME = 20;

interface KnownRun {
  /** Of the file that was read. */
  readonly stamp: string;
  /** Undefined where it is no record. */
  readonly line: RunLine | undefined;
}

export class Accounts {
  #readers = new Map<string, LedgerReader<LedgerSums>>();
  #runs = new Map<string, KnownRun>();
  #root = '';
  #reading: Promise<void> = Promise.resolve();

  /** `now`: milliseconds since the epoch, for spans. */
  async costs(layout: Layout, options: Omit<CostOptions, 'ledger'>, now: number): Promise<Costs> {
    this.#follow(layout);
    const asked = costsAsked(options, now);
    const reader = this.#readerSince(layout.ledger, asked.since);
    while (reader.readOn()) await turn();
    const runs = await this.runs(layout);
    return costsFrom(asked, reader.fold, { runs, warnings: damagedLines(layout.ledger, reader.damaged) });
  }

  /** Every readable record, oldest first. */
  async runs(layout: Layout): Promise<readonly RunLine[]> {
    this.#follow(layout);
    this.#reading = this.#reading.then(() => this.#read(layout));
    await this.#reading;
    return [...this.#runs.values()].flatMap(({ line }) => line ?? []);
  }

  async #read(layout: Layout): Promise<void> {
    const runs = new Map<string, KnownRun>();
    let read = 0;
    for (const id of listRuns(layout)) {
      const stamp = stampAt(runPath(layout, id));
      const known = this.#runs.get(id);
      if (known?.stamp !== stamp && ++read % AT_A_TIME === 0) await turn();
      runs.set(id, known?.stamp === stamp ? known : { stamp, line: lineOf(readRun(layout, id)) });
    }
    this.#runs = runs;
  }

  /** Another data root has other accounts. */
  #follow({ ledger }: Layout): void {
    if (this.#root === ledger) return;
    [this.#root, this.#readers, this.#runs] = [ledger, new Map(), new Map()];
  }

  #readerSince(ledger: string, since = ''): LedgerReader<LedgerSums> {
    const reader = this.#readers.get(since) ?? new LedgerReader(ledger, () => new LedgerSums(since));
    const oldest = [...this.#readers.keys()].find((key) => key !== '' && key !== since);
    if (!this.#readers.has(since) && this.#readers.size >= MOST_TIMES && oldest !== undefined)
      this.#readers.delete(oldest);
    this.#readers.set(since, reader);
    return reader;
  }
}

function lineOf(run: RunRecord | 'damaged' | undefined): RunLine | undefined {
  if (run === undefined || run === 'damaged') return undefined;
  const { covered: _covered, plan: _plan, built, failures, ...rest } = run;
  return {
    ...rest,
    built: Object.fromEntries(Object.entries(built).map(([stage, ids]) => [stage, ids.length])),
    failures: failures.map(({ genIds, kind, reason, message }) => ({
      ...defined({ kind, reason, message }),
      count: genIds.length,
      genIds: genIds.slice(0, NAMED),
    })),
  };
}
