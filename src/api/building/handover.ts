// A build that finds a watch at work: it asks the watch, and waits for what comes of it. Knows nothing of how the watch does it.
import { lockHolder } from '../../store/lock.ts';
import type { BuildResult } from '../../engine/build/record.ts';
import type { PlanRequest } from '../../engine/plan/plan.ts';
import type { Clock } from '../../model/clock.ts';
import { problem, ProblemError } from '../../problem.ts';
import type { Layout } from '../../store/layout.ts';
import { mailboxOf, readNews, sendErrand, withdraw, type ErrandNews } from '../../watch/mailbox.ts';

/** Milliseconds for the watch to say that it has heard. */
const HEARD = 8000;
const LOOK = 60;

export interface Errand {
  readonly request: PlanRequest;
  /** True when nobody need be asked about its price. */
  readonly approved: boolean;
  /** The command line, for the watch to name. */
  readonly command: string;
  readonly clock: Clock;
  readonly abort: AbortSignal;
  /** The watch has heard. */
  readonly onHeard: (watch: { readonly command: string; readonly pid: number }) => void;
}

/** Undefined when no watch holds the lock, or when it does not answer. */
export async function handOver(errand: Errand, layout: Layout): Promise<BuildResult | undefined> {
  const holder = lockHolder(layout.lock);
  if (holder?.role !== 'watch') return undefined;
  const { request, approved, command, clock } = errand;
  const mailbox = mailboxOf(layout);
  const id = `${clock.now()}-${process.pid}`;
  sendErrand(mailbox, { id, command, request, approved });
  try {
    const heard = await news(errand, () => readNews(mailbox, id), HEARD);
    if (heard === undefined) return undefined;
    errand.onHeard({ command: holder.command, pid: holder.pid });
    const end = await news(
      errand,
      () => ended(readNews(mailbox, id)),
      Infinity,
      () => lockHolder(layout.lock)?.pid === holder.pid,
    );
    return resultOf(end);
  } finally {
    withdraw(mailbox, id);
  }
}

function ended(came: ErrandNews | undefined): Exclude<ErrandNews, { state: 'accepted' }> | undefined {
  return came === undefined || came.state === 'accepted' ? undefined : came;
}

function resultOf(end: Exclude<ErrandNews, { state: 'accepted' }> | undefined): BuildResult {
  if (end?.state === 'finished') return end.result;
  if (end?.state === 'refused') throw new ProblemError(end.problems);
  const message =
    end === undefined ? 'the watch ended without an answer' : `the watch declined: ${end.message}`;
  const code = end?.state === 'declined' && end.reason === 'dear' ? 'DD111' : 'DD501';
  throw new ProblemError([problem(code, message)]);
}

/** Looks again and again until there is something, it takes too long, or `going` says no. */
async function news<T>(
  { clock, abort }: Pick<Errand, 'clock' | 'abort'>,
  look: () => T | undefined,
  patience: number,
  going: () => boolean = () => true,
): Promise<T | undefined> {
  const started = clock.ticks();
  for (;;) {
    const found = look();
    if (found !== undefined) return found;
    if (clock.ticks() - started > patience || !going()) return look();
    await clock.sleep(LOOK, abort);
  }
}
