// What making a generation takes beside its study: somebody to ask, places to write. A bundle of what run's files share.
import type { ParserRegistry } from '../generation/parsers/registry.ts';
import type { KeptAnswer, StoredResponse } from '../store/responses.ts';
import type { Pen } from '../store/writing/pen.ts';
import type { AnswerQuestion } from './answer.ts';
import type { Question } from './question.ts';
import type { Spending } from '../store/ledger/spending.ts';
import type { Study } from './study.ts';

/**
 * What came of a look into a team's cache: an answer, which is kept here now, or why there is none. `untold`: it did not say. `worthless`: what lies there helps nobody, and what is bought in its
 * stead is to take its place.
 */
export type LookedUp = KeptAnswer | 'missed' | 'untold' | 'worthless';

/** A team's answers, as a run knows them. */
export interface TeamCache {
  /** Looks for the answer to a question; what is found is safe on this disk when it resolves. Never for long; rejects where the disk does. */
  readonly lookUp: (question: Question, keep: Pen['keepBrought'], signal: AbortSignal) => Promise<LookedUp>;
  /** Hands on what was kept here. Does not wait. */
  readonly send: (response: StoredResponse) => void;
}

export type Workshop = Study & {
  readonly pen: Pen;
  readonly parsers: ParserRegistry;
  readonly answer: AnswerQuestion;
  /** `only`: what is not in the response cache fails. */
  readonly cache: 'use' | 'only';
  /** Whether a question of this address is in a batch that is open. */
  readonly inBatch?: (address: string) => boolean;
  /** What a team's answers are looked for in before anybody is asked; absent where there is none. */
  readonly team?: TeamCache | undefined;
  /** Words for a question that the response cache could not answer, where nothing else may. */
  readonly missed: (question: Question, team: LookedUp | undefined) => string;
  /** Providers that reach no model and cost nothing. */
  readonly unpaid: ReadonlySet<string>;
  /** Labels under which earlier versions kept the answers of a server. */
  readonly labelsOf: (server: string) => readonly string[];
  /** The first cohort that a generation belongs to. */
  readonly originOf: (row: number) => string;
  /** What an answer in the response cache cost that a batch brought just now, by its name: told once, to the first that uses it. */
  readonly claim: (name: string) => Spending | undefined;
  /** ISO time. */
  readonly now: () => string;
  readonly runId: string;
};
