// At the end of a build that took long its figures are reckoned: whoever looks at them first need not wait. Decides whether that is worth it,
// and ends it where somebody wants to go.
import type { LoadOptions } from '../project/options.ts';
import { locate } from '../project/load.ts';
import { indexPath } from '../../store/layout.ts';
import { WORTH_KEEPING } from '../results/kept.ts';
import { loadIndex } from '../../store/gens/genindex.ts';
import { FiguresAhead } from './ahead.ts';

/** Milliseconds that it takes: most of what it takes anyway is until the last files are old enough. */
const COST = { anyway: 3000, generation: 0.035 } as const;
/** Of the time that the build took: so much that whoever asked for a hundred thousand offline, the fastest of them, finds them reckoned. */
const SHARE = 1 / 5;

/** Whether the figures cost at most a fifth of a build, and are kept at all. `took`: milliseconds. */
export function worthAfter(took: number, generations: number): boolean {
  return generations >= WORTH_KEEPING && COST.anyway + COST.generation * generations <= SHARE * took;
}

export interface BuildEnded {
  readonly loading: LoadOptions;
  /** Milliseconds, of a build that made something. */
  readonly took: number;
  readonly stopping: { readonly asked: () => boolean; readonly listen: (listener: () => void) => void };
  /** Called before it begins. */
  readonly onBegin: () => void;
}

/** Resolves when they are kept or given up: at once where it is not worth it, or somebody asks to stop. */
export async function figuresAfter(
  { loading, took, stopping, onBegin }: BuildEnded,
  ahead: Pick<FiguresAhead, 'begin' | 'giveUp'> = new FiguresAhead(loading),
): Promise<void> {
  const { layout } = await locate(loading);
  const generations = loadIndex(indexPath(layout))?.index.size ?? 0;
  if (stopping.asked() || !worthAfter(took, generations)) return;
  onBegin();
  const begun = ahead.begin();
  stopping.listen(() => ahead.giveUp());
  await begun;
}
