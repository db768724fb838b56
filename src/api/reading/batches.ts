// Batches as a program reads them. Asks nobody.
import { batchReport, type BatchReport } from '../../engine/build/batching.ts';
import { listBatches } from '../../model/batch/journal.ts';
import type { Layout } from '../../store/layout.ts';

export { unreadable as unreadableBatches } from '../../engine/build/batches.ts';

/** The oldest first. */
export function batchesOf(layout: Layout): readonly BatchReport[] {
  return listBatches(layout).map(batchReport);
}
