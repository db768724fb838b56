// What making a generation takes beside its study: somebody to ask, places to write. A bundle of what run's files share.
import type { ParserRegistry } from '../generation/parsers/registry.ts';
import type { Pen } from '../store/writing/pen.ts';
import type { AnswerQuestion } from './answer.ts';
import type { Question } from './question.ts';
import type { Study } from './study.ts';

export type Workshop = Study & {
  readonly pen: Pen;
  readonly parsers: ParserRegistry;
  readonly answer: AnswerQuestion;
  /** `only`: what is not in the response cache fails. */
  readonly cache: 'use' | 'only';
  /** Words for a question that the response cache could not answer, where nothing else may. */
  readonly missed: (question: Question) => string;
  /** Providers that reach no model and cost nothing. */
  readonly unpaid: ReadonlySet<string>;
  /** Labels under which earlier versions kept the answers of a server. */
  readonly labelsOf: (server: string) => readonly string[];
  /** The first cohort that a generation belongs to. */
  readonly originOf: (row: number) => string;
  /** Answers in the response cache that a batch brought just now, by name: what they cost, in USD. */
  readonly bought: ReadonlyMap<string, number>;
  /** ISO time. */
  readonly now: () => string;
  readonly runId: string;
};
