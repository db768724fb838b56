// What people said, as numbers beside the judges': a mean a text and rubric, and who was preferred. Knows no files.
import { groupBy } from '../../statistics/groups.ts';
import { summarize } from '../../statistics/summary.ts';
import type { GenId } from '../../generation/stage.ts';
import type { Judgement } from '../columns/judgements.ts';
import { clusterOf } from '../observations.ts';
import type { ScoredRow } from '../rows.ts';

/** Of texts as they are now. */
export interface GivenRating {
  readonly rater: string;
  readonly rubric: string;
  readonly first: GenId;
  readonly second: GenId | undefined;
  readonly answer: number | 'first' | 'second' | 'neither';
}

/** A text under a rubric, with what the judges say of it and, where anybody was asked, people. */
export interface JudgedText {
  /** Of one of its evaluations. */
  readonly row: ScoredRow;
  readonly cluster: string;
  readonly judgements: readonly Judgement[];
  /** The mean of the judges'. */
  readonly predicted: number;
  /** The mean of the people's scores. */
  readonly known: number | undefined;
}

export function judgedTexts(judgements: readonly Judgement[], ratings: readonly GivenRating[]): JudgedText[] {
  const said = new Map<string, number[]>();
  for (const { rubric, first, answer } of ratings) {
    if (typeof answer !== 'number') continue;
    const key = keyOf(first, rubric);
    said.set(key, [...(said.get(key) ?? []), answer]);
  }
  return groupBy(judgements, ({ row }) => [row.parentGenId, row.evaluationTemplate]).map(({ rows }) => {
    const [{ row }] = rows;
    return {
      row,
      cluster: clusterOf(row, 'combo'),
      judgements: rows,
      predicted: summarize(rows.map(({ mean }) => mean))?.mean ?? 0,
      known: summarize(said.get(keyOf(row.parentGenId, row.evaluationTemplate)) ?? [])?.mean,
    };
  });
}

function keyOf(essay: GenId, rubric: string): string {
  return JSON.stringify([essay, rubric]);
}

/** A person's choice between two texts. */
export interface Choice {
  readonly a: JudgedText;
  readonly b: JudgedText;
  /** 1 where a was preferred, 0 where b was, 0.5 for neither. */
  readonly won: number;
}

export function choicesOf(texts: readonly JudgedText[], ratings: readonly GivenRating[]): Choice[] {
  const byKey = new Map(
    texts.map((text) => [keyOf(text.row.parentGenId, text.row.evaluationTemplate), text]),
  );
  return ratings.flatMap(({ rubric, first, second, answer }): Choice[] => {
    if (typeof answer === 'number' || second === undefined) return [];
    const [a, b] = [byKey.get(keyOf(first, rubric)), byKey.get(keyOf(second, rubric))];
    if (a === undefined || b === undefined) return [];
    return [{ a, b, won: answer === 'neither' ? 0.5 : answer === 'first' ? 1 : 0 }];
  });
}
