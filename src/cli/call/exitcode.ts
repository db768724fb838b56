// The exit code of every command: what each number means, and what a build, a look or a problem comes to. Ends no process.
import type { BuildEnd } from '../../api/building/events.ts';

/** 0 done or yes · 1 no · 2 can not be answered · 3 stopped by a budget or a quota · 130 interrupted. */
export type ExitCode = 0 | 1 | 2 | 3 | 130;

/** When problems ended the command before it could answer. */
export const UNANSWERED: ExitCode = 2;

export function exitOf(answer: boolean): ExitCode {
  return answer ? 0 : 1;
}

const BUILDS: Readonly<Record<BuildEnd, ExitCode>> = { done: 0, incomplete: 1, limited: 3, interrupted: 130 };

export function exitOfBuild(end: BuildEnd): ExitCode {
  return BUILDS[end];
}
