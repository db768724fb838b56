// What a generation would ask a model now: the one judgement behind starting a call and behind giving one up. Asks nobody.
import { at, partsAt, type Ask, type Task } from '../graph/graph.ts';
import type { Parts } from '../generation/trace.ts';
import { addressOf, type Asked } from '../store/responses.ts';
import { prepare, type Prepared, type Prompt } from './prepare.ts';
import type { Study } from './study.ts';
import { FROM } from '../plan/verdict.ts';

/** What is asked for one task, with the parts that its trace will record. */
export interface Question {
  readonly task: Task;
  readonly ask: Ask;
  readonly prompt: Prompt;
  readonly parts: Parts;
  readonly asked: Asked;
  /** Where the response cache keeps answers to it. */
  readonly address: string;
  /** Asked although there is an answer. */
  readonly replaces?: true;
}

/** Undefined for a copy, which asks nobody. */
export function questionOf(
  { graph }: Pick<Study, 'graph'>,
  { task, prompt }: Pick<Extract<Prepared, { kind: 'generate' }>, 'task' | 'prompt'>,
): Question | undefined {
  if (task.work.kind === 'copy') return undefined;
  const parts = partsAt(graph, graph.generateSet, task.row);
  const asked = { ...parts, prompt: prompt.text };
  return { task, ask: task.work.ask, prompt, parts, asked, address: addressOf(asked) };
}

/**
 * Whether a row would ask just this, were it started now. Below a generation that still has to run a question stays right until
 * something of its own differs: what is above may turn out to be the same text.
 */
export function stillAsked(shop: Study, row: number, address: string): boolean {
  const { verdicts } = shop.judge;
  if (at(verdicts.attempted, row) === 0) return false;
  if (at(verdicts.cause, row) >= 0 && at(verdicts.from, row) === FROM.none) return true;
  const prepared = prepare(shop, row);
  const question = prepared.kind === 'generate' ? questionOf(shop, prepared) : undefined;
  return question?.address === address;
}
