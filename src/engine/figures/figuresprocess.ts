// The process that reckons the figures of a data root, keeps them as `report --stats` would, and ends. Knows nobody who asks.
import { setPriority } from 'node:os';
import { setTimeout as wait } from 'node:timers/promises';
import { OLD_MS } from '../../store/gens/genindex.ts';
import { loadOptionsFor } from '../project/options.ts';
import { openSession } from '../project/session.ts';
import type { FiguresWanted } from './ahead.ts';
import { allCounted, askedNow, LISTED_ESSAYS, tablesOf } from './figures.ts';

/** As `nice` counts: whoever waits for something comes first. */
const MODEST = 10;

async function keep({ root, dataRoot, provider }: FiguresWanted): Promise<void> {
  // Of files that are younger nothing is kept.
  await wait(OLD_MS);
  const session = await openSession(loadOptionsFor({ directory: root, root, dataRoot, provider }));
  const all = session.loaded.structure.cohorts.map(({ id }) => id);
  await tablesOf(session, await askedNow(session, all, allCounted), { essays: LISTED_ESSAYS });
}

setPriority(MODEST);
process.once('message', (wanted: FiguresWanted) => {
  // Whoever asks for them later hears what is wrong.
  void keep(wanted)
    .catch(() => {})
    .finally(() => process.disconnect());
});
// Whom nobody waits for any more, nobody needs.
process.once('disconnect', () => process.kill(process.pid, 'SIGKILL'));
