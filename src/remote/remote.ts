// A team's remote cache as a build sees it: is there an answer, keep this one. It never throws, never waits for long, and stops asking a
// storage that does not answer; what it did is counted. Knows no storage of its own and no graph.
import { hash, randomBytes } from 'node:crypto';
import { setMaxListeners } from 'node:events';
import { defined } from '../defined.ts';
import { addressOf, type StoredResponse } from '../store/responses.ts';
import { Places, Turns } from './atatime.ts';
import { envelopeOf, openEnvelope, type Unusable } from './envelope.ts';
import type { Seal } from './seal.ts';
import type { Fetched, Looked, Put, Shelf, Trouble } from './shelf.ts';

export type RemoteMode = 'read' | 'write' | 'both';

/** So many requests are under way at most. */
export const AT_A_TIME = 64;
/** So many answers are opened before the next requests have their turn. */
const OPENED_AT_ONCE = 4;
/** So many failures in a row, and nothing more is asked. */
const PATIENCE = 3;

export interface RemoteOptions {
  readonly shelf: Shelf;
  /** The place in words, without keys. */
  readonly name: string;
  readonly mode: RemoteMode;
  readonly seal?: Seal | undefined;
  /** Why nothing is ever asked of it. */
  readonly locked?: string | undefined;
  /** Milliseconds for a request. */
  readonly requestMs: number;
}

/** What the remote does, and did. Counts are of answers. */
export interface RemoteStanding {
  readonly name: string;
  readonly mode: RemoteMode;
  readonly sealed: boolean;
  /** Why nothing more is asked of it. */
  readonly off?: string;
  /** Why nothing more is written to it, where its mode would. */
  readonly readOnly?: string;
  readonly found: number;
  /** Looked for, and not there. */
  readonly missed: number;
  /** Of these: what the storage calls forbidden instead of missing, and its words. */
  readonly hidden: number;
  readonly hiddenAs?: string;
  /** What lay there and was not used, by why. */
  readonly unusable: Readonly<Partial<Record<Unusable, number>>>;
  readonly kept: number;
  /** Was to be kept, and lay there already. */
  readonly there: number;
  /** Requests that failed, whether or not a later one came through. */
  readonly failures: number;
}

export type Found =
  | { readonly kind: 'answer'; readonly response: StoredResponse }
  | { readonly kind: 'missing' }
  /** `worthless`: to everybody, so that it is to make way for what is kept next. */
  | { readonly kind: 'unusable'; readonly worthless: boolean }
  /** Not asked, or no answer came. */
  | { readonly kind: 'untold' };

/** Why it is not asked, can not be read, can not be written; each absent where that is not so, or not wanted. */
export interface Probed {
  readonly off?: string;
  readonly reading?: string;
  readonly writing?: string;
}

export type Kept = 'kept' | 'there' | 'not_kept';

const NO_COUNTS = { found: 0, missed: 0, hidden: 0, kept: 0, there: 0, failures: 0 };

export class Remote {
  readonly #options: RemoteOptions;
  readonly #places = new Places(AT_A_TIME);
  readonly #turns = new Turns(OPENED_AT_ONCE);
  readonly #counts = { ...NO_COUNTS };
  readonly #unusable = new Map<Unusable, number>();
  #hiddenAs: string | undefined;
  #inARow = { reads: 0, writes: 0 };
  #off: string | undefined;
  #readOnly: string | undefined;
  /** Given up when it goes off: what is under way is not waited for. */
  readonly #underWay = new Map<AbortSignal, CallersRequests>();
  /** Of requests that are over: to make one takes longer than much of what is done with it. */
  readonly #spare: AbortController[] = [];

  constructor(options: RemoteOptions) {
    this.#options = options;
    this.#off = options.locked;
  }

  get mode(): RemoteMode {
    return this.#options.mode;
  }

  get reads(): boolean {
    return this.#off === undefined && this.#options.mode !== 'write';
  }

  get writes(): boolean {
    return this.#off === undefined && this.#readOnly === undefined && this.#options.mode !== 'read';
  }

