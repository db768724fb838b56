// A team's remote cache beside a build: answers are looked for there before anybody is asked, and what was paid for goes there while the
// build goes on. Nothing waits for it for long, and what did not get there is named. Asks no model.
import type { Settings } from '../../config.ts';
import type { Clock } from '../../model/clock.ts';
import { isServer } from '../../model/server.ts';
import { forEach } from '../../remote/atatime.ts';
import type { Remote, RemoteStanding } from '../../remote/remote.ts';
import type { Question } from '../../run/question.ts';
import type { LookedUp, TeamCache } from '../../run/workshop.ts';
import { addressOf, type StoredResponse } from '../../store/responses.ts';
import { openRemote } from '../project/teamremote.ts';
import { asBrought, type AnswerName } from '../upkeep/sharing.ts';

/** Answers that a batch brought and that are on their way there at a time. */
const AT_ONCE = 64;
/** So many answers may be on their way there; those that come while it is full stay here. */
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
  return remote === undefined ? undefined : new Team(remote, clock);
}

export class Team implements TeamCache {
  readonly #remote: Remote;
  readonly #clock: Clock;
  readonly #lookUps = new Map<string, Promise<LookedUp>>();
  readonly #sending = new Set<Promise<void>>();
  readonly #closing = new AbortController();
  #left: AnswerName[] = [];

  constructor(remote: Remote, clock: Clock) {
    this.#remote = remote;
    this.#clock = clock;
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
    if (this.#sending.size >= QUEUE || !this.#remote.writes) return this.#leave(response);
    const sending = this.#keep(response).finally(() => this.#sending.delete(sending));
    this.#sending.add(sending);
  };

  /** What a batch brought goes there beside everything else too, as fast as it goes; `read` gives an answer by its name here. */
  sendBought(names: Iterable<string>, read: (name: string) => StoredResponse | undefined): void {
    const sending = forEach(names, AT_ONCE, new AbortController().signal, async (name) => {
      const response = read(name);
      if (response === undefined || !this.#isToBeSent(response)) return;
      await this.#keep(response);
    }).finally(() => this.#sending.delete(sending));
    this.#sending.add(sending);
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

  async #look(
    { address, asked, task }: Question,
    keep: (response: StoredResponse) => Promise<unknown>,
    signal: AbortSignal,
  ): Promise<LookedUp> {
    if (!isServer(asked['provider'] ?? '')) return 'missed';
    const found = await this.#remote.find(address, signal);
    if (found.kind === 'unusable' && found.worthless) return 'worthless';
    if (found.kind !== 'answer') return found.kind === 'untold' ? 'untold' : 'missed';
    await keep(asBrought(found.response, task.genId));
    return 'found';
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
