// A spec as data: axes, rules in the order in which they run, and the order of columns. Knows nothing of files.
import type { Place } from '../../problem.ts';
import type { Level } from './level.ts';

export interface Axis {
  readonly name: string;
  readonly levels: readonly Level[];
  readonly place: Place;
}

export interface Subset {
  readonly kind: 'subset';
  readonly axis: string;
  readonly keep: readonly Level[];
  readonly place: Place;
}

export interface Tie {
  readonly kind: 'tie';
  readonly name: string;
  /** At least one; the first gives the order of levels. */
  readonly axes: readonly string[];
  readonly place: Place;
}

export interface Pair {
  readonly kind: 'pair';
  readonly name: string;
  readonly left: string;
  readonly right: string;
  readonly allowed: readonly (readonly [Level, Level])[];
  readonly balance: 'none' | 'left' | 'right' | 'both';
  readonly place: Place;
}

export interface Tuple {
  readonly kind: 'tuple';
  readonly name: string;
  readonly axes: readonly string[];
  /** Each as long as `axes`. */
  readonly items: readonly (readonly Level[])[];
  readonly place: Place;
}

export type Rule = Subset | Tie | Pair | Tuple;

export interface Spec {
  readonly file: string;
  /** Declared axes, then those that tuples feed. */
  readonly axes: readonly Axis[];
  readonly rules: readonly Rule[];
  /** Names of axes, each once. */
  readonly fieldOrder: readonly string[];
}