  get standing(): RemoteStanding {
    const { name, mode, seal } = this.#options;
    return {
      name,
      mode,
      sealed: seal !== undefined,
      ...(this.#off === undefined ? {} : { off: this.#off }),
      ...(this.#readOnly === undefined ? {} : { readOnly: this.#readOnly }),
      ...this.#counts,
      ...(this.#hiddenAs === undefined ? {} : { hiddenAs: this.#hiddenAs }),
      unusable: Object.fromEntries(this.#unusable),
    };
  }

  /** The answer to the question of an address. */
  async find(address: string, signal: AbortSignal): Promise<Found> {
    if (!this.reads) return UNTOLD;
    const { shelf, seal } = this.#options;
    const fetched = await this.#ask(signal, async (within): Promise<Fetched> =>
      shelf.get(await nameOf(address, seal), within),
    );
    if (fetched === undefined || !this.#noteRead(fetched)) return UNTOLD;
    if (fetched.kind !== 'text') return { kind: 'missing' };
    // Of many that come at once all places are filled again first: to open one takes as long as to ask for several.
    await this.#turns.next();
    const opened = await openEnvelope(fetched.text, address, seal);
    if (opened.kind === 'answer') {
      this.#counts.found++;
      return opened;
    }
    this.#unusable.set(opened.why, (this.#unusable.get(opened.why) ?? 0) + 1);
    // A later version's is of use to others. Another key's would bear another name.
    return { kind: 'unusable', worthless: opened.why !== 'newer' };
  }

  /** Whether something lies there for the question of an address, whatever it is; undefined where that can not be told. */
  async has(address: string, signal: AbortSignal): Promise<boolean | undefined> {
    if (this.#off !== undefined) return undefined;
    const { shelf, seal } = this.#options;
    const looked = await this.#ask(signal, async (within): Promise<Looked> =>
      shelf.has(await nameOf(address, seal), within),
    );
    if (looked === undefined || !this.#noteRead(looked)) return undefined;
    return looked.kind === 'there' ? true : looked.kind === 'missing' ? false : undefined;
  }

  /** Only answers are kept; what lies there stays unless it is to be replaced. */
  async keep(response: StoredResponse, there: 'keep' | 'replace', signal: AbortSignal): Promise<Kept> {
    if (!this.writes || response.kind !== 'answer') return 'not_kept';
    const { shelf, seal } = this.#options;
    const put = await this.#ask(signal, async (within): Promise<Put> => {
      const name = await nameOf(addressOf(response.asked), seal);
      return shelf.put({ name, text: await envelopeOf(response, seal) }, there, within);
    });
    if (put === undefined || !this.#noteWrite(put)) return 'not_kept';
    if (put.kind === 'kept') this.#counts.kept++;
    else this.#counts.there++;
    return put.kind === 'kept' ? 'kept' : 'there';
  }

  /** Tries what the mode allows, whatever was counted so far: what is wrong, in words. Leaves one small object there. */
  async probe(signal: AbortSignal): Promise<Probed> {
    const { seal, shelf } = this.#options;
    if (this.#off !== undefined) return { off: this.#off };
    const name = await nameOf(PROBE, seal);
    const token = randomBytes(18).toString('base64');
    const text = JSON.stringify({ exitCode: 0, stdoutRaw: token });
    const put = this.writes
      ? await this.#ask(signal, async (within): Promise<Put> => shelf.put({ name, text }, 'replace', within))
      : undefined;
    const writing = put !== undefined && isTrouble(put) ? put.message : undefined;
    // Who does not answer a write is not asked a second time.
    if (put?.kind === 'silent') return { reading: put.message, writing: put.message };
    const got = await this.#ask(signal, async (within): Promise<Fetched> => shelf.get(name, within));
    const reading =
      got === undefined ? undefined : troubleOfProbe(got, put?.kind === 'kept' ? token : undefined);
    return defined({ reading, writing });
  }

  /** A new run begins: what was off is tried again, and counts begin anew. */
  begin(): void {
    Object.assign(this.#counts, NO_COUNTS);
    this.#unusable.clear();
    this.#hiddenAs = undefined;
    this.#off = this.#options.locked;
    this.#readOnly = undefined;
    this.#inARow = { reads: 0, writes: 0 };
  }

  /** Gives up what is under way. */
  async close(): Promise<void> {
    this.#giveUpAll();
    await this.#options.shelf.close();
  }

  /** Undefined where the caller, or the remote's end, gave it up: that is nobody's failure. */
  #ask<T>(
    caller: AbortSignal,
    work: (signal: AbortSignal) => Promise<T | Trouble>,
  ): Promise<T | Trouble | undefined> {
    const { requestMs } = this.#options;
    return this.#places.run(async () => {
      if (caller.aborted || this.#off !== undefined) return undefined;
      const within = this.#spare.pop() ?? new AbortController();
      const timer = setTimeout(() => within.abort(LATE), requestMs);
      this.#begun(caller, within);
      try {
        const came = await work(within.signal);
        const { reason } = within.signal as { readonly reason: unknown };
        if (reason === LATE) return { kind: 'silent', message: `no answer within ${requestMs / 1000} s` };
        return reason === GIVEN_UP ? undefined : came;
      } finally {
        clearTimeout(timer);
        this.#ended(caller, within);
        if (!within.signal.aborted) this.#spare.push(within);
      }
    });
  }

  /** All requests of a caller listen to it as one. */
  #begun(caller: AbortSignal, within: AbortController): void {
    const known = this.#underWay.get(caller);
    if (known !== undefined) return void known.requests.add(within);
    const requests = new Set([within]);
    const giveUp = (): void => {
      for (const each of requests) each.abort(GIVEN_UP);
    };
    this.#underWay.set(caller, { requests, giveUp });
    // One caller may have many remotes.
    setMaxListeners(0, caller);
    caller.addEventListener('abort', giveUp, { once: true });
  }

  #ended(caller: AbortSignal, within: AbortController): void {
    const known = this.#underWay.get(caller);
    known?.requests.delete(within);
    if (known?.requests.size !== 0) return;
    caller.removeEventListener('abort', known.giveUp);
    this.#underWay.delete(caller);
  }

  #giveUpAll(): void {
    for (const { giveUp } of this.#underWay.values()) giveUp();
  }

  /** Whether it came to something. */
  #noteRead(came: Fetched | Looked): came is Exclude<Fetched | Looked, Trouble> {
    if (isTrouble(came)) {
      // Others that were under way when it went off say nothing new.
      if (this.#off !== undefined) return false;
      this.#counts.failures++;
      this.#inARow.reads++;
      if (this.#inARow.reads >= PATIENCE) this.#switchOff(came.message);
      return false;
    }
    this.#inARow.reads = 0;
    if (came.kind === 'missing' || came.kind === 'hidden') this.#counts.missed++;
    if (came.kind === 'hidden') {
      this.#counts.hidden++;
      this.#hiddenAs = came.message;
    }
    return true;
  }

  #noteWrite(came: Put): came is Exclude<Put, Trouble> {
    if (!isTrouble(came)) {
      this.#inARow.writes = 0;
      return true;
    }
    if (this.#off !== undefined || this.#readOnly !== undefined) return false;
    this.#counts.failures++;
    if (came.kind === 'refused') {
      this.#readOnly = came.message;
      return false;
    }
    this.#inARow.writes++;
    if (this.#inARow.writes < PATIENCE) return false;
    // One that answers reads, and can take no writes, is still of use.
    if (came.kind === 'silent') this.#switchOff(came.message);
    else this.#readOnly = came.message;
    return false;
  }

  #switchOff(why: string): void {
    if (this.#off !== undefined) return;
    this.#off = why;
    this.#giveUpAll();
  }
}

interface CallersRequests {
  readonly requests: Set<AbortController>;
  readonly giveUp: () => void;
}

/** What is wrong with what was read back, where a token was written before it. */
function troubleOfProbe(got: Fetched, written: string | undefined): string | undefined {
  if (isTrouble(got)) return got.message;
  if (got.kind === 'hidden') return `${got.message} for what is not there: the key may not list, or not read`;
  if (written === undefined) return undefined;
  if (got.kind === 'missing') return 'what was just written is not there';
  return got.text.includes(JSON.stringify(written)) ? undefined : 'what was just written reads otherwise';
}

/** Under this name doctor tries whether a storage can be read and written; no question has it. */
const PROBE = hash('sha256', 'daydream doctor');

/** Why a request was given up. */
const LATE = Symbol('late');
const GIVEN_UP = Symbol('given up');

const UNTOLD: Found = { kind: 'untold' };

async function nameOf(address: string, seal: Seal | undefined): Promise<string> {
  return seal === undefined ? address : seal.nameOf(address);
}

function isTrouble(came: Fetched | Looked | Put): came is Trouble {
  return came.kind === 'refused' || came.kind === 'failed' || came.kind === 'silent';
}
