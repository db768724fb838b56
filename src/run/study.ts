// What it takes to say what is left of a generation: verdicts to read, texts to render with. Nobody is asked and nothing is written.
import type { ConceptContent } from '../catalog/catalog.ts';
import type { FileDigests } from '../generation/trace.ts';
import type { Graph, GraphTemplate } from '../graph/graph.ts';
import type { Judge } from '../plan/judge.ts';
import type { Problem } from '../problem.ts';
import type { GenIndex } from '../store/gens/genindex.ts';
import type { Layout } from '../store/layout.ts';
import type { CompiledTemplate } from '../template/template.ts';

/** Texts behind the graph, read when they are first needed. */
export interface Texts {
  /** The template compiled, with the digest of the bytes that were read. */
  readonly template: (template: GraphTemplate) =>
    | {
        readonly digest: string;
        /** What that is the digest of. */
        readonly files: FileDigests;
        readonly compiled: CompiledTemplate;
        readonly system?: CompiledTemplate;
      }
    | { readonly problem: Problem };
  /** The text beside a template that asks nobody, as it stands, with its digest; undefined where there is none. */
  readonly plain: (template: GraphTemplate) => { readonly digest: string; readonly text: string } | undefined;
  /** A combo's concepts with the digest of what was read. */
  readonly concepts: (comboId: string) => {
    readonly digest: string;
    readonly contents: readonly ConceptContent[];
  };
}

export interface Study {
  readonly judge: Judge;
  readonly graph: Graph;
  readonly index: GenIndex;
  readonly texts: Texts;
  readonly layout: Layout;
}
