// What of a judge gives reason to doubt its scores. Computes no number.
import type { JudgeFailure } from './failures.ts';
import type { JudgeBias, JudgeReport, JudgeTraits } from './traits.ts';

export interface Doubt {
  readonly judge: string;
  readonly rubric: string;
  readonly finding: string;
  readonly value: number;
}

/**
 * Shares of scores at one end that hide what lies beyond: C. A. McHorney and A. R. Tarlov, Individual-patient monitoring in clinical
 * practice, Quality of Life Research 4 (1995).
 */
const CROWDED = 0.15;
/** Poor below: T. K. Koo and M. Y. Li, A guideline of selecting and reporting intraclass correlation coefficients (2016). */
const POOR = 0.5;
/** Not to be relied upon below: K. Krippendorff, Content Analysis (2004), chapter 11. */
const UNRELIABLE = 0.667;
/** Of evaluations without a score. */
const MANY_FAILED = 0.05;
/** Fewer scores say nothing of their ends, nor that they never vary. */
const LEAST_SCORES = 20;

export function doubtsOf({ traits, biases }: JudgeReport, failures: readonly JudgeFailure[]): Doubt[] {
  return [
    ...traits.flatMap(doubtsOfTraits),
    ...biases.flatMap(doubtsOfBias),
    ...failures.flatMap(doubtsOfFailure),
  ];
}

function doubtsOfTraits({
  judge,
  rubric,
  scores,
  mean,
  std,
  floor,
  ceiling,
  self,
  alpha,
  alphaInterval,
}: JudgeTraits): Doubt[] {
  const found: Doubt[] = [];
  const doubt = (finding: string, value: number): void => void found.push({ judge, rubric, finding, value });
  const isEnough = scores >= LEAST_SCORES;
  const varies = std !== 0;
  if (isEnough && !varies) doubt('the same score for every text', mean);
  if (isEnough && varies && ceiling >= CROWDED) doubt('many scores at the highest', ceiling);
  if (isEnough && varies && floor >= CROWDED) doubt('many scores at the lowest', floor);
  if (self?.interval !== undefined && self.interval.high < POOR)
    doubt('asked again, it says something else', self.value);
  if (alpha !== undefined && alphaInterval !== undefined && alphaInterval.high < UNRELIABLE)
    doubt('disagrees with the others', alpha);
  return found;
}

function doubtsOfBias({ bias, judge, rubric, value, adjusted }: JudgeBias): Doubt[] {
  if (adjusted === undefined || adjusted >= 0.05) return [];
  const words = {
    length: value > 0 ? 'longer texts score higher' : 'longer texts score lower',
    'own family': value > 0 ? 'prefers texts of its own family' : 'slights texts of its own family',
    drift: value > 0 ? 'grows milder with time' : 'grows stricter with time',
  };
  return [{ judge, rubric, finding: words[bias], value }];
}

function doubtsOfFailure({ judge, rubric, cause, share }: JudgeFailure): Doubt[] {
  return share < MANY_FAILED || cause === NOT_BUILT
    ? []
    : [{ judge, rubric, finding: `gives no score: ${cause}`, value: share }];
}

/** The cause of what nobody has asked yet. */
export const NOT_BUILT = 'not built';
