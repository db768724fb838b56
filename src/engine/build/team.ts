// A team's remote cache beside a build: answers are looked for there before anybody is asked, and what was paid for goes there while the
// build goes on. Nothing waits for it for long, and what did not get there is named. Asks no model.
import type { Settings } from '../../config.ts';
import type { Clock } from '../../model/clock.ts';
import { isServer } from '../../model/server.ts';
import type { Remote, RemoteStanding } from '../../remote/remote.ts';
import type { Question } from '../../run/question.ts';
import type { LookedUp, TeamCache } from '../../run/workshop.ts';
import { layoutOf, type Layout } from '../../store/layout.ts';
import {
  addressOf,
  findAnswer,
  readResponse,
  type KeepAt,
  type StoredResponse,
} from '../../store/responses.ts';
import { openRemote } from '../project/teamremote.ts';
import { asBrought, type AnswerName } from '../upkeep/sharing.ts';

/** So many answers may be on their way there; those that come while it is full are read from here again when there is room. */
const QUEUE = 256;
/** Milliseconds that what is on its way gets at the end. */
export const REMOTE_WAIT = 10_000;

export interface TeamEnd {
  readonly standing: RemoteStanding;
  /** Paid for and kept here, and not there. */
  readonly left: readonly AnswerName[];
}

/** Undefined where a project has no remote cache. Throws a ProblemError for one that can not be meant. */
export async function openTeam(
  settings: Settings,
  {
    environment,
    clock,
  }: { readonly environment: Readonly<Record<string, string | undefined>>; readonly clock: Clock },
): Promise<Team | undefined> {
  const remote = await openRemote(settings, { environment, now: () => clock.now() });
  return remote === undefined ? undefined : new Team(remote, clock, layoutOf(settings.dataRoot));
}

export class Team implements TeamCache {
  readonly #remote: Remote;
  readonly #clock: Clock;
  readonly #layout: Layout;
  readonly #lookUps = new Map<string, Promise<LookedUp>>();
  readonly #sending = new Set<Promise<void>>();
  /** Kept here, and to be sent: how to read them, the last one first. */
  #behind: (() => StoredResponse | undefined)[] = [];
  readonly #closing = new AbortController();
  #left: AnswerName[] = [];

  constructor(remote: Remote, clock: Clock, layout: Layout) {
    this.#remote = remote;
    this.#clock = clock;
    this.#layout = layout;
  }

  get standing(): RemoteStanding {
    return this.#remote.standing;
  }

  /** What was done since the last run began, and what did not get there so far. */
  get soFar(): TeamEnd {
    return { standing: this.#remote.standing, left: [...this.#left] };
  }

  /** A run begins: what was off is tried again, and counts begin anew. */
  begin(): void {
    this.#remote.begin();
    this.#left = [];
  }

  /** Generations that ask the same at the same time look once. */
  readonly lookUp: TeamCache['lookUp'] = (question, keep, signal) => {
    const { address } = question;
    const known = this.#lookUps.get(address);
    if (known !== undefined) return known;
    const looking = this.#look(question, keep, signal).finally(() => this.#lookUps.delete(address));
    this.#lookUps.set(address, looking);
    return looking;
  };

  /** Goes there beside everything else. */
  readonly send: TeamCache['send'] = (response) => {
    if (!this.#isToBeSent(response)) return;
    if (!this.#remote.writes) return this.#leave(response);
    if (this.#sending.size < QUEUE) return this.#start(response);
    const address = addressOf(response.asked);
    this.#behind.push(() => findAnswer(this.#layout, address)?.response);
  };

  /** What a batch brought, by its names here, goes there beside everything else too. */
  sendBought(names: Iterable<string>): void {
    if (this.#remote.mode === 'read') return;
    for (const name of names)
      this.#behind.push(() => {
        const response = readResponse(this.#layout, name);
        return typeof response === 'string' ? undefined : response;
      });
    this.#startNext();
  }

  #start(response: StoredResponse): void {
    const sending = this.#keep(response).finally(() => {
      this.#sending.delete(sending);
      this.#startNext();
    });
    this.#sending.add(sending);
  }

  /** Where nothing more is taken, what is behind is left at once. */
  #startNext(): void {
    while (this.#sending.size < QUEUE) {
      const response = this.#behind.pop()?.();
      if (response === undefined) {
        if (this.#behind.length === 0) return;
      } else if (this.#isToBeSent(response)) this.#start(response);
    }
  }

  /** What was done, once all that is on its way is there, the wait (milliseconds) is over, or the signal says that it is enough. */
  async end(wait: number, signal: AbortSignal): Promise<TeamEnd> {
    const enough = new AbortController();
    const giveUp = (): void => enough.abort();
    if (signal.aborted) giveUp();
    signal.addEventListener('abort', giveUp, { once: true });
    await Promise.race([this.#allSent(), this.#clock.sleep(wait, enough.signal)]);
    giveUp();
    signal.removeEventListener('abort', giveUp);
    this.#closing.abort();
    await this.#allSent();
    return this.soFar;
  }

  /** Gives up what is under way. */
  close(): Promise<void> {
    return this.#remote.close();
  }

  async #look({ address, asked, task }: Question, keep: KeepAt, signal: AbortSignal): Promise<LookedUp> {
    if (!isServer(asked['provider'] ?? '')) return 'missed';
    const found = await this.#remote.find(address, signal);
    if (found.kind === 'unusable' && found.worthless) return 'worthless';
    if (found.kind !== 'answer') return found.kind === 'untold' ? 'untold' : 'missed';
    const response = asBrought(found.response, task.genId);
    return { name: await keep(address, response), response };
  }

  async #keep(response: StoredResponse): Promise<void> {
    const there = response.replaces === true ? 'replace' : 'keep';
    const came = await this.#remote.keep(response, there, this.#closing.signal);
    if (came === 'not_kept') this.#leave(response);
  }

  #leave({ asked, genId }: StoredResponse): void {
    this.#left.push({ address: addressOf(asked), genId });
  }

  /** Where nobody wants anything written there, nothing is missing there either. */
  #isToBeSent({ kind, asked }: StoredResponse): boolean {
    return this.#remote.mode !== 'read' && kind === 'answer' && isServer(asked['provider'] ?? '');
  }

  async #allSent(): Promise<void> {
    while (this.#sending.size > 0) await Promise.allSettled(this.#sending);
  }
}

/** Words for why nobody is asked for an answer that is not here: `team` says whether the network may be, `standing` what is there. */
export function whyNotAsked(
  team: 'on' | 'off' | undefined,
  standing: RemoteStanding | undefined,
  looked: LookedUp | undefined,
): string {
  if (team === 'off') return 'not in the response cache, and --offline allows no call';
  if (standing === undefined) return 'not in the response cache, and --no-calls allows no call';
  const { name, off, mode } = standing;
  const untold = off === undefined ? `${name} did not say` : `${name} is off (${off})`;
  const where =
    mode === 'write' ? `${name} is only written` : looked === 'untold' ? untold : `nor in ${name}`;
  return `not in the response cache, ${where}, and --no-calls allows no call`;
}
