// The exit code of every command: what each number means, and what a build, a look or a problem comes to. Ends no process.
import type { BuildResult } from '../../engine/build/record.ts';
import { isGreen } from '../../engine/plan/plan.ts';

/** 0 done or yes · 1 no · 2 can not be answered · 3 stopped by a budget or a quota · 130 interrupted. */
export type ExitCode = 0 | 1 | 2 | 3 | 130;

/** When problems ended the command before it could answer. */
export const UNANSWERED: ExitCode = 2;

export function exitOf(answer: boolean): ExitCode {
  return answer ? 0 : 1;
}

export function exitOfBuild({ summary, counts }: BuildResult, interrupted: boolean): ExitCode {
  if (interrupted) return 130;
  if (summary?.why.some((why) => why === 'over_budget' || why === 'parked') === true) return 3;
  // A forced call that failed leaves a current text behind, but not the one that was asked for.
  return exitOf(isGreen(counts) && (summary?.failed ?? 0) === 0);
}
