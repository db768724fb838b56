// What people's scores and preferences say of judges and of levels. Knows no files and no tables; prices are handed in.
import { contrastOfMeans, type Contrast } from '../../statistics/clustered.ts';
import { type Comparison, bradleyTerry, type Strength } from '../../statistics/bradleyterry.ts';
import { distinct, groupBy } from '../../statistics/groups.ts';
import { type Both, spearman, weightedKappa } from '../../statistics/agreement/ranks.ts';
import { type Jackknifed, jackknife } from '../../statistics/jackknife.ts';
import { type CorrectedMean, powerTuned, predictionPoweredMean } from '../../statistics/predictionpowered.ts';
import { summarize } from '../../statistics/summary.ts';
import type { Judgement } from '../columns/judgements.ts';
import { type ComparedDimension, LEVEL_KEYS, levelName } from '../levels/dimensions.ts';
import type { PriceOf } from '../separation/prices.ts';
import { type Choice, choicesOf, type GivenRating, type JudgedText, judgedTexts } from './ratings.ts';

/** A judge beside people, by a rubric. */
export interface JudgeAgainstPeople {
  /** Blank for the mean of all judges. */
  readonly judge: string;
  readonly rubric: string;
  /** Texts that both have scored. */
  readonly texts: number;
  readonly spearman: Jackknifed;
  readonly kappa: Jackknifed;
  /** How much higher than people the judge scores, on average; undefined without any text. */
  readonly bias: Contrast | undefined;
  /** Choices between two texts that people made and the judge scored. */
  readonly choices: number;
  /** The share of choices in which the judge's scores order the two alike; two equal scores count half. */
  readonly alike: Contrast | undefined;
}

/** What is compared by people's scores: not judges, which are judged by them. */
const LEVELS = [
  'draft_template',
  'draft_model',
  'essay_template',
  'essay_model',
  'way',
] as const satisfies readonly ComparedDimension[];

/** The mean that people would give, from what they gave to some and judges to all. */
export interface CorrectedLevel {
  readonly dimension: ComparedDimension | 'all';
  readonly name: string;
  readonly rubric: string;
  readonly texts: number;
  /** Texts that people have scored. */
  readonly rated: number;
  /** The mean of the judges' scores of all texts. */
  readonly judges: number;
  /** From 0 to 1: how much the judges' scores are relied upon. */
  readonly trust: number;
  readonly corrected: CorrectedMean;
  /** So many further ratings would narrow the interval of people's scores alone as far as the judges' scores do; 0 or more. */
  readonly worth: number | undefined;
  /** USD that the judges' scores cost, were they bought now; undefined where a price is not known. */
  readonly usd: number | undefined;
}

export interface PreferredLevel extends Strength {
  readonly dimension: ComparedDimension;
  readonly name: string;
  readonly rubric: string;
  /** Choices between this level and another. */
  readonly choices: number;
  /** Wins, and half of the ties. */
  readonly wins: number;
}

export interface PeopleStatistics {
  readonly raters: number;
  readonly judges: readonly JudgeAgainstPeople[];
  readonly corrected: readonly CorrectedLevel[];
  readonly preferred: readonly PreferredLevel[];
}

/** Undefined where nobody has said anything of these texts. */
export function peopleStatistics(
  judgements: readonly Judgement[],
  ratings: readonly GivenRating[],
  priceOf: PriceOf,
): PeopleStatistics | undefined {
  if (ratings.length === 0) return undefined;
  const texts = judgedTexts(judgements, ratings);
  const choices = choicesOf(texts, ratings);
  const rubrics = groupBy(texts, ({ row }) => [row.evaluationTemplate]).map(
    ({ key: [rubric = ''], rows }) => ({
      rubric,
      texts: rows,
      choices: choices.filter(({ a }) => a.row.evaluationTemplate === rubric),
    }),
  );
  const found = {
    raters: distinct(ratings.map(({ rater }) => rater)).length,
    judges: rubrics.flatMap(judgesOf),
    corrected: rubrics.flatMap((each) => correctedOf(each, priceOf)),
    preferred: rubrics.flatMap(preferredOf),
  };
  return found.judges.length === 0 ? undefined : found;
}

interface OfRubric {
  readonly rubric: string;
  readonly texts: readonly JudgedText[];
  readonly choices: readonly Choice[];
}

type ScoreOf = (text: JudgedText) => number | undefined;

