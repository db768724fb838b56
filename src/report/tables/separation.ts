// Where scores vary, and what would tell two names apart, as tables. Computes nothing but shares and rounding.
import { REPLICATE } from '../../cohort/replicates.ts';
import { type Noise, NOISES, type Noises } from '../../scores/separation/noise.ts';
import type { Remedy, SeparatedPair } from '../../scores/separation/pairs.ts';
import { roundOrBlank } from '../../statistics/summary.ts';
import { roundedColumn } from './levels.ts';
import { type ColumnOf, floatColumn, integerColumn, type Table, tableOf, textColumn } from './table.ts';

interface NoiseLine {
  readonly from: Noise;
  readonly variance: number | undefined;
  readonly degrees: number;
  readonly share: number | undefined;
  readonly note: string;
}

/** A line for each stage: what a score varies by because of it. */
export function noiseTable(noises: Noises): Table {
  const total = NOISES.reduce((sum, from) => sum + (noises[from].variance ?? 0), 0);
  const lines = NOISES.map((from): NoiseLine => {
    const { variance, degrees } = noises[from];
    const share = variance === undefined || total === 0 ? undefined : variance / total;
    return { from, variance, degrees, share, note: variance === undefined ? noteOf(noises, from) : '' };
  });
  return tableOf(NOISE, total === 0 && lines.every(({ degrees }) => degrees === 0) ? [] : lines);
}

/** Of a single combo neither can be told, however many ways lead from it. */
function noteOf({ combo }: Noises, from: Noise): string {
  return UNTOLD[from === 'rest' && combo.variance === undefined ? 'combo' : from];
}

/** Why nothing can be told of a stage, and where its noise is then. */
const UNTOLD: Readonly<Record<Noise, string>> = {
  combo: 'a single combo, or no two ways from the same combos',
  rest: 'a single way: in combo',
  draft: 'no draft was repeated: in rest',
  essay: 'no essay was repeated: in the drafts',
  judge: 'no two judges of a text: in the essays',
  replicate: 'no evaluation was repeated: in the judges',
};

const NOISE: readonly ColumnOf<NoiseLine>[] = [
  textColumn('from', (line) => line.from),
  roundedColumn('variance', (line) => line.variance),
  roundedColumn('std_dev', (line) => (line.variance === undefined ? undefined : Math.sqrt(line.variance))),
  roundedColumn('share', (line) => line.share),
  integerColumn('degrees', (line) => line.degrees),
  textColumn('note', (line) => line.note),
];

type RemedyLine = Omit<SeparatedPair, 'remedies'> & {
  readonly remedy: Remedy | undefined;
  /** The remedy's numbers, where there is enough to believe them. */
  readonly told: Remedy | undefined;
};

/**
 * A number more than so many times what there is can not be believed where it rests on the difference that was seen: that is then
 * smaller than nine tenths of its own standard error, and the next few scores may halve it or turn it around.
 */
const FURTHEST = 10;

/** Of each pair a line for its cheapest remedy, or for every one. */
export function separationTable(pairs: readonly SeparatedPair[], remedies: 'cheapest' | 'all'): Table {
  const lines = pairs.flatMap((pair): RemedyLine[] => {
    const [first, ...rest] = pair.remedies;
    return [first, ...(remedies === 'all' ? rest : [])].map((remedy) => ({
      ...pair,
      remedy,
      told: remedy === undefined || isTooFar(pair, remedy) ? undefined : remedy,
    }));
  });
  return tableOf(SEPARATION, lines);
}

/** A difference that somebody has named rests on nothing that was seen. */
function isTooFar({ difference, wanted }: SeparatedPair, { each, now, moreA, moreB }: Remedy): boolean {
  if (each === undefined || wanted !== Math.abs(difference)) return false;
  const had = now ?? each - Math.max(moreA ?? 0, moreB ?? 0);
  return each > FURTHEST * Math.max(1, had);
}

const SEPARATION: readonly ColumnOf<RemedyLine>[] = [
  textColumn('by', (line) => line.dimension),
  textColumn('a', (line) => line.a),
  textColumn('b', (line) => line.b),
  roundedColumn('difference', (line) => line.difference),
  textColumn('tied', (line) => (line.tied ? 'yes' : 'no')),
  textColumn('unit', (line) => line.remedy?.unit),
  integerColumn('needed_each', (line) => line.told?.each),
  integerColumn('more_a', (line) => line.told?.moreA),
  integerColumn('more_b', (line) => line.told?.moreB),
  floatColumn('usd', (line) => roundOrBlank(line.told?.usd, 4)),
  integerColumn('now', (line) => line.remedy?.now),
  roundedColumn('wanted', (line) => line.wanted),
  roundedColumn('power', (line) => line.told?.power),
  textColumn('edit', (line) => editOf(line)),
];

/** More levels than anybody types. */
const LONGEST_LIST = 12;

/** The axis of the spec that makes it, or why there is none. */
function editOf({ remedy, told, wanted, difference, tied }: RemedyLine): string {
  if (remedy === undefined) return wanted === 0 ? 'nothing can be told' : 'too few to tell';
  if (told === undefined) return 'too few to tell';
  const { unit, each, moreA } = remedy;
  if (each === undefined) return 'no number would do';
  // What tells these two would not, beside all others of their kind, tell the difference that was seen.
  if (moreA === 0)
    return tied && wanted === Math.abs(difference) ? 'enough for these two alone' : 'there are enough';
  switch (unit) {
    case 'combo':
      return `combo_id: ${moreA ?? ''} more`;
    case 'judge':
      return `evaluation_llm: ${moreA ?? ''} more`;
    case 'draft':
      return `${REPLICATE.draft[0] ?? ''}: ${numbersTo(each)}`;
    case 'essay':
      return `${REPLICATE.essay[0] ?? ''}: ${numbersTo(each)}`;
    case 'replicate':
    case 'evaluation':
      return `${REPLICATE.evaluation[0] ?? ''}: ${numbersTo(each)}`;
  }
}

function numbersTo(last: number): string {
  const numbers = Array.from({ length: Math.min(last, LONGEST_LIST) }, (_, at) => at + 1);
  return last > LONGEST_LIST ? `[1, 2, …, ${last}]` : `[${numbers.join(', ')}]`;
}
