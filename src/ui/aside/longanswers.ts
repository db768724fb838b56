// The answers that take long where there is much: statistics, and what doctor finds. Each comes of the project as it is on disk.
import type { Project } from '../../api/project.ts';
import { statisticsTables } from '../../report/tables/statistics.ts';
import { mixedText } from '../../scores/measures.ts';
import { shownTable } from '../documents/shown.ts';

/** Lines of each kind of a table that a page gets. */
const MOST_LINES = 300;

/** Told from time to time how much of the work is done, where that is known. */
export type OnProgress = (done: number, total: number) => void;

export const LONG_ANSWERS = {
  async statistics(project: Project, cohort: string | undefined, _progress?: OnProgress): Promise<object> {
    const { statistics, pairs, people, judging, scale, mixed, measures } = await project.statistics(cohort);
    const tables = statisticsTables(statistics, pairs, { people, judging, scale, measures }).map((each) =>
      shownTable(each, { by: 'by', most: MOST_LINES }),
    );
    const caution = mixedText(mixed);
    return { evaluations: statistics.evaluations, scored: statistics.scored, caution, tables };
  },
  health: (project: Project, _cohort: string | undefined, progress?: OnProgress): Promise<object> =>
    project.health({ progress }),
};

export type LongName = keyof typeof LONG_ANSWERS;

/** What is asked of another process. */
export interface LongQuestion {
  readonly name: LongName;
  readonly cohort: string | undefined;
  readonly opening: {
    readonly root: string;
    readonly dataRoot?: string | undefined;
    readonly provider?: string | undefined;
  };
}
