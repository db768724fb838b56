// Runs something with the data root's lock held, or without it where only looking is asked for. Knows nothing of what is done.
import { whenFree, type Patience } from '../../../api/building/whenfree.ts';
import type { Problem } from '../../../problem.ts';
import { lockRoot } from '../../../store/lock.ts';
import { locate } from '../../../engine/project/load.ts';
import { openSession, type OpenOptions, type Session } from '../../../engine/project/session.ts';
import type { Layout } from '../../../store/layout.ts';
import type { Invocation } from '../../call/command.ts';

/** `told`: cohorts that can not be used are left out. Else they are a ProblemError: what they have must be known where something goes. */
type Opener = (broken?: 'refused' | 'told') => Promise<Session>;

function opener(options: OpenOptions): Opener {
  return (broken = 'refused') =>
    openSession(broken === 'told' ? options : { ...options, onBroken: undefined });
}

export async function whileLocked<T>(
  call: Invocation,
  lock: 'lock' | 'look',
  work: (place: { readonly layout: Layout; readonly open: Opener }) => Promise<T>,
): Promise<T> {
  const loading = await call.load();
  const located = await locate(loading);
  const since = new Date(call.clock.now()).toISOString();
  const take = (): (() => void) => lockRoot(located.layout, { command: call.commandLine, since });
  const release = lock === 'lock' ? await whenFree(take, patienceOf(call)) : undefined;
  try {
    return await work({ layout: located.layout, open: opener({ ...loading, ...located }) });
  } finally {
    release?.();
  }
}

/** Whom is waited for. One on another host may wait for without end: what helps then is said at once. */
export function waitingText({ code, message, cure }: Problem): string {
  return code === 'DD502' ? `waiting: ${message}. ${cure}` : `waiting: ${message}`;
}

/** As `--wait` says. */
export function patienceOf({ options, clock, stopping, console }: Invocation): Patience {
  const onWaiting = (held: Problem): void => console.note(waitingText(held));
  return { wait: options.flag('wait'), clock, stopping, onWaiting };
}
