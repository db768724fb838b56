// The door for programs: `import { openProject } from 'daydream'`. A config that only wants `defineConfig` loads no engine.
import type { Project, ProjectOptions } from './api/project.ts';

export { defineConfig } from './config.ts';
export { ProblemError } from './problem.ts';
export type { BuildEnd, BuildEvent, BuildReport } from './api/building/events.ts';
export type { Diagnosis } from './api/building/failures.ts';
export type { Build } from './api/building/handle.ts';
export type { ExportOptions, ExportReport } from './api/exporting.ts';
export type { PlanReport } from './api/plan.ts';
export type { Project, ProjectOptions } from './api/project.ts';
export type { GenerationOptions, GenerationRecord, GenerationTexts } from './api/reading/generations.ts';
export type { CostOptions, Costs } from './api/reading/money.ts';
export type {
  RatingAnswer,
  RatingGiven,
  RatingOf,
  RatingOptions,
  RatingSheet,
  RatingTask,
} from './api/rating.ts';
export type { RowOptions } from './api/reading/rows.ts';
export type { ScoreRecord } from './api/reading/scores.ts';
export type { CheckReport, Status } from './api/reading/status.ts';
export type { Explanation } from './api/reading/why.ts';
export type {
  BuildOptions,
  CheckOptions,
  PlanOptions,
  SelectOptions,
  TeamCacheOptions,
  Spending,
  WatchOptions,
} from './api/request.ts';
export type { View } from './api/view/view.ts';
export type { PullReport, PushReport, RemoteReport } from './api/teamcache.ts';
export type { Watch, WatchNews } from './api/watch.ts';
export type { Config, ModelRule, PoolConfig, StageConfig } from './config.ts';
export type { ProviderConfig } from './model/providers/settings.ts';
export type { CustomParser, CustomScorer } from './generation/parsers/custom.ts';
export type { BesideText } from './generation/parsers/parser.ts';
export type { Scored } from './generation/parsers/scored.ts';
export type { Stage } from './generation/stage.ts';
export type { ConditionVerdict, GateVerdict } from './scores/gate/verdict.ts';
export type { Reason, State, Verdict } from './plan/verdict.ts';
export type { Place, Problem } from './problem.ts';
export type { ExportFormat, ExportRow } from './engine/export/columns.ts';
export type { RemoteConfig } from './remote/place.ts';
export type { RemoteMode, RemoteStanding } from './remote/remote.ts';
export type { ScoreRow } from './scores/rows.ts';
export type { RunRecord } from './store/runs/runs.ts';

/** Opens the project of a folder. Throws a ProblemError where there is none. */
export async function openProject(options: ProjectOptions = {}): Promise<Project> {
  const { Project: Opened } = await import('./api/project.ts');
  return Opened.open(options);
}
