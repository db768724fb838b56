// What making a generation takes: texts to read, somebody to ask, places to write. A bundle of what run's files share.
import type { CompiledTemplate } from '../template/template.ts';
import type { ParserRegistry } from '../generation/parsers/registry.ts';
import type { Problem } from '../problem.ts';
import type { ConceptContent } from '../catalog/catalog.ts';
import type { Ask, Graph, GraphTemplate, Task } from '../graph/graph.ts';
import type { ModelReply } from '../model/provider.ts';
import type { Judge } from '../plan/judge.ts';
import type { GenIndex } from '../store/gens/genindex.ts';
import type { Layout } from '../store/layout.ts';
import type { Pen } from '../store/writing/pen.ts';
import type { Desk } from './desk.ts';
import type { Asking } from './question.ts';

/** One attempt at a call, as raw_metadata.json lists it. */
export type AttemptNote = Readonly<Record<string, unknown>>;

/** What came of asking, retries and limits included. */
export type Answer =
  | {
      readonly kind: 'reply';
      readonly reply: ModelReply;
      readonly attempts: readonly AttemptNote[];
      readonly cost: number;
      readonly durationMs: number;
      /** The name under which the response cache keeps it; absent until it is kept, and for one that cost nothing. */
      readonly response?: string;
    }
  | {
      readonly kind: 'failure';
      readonly reason: string;
      readonly message: string;
      readonly attempts: readonly AttemptNote[];
      readonly cost: number;
    }
  | { readonly kind: 'parked'; readonly pool: string; readonly until: number }
  | { readonly kind: 'over_budget' }
  | { readonly kind: 'aborted' };

export interface Question {
  readonly task: Task;
  readonly ask: Ask;
  readonly prompt: string;
  /** For the ledger. */
  readonly cohort: string;
  /** Lower goes first. */
  readonly priority: number;
  /** Hears each time that it is sent, after its wait in the pool. */
  readonly onSent: () => void;
}

/** Texts behind the graph, read when they are first needed. */
export interface Texts {
  /** The template compiled, with the digest of the bytes that were read. */
  readonly template: (
    template: GraphTemplate,
  ) => { readonly digest: string; readonly compiled: CompiledTemplate } | { readonly problem: Problem };
  /** A combo's concepts with the digest of what was read. */
  readonly concepts: (comboId: string) => {
    readonly digest: string;
    readonly contents: readonly ConceptContent[];
  };
}

export interface Workshop {
  readonly layout: Layout;
  readonly graph: Graph;
  readonly index: GenIndex;
  readonly pen: Pen;
  readonly judge: Judge;
  readonly texts: Texts;
  readonly parsers: ParserRegistry;
  /** Calls under way, this run's and those that a superseded one let go of. */
  readonly desk: Desk;
  /** Never throws. */
  readonly answer: (question: Question, signal: AbortSignal) => Promise<Answer>;
  /** `only`: what is not in the response cache fails. */
  readonly cache: 'use' | 'only';
  /** Words for a question that the response cache could not answer, where nothing else may. */
  readonly missed: (asking: Asking) => string;
  /** Providers that reach no model and cost nothing. */
  readonly unpaid: ReadonlySet<string>;
  /** The first cohort that a generation belongs to. */
  readonly originOf: (row: number) => string;
  /** ISO time. */
  readonly now: () => string;
  readonly runId: string;
}
