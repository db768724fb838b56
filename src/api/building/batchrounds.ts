// Batches that a build waits for: when it looks again, what a refusal asks of somebody, and what its rounds come to together. Takes
// nothing itself.
import { defined } from '../../defined.ts';
import type { BatchNews } from '../../engine/build/batching.ts';
import type { BuildResult } from '../../engine/build/record.ts';
import type { TeamEnd } from '../../engine/build/team.ts';
import type { Clock } from '../../model/clock.ts';
import { hasOpenBatches } from '../../engine/project/submitted.ts';
import { problem, type Problem } from '../../problem.ts';
import { STAGES } from '../../generation/stage.ts';
import { addTeam, type RunSummary } from '../../run/events.ts';
import { addSpending } from '../../store/ledger/spending.ts';
import type { Layout } from '../../store/layout.ts';
import { momentAfter } from '../../text/amounts.ts';

/** Milliseconds from one look to the next: soon at first, since small batches are often done within minutes. */
const LOOKS = [15_000, 15_000, 30_000, 60_000, 60_000, 120_000] as const;
const LATER = 300_000;

export interface Waiting {
  readonly layout: Layout;
  readonly clock: Clock;
  /** In the clock's ticks. */
  readonly until: number;
  /** Somebody wants it to stop. */
  readonly stop: AbortSignal;
  readonly stopped: () => boolean;
  /** When what a limit has left may be sent anew, in the clock's ticks; undefined where it has left nothing. */
  readonly again: number | undefined;
}

/**
 * What a look at the batches brings, once it brings something, or once there may be room for more; undefined when the time is over,
 * nothing is open, or the build is to stop. `look` hears whether there may be room, and says undefined where all is as it was, `full`
 * where a batch was thrown out that had been taken on.
 */
export async function nextNews<T>(
  { layout, clock, until, stop, stopped, again = Infinity }: Waiting,
  look: (room: boolean) => Promise<T | 'full' | undefined>,
): Promise<T | undefined> {
  let room = again;
  const mayBring = (): boolean => room < until || hasOpenBatches(layout);
  for (let number = 0; mayBring(); number++) {
    const wait = Math.min(LOOKS[number] ?? LATER, until - clock.ticks(), room - clock.ticks());
    if (wait <= 0 || stopped()) return undefined;
    await clock.sleep(wait, stop);
    if (stopped() || stop.aborted) return undefined;
    const news = await look(clock.ticks() >= room);
    if (news === 'full') room = Math.min(room, clock.ticks() + LATER);
    else if (news !== undefined) return news;
  }
  return undefined;
}

/** When batches that a limit has left may be sent anew, in the clock's ticks: as the provider says, but never at once. */
export function roomAt(summary: RunSummary | undefined, clock: Clock): number | undefined {
  const limits = (summary?.leftBy ?? []).filter(({ why }) => why === 'batch_limited');
  if (limits.length === 0) return undefined;
  const now = clock.now();
  return clock.ticks() + Math.max(LOOKS[0], ...limits.map(({ until = now + LATER }) => until - now));
}

/** A limit is waited for; everything else is mended by somebody. */
export function refusedBatch({
  batch,
  message,
  limited,
  until,
}: Extract<BatchNews, { type: 'batch_refused' }>): Problem {
  const data = defined({ batch: batch.id, until });
  if (limited === undefined) return problem('DD660', message, { data });
  return problem('DD665', until === undefined ? message : `${message} (not before ${momentAfter(until)})`, {
    data,
  });
}

/** Rounds of one build as one: what was made adds up, how things are left is the last one's. */
export function together(before: BuildResult | undefined, last: BuildResult): BuildResult {
  const remote = remoteTogether(before?.remote, last.remote);
  const summary = summaryTogether(before?.summary, last.summary);
  return { ...last, summary, ...defined({ remote }) };
}

/** Each round has looked and sent for itself. */
function remoteTogether(before: TeamEnd | undefined, last: TeamEnd | undefined): TeamEnd | undefined {
  if (before === undefined || last === undefined) return last ?? before;
  const [a, b] = [before.standing, last.standing];
  const unusable = { ...a.unusable };
  for (const [why, count] of Object.entries(b.unusable) as [keyof typeof unusable, number][])
    unusable[why] = (unusable[why] ?? 0) + count;
  return {
    standing: {
      ...a,
      ...b,
      found: a.found + b.found,
      missed: a.missed + b.missed,
      hidden: a.hidden + b.hidden,
      kept: a.kept + b.kept,
      there: a.there + b.there,
      failures: a.failures + b.failures,
      unusable,
    },
    left: [...before.left, ...last.left],
  };
}

function summaryTogether(
  before: RunSummary | undefined,
  last: RunSummary | undefined,
): RunSummary | undefined {
  if (before === undefined || last === undefined) return last ?? before;
  const built = Object.fromEntries(STAGES.map((stage) => [stage, before.built[stage] + last.built[stage]]));
  const how = Object.fromEntries(
    Object.entries(last.how).map(([name, count]) => [
      name,
      count + before.how[name as keyof RunSummary['how']],
    ]),
  );
  const paidFailures = (before.paidFailures ?? 0) + (last.paidFailures ?? 0);
  const unusedRows = (before.unusedRows ?? 0) + (last.unusedRows ?? 0);
  return {
    ...last,
    ...(paidFailures === 0 ? {} : { paidFailures }),
    ...(unusedRows === 0 ? {} : { unusedRows }),
    built: built as RunSummary['built'],
    how: how as RunSummary['how'],
    adopted: before.adopted + last.adopted,
    unchanged: before.unchanged + last.unchanged,
    cost: before.cost + last.cost,
    spent: addSpending(before.spent, last.spent),
    saved: before.saved + last.saved,
    savedUnknown: before.savedUnknown + last.savedUnknown,
    team: addTeam(before.team, last.team),
  };
}
