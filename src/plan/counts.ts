// Verdicts counted: by cohort, stage and state for a status; by stage and reason for a plan. Only counts; words are its readers'.
import { STAGES, type Stage } from '../generation/stage.ts';
import { compareCodePoints } from '../text/python.ts';
import { at, type Graph } from '../graph/graph.ts';
import type { Verdicts } from './judge.ts';
import { STATES, whyWords, type State } from './verdict.ts';

export interface StateCount {
  readonly stage: Stage;
  readonly state: State;
  /** More than 0. */
  readonly count: number;
}

export interface StatusCounts {
  /** Cohorts in code point order; a generation that several share counts in each. */
  readonly cohorts: readonly { readonly id: string; readonly counts: readonly StateCount[] }[];
  /** Every generation once. */
  readonly total: readonly StateCount[];
}

/** Counts by stage, then state, in the order of the pipeline; only rows that are 1 in `selected`, where it is given. */
export function countStates(
  graph: Graph,
  { state }: Pick<Verdicts, 'state'>,
  selected?: Uint8Array,
): StatusCounts {
  const countRows = (rows: Iterable<number>): readonly StateCount[] => {
    const counts = new Uint32Array(STAGES.length * STATES.length);
    for (const row of rows) {
      if (selected !== undefined && selected[row] !== 1) continue;
      const place = at(graph.stage, row) * STATES.length + at(state, row);
      counts[place] = at(counts, place) + 1;
    }
    return STAGES.flatMap((stage, i) =>
      STATES.map((word, j) => ({ stage, state: word, count: at(counts, i * STATES.length + j) })),
    ).filter(({ count }) => count > 0);
  };
  const cohorts = graph.cohorts
    .map(({ id, members }) => ({ id, counts: countRows(members) }))
    .sort((a, b) => compareCodePoints(a.id, b.id));
  return { cohorts, total: countRows(graph.ids.keys()) };
}

export interface ReasonCount {
  readonly stage: Stage;
  /** A short word: `template`, `never built`. */
  readonly reason: string;
  readonly count: number;
}

/** How many generations have a reason; one with several counts under each. By stage, most frequent first. */
export function countReasons(
  graph: Graph,
  { why }: Pick<Verdicts, 'why'>,
  selected?: Uint8Array,
): readonly ReasonCount[] {
  const counts = STAGES.map(() => new Map<number, number>());
  for (let row = 0; row < graph.size; row++) {
    const bits = at(why, row);
    if (bits === 0 || (selected !== undefined && selected[row] !== 1)) continue;
    const ofStage = at(counts, at(graph.stage, row));
    ofStage.set(bits, (ofStage.get(bits) ?? 0) + 1);
  }
  return STAGES.flatMap((stage, i) => {
    const words = new Map<string, number>();
    for (const [bits, count] of at(counts, i)) {
      for (const word of whyWords(bits)) words.set(word, (words.get(word) ?? 0) + count);
    }
    return [...words]
      .map(([reason, count]) => ({ stage, reason, count }))
      .sort((a, b) => b.count - a.count || compareCodePoints(a.reason, b.reason));
  });
}
