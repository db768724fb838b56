// A build that finds a watch at work: it asks the watch, and waits for what comes of it. Knows nothing of how the watch does it.
import { lockHolder } from '../../../store/lock.ts';
import type { BuildResult } from '../../../engine/build/record.ts';
import { problem, ProblemError } from '../../../problem.ts';
import type { Layout } from '../../../store/layout.ts';
import { mailboxOf, readNews, sendErrand, withdraw, type ErrandNews } from '../../../watch/mailbox.ts';
import { requestOf } from './buildrequest.ts';
import type { Invocation } from '../../call/command.ts';
import type { Stopping } from '../../call/stopping.ts';
import type { Console } from '../../console.ts';

/** Options of a build that a running watch can not follow: it has its own. */
const OWN = [
  'provider',
  'offline',
  'max-cost',
  'concurrency',
  'fail-fast',
  'verify',
  'tag',
  'snapshot',
  'wait',
];
/** Milliseconds for the watch to say that it has heard. */
const HEARD = 8000;
const LOOK = 60;

type Caller = Pick<Invocation, 'words' | 'options' | 'clock' | 'commandLine'> & {
  readonly console: Pick<Console, 'note'>;
  readonly stopping: Pick<Stopping, 'abort'>;
};

/** Undefined when no watch holds the lock, when it does not answer, or when this build wants what a watch can not do. */
export async function handOver(call: Caller, layout: Layout): Promise<BuildResult | undefined> {
  const holder = lockHolder(layout.lock);
  if (holder?.role !== 'watch') return undefined;
  if (OWN.some((name) => call.options.flag(name))) return undefined;
  const mailbox = mailboxOf(layout);
  const id = `${call.clock.now()}-${process.pid}`;
  sendErrand(mailbox, {
    id,
    command: call.commandLine,
    request: requestOf(call),
    approved: call.options.flag('yes'),
  });
  try {
    const heard = await news(call, () => readNews(mailbox, id), HEARD);
    if (heard === undefined) return undefined;
    call.console.note(`handed to \`${holder.command}\` (pid ${holder.pid})`);
    const end = await news(
      call,
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
  { clock, stopping }: Caller,
  look: () => T | undefined,
  patience: number,
  going: () => boolean = () => true,
): Promise<T | undefined> {
  const started = clock.now();
  for (;;) {
    const found = look();
    if (found !== undefined) return found;
    if (clock.now() - started > patience || !going()) return look();
    await clock.sleep(LOOK, stopping.abort);
  }
}
