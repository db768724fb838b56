// Experiments whose truth is known: scores drawn from variances that somebody names, and what the project concludes from them, by the
// functions that `report` uses. Measures nothing.
import { judgedIn } from '../src/scores/columns/judgements.ts';
import { type Ranked, rankBy } from '../src/scores/levels/ranking.ts';
import type { ScoredRow } from '../src/scores/rows.ts';
import { type Noise, noisesIn } from '../src/scores/separation/noise.ts';
import { Prices } from '../src/scores/separation/prices.ts';
import { separate, type SeparatedPair } from '../src/scores/separation/pairs.ts';
import { normalQuantile } from '../src/statistics/distributions/normal.ts';
import { seededBits } from '../src/statistics/seeded.ts';
import { type Cell, crossed, type Design } from '../test/support/scoredesign.ts';

/** Variances of a single score by stage. */
export type Truth = Readonly<Record<Noise, number>>;

export const SILENT: Truth = { combo: 0, rest: 0, draft: 0, essay: 0, judge: 0, replicate: 0 };

/** Draws from the standard normal distribution, the same for the same seed. */
export function normals(seed: number): () => number {
  const bits = seededBits(seed);
  return () => normalQuantile((bits() + 0.5) / 2 ** 32);
}

/** What a score is to be made of. */
export interface World {
  /** The true mean of each draft template. */
  readonly levels: readonly number[];
  readonly truth: Truth;
  /** How a score is written down; as it is where nothing is said. */
  readonly written?: (score: number) => number;
}

/**
 * Draws an experiment. What was drawn for a combo, a draft, an essay or a judgement stays when the design grows: then the larger one has
 * the smaller one in it.
 */
export function experiment(
  { levels, truth, written = (score) => score }: World,
  normal: () => number,
): (design: Design) => ScoredRow[] {
  const drawn = new Map<string, number>();
  const effect = (noise: Noise, name: string): number => {
    if (truth[noise] === 0) return 0;
    const key = `${noise} ${name}`;
    const found = drawn.get(key) ?? Math.sqrt(truth[noise]) * normal();
    drawn.set(key, found);
    return found;
  };
  const scoreOf = (cell: Cell): number =>
    written(
      (levels[cell.draftTemplate] ?? 0) +
        effect('combo', String(cell.combo)) +
        effect('rest', `${cell.combo} ${cell.draftTemplate}`) +
        effect('draft', cell.draft) +
        effect('essay', cell.essay) +
        effect('judge', `${cell.essay} ${cell.judge}`) +
        effect('replicate', `${cell.essay} ${cell.judge} ${cell.replicate}`),
    );
  return (design) => crossed({ ...design, draftTemplates: levels.length }, scoreOf);
}

/** The ranking of draft templates, as `report --stats` has it. */
export function ranking(rows: readonly ScoredRow[]): Ranked {
  return rankBy(judgedIn(rows), 'draft_template');
}

/** Whether two templates alone are told apart, and rightly: the first is the higher one in truth. */
export function toldApart(rows: readonly ScoredRow[]): boolean {
  const [pair] = ranking(rows).pairs;
  return pair?.higher !== undefined && pair[pair.higher] === 'd0';
}

/** USD for one more of each: a text is dearer than what a judge says of it. */
const PRICES = { draft: 0.02, essay: 0.02, evaluation: 0.01 } as const;

/** What `report --separate d0,d1 --difference …` offers. */
export function offersFor(rows: readonly ScoredRow[], difference: number): SeparatedPair | undefined {
  const judged = judgedIn(rows);
  const ranked = rankBy(judged, 'draft_template');
  const [a, b] = ranked.contenders;
  if (a === undefined || b === undefined) return undefined;
  const noises = noisesIn(judged);
  return separate(ranked, [a, b], {
    judged,
    noises,
    prices: new Prices(judged.columns, (stage) => PRICES[stage]),
    difference,
  });
}

/** The true variances as `report --show noise` would have them of an experiment without end. */
export function knownNoises(truth: Truth): ReturnType<typeof noisesIn> {
  const each = (noise: Noise): { variance: number; degrees: number } => ({
    variance: truth[noise],
    degrees: 1e6,
  });
  return {
    combo: each('combo'),
    rest: each('rest'),
    draft: each('draft'),
    essay: each('essay'),
    judge: each('judge'),
    replicate: each('replicate'),
  };
}
