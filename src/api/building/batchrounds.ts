// Batches that a build waits for: when it looks again, and what its rounds come to together. Takes nothing itself.
import type { BatchMode } from '../../engine/build/batches.ts';
import type { BuildResult } from '../../engine/build/record.ts';
import type { TeamEnd } from '../../engine/build/team.ts';
import { isLive, listBatches } from '../../model/batch/journal.ts';
import type { Clock } from '../../model/clock.ts';
import { STAGES } from '../../generation/stage.ts';
import type { RunSummary } from '../../run/events.ts';
import type { Layout } from '../../store/layout.ts';
import type { BuildOptions } from '../request.ts';

export function batchModeOf({ batch }: Pick<BuildOptions, 'batch'>): BatchMode | undefined {
  if (batch === 'prefer') return 'prefer';
  return batch === true ? 'only' : undefined;
}

/** Milliseconds from one look to the next: soon at first, since small batches are often done within minutes. */
const LOOKS = [15_000, 15_000, 30_000, 60_000, 60_000, 120_000] as const;
const LATER = 300_000;

/**
 * Resolves with true once a batch may have ended that was open, and with false when the time is over, nothing is open, or the build is
 * to stop.
 */
export async function nextLook(
  { layout, look, until }: { readonly layout: Layout; readonly look: number; readonly until: number },
  {
    clock,
    stop,
    stopped,
  }: { readonly clock: Clock; readonly stop: AbortSignal; readonly stopped: () => boolean },
): Promise<boolean> {
  if (!listBatches(layout).some(isLive)) return false;
  const wait = Math.min(LOOKS[look] ?? LATER, until - clock.now());
  if (wait <= 0 || stopped()) return false;
  await clock.sleep(wait, stop);
  return !stopped() && !stop.aborted;
}

/** Rounds of one build as one: what was made adds up, how things are left is the last one's. */
export function together(before: BuildResult | undefined, last: BuildResult): BuildResult {
  const remote = remoteTogether(before?.remote, last.remote);
  const summary = summaryTogether(before?.summary, last.summary);
  return { ...last, summary, ...(remote === undefined ? {} : { remote }) };
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
  return {
    ...last,
    built: built as RunSummary['built'],
    how: how as RunSummary['how'],
    adopted: before.adopted + last.adopted,
    unchanged: before.unchanged + last.unchanged,
    cost: before.cost + last.cost,
    saved: before.saved + last.saved,
    team: {
      answers: before.team.answers + last.team.answers,
      saved: before.team.saved + last.team.saved,
    },
  };
}
