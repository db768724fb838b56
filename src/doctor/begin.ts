// Doctor's first step: other threads begin to read the store, while all that judges it is still being loaded. Judges nothing.
import type { Settings } from '../config.ts';
import { locate } from '../engine/project/load.ts';
import type { LoadOptions } from '../engine/project/options.ts';
import { ProblemError } from '../problem.ts';
import type { NeededLines } from '../store/gens/survey.ts';
import { beginSurvey, type Surveying } from '../store/gens/surveying.ts';
import type { Layout } from '../store/layout.ts';

export interface Begun {
  readonly layout: Layout;
  readonly surveying: Surveying;
}

/**
 * Undefined where the config can not be read, which is a finding; throws a ProblemError where there is no data root, which leaves nothing
 * to look at.
 */
export async function beginLooking(loading: LoadOptions): Promise<Begun | undefined> {
  try {
    const { layout, settings } = await locate(loading);
    return { layout, surveying: await beginSurvey(layout, neededLines(settings)) };
  } catch (error) {
    if (!(error instanceof ProblemError) || error.problems.some(({ code }) => code === 'DD114')) throw error;
    return undefined;
  }
}

export function neededLines({ stages: { draft, essay, evaluation } }: Settings): NeededLines {
  return { draft: draft.minLines, essay: essay.minLines, evaluation: evaluation.minLines };
}
