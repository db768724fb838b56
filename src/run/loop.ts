// The loop: ready → judged → enqueued → finished → children woken. Knows no HTTP, no file format and no price.
//
// Strategy. A row is ready when what is above it is settled, so there are no stage barriers. Ready rows wait in one line per
// pool, the deepest stage first: an essay whose draft is done goes before the next draft, so whole chains come out early, which
// is what a scarce pool or an interrupted run wants. Each pool may have so many rows under way (its window) and never touches
// another's: a free pool that waits holds nobody up. When a row is finished its children are judged again by the same judge
// that made the plan, on what is now on disk; one that turns out current is finished at once, and so on downwards.
import { togetherOf } from '../problem.ts';
import { at, childrenOf, stageAt, type Graph } from '../graph/graph.ts';
import { Tally, type Left, type Outcome, type RunEvent, type RunSummary } from './events.ts';
import { SUPERSEDED } from './desk.ts';
import { execute, type Floor } from './execute.ts';
import { prepare } from './prepare.ts';
import type { Workshop } from './workshop.ts';
import type { Spending } from '../store/ledger/spending.ts';
import { genKey } from '../generation/stage.ts';
import { isCopy } from '../generation/mode.ts';

export interface RunOptions {
  /** 1 where a row is in scope: everything else is left as it is. */
  readonly scope: Uint8Array;
  /** How many rows of a pool may be under way; rows beyond it wait unrendered. */
  readonly windowOf: (pool: string) => number;
  readonly listen: (event: RunEvent) => void;
  /** Aborted: nothing new starts, and calls under way are given up; with the reason SUPERSEDED they are let go of, and go on. */
  readonly abort: AbortSignal;
  /** True once nothing new may start; what is under way finishes. */
  readonly stopping: () => boolean;
  readonly failFast: boolean;
  /** Told once when nothing new may start for a reason of the run's own: what waits at a pool is not to be sent either. */
  readonly halt?: () => void;
  /** Asked once nothing is under way: what was left as submitted and is in no batch after all, by stage and id. */
  readonly unsent?: () => Promise<ReadonlyMap<string, Omit<Left, 'kind'>>>;
  /** What batches cost, by row, of which nothing was made; asked for at the end. */
  readonly unused?: () => readonly Spending[];
  /** Gives way to signals and progress now and then. */
  readonly breathe: () => Promise<void> | undefined;
}

/** Copies and the offline model ask nobody: they wait in a line of their own. */
export const LOCAL = '';
const DEEPEST_FIRST = [2, 1, 0] as const;

interface Line {
  /** Rows by stage; taken from the front. */
  readonly rows: readonly [number[], number[], number[]];
  readonly taken: [number, number, number];
  underWay: number;
  readonly window: number;
}

export class Run {
  readonly #shop: Floor;
  readonly #options: RunOptions;
  readonly #children;
  readonly #lines = new Map<string, Line>();
  readonly #tally = new Tally();
  /** 1 where a row will not be looked at again in this run. */
  readonly #finished: Uint8Array;
  #underWay = 0;
  readonly #left = new Map<number, Left>();
  #failed = false;
  readonly #broken: unknown[] = [];
  #wake: () => void = () => {};

  constructor(shop: Floor, options: RunOptions) {
    this.#shop = shop;
    this.#options = options;
    this.#children = childrenOf(shop.graph);
    this.#finished = new Uint8Array(shop.graph.size);
  }

