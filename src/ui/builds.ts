// Builds that the page asks for: one at a time, within what the server was started with, or handed to the watch that runs. Says how they
// go on. Decides nothing of what must run.
import type { BuildEvent } from '../api/building/events.ts';
import type { Diagnosis } from '../api/building/failures.ts';
import type { Build } from '../api/building/handle.ts';
import type { Project } from '../api/project.ts';
import type { BuildOptions } from '../api/request.ts';
import type { View } from '../api/view/view.ts';
import { ROUNDING } from '../model/money/budget.ts';
import type { RunSummary } from '../run/events.ts';
import { NOTHING_SPENT, unknownIn } from '../store/ledger/spending.ts';
import { asProblems, problem, ProblemError, type Problem } from '../problem.ts';

/** What the page may ask for. */
export type Wish = Pick<BuildOptions, 'select' | 'exclude' | 'force' | 'retry' | 'discardEdits'>;

/** How the last build stands. All money is USD. */
export interface BuildNews {
  readonly state: 'planning' | 'handed over' | 'running' | 'stopping' | 'ended';
  readonly selectors: readonly string[];
  /** ISO time. */
  readonly since: string;
  readonly toRun: number;
  readonly done: number;
  readonly built: number;
  readonly failed: number;
  readonly left: number;
  readonly cost: number;
  /** Replies whose cost nobody knows: `cost` leaves them out. */
  readonly unknown: number;
  /** What calls may cost, at most, that may be billed although no reply came. */
  readonly maybe: number;
  readonly end: string | null;
  readonly failures: readonly Diagnosis[];
  readonly problems: readonly Problem[];
}

export interface BuildsOptions {
  readonly project: Project;
  readonly view: View;
  /** USD for all builds of the page together; 0: only what costs nothing. */
  readonly maxCost: number;
  readonly now: () => number;
  readonly listen: (news: BuildNews) => void;
}

export class Builds {
  readonly #options: BuildsOptions;
  #news: BuildNews | undefined;
  #build: Build | undefined;
  #abort = new AbortController();
  #spent = 0;
  #handedOver = false;

  constructor(options: BuildsOptions) {
    this.#options = options;
  }

  get news(): BuildNews | null {
    return this.#news ?? null;
  }

  /** What is left of the cap, in USD. */
  get remaining(): number {
    return Math.max(0, this.#options.maxCost - this.#spent);
  }

  /** Begins one, and gives how it stands; a ProblemError while another one that was begun here is on. */
  async start(wish: Wish): Promise<BuildNews> {
    if (this.#build !== undefined)
      throw new ProblemError([problem('DD501', 'a build that was begun from here runs already')]);
    const { project, view, now } = this.#options;
    const watched = view.holder?.role === 'watch';
    if (watched) await this.#mayAsk(wish);
    this.#abort = new AbortController();
    const rest = watched ? { byWatch: true } : { maxCost: this.remaining, signal: this.#abort.signal };
    const build = project.build({ ...wish, ...rest });
    this.#build = build;
    this.#handedOver = watched;
    const selectors = [wish.select ?? []].flat();
    const since = new Date(now()).toISOString();
    this.#say({ ...NOTHING, state: 'planning', selectors, since });
    void this.#follow(build);
    return this.#news ?? NOTHING;
  }

  /** Starts nothing more; a second time, gives up what is in flight. */
  stop(): BuildNews | null {
    if (this.#build === undefined || this.#news === undefined) return this.news;
    if (this.#news.state === 'stopping') this.#abort.abort();
    else void this.#build.stop().catch(() => {});
    this.#say({ ...this.#news, state: 'stopping' });
    return this.news;
  }

  /** A watch spends by its own word: what would cost more than this server was started with is not asked of it. */
  async #mayAsk(wish: Wish): Promise<void> {
    const { price } = await this.#options.view.plan({ ...wish, most: 0 });
    if (price.upper.usd <= this.remaining && price.unpriced.length === 0) return;
    throw new ProblemError([
      problem(
        'DD169',
        `it may cost up to $${price.upper.usd.toFixed(2)}, and $${this.remaining.toFixed(2)} is allowed here`,
      ),
    ]);
  }

  async #follow(build: Build): Promise<void> {
    try {
      for await (const event of build) this.#hear(event);
      const { end, summary, drawn, failures } = await build.report;
      const cost = summary?.cost ?? 0;
      const spent = summary?.spent ?? NOTHING_SPENT;
      // What was lost on the way is in what is drawn of a cap; a watch has none that is told here.
      const unknown = drawn === undefined ? unknownIn(spent) : spent.unknown;
      this.#spent += drawn ?? cost;
      const maybe = (drawn ?? cost) - cost;
      const told = this.#handedOver && summary !== undefined ? { ...tallyOf(summary), failures } : {};
      await this.#end({ ...told, end, cost, unknown, maybe: maybe > ROUNDING ? maybe : 0 });
    } catch (error) {
      const asProblem = asProblems(error);
      const problems =
        asProblem instanceof ProblemError ? asProblem.problems : [problem('DD199', String(error))];
      this.#spent += this.#news?.cost ?? 0;
      await this.#end({ end: 'refused', problems });
    }
  }

  /** What it has made is seen before it is said to have ended; what a watch has made, nobody here was told of. */
  async #end(last: Partial<BuildNews>): Promise<void> {
    const { view } = this.#options;
    await (this.#handedOver ? view.settled() : view.looked()).catch(() => {});
    this.#build = undefined;
    if (this.#news !== undefined) this.#say({ ...this.#news, ...last, state: 'ended' });
  }

  #hear(event: BuildEvent): void {
    const news = this.#news ?? NOTHING;
    switch (event.type) {
      case 'handed_over':
        return this.#say({ ...news, state: 'handed over' });
      case 'plan':
        return this.#say({ ...news, toRun: event.attempted + event.above });
      case 'run_started':
        return this.#say({
          ...news,
          state: news.state === 'stopping' ? 'stopping' : 'running',
          toRun: event.attempted,
        });
      case 'generation': {
        const { outcome } = event;
        this.#options.view.touched([event.genId]);
        const asked = outcome.kind === 'built' || outcome.kind === 'failed' ? outcome : undefined;
        return this.#say({
          ...news,
          done: news.done + 1,
          built: news.built + (outcome.kind === 'built' ? 1 : 0),
          failed: news.failed + (outcome.kind === 'failed' ? 1 : 0),
          left: news.left + (outcome.kind === 'left' ? 1 : 0),
          cost: news.cost + (asked?.cost ?? 0),
          unknown: news.unknown + (asked?.spent?.unknown ?? 0),
        });
      }
      case 'build_finished':
        return this.#say({ ...news, failures: event.failures });
      default:
        return undefined;
    }
  }

  #say(news: BuildNews): void {
    this.#news = news;
    this.#options.listen(news);
  }
}

/** Of what a watch has done nothing is heard before its end. */
function tallyOf({ built, unchanged, failed, blocked, left }: RunSummary): Partial<BuildNews> {
  const made = Object.values(built).reduce((sum, each) => sum + each, 0);
  const done = made + unchanged + failed + blocked + left;
  return { toRun: done, done, built: made, failed, left };
}

const NOTHING: BuildNews = {
  state: 'planning',
  selectors: [],
  since: '',
  toRun: 0,
  done: 0,
  built: 0,
  failed: 0,
  left: 0,
  cost: 0,
  unknown: 0,
  maybe: 0,
  end: null,
  failures: [],
  problems: [],
};
