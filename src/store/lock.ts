// The data root's lock: one build or watch at a time. Knows what a process is, not what it does.
import {
  existsSync,
  linkSync,
  mkdirSync,
  readFileSync,
  realpathSync,
  rmdirSync,
  statSync,
  rmSync,
  unlinkSync,
  writeFileSync,
} from 'node:fs';
import { hostname } from 'node:os';
import { basename, dirname } from 'node:path';
import { problem, ProblemError } from '../problem.ts';
import { layoutOf, type Layout } from './layout.ts';
import { shellWord } from '../text/quotes.ts';
import { isMissing, placed } from './writing/atomic.ts';
import { defined } from '../defined.ts';

/** What a process says of itself when it takes the lock. */
export interface Claim {
  /** As it was typed, for people to read. */
  readonly command: string;
  /** ISO time. */
  readonly since: string;
  /** `watch`: builds that find the lock held may ask it by the mailbox. */
  readonly role?: 'watch';
}

export interface Holder extends Claim {
  readonly pid: number;
  readonly host: string;
  /** Tells a process from a later one with the same pid; absent where the system does not say. */
  readonly started?: string;
  /** The folder that it took the lock in, and that folder's inode: a copy of the folder has a copy of the lock, and nobody holds that. */
  readonly root?: string;
  readonly inode?: number;
}

export type LockResult =
  | { readonly kind: 'held'; readonly release: () => void; readonly still: () => Tenure }
  /** `elsewhere` when the holder is on another host, and whether it still runs can not be seen. */
  | { readonly kind: 'busy'; readonly holder: Holder; readonly where: 'here' | 'elsewhere' };

/** What became of a lock: `away` while the folder that it is for is gone, `lost` once somebody else holds it. */
export type Tenure = 'held' | 'away' | 'lost';

/** Takes the lock, over a dead holder's if need be. Never waits. */
export function takeLock(path: string, claim: Claim): LockResult {
  const started = startOf(process.pid);
  for (;;) {
    makeFolder(dirname(path));
    const own: Holder = defined({ pid: process.pid, host: hostname(), ...claim, started, ...placeOf(path) });
    if (create(path, own)) {
      letGo.delete(nameOf(own));
      return { kind: 'held', release: () => release(path, own), still: () => tenure(path, own) };
    }
    const text = readLock(path);
    if (text === undefined) continue;
    const holder = holderOf(text);
    if (holder !== undefined && holder.host !== own.host) return { kind: 'busy', holder, where: 'elsewhere' };
    if (holder !== undefined && holds(holder, path) && !letGo.has(nameOf(holder)))
      return { kind: 'busy', holder, where: 'here' };
    const other = remove(path, text, own);
    if (other !== undefined) return { kind: 'busy', holder: other, where: 'here' };
  }
}

interface Place {
  readonly root?: string;
  readonly inode?: number;
}

/** Of the folder that a lock is for; nothing where it has just gone. */
function placeOf(path: string): Place {
  const root = dirname(dirname(path));
  return existsSync(root) ? defined({ root: realpathSync(root), inode: inodeOf(root) }) : {};
}

/** Whether a process of this host is there, and has this very lock: one in a copy of its folder is nobody's. */
function holds(holder: Holder, path: string): boolean {
  if (!isAlive(holder)) return false;
  const here = placeOf(path);
  if (holder.root === undefined || here.root === undefined || holder.root === here.root) return true;
  // A folder that is mounted twice, or was moved, keeps its inode; one on a disk that was mounted anew may not, and keeps its path.
  if (here.inode !== holder.inode) return false;
  const there = layoutOf(holder.root).lock;
  return inodeOf(holder.root) === here.inode || !isOwn(readLock(there), holder);
}

/** What this process let go of while its folder was away: the file may come back with that. */
const letGo = new Set<string>();

function nameOf({ pid, host, since }: Holder): string {
  return JSON.stringify([pid, host, since]);
}

/** Who releases the lock removes the folder if nothing else is in it, at any moment: also while it is being made. */
function makeFolder(folder: string): void {
  for (let attempts = 1; ; attempts++) {
    try {
      mkdirSync(folder, { recursive: true });
      return;
    } catch (error) {
      if (!isMissing(error) || attempts === 100) throw error;
    }
  }
}

