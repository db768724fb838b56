// The team's remote cache of a watch: kept from run to run, and opened anew when the settings name another one. Plans nothing.
import { OFFLINE } from '../config.ts';
import { needsOf } from '../engine/build/answerer.ts';
import { openTeam, REMOTE_WAIT, type Team, type TeamEnd } from '../engine/build/team.ts';
import { attemptedRows, type Plan } from '../engine/plan/plan.ts';
import type { Clock } from '../model/clock.ts';
import type { RunEvent } from '../run/events.ts';

type Environment = Readonly<Record<string, string | undefined>>;

export interface TeamsOptions {
  readonly clock: Clock;
  /** `off`: nothing is asked of the network. */
  readonly team?: 'on' | 'off';
  /** Milliseconds that what is on its way gets at the end. */
  readonly remoteWait?: number | undefined;
  readonly listen: (event: RunEvent) => void;
}

export class Teams {
  readonly #options: TeamsOptions;
  #open: { readonly key: string; readonly team: Team | undefined } | undefined;
  readonly #ending = new Set<Promise<unknown>>();
  readonly #abandoned = new AbortController();

  constructor(options: TeamsOptions) {
    this.#options = options;
  }

  /** For a run that begins; undefined where there is none, or nobody is to be asked. Throws a ProblemError for one that can not be meant. */
  async for(plan: Plan, environment: Environment): Promise<Team | undefined> {
    const { graph, settings } = plan.session.loaded;
    const { providers } = needsOf(graph, attemptedRows(plan));
    if (this.#options.team === 'off' || [...providers].every((name) => name === OFFLINE)) return undefined;
    const key = keyOf(settings, environment);
    if (this.#open?.key === key) {
      this.#open.team?.begin();
      return this.#open.team;
    }
    this.#letGo();
    const { clock, listen } = this.#options;
    const team = await openTeam(settings, { environment, clock });
    this.#open = { key, team };
    if (team !== undefined) listen({ type: 'remote', remote: team.standing });
    return team;
  }

  /** What is on its way is not waited for any more. */
  abandon(): void {
    this.#abandoned.abort();
  }

  /** What became of the last run's answers, once what is on its way is there, or that takes too long. */
  async end(): Promise<TeamEnd | undefined> {
    const team = this.#open?.team;
    this.#open = undefined;
    const ended = await (team === undefined ? undefined : this.#ended(team));
    await Promise.allSettled(this.#ending);
    return ended;
  }

  #letGo(): void {
    const team = this.#open?.team;
    this.#open = undefined;
    if (team === undefined) return;
    const ending: Promise<unknown> = this.#ended(team).finally(() => this.#ending.delete(ending));
    this.#ending.add(ending);
  }

  async #ended(team: Team): Promise<TeamEnd> {
    const ended = await team.end(this.#options.remoteWait ?? REMOTE_WAIT, this.#abandoned.signal);
    await team.close();
    return ended;
  }
}

/** All that a remote cache is opened by. */
function keyOf(
  { remote, timeouts, root }: Plan['session']['loaded']['settings'],
  environment: Environment,
): string {
  const named = Object.entries(environment).filter(([name]) =>
    /^(?:DAYDREAM_REMOTE|AWS_|\w+_PROXY$)/i.test(name),
  );
  return JSON.stringify([remote, timeouts.remote, root, named.sort()]);
}
