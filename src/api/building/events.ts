// All that a build says, and what comes of it. Console, JSON stream and programs listen. Does nothing itself.
import type { BrokenCohort } from '../../cohort/cohort.ts';
import type { TeamEnd } from '../../engine/build/team.ts';
import type { StateCounts } from '../../engine/plan/plan.ts';
import type { PlanPrice } from '../../engine/money/price.ts';
import type { Reckoning } from '../../engine/money/reckoning.ts';
import type { WrittenReport } from '../../engine/results/reports.ts';
import type { Problem } from '../../problem.ts';
import type { RunEvent, RunSummary } from '../../run/events.ts';
import type { PlanCounts } from '../plan.ts';
import type { BatchNews } from '../../engine/build/batching.ts';
import type { Diagnosis } from './failures.ts';

export type BuildEvent =
  | BatchNews
  | { readonly type: 'warned'; readonly problems: readonly Problem[] }
  /** Another build or watch holds the data root, and its end is waited for. */
  | { readonly type: 'waiting'; readonly problem: Problem }
  /** A running watch has heard what this build wants, and does it. */
  | { readonly type: 'handed_over'; readonly command: string; readonly pid: number }
  | ({ readonly type: 'plan'; readonly price: PlanPrice } & PlanCounts)
  | RunEvent
  | {
      readonly type: 'build_finished';
      /** Of the selected generations, once the run is over. */
      readonly counts: StateCounts;
      /** By state: what is made from them, is not selected itself and is not current either. */
      readonly below: Readonly<Record<string, number>>;
      /** How many report tables were looked at. */
      readonly reports: number;
      readonly failures: readonly Diagnosis[];
      /** Cohorts that can not be used, of which nothing was done; absent where there are none. */
      readonly broken?: readonly BrokenCohort[];
      /** What the team's remote cache did, and what did not get there. */
      readonly remote?: TeamEnd;
      /** Estimate against actual; absent when nothing was to be paid. */
      readonly reckoning?: Reckoning;
      /** A cap that is expected to do for what a cap, or what was agreed to, has left; USD. */
      readonly enough?: number;
    };

/**
 * `done`: all that was selected is current. `incomplete`: something failed or is blocked, or a cohort is broken. `limited`: a cap, what was agreed to or a daily
 * limit left something. `interrupted`: it was stopped.
 */
export type BuildEnd = 'done' | 'incomplete' | 'limited' | 'interrupted';

export interface BuildReport {
  readonly end: BuildEnd;
  /** Of the selected generations, once the run is over. */
  readonly counts: StateCounts;
  /** By state: what is made from them, is not selected itself and is not current either. */
  readonly below: Readonly<Record<string, number>>;
  /** Sums of the run, costs in USD; undefined when nothing was to run. */
  readonly summary: RunSummary | undefined;
  readonly failures: readonly Diagnosis[];
  readonly reports: readonly WrittenReport[];
  /** Cohorts that can not be used and that may have something of what was selected: nothing of them was done. Absent where there are none. */
  readonly broken?: readonly BrokenCohort[];
  /** What the team's remote cache did, and what did not get there; absent where nobody was to be asked, and where there is none. */
  readonly remote?: TeamEnd;
  /** Estimate against actual; absent when nothing was to be paid, and when a watch did the build. */
  readonly reckoning?: Reckoning;
  /** The cap that was in force, in USD. */
  readonly cap?: number;
  /** Of the cap, in USD, what is not free any more: spent, and the most that calls cost which may be billed although no reply came. */
  readonly drawn?: number;
  /** What was agreed to, in USD, by the plan or by whoever was asked last; absent where a cap held, or a yes was said to whatever it costs. */
  readonly agreed?: number;
  /** A cap that is expected to do for what a cap, or what was agreed to, has left; USD. */
  readonly enough?: number;
}
