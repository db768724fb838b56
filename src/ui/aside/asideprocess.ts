// The process that works out one long answer and ends. Knows no page and no server.
import { setPriority } from 'node:os';
import { Project } from '../../api/project.ts';
import { asProblems, problem, ProblemError, type Problem } from '../../problem.ts';
import { LONG_ANSWERS, type LongQuestion } from './longanswers.ts';

/** The last one is the answer or why there is none; how far it is comes before. */
export type LongReply =
  | { readonly answer: object }
  | { readonly problems: readonly Problem[] }
  | { readonly done: number; readonly total: number };

/** As `nice` counts: whoever looks at the page comes first. */
const MODEST = 10;

function progress(done: number, total: number): void {
  process.send?.({ done, total } satisfies LongReply);
}

async function replyTo({ name, cohort, opening }: LongQuestion): Promise<LongReply> {
  try {
    const project = await Project.open({ ...opening });
    return { answer: await LONG_ANSWERS[name](project, cohort, progress) };
  } catch (error) {
    const known = asProblems(error);
    return { problems: known instanceof ProblemError ? known.problems : [problem('DD199', String(error))] };
  }
}

setPriority(MODEST);
process.once('message', (question: LongQuestion) => {
  void replyTo(question).then((reply) => process.send?.(reply, () => process.disconnect()));
});
// Whom nobody waits for any more, nobody needs.
process.once('disconnect', () => process.kill(process.pid, 'SIGKILL'));
