// Tells that inputs have changed, once they have settled. The only door to chokidar, whose events are hints: stamps are compared
// before anything is reported, and slowly all the time, since events get lost. Reads no contents and knows no graph.
//
//   an event, or a scan that finds a difference ──▶ changing ──▶ (quiet for `settle` ms, no file younger) ──▶ settled
//
// A difference that no event told of means that a watch has gone blind (a folder swapped by rename, a root made again): all watches
// are taken anew. Where events do not arrive at all, or the system's limits are reached, the same scan runs quickly instead.
import { existsSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import type { FSWatcher } from 'chokidar';
import { gitLocks, gitWorks, Unrest } from './unrest.ts';
import { belongs, differences, foldersMoved, isKnown, lookAt, type Look, type Root } from './roots.ts';

export type InputNews =
  /** Something is changing: say so once, then wait for `settled`. */
  | { readonly kind: 'changing' }
  /** Paths that may have changed, in code point order. */
  | { readonly kind: 'settled'; readonly paths: readonly string[] }
  /** A file has come into the mailbox folder. */
  | { readonly kind: 'mail' }
  | { readonly kind: 'polling'; readonly why: string };

export interface InputWatcherOptions {
  readonly roots: readonly Root[];
  /** A folder that other processes put files into; also where it is proved that events arrive. */
  readonly mailbox: string;
  /** Milliseconds without a change after which changes count as complete. */
  readonly settle: number;
  /** Milliseconds between two safety scans. */
  readonly scan: number;
  readonly mode: 'events' | 'polling';
  readonly listen: (news: InputNews) => void;
  /** Makes the watcher of events; replaced to show what happens where it fails. */
  readonly open?: typeof openEvents;
}

/** Milliseconds between two scans where no events arrive. */
const POLL = 400;
/** No more watches, no more open files. */
const LIMITS = new Set(['ENOSPC', 'EMFILE', 'ENFILE']);
/** Milliseconds for the event of the proof to arrive. */
const PROOF = 2000;
/** A file that is written to all the time is reported at the latest after so many milliseconds. */
const LONGEST = 5000;
/** Milliseconds for which calm is waited for at most, and between two looks for it. */
const LONGEST_UNREST = 60_000;
const LOOK = 50;

export interface Watched {
  readonly how: 'events' | 'polling';
  readonly files: number;
  readonly roots: readonly { readonly path: string; readonly files: number }[];
}

export class InputWatcher {
  readonly #options: InputWatcherOptions;
  #roots: readonly Root[];
  #look: Look;
  #events: Events | undefined;
  #opening: Promise<void> = Promise.resolve();
  #how: 'events' | 'polling';
  readonly #hinted = new Set<string>();
  /** When the present batch began to change. */
  #since: number | undefined;
  #heard = false;
  /** True when a folder went away: one that takes its name, even its inode, has no watch. */
  #folderGone = false;
  #settling: NodeJS.Timeout | undefined;
  #scanning: NodeJS.Timeout | undefined;
  #closed = false;
  readonly #unrest: Unrest;

  constructor(options: InputWatcherOptions) {
    this.#options = options;
    this.#roots = options.roots;
    this.#how = options.mode;
    this.#unrest = new Unrest(options.settle);
    this.#look = lookAt(options.roots);
  }

  /** Resolves once changes are noticed. */
  async start(): Promise<Watched> {
    mkdirSync(this.#options.mailbox, { recursive: true });
    if (this.#how === 'events') await this.#reopen();
    this.#scanLater();
    this.#compare('scan');
    return this.watched();
  }

  /** Resolves once no more changes are to be expected: at once, unless files follow closely on one another or git is at work. */
  async calm(): Promise<void> {
    const locks = gitLocks(this.#roots.map(({ path }) => path));
    const last = performance.now() + LONGEST_UNREST;
    while (!this.#closed && performance.now() < last) {
      const left = this.#unrest.left(performance.now());
      if (left <= 0 && !gitWorks(locks, Date.now())) return;
      await wait(Math.min(Math.max(left, 1), LOOK));
    }
  }

  watched(): Watched {
    const { files } = this.#look;
    return {
      how: this.#how,
      files: files.reduce((sum, each) => sum + each.files, 0),
      roots: files.filter((each) => each.files > 0),
    };
  }

  /** Watches other roots from now on, and reports once that they may have changed meanwhile. */
  async follow(roots: readonly Root[]): Promise<void> {
    if (JSON.stringify(roots) === JSON.stringify(this.#roots)) return;
    this.#roots = roots;
    this.#look = lookAt(roots);
    if (this.#how === 'events') await this.#reopen();
    this.#changing();
  }

  async close(): Promise<void> {
    this.#closed = true;
    clearTimeout(this.#settling);
    clearTimeout(this.#scanning);
    await this.#opening;
    await this.#events?.close();
  }

  /** One opening at a time. */
  #reopen(): Promise<void> {
    this.#opening = this.#opening.then(() => this.#openAnew());
    return this.#opening;
  }

  /** Takes all watches anew, and proves that they work. */
  async #openAnew(): Promise<void> {
    await this.#events?.close();
    if (this.#closed || this.#how === 'polling') return;
    const { open = openEvents, mailbox } = this.#options;
    this.#events = await open({
      paths: [...this.#roots.map(({ path }) => path), mailbox],
      wanted: (path) => dirname(path) === mailbox || path === mailbox || this.#wanted(path),
      onEvent: (path, what) => this.#onEvent(path, what),
      onError: (error) => this.#onError(error),
    });
    if (!(await this.#proved(mailbox))) this.#poll('no events arrive from the file system');
  }

  #wanted(path: string): boolean {
    return this.#roots.some((root) => belongs(root, path));
  }

  #proof: { readonly path: string; readonly seen: () => void } | undefined;

  /** Writes a file and waits to hear of it. */
  async #proved(mailbox: string): Promise<boolean> {
    // Nothing is made where the state folder has gone, with the data root or by itself: another root may stand there now. Once it is
    // back, all watches are taken anew.
    if (!existsSync(dirname(mailbox))) return true;
    const path = join(mailbox, `.proof-${process.pid}`);
    try {
      return await new Promise<boolean>((resolve) => {
        const late = setTimeout(() => resolve(false), PROOF);
        const seen = (): void => {
          clearTimeout(late);
          resolve(true);
        };
        this.#proof = { path, seen };
        mkdirSync(mailbox, { recursive: true });
        writeFileSync(path, '');
      });
    } finally {
      this.#proof = undefined;
      rmSync(path, { force: true });
    }
  }

  /** Only limits of the system end events for good; what else fails is found by scanning. */
  #onError(error: Error): void {
    if (LIMITS.has(String((error as NodeJS.ErrnoException).code))) this.#poll(error.message);
  }

  #poll(why: string): void {
    if (this.#how === 'polling' || this.#closed) return;
    this.#how = 'polling';
    this.#proof?.seen();
    void this.#events?.close();
    this.#options.listen({ kind: 'polling', why });
    this.#scanLater();
  }

  #onEvent(path: string, what: string): void {
    if (this.#closed || path === this.#proof?.path) return this.#proof?.seen();
    if (dirname(path) === this.#options.mailbox || path === this.#options.mailbox) {
      if (!path.includes('.proof-')) this.#options.listen({ kind: 'mail' });
      return;
    }
    if (what !== 'unlinkDir' && this.#since === undefined && isKnown(this.#look, path)) return;
    this.#heard = true;
    if (what === 'unlinkDir') this.#folderGone = true;
    this.#hinted.add(path);
    this.#changing();
  }

  #changing(): void {
    if (this.#closed) return;
    this.#unrest.changing(performance.now());
    if (this.#since === undefined) {
      this.#since = performance.now();
      this.#options.listen({ kind: 'changing' });
    }
    this.#settleIn(this.#options.settle);
  }

  #settleIn(ms: number): void {
    clearTimeout(this.#settling);
    this.#settling = setTimeout(() => this.#compare('settle'), ms);
  }

  #scanLater(): void {
    clearTimeout(this.#scanning);
    const every = this.#how === 'polling' ? Math.min(POLL, this.#options.scan) : this.#options.scan;
    this.#scanning = setTimeout(() => {
      this.#scanLater();
      this.#options.listen({ kind: 'mail' });
      if (this.#since === undefined) this.#compare('scan');
    }, every);
  }

  /** Compares stamps; what a scan finds waits for its time to settle like any other change. */
  #compare(when: 'scan' | 'settle'): void {
    if (this.#closed) return;
    const now = lookAt(this.#roots);
    const paths = differences(this.#look, now);
    if (when === 'scan') {
      if (paths.length > 0) this.#changing();
      return;
    }
    const age = Date.now() - now.youngest;
    const since = this.#since ?? performance.now();
    // Still being written to, though no event says so; a time in the future says nothing.
    if (paths.length > 0 && age >= 0 && age < this.#options.settle && performance.now() - since < LONGEST)
      return this.#settleIn(this.#options.settle - age);
    const blind = this.#folderGone || (paths.length > 0 && !this.#heard);
    if (this.#how === 'events' && (blind || foldersMoved(this.#look, now, this.#roots))) void this.#renew();
    this.#folderGone = false;
    this.#look = now;
    this.#since = undefined;
    this.#heard = false;
    const all = [...new Set([...paths, ...this.#hinted])].sort();
    this.#hinted.clear();
    this.#unrest.settled(all, { began: since, now: performance.now() });
    this.#options.listen({ kind: 'settled', paths: all });
  }

  /** Looks again once the new watches are there: what happened in between was told to nobody. */
  async #renew(): Promise<void> {
    await this.#reopen();
    this.#compare('scan');
  }
}

export interface Events {
  readonly close: () => Promise<void>;
}

export interface EventOptions {
  readonly paths: readonly string[];
  readonly wanted: (path: string) => boolean;
  readonly onEvent: (path: string, what: string) => void;
  readonly onError: (error: Error) => void;
}

/** Resolves once all watches are set. */
export async function openEvents({ paths, wanted, onEvent, onError }: EventOptions): Promise<Events> {
  const { watch } = await import('chokidar');
  const watcher: FSWatcher = watch([...paths], {
    ignoreInitial: true,
    ignored: (path) => !wanted(path),
    atomic: false,
  });
  watcher.on('all', (what, path) => onEvent(path, what));
  watcher.on('error', (error) => onError(error instanceof Error ? error : new Error(String(error))));
  await new Promise<void>((resolve) => {
    watcher.once('ready', () => resolve());
    watcher.once('error', () => resolve());
  });
  return { close: () => watcher.close() };
}
