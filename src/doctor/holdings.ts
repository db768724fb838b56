// The generations of the store, each put in its place as it is read: by its row of the graph, or beside it. Reads nothing.
import { genKey, parentStage, type GenId, type Stage } from '../generation/stage.ts';
import { rowFinder, type RowOf } from '../graph/graph.ts';
import type { GenIndex } from '../store/gens/genindex.ts';
import type { StoredGeneration } from '../store/gens/surveyfacts.ts';
import type { Session } from '../engine/project/session.ts';
import { coordinateCheck } from './coordinates.ts';

export class Holdings {
  /** Those whose coordinates in metadata.json do not give their id. */
  readonly strangers = new Set<StoredGeneration>();
  /** 1 for the rows that were read, whether or not they may be believed. */
  readonly filled: Uint8Array;
  readonly rowOf: RowOf;
  readonly #session: Session | undefined;
  readonly #isWhoItSays: (stored: StoredGeneration) => boolean;
  readonly #byRow: StoredGeneration[] = [];
  /** Those that the graph does not have, by stage and id. */
  readonly #beside = new Map<string, StoredGeneration>();

  /** `compiled`: whether a cohort is compiled from a spec. */
  constructor(session: Session | undefined, compiled: (cohort: string) => boolean) {
    const graph = session?.loaded.graph;
    this.#session = session;
    this.filled = new Uint8Array(graph?.size ?? 0);
    this.rowOf = graph === undefined ? () => undefined : rowFinder(graph);
    this.#isWhoItSays = coordinateCheck(graph, compiled);
  }

  /** Takes some, each once, and what an index of their own says of them. */
  take(some: readonly StoredGeneration[], from: GenIndex): void {
    const to = new Int32Array(some.length).fill(-1);
    for (const [place, each] of some.entries()) {
      const { row } = each;
      if (row >= 0) this.filled[row] = 1;
      // Of one that may not be read nothing is to be believed.
      if (each.unreadable.length > 0) continue;
      if (!this.#isWhoItSays(each)) this.strangers.add(each);
      if (row < 0) this.#beside.set(genKey(each), each);
      else this.#byRow[row] = each;
      to[place] = row;
    }
    this.#session?.index.adoptRows(to, from);
  }

  readonly stored = (stage: Stage, genId: GenId): StoredGeneration | undefined => {
    const row = this.rowOf(stage, genId);
    return row === undefined ? this.#beside.get(genKey({ stage, genId })) : this.#byRow[row];
  };

  /** The one that a metadata.json names as its parent. */
  readonly parentOf = ({ stage, parentId, row }: StoredGeneration): StoredGeneration | undefined => {
    if (parentId === undefined || stage === 'draft') return undefined;
    // Mostly it is the graph's, which need not be looked for.
    const likely = this.#byRow[this.#session?.loaded.graph.parent[row] ?? -1];
    return likely?.genId === parentId ? likely : this.stored(parentStage(stage), parentId);
  };
}
