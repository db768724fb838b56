// All that a watch says. Plain lines, the JSON stream and tests listen; a program can follow a watch by nothing else. Does nothing.
import type { BatchNews } from '../engine/build/batching.ts';
import type { BuildResult } from '../engine/build/record.ts';
import type { TeamEnd } from '../engine/build/team.ts';
import type { WrittenReport } from '../engine/results/reports.ts';
import type { Plan } from '../engine/plan/plan.ts';
import type { PlanPrice } from '../engine/money/price.ts';
import type { Problem } from '../problem.ts';
import type { GenId, Stage } from '../generation/stage.ts';
import type { RunEvent } from '../run/events.ts';
import type { WatchState } from './chart.ts';
import type { Watched } from './inputs/inputwatcher.ts';

export interface FileChange {
  /** Absolute. */
  readonly path: string;
  readonly what: 'changed' | 'added' | 'removed';
}

/** What scores differ by, as pairs of the same evaluation. */
export interface ScoreChange {
  readonly pairs: number;
  readonly mean: number;
  /** Of a 95 % interval; null where there are too few to tell. */
  readonly low: number | null;
  readonly high: number | null;
}

/** A generation that was made again as a sample; texts are null where there is none. `before` is as it was when editing began. */
export interface Sampled {
  readonly genId: GenId;
  readonly stage: Stage;
  readonly template: string;
  readonly combo: string;
  readonly model: string;
  readonly before: string | null;
  readonly after: string | null;
  /** The mean score of the evaluations that were made again with it; null without one. */
  readonly scoreBefore: number | null;
  readonly scoreAfter: number | null;
  /** How many scores these are means of. */
  readonly scoresBefore: number;
  readonly scoresAfter: number;
  /** Null without a pair. */
  readonly change: ScoreChange | null;
}

/** What a build would now run. */
export interface Ahead {
  /** Generations that must run, and those below them that run if what they are made from comes out otherwise. */
  readonly generations: number;
  /** By state: `stale`, `missing`, `pending`, … */
  readonly states: Readonly<Record<string, number>>;
  /** At most, of the calls whose price is known. */
  readonly usd: number;
  /** Model ids without a price. */
  readonly unpriced: readonly string[];
}

export type WatchEvent =
  | BatchNews
  | ({ readonly type: 'watching' } & Watched)
  /** Events do not arrive: files are looked at instead. */
  | { readonly type: 'polling'; readonly why: string }
  | { readonly type: 'state'; readonly state: WatchState['kind'] }
  | { readonly type: 'changed'; readonly files: readonly FileChange[] }
  /** Inputs can not be used: the last good ones stay in force. */
  | { readonly type: 'broken'; readonly problems: readonly Problem[] }
  | { readonly type: 'mended' }
  /** What is wanted can not be planned, or a run can not begin; the watch goes on as before. */
  | {
      readonly type: 'refused';
      readonly problems: readonly Problem[];
      /** Who wants it, where that is not the watch itself. */
      readonly wishedBy?: string;
    }
  | { readonly type: 'warned'; readonly problems: readonly Problem[] }
  /** Generations that came to the cohorts, or left all of them; those that left stay in the store. */
  | {
      readonly type: 'membership';
      readonly joined: number;
      readonly left: readonly { readonly stage: Stage; readonly genId: GenId }[];
    }
  /** Absolute paths of membership.csv and manifest.json files that were rewritten. */
  | { readonly type: 'membership_written'; readonly files: readonly string[] }
  /** Tables that follow other scores or another membership, without a run. */
  | { readonly type: 'reports_written'; readonly reports: readonly WrittenReport[] }
  /** Files of generations that are not as this watch left them. */
  | { readonly type: 'hand_edits'; readonly files: number }
  | {
      readonly type: 'planned';
      readonly plan: Plan;
      readonly price: PlanPrice;
      /** Milliseconds from settled inputs to this event. */
      readonly ms: number;
      /** Who wants it, where that is not the watch itself. */
      readonly wishedBy?: string;
    }
  /** The plan's price once more, with every prompt counted: the first was a guess that would be asked about. */
  | { readonly type: 'priced'; readonly price: PlanPrice }
  /** A run that other inputs made pointless, and what it had built and spent by then. */
  | {
      readonly type: 'overtaken';
      readonly built: Readonly<Record<Stage, number>>;
      /** Model calls that were answered. */
      readonly calls: number;
      /** USD, as far as it is known, and how many replies it leaves out. */
      readonly cost: number;
      readonly unknown: number;
    }
  /** Of the calls that were sent, how many are still right, and how many were given up. */
  | { readonly type: 'superseded'; readonly kept: number; readonly givenUp: number }
  /** A word is waited for before money is spent. */
  | { readonly type: 'asks'; readonly usd: number; readonly unpriced: readonly string[] }
  | RunEvent
  | {
      readonly type: 'sampled';
      readonly items: readonly Sampled[];
      /** Generations that the same edit made stale and that were left. */
      readonly rest: number;
      /** Of all items together; null without a pair. */
      readonly change: ScoreChange | null;
      /** What a build of all that is watched would run. */
      readonly ahead: Ahead;
    }
  | { readonly type: 'built'; readonly result: BuildResult }
  /** The last of what was paid for is with the team, or is left. */
  | { readonly type: 'remote_ended'; readonly remote: TeamEnd }
  | { readonly type: 'stopped' };