/** A lock that is held, until it is let go. */
export interface Hold {
  readonly release: () => void;
  /** Whether the data root is there; throws a ProblemError once the lock is somebody else's. */
  readonly check: () => 'there' | 'away';
}

/** Takes the data root's lock or throws a ProblemError that names its holder. */
export function lockRoot(layout: Layout, claim: Claim): () => void {
  return holdRoot(layout, claim).release;
}

/** As `lockRoot`, for who holds it so long that its file, or the whole data root, may go away meanwhile. */
export function holdRoot(layout: Layout, claim: Claim): Hold {
  // Who waits for the lock may wait longer than the data root is there: what is made in its place is in the way of who brings it back.
  if (!existsSync(layout.dataRoot))
    throw new ProblemError([
      problem('DD114', `the data root ${layout.dataRoot} does not exist`, {
        place: { file: layout.dataRoot },
      }),
    ]);
  // A link that comes to lead elsewhere must not take the lock with it.
  const root = realpathSync(layout.dataRoot);
  const result = takeLock(layoutOf(root).lock, claim);
  if (result.kind === 'held') {
    const { release: end, still } = result;
    return { release: end, check: () => presence(layout, root, still()) };
  }
  const { holder, where } = result;
  const message = `${describeHolder(holder)} holds ${layout.dataRoot}${nameThere(holder, root)}`;
  const said = { data: { ...holder }, place: { file: layout.lock } };
  if (where === 'here') throw new ProblemError([problem('DD501', message, said)]);
  throw new ProblemError([problem('DD502', message, { ...said, cure: unlockCure(holder) })]);
}

/** What is left to do about a lock of another host. */
export function unlockCure({ host }: Holder): string {
  return `If nothing runs there any more, take its lock away: \`daydream doctor --unlock ${shellWord(host)}\`. With \`--wait\` a build waits for its end.`;
}

/**
 * Takes away a lock that a process of another host holds, for who names that host and so says that nothing runs there any more. Returns
 * the holder; undefined where there is no lock. Throws a ProblemError for the lock of any other host, and for one of this host, since
 * that is seen: it is held, or taken over by whoever comes next.
 */
export function unlock({ dataRoot, lock }: Layout, host: string, claim: Claim): Holder | undefined {
  const text = readLock(lock);
  const holder = text === undefined ? undefined : holderOf(text);
  if (text === undefined || holder === undefined) return undefined;
  const message = `${describeHolder(holder)} holds ${dataRoot}`;
  const said = { data: { ...holder }, place: { file: lock } };
  if (holder.host === hostname() && holds(holder, lock))
    throw new ProblemError([problem('DD501', message, said)]);
  if (holder.host === hostname() || holder.host !== host) {
    const [other, cure] =
      holder.host === hostname()
        ? [' no more', 'Nothing needs doing: the next build takes the lock over.']
        : [`, and nobody on ${host} does`, unlockCure(holder)];
    throw new ProblemError([problem('DD102', `${message}${other}`, { ...said, cure })]);
  }
  const other = remove(lock, text, { pid: process.pid, host: hostname(), ...claim });
  if (other === undefined) return holder;
  throw new ProblemError([problem('DD501', `${describeHolder(other)} takes ${dataRoot} just now`, said)]);
}

/** Tells a folder from another one at its place; undefined where there is none. */
export function inodeOf(path: string): number | undefined {
  return statSync(path, { throwIfNoEntry: false })?.ino;
}

function presence({ dataRoot, lock }: Layout, root: string, tenure: Tenure): 'there' | 'away' {
  if (!existsSync(dataRoot)) return 'away';
  const elsewhere = realpathSync(dataRoot) !== root;
  if (!elsewhere && tenure !== 'lost') return tenure === 'held' ? 'there' : 'away';
  const why = elsewhere ? 'leads to another folder now' : 'was taken over by another build or watch';
  throw new ProblemError([problem('DD586', `${dataRoot} ${why}`, { place: { file: lock } })]);
}

