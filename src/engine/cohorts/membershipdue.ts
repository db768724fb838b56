// The files of membership, brought up to date where that is due: what reads specs is loaded only then. Decides nothing about a cohort.
import type { LoadedGraph } from '../project/load.ts';
import { withoutFiles } from './sources.ts';

/** As `writeMembership` does. Call it with the lock held. */
export async function writeDueMembership(session: { readonly loaded: LoadedGraph }): Promise<void> {
  const { compiled, layout, graph } = session.loaded;
  if (compiled === undefined && withoutFiles(layout, graph).length === 0) return;
  const { writeMembership } = await import('./membershipfiles.ts');
  writeMembership(session);
}
