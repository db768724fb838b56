// How the run that is on goes: a small file that whoever runs writes anew now and then, for who looks on from another process. Gone when
// the run is over; of what a process leaves that died, only how much was in flight counts. Knows no run.
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { readTextIfPresent, writeAtomic } from '../writing/atomic.ts';
import type { Layout } from '../layout.ts';
import type { Holder } from '../lock.ts';

export interface Underway {
  readonly version: 1;
  readonly pid: number;
  /** ISO times: when the run began, and when this was written. */
  readonly started: string;
  readonly at: string;
  /** Generations that the run looks at, and those that it is done with. */
  readonly attempted: number;
  readonly done: number;
  readonly failed: number;
  /** Calls that are sent and not answered yet, and those that wait for their turn. */
  readonly inFlight: number;
  readonly waiting: number;
  /** Milliseconds, at the pace of the last minute; absent while nobody can tell. */
  readonly leftMs?: number;
  readonly pools: readonly {
    readonly name: string;
    readonly inFlight: number;
    readonly waiting: number;
    /** Calls that may be in flight now. */
    readonly limit: number;
    /** Why it sends nothing until then, in milliseconds since the epoch. */
    readonly pausedUntil?: number;
  }[];
  /** Providers that can not be reached, and until when they are left alone. */
  readonly resting: readonly { readonly provider: string; readonly reason: string; readonly until: number }[];
}

export function underwayFile({ state }: Layout): string {
  return join(state, 'underway.json');
}

/** Undefined where nothing was written yet, or by somebody else than who holds the lock. */
export function readUnderway(layout: Layout, holder: Holder | undefined): Underway | undefined {
  if (holder === undefined) return undefined;
  const found = lastSaid(layout);
  return found !== undefined && found.pid === holder.pid && found.started >= holder.since ? found : undefined;
}

/** What a run left that died, for who holds the lock and runs nothing yet. It is told once: the file is gone then. */
export function takeLeftBehind(layout: Layout): Underway | undefined {
  const found = lastSaid(layout);
  if (found !== undefined) removeUnderway(layout);
  return found;
}

function lastSaid(layout: Layout): Underway | undefined {
  try {
    const found = JSON.parse(readTextIfPresent(underwayFile(layout)) ?? 'null') as Underway | null;
    return found?.version === 1 ? found : undefined;
  } catch {
    return undefined;
  }
}

/** Where it can not be written nobody looks on, and nothing else is different. */
export function writeUnderway(layout: Layout, underway: Underway): void {
  try {
    writeAtomic(underwayFile(layout), JSON.stringify(underway));
  } catch {
    // The run itself says what is wrong with the disk.
  }
}

export function removeUnderway(layout: Layout): void {
  try {
    rmSync(underwayFile(layout));
  } catch {
    // It was never written, or the disk refuses: nobody believes it once the lock is let go.
  }
}