/** Who took the lock in a folder of another name waits for it there, and has to be ended or given it back. */
function nameThere({ root, host }: Holder, here: string): string {
  return root === undefined || root === here || host !== hostname() ? '' : `, which was ${root} then`;
}

export function describeHolder({ command, pid, host, since }: Holder): string {
  return `\`${command}\` (pid ${pid} on ${host}, since ${since})`;
}

/** Who holds the lock now; undefined when nobody does. */
export function lockHolder(path: string): Holder | undefined {
  const text = readLock(path);
  const holder = text === undefined ? undefined : holderOf(text);
  return holder !== undefined && (holder.host !== hostname() || holds(holder, path)) ? holder : undefined;
}

/** Who the lock file names, whether or not that process still runs; `unreadable` where it is no lock of ours. */
export function lockOwner(path: string): Holder | 'unreadable' | undefined {
  const text = readLock(path);
  return text === undefined ? undefined : (holderOf(text) ?? 'unreadable');
}

/** The lock appears whole: it is written beside its place and linked into it. */
function create(path: string, own: Holder): boolean {
  const draft = `${dirname(path)}/.${basename(path)}.${process.pid}.tmp`;
  try {
    writeFileSync(draft, `${JSON.stringify(own)}\n`);
    linkSync(draft, path);
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST' || isMissing(error)) return false;
    throw placed(error, path);
  } finally {
    rmSync(draft, { force: true });
  }
}

/**
 * Removes a dead holder's lock. Of several that find it one does: who removes holds a lock on that, so that nobody removes the lock
 * that another took meanwhile. Returns who is at it, if it is somebody else: the lock will be theirs.
 */
function remove(path: string, dead: string, own: Holder): Holder | undefined {
  const guard = `${path}.taking`;
  if (!create(guard, own)) {
    const text = readLock(guard);
    const other = text === undefined ? undefined : holderOf(text);
    if (other !== undefined && holds(other, path)) return other;
    if (text !== undefined && readLock(guard) === text) rmSync(guard, { force: true });
    return undefined;
  }
  try {
    if (readLock(path) === dead) unlinkSync(path);
    return undefined;
  } finally {
    rmSync(guard, { force: true });
  }
}

/** Takes a lock that somebody removed again at once, as long as there is something to hold. */
function tenure(path: string, own: Holder): Tenure {
  if (isOwn(readLock(path), own)) return 'held';
  if (!existsSync(dirname(dirname(path)))) return 'away';
  const again = takeLock(path, own);
  return again.kind === 'held' ? 'held' : 'lost';
}

function isOwn(text: string | undefined, own: Holder): boolean {
  const holder = text === undefined ? undefined : holderOf(text);
  return holder?.pid === own.pid && holder.since === own.since && holder.host === own.host;
}

/** Never throws: what a command has to say is more than that its lock stays behind, which the next one takes over. */
function release(path: string, own: Holder): void {
  try {
    const text = readLock(path);
    if (text === undefined) letGo.add(nameOf(own));
    if (!isOwn(text, own)) return;
    unlinkSync(path);
    // A command that found nothing to do leaves nothing behind: the folder goes if it is empty.
    rmdirSync(dirname(path));
  } catch {
    // The folder holds something, or the disk refuses.
  }
}

function readLock(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    if (isMissing(error)) return undefined;
    throw error;
  }
}

/** Undefined for what is no lock of ours: a torn or foreign file. */
function holderOf(text: string): Holder | undefined {
  try {
    const value = JSON.parse(text) as Partial<Holder>;
    return typeof value.pid === 'number' && typeof value.host === 'string' ? (value as Holder) : undefined;
  } catch {
    return undefined;
  }
}

function isAlive(holder: Holder): boolean {
  try {
    process.kill(holder.pid, 0);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ESRCH') return false;
  }
  const started = startOf(holder.pid);
  return started === undefined || holder.started === undefined || started === holder.started;
}

/** When a process started, in the kernel's ticks since boot; undefined where there is no /proc. */
function startOf(pid: number): string | undefined {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    return stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19];
  } catch {
    return undefined;
  }
}
