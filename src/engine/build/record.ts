// Puts a build on record: what was asked, what was planned, what came of it. A build that had nothing to do, and was asked to
// remember nothing, leaves nothing behind.
import type { BrokenCohort } from '../../cohort/cohort.ts';
import type { GenId, Stage } from '../../generation/stage.ts';
import type { RunSummary } from '../../run/events.ts';
import { NOTHING_SPENT } from '../../store/ledger/spending.ts';
import { RUN_VERSION, writeRun, type RunRecord } from '../../store/runs/runs.ts';
import { defined } from '../../defined.ts';
import { TOOL_VERSION } from '../../version.ts';
import type { WrittenReport } from '../results/reports.ts';
import type { Plan, StateCounts } from '../plan/plan.ts';
import type { TeamEnd } from './team.ts';
import { coverageOf } from '../project/tags.ts';

export interface BuildResult {
  readonly summary: RunSummary | undefined;
  /** Of the selected generations, once the run is over. */
  readonly counts: StateCounts;
  /** By state: what is made from them, is not selected itself and is not current either. */
  readonly below: Readonly<Record<string, number>>;
  readonly reports: readonly WrittenReport[];
  /** Cohorts that can not be used and that may have something of what was selected; absent where there are none. */
  readonly broken?: readonly BrokenCohort[];
  /** What the team's remote cache did; absent where nobody was to be asked, and where there is none. */
  readonly remote?: TeamEnd;
}

/** What only the caller of a build knows of it. */
export interface RunNote {
  readonly command: string;
  /** ISO time, and the same in the clock's ticks. */
  readonly started: string;
  readonly begun: number;
  readonly tags: Readonly<Record<string, string>>;
  /** Folder of the copied spec, relative to the data root. */
  readonly snapshot?: string;
  readonly inputs?: string;
  readonly selectors: readonly string[];
  readonly excluded: readonly string[];
  /** The plan as it was shown. */
  readonly plan: unknown;
}

export interface RunEnd {
  readonly runId: string;
  readonly ended: string;
  readonly durationMs: number;
  readonly built: Readonly<Record<Stage, readonly GenId[]>>;
  readonly result: BuildResult;
}

export async function recordRun(plan: Plan, note: RunNote, end: RunEnd): Promise<void> {
  const { result } = end;
  const idle = result.summary === undefined && result.reports.every((each) => each.result === 'unchanged');
  const tagged = Object.keys(note.tags).length > 0;
  if (idle && !tagged && note.snapshot === undefined) return;
  const made = note.snapshot !== undefined ? 'files' : tagged ? 'digests' : undefined;
  // Before the record that speaks of it.
  if (made !== undefined) await (await import('./made.ts')).keepMade(plan, end.runId, made);
  await writeRun(plan.session.loaded.layout, { ...recordOf(plan, note, end), ...defined({ made }) });
}

function recordOf(plan: Plan, note: RunNote, { runId, ended, durationMs, built, result }: RunEnd): RunRecord {
  const { structure } = plan.session.loaded;
  const { built: _counts, ...rest } = result.summary ?? NOTHING;
  return {
    version: RUN_VERSION,
    id: runId,
    command: note.command,
    started: note.started,
    ended,
    durationMs,
    daydream: TOOL_VERSION,
    node: process.version,
    tags: note.tags,
    ...defined({ snapshot: note.snapshot, inputs: note.inputs }),
    selectors: note.selectors,
    excluded: note.excluded,
    covered: coverageOf(structure, plan.selected),
    plan: note.plan,
    built,
    ...rest,
    states: result.counts.states,
    ...(result.remote === undefined
      ? {}
      : { remote: { ...result.remote.standing, left: result.remote.left } }),
  };
}

const NOTHING: RunSummary = {
  built: { draft: 0, essay: 0, evaluation: 0 },
  how: { rendered: 0, called: 0, offline: 0, cached: 0, copied: 0, scored: 0, parsed: 0 },
  adopted: 0,
  unchanged: 0,
  failed: 0,
  blocked: 0,
  left: 0,
  cost: 0,
  spent: NOTHING_SPENT,
  saved: 0,
  team: { answers: 0, saved: 0 },
  savedUnknown: 0,
  failures: [],
  leftBy: [],
  parked: [],
  why: [],
};
