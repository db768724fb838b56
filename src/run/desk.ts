// The desk at which runs hand in their questions: one call a generation, which outlives the run that began it. Keeps every reply
// that was paid for as soon as it arrives, whoever still waits for it. Knows no order, no pool and no HTTP.
import { setMaxListeners } from 'node:events';
import type { Question } from './question.ts';
import { keepReply } from './rawtext.ts';
import type { Answer } from './answer.ts';
import type { Workshop } from './workshop.ts';
import { genKey } from '../generation/stage.ts';

/** The reason with which a run is aborted whose inputs changed: it lets go of its calls, and they go on. */
export const SUPERSEDED = 'superseded';

interface OpenCall {
  readonly question: Question;
  readonly answer: Promise<Answer>;
  readonly giveUp: () => void;
  /** False while it waits in its pool. */
  readonly isSent: () => boolean;
  settled: boolean;
}

/** How soon a call should go (lower first), and the signal of the run that asks. */
export interface Turn {
  readonly priority: number;
  readonly signal: AbortSignal;
}

export class Desk {
  /** By stage and id. A call that was given up is not here any more; its reply, if one arrives all the same, is kept. */
  readonly #calls = new Map<string, OpenCall>();
  /** Those of them that are not answered yet, by what they ask. */
  readonly #asked = new Map<string, Set<OpenCall>>();
  readonly #open = new Set<Promise<Answer>>();
  /** Why replies could not be kept, and where they were put instead. */
  readonly #troubles: unknown[] = [];

  /**
   * Joins the call that is under way for the same question of the same generation, or begins one. Resolves as aborted as soon as
   * the signal says so; the call itself goes on if the run was superseded, and is given up otherwise.
   */
  async ask(shop: Workshop, question: Question, turn: Turn): Promise<Answer> {
    const key = genKey(question.task);
    const known = this.#calls.get(key);
    const joined = known !== undefined && known.question.address === question.address;
    if (known !== undefined && !joined) this.#drop(key, known);
    const call = joined ? known : this.#begin(shop, question, turn);
    const answer = await attended(call, turn.signal);
    if (answer !== LET_GO) {
      if (this.#calls.get(key) === call) this.#calls.delete(key);
      return answer;
    }
    return { kind: 'aborted' };
  }

  /** Resolves once another generation's call for the very same question has ended; undefined when there is none under way. */
  elsewhere(question: Question): Promise<unknown> | undefined {
    const key = genKey(question.task);
    for (const call of this.#asked.get(question.address) ?? [])
      if (genKey(call.question.task) !== key) return call.answer.catch(() => undefined);
    return undefined;
  }

  /** What is asked and not yet fetched by a run. */
  underWay(): readonly Pick<OpenCall, 'question' | 'isSent'>[] {
    return [...this.#calls.values()];
  }

  /** Whether a call for this very question of this generation is here, answered or not, that no run has fetched yet. */
  holds({ task, address }: Question): boolean {
    return this.#calls.get(genKey(task))?.question.address === address;
  }

  giveUp(question: Question): void {
    const call = this.#calls.get(genKey(question.task));
    if (call?.question === question) this.#drop(genKey(question.task), call);
  }

  /** Forgets what arrived and was fetched by nobody: it lies in the response cache. */
  clear(): void {
    for (const [key, call] of this.#calls) if (call.settled) this.#calls.delete(key);
  }

  /** Gives up everything, and resolves once each call has ended, its reply kept if there was one. */
  async close(): Promise<void> {
    for (const [key, call] of this.#calls) this.#drop(key, call);
    await this.settled();
  }

  /** Of calls whether or not a run still waits for them. */
  get troubles(): readonly unknown[] {
    return this.#troubles;
  }

  /** Resolves once no call is open. */
  async settled(): Promise<void> {
    while (this.#open.size > 0) await Promise.allSettled(this.#open);
  }

  #drop(key: string, call: OpenCall): void {
    call.giveUp();
    this.#calls.delete(key);
    this.#isAskedNoMore(call);
  }

  #isAskedNoMore(call: OpenCall): void {
    const { address } = call.question;
    const alike = this.#asked.get(address);
    alike?.delete(call);
    if (alike?.size === 0) this.#asked.delete(address);
  }

  #begin(shop: Workshop, question: Question, turn: Turn): OpenCall {
    const controller = new AbortController();
    let sent = false;
    const sending = {
      priority: turn.priority,
      cohort: shop.originOf(question.task.row),
      onSent: () => {
        sent = true;
      },
    };
    const answer = shop
      .answer(question, sending, controller.signal)
      .then(async (came) => (came.kind === 'reply' ? keepReply(shop, question, came) : came));
    const call: OpenCall = {
      question,
      answer,
      giveUp: () => controller.abort(),
      isSent: () => sent,
      settled: false,
    };
    this.#open.add(answer);
    this.#calls.set(genKey(question.task), call);
    this.#asked.set(question.address, (this.#asked.get(question.address) ?? new Set()).add(call));
    void this.#settle(call);
    return call;
  }

  /** What was answered waits for a run to fetch it; what was not asked after all is asked again by the next run. */
  async #settle(call: OpenCall): Promise<void> {
    const came = await call.answer.catch((error: unknown) => void this.#troubles.push(error));
    call.settled = true;
    this.#isAskedNoMore(call);
    this.#open.delete(call.answer);
    const answered = came?.kind === 'reply' || came?.kind === 'failure';
    if (!answered && this.#calls.get(genKey(call.question.task)) === call)
      this.#calls.delete(genKey(call.question.task));
  }
}

const LET_GO = Symbol('let go');

function attended(call: OpenCall, signal: AbortSignal): Promise<Answer | typeof LET_GO> {
  return new Promise((resolve, reject) => {
    const onAbort = (): void => (signal.reason === SUPERSEDED ? resolve(LET_GO) : call.giveUp());
    if (signal.aborted) onAbort();
    setMaxListeners(0, signal);
    signal.addEventListener('abort', onAbort);
    call.answer.then(resolve, reject).finally(() => signal.removeEventListener('abort', onAbort));
  });
}
