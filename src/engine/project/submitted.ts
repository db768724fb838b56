// Which generations wait for a batch: what is in one is neither stale nor to be asked again. Asks nobody.
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { genKey } from '../../generation/stage.ts';
import { keyAt, type Structure } from '../../graph/graph.ts';
import { isLive, listBatches, renewedKeys } from '../../model/batch/journal.ts';
import { SETTLED, STATES } from '../../plan/verdict.ts';
import { STATE, type Verdicts } from '../../plan/judge.ts';
import type { Layout } from '../../store/layout.ts';

/** One look at the disk where no batch was ever sent. */
export function everBatched({ state }: Pick<Layout, 'state'>): boolean {
  return existsSync(join(state, 'batches'));
}

export function hasOpenBatches(layout: Pick<Layout, 'state'>): boolean {
  return everBatched(layout) && listBatches(layout).some(isLive);
}

/** Generations, by stage and id, that were asked for again on purpose and whose answers a batch has brought: they are still to be put in place. */
export function renewedIn(layout: Pick<Layout, 'state'>): ReadonlySet<string> {
  return everBatched(layout) ? renewedKeys(listBatches(layout)) : new Set();
}

/** Says so of every row that a batch is under way for and that is not settled. */
export function markSubmitted(
  graph: Structure,
  verdicts: Pick<Verdicts, 'state'>,
  layout: Pick<Layout, 'state'>,
): void {
  if (!everBatched(layout)) return;
  const keys = new Set(
    listBatches(layout)
      .filter(isLive)
      .flatMap(({ questions }) => questions.map(([, stage, genId]) => genKey({ stage, genId }))),
  );
  if (keys.size === 0) return;
  for (const [row, state] of verdicts.state.entries()) {
    const word = STATES[state] ?? 'current';
    if (!SETTLED.has(word) && keys.has(keyAt(graph, row))) verdicts.state[row] = STATE.submitted;
  }
}