  async run(): Promise<RunSummary> {
    const { scope, listen } = this.#options;
    const { graph } = this.#shop;
    const attempted: number[] = [];
    for (let row = 0; row < graph.size; row++) if (scope[row] === 1 && this.#wanted(row)) attempted.push(row);
    listen({ type: 'run_started', attempted: attempted.length });
    for (const row of attempted) {
      const parent = at(graph.parent, row);
      if (parent < 0 || scope[parent] !== 1 || !this.#wanted(parent)) this.#enqueue(row);
    }
    await this.#drain();
    if (this.#broken.length > 0) throw togetherOf(this.#broken);
    await this.#tellSubmitted();
    for (const row of attempted) if (this.#finished[row] === 0) this.#report(row, this.#leftover(row));
    this.#tally.addUnused(this.#options.unused?.() ?? []);
    const summary = this.#tally.summary();
    listen({ type: 'run_finished', summary });
    return summary;
  }

  #wanted(row: number): boolean {
    const { verdicts } = this.#shop.judge;
    return at(verdicts.attempted, row) === 1 || at(verdicts.untraced, row) === 1;
  }

  /** Why a row was never started: what is above it was left, or nothing was started any more. */
  #leftover(row: number): Outcome {
    for (
      let above = at(this.#shop.graph.parent, row);
      above >= 0;
      above = at(this.#shop.graph.parent, above)
    ) {
      const left = this.#left.get(above);
      if (left !== undefined) return left;
    }
    return this.#interrupted();
  }

  /** Whether the provider takes a batch shows when it is sent, and that is last of all. */
  async #tellSubmitted(): Promise<void> {
    const unsent = await this.#options.unsent?.();
    const { graph } = this.#shop;
    for (const [row, left] of this.#left) {
      if (left.why !== 'submitted') continue;
      const why = unsent?.get(genKey({ stage: stageAt(graph, row), genId: at(graph.ids, row) }));
      const outcome = why === undefined ? left : { kind: 'left' as const, ...why };
      this.#left.set(row, outcome);
      this.#report(row, outcome);
    }
  }

  #interrupted(): Left {
    return { kind: 'left', why: this.#options.abort.reason === SUPERSEDED ? 'superseded' : 'interrupted' };
  }

  #enqueue(row: number): void {
    const line = this.#line(poolOf(this.#shop, row));
    line.rows[at(this.#shop.graph.stage, row) as 0 | 1 | 2].push(row);
  }

  #line(pool: string): Line {
    let line = this.#lines.get(pool);
    if (line === undefined) {
      line = { rows: [[], [], []], taken: [0, 0, 0], underWay: 0, window: this.#options.windowOf(pool) };
      this.#lines.set(pool, line);
    }
    return line;
  }

  /** Starts what may start until nothing is ready and nothing is under way. */
  async #drain(): Promise<void> {
    for (;;) {
      let started = false;
      for (const line of this.#lines.values()) {
        for (let row = this.#next(line); row !== undefined; row = this.#next(line)) {
          started = true;
          this.#start(row, line);
          const pause = this.#options.breathe();
          if (pause !== undefined) await pause;
        }
      }
      if (started) continue;
      if (this.#underWay === 0) return;
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
    }
  }

  #next(line: Line): number | undefined {
    if (
      this.#failed ||
      this.#broken.length > 0 ||
      this.#options.stopping() ||
      this.#options.abort.aborted ||
      line.underWay >= line.window
    )
      return undefined;
    for (const stage of DEEPEST_FIRST) {
      const row = line.rows[stage][line.taken[stage]];
      if (row === undefined) continue;
      line.taken[stage]++;
      if (line.taken[stage] > 1024) {
        line.rows[stage].splice(0, line.taken[stage]);
        line.taken[stage] = 0;
      }
      return row;
    }
    return undefined;
  }

  /** What needs no call is finished on the spot, without a turn of the event loop. */
  #start(row: number, line: Line): void {
    line.underWay++;
    this.#underWay++;
    void this.#carry(row)
      .then((outcome) => this.#finish(row, outcome))
      .catch((error: unknown) => {
        this.#broken.push(error);
        this.#options.halt?.();
      })
      .finally(() => {
        line.underWay--;
        this.#underWay--;
        this.#wake();
      });
  }

  async #carry(row: number): Promise<Outcome> {
    const prepared = prepare(this.#shop, row);
    const outcome = await execute(
      this.#shop,
      prepared,
      priorityOf(this.#shop.graph, row),
      this.#options.abort,
    );
    return outcome.kind === 'left' && outcome.why === 'interrupted' ? this.#interrupted() : outcome;
  }

  #finish(row: number, outcome: Outcome): void {
    if (outcome.kind === 'left') {
      this.#left.set(row, outcome);
      if (outcome.why !== 'submitted') this.#report(row, outcome);
      return;
    }
    this.#report(row, outcome);
    if (outcome.kind === 'failed' && this.#options.failFast) {
      this.#failed = true;
      this.#options.halt?.();
    }
    this.#shop.judge.settled(row);
    const { start, rows } = this.#children;
    for (let place = at(start, row); place < at(start, row + 1); place++) this.#release(at(rows, place));
  }

  /** A child whose parent is done: enqueued if something may be left to do, else passed over to its own children. */
  #release(row: number): void {
    if (this.#options.scope[row] !== 1 || this.#finished[row] === 1) return;
    const was = this.#wanted(row);
    this.#shop.judge.row(row);
    if (was || this.#wanted(row)) this.#enqueue(row);
  }

  #report(row: number, outcome: Outcome): void {
    this.#finished[row] = 1;
    const genId = at(this.#shop.graph.ids, row);
    const stage = stageAt(this.#shop.graph, row);
    this.#tally.add(genId, stage, outcome);
    this.#options.listen({ type: 'generation', genId, stage, outcome });
  }
}

function poolOf({ graph, unpaid }: Workshop, row: number): string {
  const template = at(graph.boundTemplates, at(graph.template, row));
  const ask = graph.asks[at(graph.askSet, row)];
  return isCopy(template) || ask === undefined || unpaid.has(ask.provider) ? LOCAL : ask.pool;
}

/** The chain's draft first, then depth: chains that were begun are ended before others begin. */
function priorityOf(graph: Graph, row: number): number {
  let root = row;
  for (let parent = at(graph.parent, root); parent >= 0; parent = at(graph.parent, root)) root = parent;
  return root * 3 + 2 - at(graph.stage, row);
}