function judgesOf({ rubric, texts, choices }: OfRubric): JudgeAgainstPeople[] {
  const judges = distinct(
    texts.flatMap(({ judgements }) => judgements.map(({ row }) => row.evaluationModel)),
  );
  const against = (judge: string, scoreOf: ScoreOf): JudgeAgainstPeople[] => {
    const both = texts.flatMap((text) => {
      const { known, cluster } = text;
      const score = scoreOf(text);
      return known === undefined || score === undefined ? [] : [{ cluster, pair: [score, known] as const }];
    });
    const alike = choices.flatMap((choice) => alikeIn(choice, scoreOf));
    if (both.length === 0 && alike.length === 0) return [];
    const clusters = groupBy(both, ({ cluster }) => [cluster]).map(({ rows }) =>
      rows.map(({ pair }) => pair),
    );
    return [
      {
        judge,
        rubric,
        texts: both.length,
        spearman: jackknife<Both>(clusters, spearman),
        kappa: jackknife<Both>(clusters, weightedKappa),
        bias: meanOf(both.map(({ cluster, pair: [score, known] }) => ({ cluster, value: score - known }))),
        choices: alike.length,
        alike: meanOf(alike),
      },
    ];
  };
  const own = judges.flatMap((judge) =>
    against(judge, ({ judgements }) => judgements.find(({ row }) => row.evaluationModel === judge)?.mean),
  );
  return judges.length > 1 ? [...own, ...against('', ({ predicted }) => predicted)] : own;
}

function meanOf(
  observations: readonly { readonly cluster: string; readonly value: number }[],
): Contrast | undefined {
  return contrastOfMeans([{ weight: 1, observations }]);
}

function alikeIn({ a, b, won }: Choice, scoreOf: ScoreOf): { cluster: string; value: number }[] {
  const [one, other] = [scoreOf(a), scoreOf(b)];
  if (won === 0.5 || one === undefined || other === undefined) return [];
  const value = one === other ? 0.5 : one > other === (won === 1) ? 1 : 0;
  return [{ cluster: a.cluster, value }];
}

function correctedOf({ rubric, texts }: OfRubric, priceOf: PriceOf): CorrectedLevel[] {
  const trust = powerTuned(texts) ?? 0;
  const levels = LEVELS.flatMap((dimension) =>
    groupBy(texts, ({ row }) => LEVEL_KEYS[dimension](row)).map(({ key, rows }) => ({
      dimension,
      name: levelName(dimension, key),
      rows,
    })),
  );
  return [{ dimension: 'all' as const, name: '', rows: texts }, ...levels].flatMap(
    ({ dimension, name, rows }): CorrectedLevel[] => {
      const corrected = predictionPoweredMean(rows, trust);
      if (corrected === undefined) return [];
      const rated = rows.filter(({ known }) => known !== undefined).length;
      return [
        {
          dimension,
          name,
          rubric,
          texts: rows.length,
          rated,
          judges: summarize(rows.map(({ predicted }) => predicted))?.mean ?? 0,
          trust,
          corrected,
          worth: worthOf(corrected, rated),
          usd: priceOfAll(rows, priceOf),
        },
      ];
    },
  );
}

/** n ratings alone have the variance v / n; with the judges' scores they have that of v / (n + worth). */
function worthOf({ error, interval, classical }: CorrectedMean, rated: number): number | undefined {
  if (interval === undefined || classical.interval === undefined || error === undefined) return undefined;
  const variance = (classical.error ?? 0) ** 2;
  return error === 0 || variance === 0 ? undefined : Math.max(0, rated * (variance / error ** 2 - 1));
}

function priceOfAll(texts: readonly JudgedText[], priceOf: PriceOf): number | undefined {
  let total = 0;
  for (const { judgements } of texts)
    for (const { row, scores } of judgements) {
      const price = priceOf('evaluation', row.genId);
      if (price === undefined) return undefined;
      total += price * scores.length;
    }
  return total;
}

function preferredOf({ rubric, choices }: OfRubric): PreferredLevel[] {
  return LEVELS.flatMap((dimension) => {
    const nameOf = ({ row }: JudgedText): string => levelName(dimension, LEVEL_KEYS[dimension](row));
    const between = choices.filter(({ a, b }) => nameOf(a) !== nameOf(b));
    const names = distinct(between.flatMap(({ a, b }) => [nameOf(a), nameOf(b)]));
    const combos = distinct(between.map(({ a }) => a.cluster));
    const comparisons = between.map(({ a, b, won }): Comparison => ({
      a: names.indexOf(nameOf(a)),
      b: names.indexOf(nameOf(b)),
      won,
      cluster: combos.indexOf(a.cluster),
    }));
    const strengths = bradleyTerry(names.length, comparisons);
    const lines = names.map((name, at): PreferredLevel => {
      const own = comparisons.filter(({ a, b }) => a === at || b === at);
      const wins = own.reduce((total, { a, won }) => total + (a === at ? won : 1 - won), 0);
      const strength = strengths?.[at] ?? { value: Number.NaN, interval: undefined, place: undefined };
      return { dimension, name, rubric, choices: own.length, wins, ...strength };
    });
    return lines.sort((x, y) => y.value - x.value || y.wins / y.choices - x.wins / x.choices);
  });
}
