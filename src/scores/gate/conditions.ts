// The language of quality gates: `rubric:novelty mean >= 6, failures < 5%` to conditions. Knows no scores.
import { defined } from '../../defined.ts';
import { problem, ProblemError, type Problem } from '../../problem.ts';
import { didYouMean } from '../../text/nearest.ts';
import { splitOutsideQuotes } from '../../text/quotes.ts';
import { type Dimension, DIMENSIONS } from '../levels/dimensions.ts';

/** The mean score, the evaluations without a current score in percent, and the number of scores. */
export const MEASURES = ['mean', 'failures', 'n'] as const;
export type Measure = (typeof MEASURES)[number];

const COMPARISONS = ['>=', '>', '<=', '<'] as const;
export type Comparison = (typeof COMPARISONS)[number];

export interface GateCondition {
  /** As it was written. */
  readonly condition: string;
  /** What it is about; all evaluations where it names nothing. */
  readonly names: Readonly<Partial<Record<Dimension, string>>>;
  readonly measure: Measure;
  /** Whether the whole 95 % interval must meet it, not the value alone. */
  readonly surely: boolean;
  readonly comparison: Comparison;
  /** In points of score, in percent, or scores, by the measure. */
  readonly bound: number;
}

/** The conditions of gates, all of which must be met. Throws a ProblemError (DD170) with each that can not be read. */
export function parseGates(gates: readonly string[]): readonly GateCondition[] {
  const problems: Problem[] = [];
  const conditions = (gates.length === 0 ? [''] : gates)
    .flatMap((gate) => splitOutsideQuotes(gate, /,/))
    .flatMap((text): readonly GateCondition[] => {
      try {
        return [conditionOf(text.trim())];
      } catch (error) {
        if (!(error instanceof ProblemError)) throw error;
        problems.push(...error.problems);
        return [];
      }
    });
  if (problems.length > 0) throw new ProblemError(problems);
  return conditions;
}

/** A gate that can not be used, at its condition. */
export function gateProblem(condition: string, message: string, cure?: string): ProblemError {
  return new ProblemError([
    problem('DD170', `in the gate "${condition}": ${message}`, {
      place: { field: '--gate' },
      data: { condition },
      ...defined({ cure }),
    }),
  ]);
}

/** What is measured, the sign, and the bound; signs in quotes are letters of a name. */
const PARTS = /^((?:[^"<>=!]|"[^"]*")*)([<>=!]+)(.*)$/su;

function conditionOf(condition: string): GateCondition {
  // An unset shell variable must not turn a gate into none.
  if (condition === '') throw gateProblem(condition, 'a condition is empty');
  const [, left = '', sign = '', right = ''] = PARTS.exec(condition) ?? [];
  const comparison = COMPARISONS.find((each) => each === sign);
  if (comparison === undefined)
    throw gateProblem(
      condition,
      sign === '' ? 'nothing is compared' : `${sign} is no comparison that a gate knows`,
      `Compare with one of: ${COMPARISONS.join(' ')}, such as \`mean >= 6\`.`,
    );
  const { names, measures, surely } = subjectOf(condition, left);
  const [measure] = measures;
  if (measure === undefined || measures.length > 1)
    throw gateProblem(
      condition,
      measure === undefined ? 'it does not say what is measured' : `it measures ${measures.join(' and ')}`,
      `Write one of ${MEASURES.join(', ')} before ${sign}; conditions are separated by commas.`,
    );
  if (surely && measure === 'n')
    throw gateProblem(condition, 'n is counted and has no interval', 'Leave `surely` out.');
  return { condition, names, measure, surely, comparison, bound: boundOf(condition, measure, right.trim()) };
}

interface Subject {
  readonly names: GateCondition['names'];
  readonly measures: readonly Measure[];
  readonly surely: boolean;
}

function subjectOf(condition: string, left: string): Subject {
  const names: Partial<Record<Dimension, string>> = {};
  const measures: Measure[] = [];
  let surely = false;
  for (const word of splitOutsideQuotes(left, /\s+/).filter((each) => each !== '')) {
    const colon = word.indexOf(':');
    const measure = MEASURES.find((each) => each === word);
    if (word === 'surely') surely = true;
    else if (measure !== undefined) measures.push(measure);
    else if (colon < 0)
      throw gateProblem(
        condition,
        `"${word}" is nothing that can be measured${didYouMean(word, [...MEASURES, 'surely'])}`,
        `Write one of ${MEASURES.join(', ')}, behind what it is about, such as \`rubric:novelty\`.`,
      );
    else {
      const dimension = dimensionOf(condition, word.slice(0, colon));
      const written = word.slice(colon + 1);
      const name = /^"([^"]*)"$/u.exec(written)?.[1] ?? written;
      if (name === '') throw gateProblem(condition, `"${word}" names nothing`);
      if (names[dimension] !== undefined)
        throw gateProblem(
          condition,
          `nothing has two names of ${dimension}`,
          'Write a condition for each, separated by a comma.',
        );
      names[dimension] = name;
    }
  }
  return { names, measures, surely };
}

function dimensionOf(condition: string, word: string): Dimension {
  const found = DIMENSIONS.find((each) => each === word);
  if (found !== undefined) return found;
  throw gateProblem(
    condition,
    `scores are not told apart by "${word}"${didYouMean(word, DIMENSIONS)}`,
    `Use one of: ${DIMENSIONS.map((each) => `${each}:`).join(' ')}.`,
  );
}

function boundOf(condition: string, measure: Measure, text: string): number {
  const [, digits, percent] = /^([-+]?(?:\d+\.?\d*|\.\d+))\s*(%?)$/u.exec(text) ?? [];
  if (digits === undefined)
    throw gateProblem(
      condition,
      text === '' ? 'there is no number to compare with' : `"${text}" is no number`,
      `Write a number, such as \`${measure === 'failures' ? 'failures < 5%' : `${measure} >= 6`}\`.`,
    );
  // 0.05 could be a twentieth of all or of a percent; nothing is nothing of either.
  if (measure === 'failures' && Number(digits) === 0) return 0;
  if ((measure === 'failures') !== (percent === '%'))
    throw gateProblem(
      condition,
      measure === 'failures' ? 'failures are a share, in percent' : `${measure} is no share`,
      measure === 'failures' ? 'Write it with its sign, such as `failures < 5%`.' : 'Leave the % out.',
    );
  return Number(digits);
}
