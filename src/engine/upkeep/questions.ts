// What generations ask a model as things stand, so that the answers can be looked for without a build. Asks nobody.
import { setImmediate as turn } from 'node:timers/promises';
import { OFFLINE } from '../../config.ts';
import { at, taskAt } from '../../graph/graph.ts';
import type { Verdicts } from '../../plan/judge.ts';
import { parentTextOf, renderPrompt } from '../../run/prepare.ts';
import { questionOf, type Question } from '../../run/question.ts';
import type { Session } from '../project/session.ts';

export interface Questions {
  /** One of each address. */
  readonly known: readonly Question[];
  /** Generations whose question depends on what is still to be made above them. */
  readonly later: number;
}

/** Rows that are looked at before others may have their turn. */
const AT_A_TIME = 200;

/** What the selected rows ask: paid questions only, and each once. */
export async function questionsOf(
  session: Session,
  verdicts: Verdicts,
  selected: Uint8Array,
): Promise<Questions> {
  const { graph } = session.loaded;
  const known = new Map<string, Question>();
  let later = 0;
  let looked = 0;
  for (let row = 0; row < graph.size; row++) {
    if (selected[row] !== 1) continue;
    const task = taskAt(graph, row);
    if (task.work.kind === 'copy' || task.work.ask.provider === OFFLINE) continue;
    if (++looked % AT_A_TIME === 0) await turn();
    const prompt = at(verdicts.cause, row) >= 0 ? undefined : await promptOf(session, task);
    const question = prompt === undefined ? undefined : questionOf({ graph }, { task, prompt });
    if (question === undefined) later++;
    else known.set(question.address, question);
  }
  return { known: [...known.values()], later };
}

/** Undefined where it can not be rendered. */
async function promptOf(session: Session, task: Question['task']): Promise<Question['prompt'] | undefined> {
  const { loaded, index } = session;
  const study = { texts: await session.texts(), graph: loaded.graph, index };
  const rendered = renderPrompt(study, task, parentTextOf(loaded, task));
  return 'prompt' in rendered ? rendered.prompt : undefined;
}
