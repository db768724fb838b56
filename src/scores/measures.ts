// What stands beside the judges' scores, each on a scale of its own: the named scores of a rubric, and what code counted. By level, and
// never averaged together. Knows no tables.
import type { Interval } from '../statistics/clustered.ts';
import type { Estimate } from '../statistics/estimates.ts';
import { groupBy } from '../statistics/groups.ts';
import { ScoreColumns } from './columns/scorecolumns.ts';
import { type ComparedDimension, levelsIn } from './levels/dimensions.ts';
import { meanOf, meansOf } from './levels/means.ts';
import type { Clustering, Over } from './observations.ts';
import { isJudged, isScored, type ScoredRow, type ScoreRow } from './rows.ts';

/** A measure at a level. */
export interface Measured {
  readonly rubric: string;
  /** The name of the score in the rubric's replies; `score` for what code counted. */
  readonly score: string;
  readonly by: ComparedDimension | 'all';
  readonly name: string;
  readonly estimate: Estimate;
  readonly clustering: Clustering;
}

/** Judges are told apart too; a rubric's scores are never those of another. */
const LEVELS = ['way', 'draft_template', 'draft_model', 'essay_template', 'essay_model', 'judge'] as const;

/** In code point order of rubrics, and in that of the names of their scores. */
export function measuresOf(rows: readonly ScoreRow[], over: Over): readonly Measured[] {
  const clustering = over === 'combos' ? 'combo' : 'essay';
  const found = rows.filter(isScored).flatMap(measuredIn);
  const measures = groupBy(found, ({ row, score }) => [row.evaluationTemplate, score]);
  return measures.flatMap(({ key: [rubric = '', score = ''], rows: own }) => {
    const columns = new ScoreColumns(
      own.map(({ row }) => row),
      own.map(({ value }) => value),
    );
    const all = meanOf(columns, clustering);
    const judged = columns.rows.some(isJudged);
    const levels = LEVELS.filter((by) => by !== 'judge' || judged).flatMap((by) => {
      const names = levelsIn(columns, by);
      return meansOf(columns, names, clustering).map(({ level, estimate }) => ({
        by,
        name: names.names[level] ?? '',
        estimate,
      }));
    });
    const whole = all === undefined ? [] : [{ by: 'all' as const, name: '', estimate: all }];
    return [...whole, ...levels].map((each): Measured => ({ rubric, score, clustering, ...each }));
  });
}

interface MeasuredRow {
  readonly row: ScoredRow;
  /** Of the score beside the row's own, or of that. */
  readonly score: string;
  readonly value: number;
}

/** A row once for each measure that it holds. */
function measuredIn(row: ScoredRow): readonly MeasuredRow[] {
  const judged = isJudged(row);
  if (judged && row.named === undefined) return [];
  const named = Object.entries(row.named ?? {}).map(([score, value]) => ({ row, score, value }));
  return judged ? named : [{ row, score: 'score', value: row.score }, ...named];
}

/** Rubrics whose scores are read alike, with the least and the highest of them. */
export interface ScaleSeen extends Interval {
  readonly rubrics: readonly string[];
}

/** So many times higher than another's the highest score of a scale is, where the two are surely not one. */
const APART = 2;

/**
 * The scales of scores that are averaged together although they surely differ: other parsers read them, and the highest of one is twice
 * that of another or more. None where there is no such thing. `kindOf`: the same for rubrics that one parser reads; blank where nobody knows.
 */
export function mixedScales(
  rows: readonly ScoreRow[],
  kindOf: (rubric: string) => string,
): readonly ScaleSeen[] {
  const ranges = new Map<string, { low: number; high: number }>();
  for (const row of rows) {
    if (!isScored(row)) continue;
    const range = ranges.get(row.evaluationTemplate) ?? { low: row.score, high: row.score };
    range.low = Math.min(range.low, row.score);
    range.high = Math.max(range.high, row.score);
    ranges.set(row.evaluationTemplate, range);
  }
  const known = [...ranges].filter(([rubric]) => kindOf(rubric) !== '');
  const scales = groupBy(known, ([rubric]) => [kindOf(rubric)]).map(({ rows: alike }): ScaleSeen => ({
    rubrics: alike.map(([rubric]) => rubric).sort(),
    low: Math.min(...alike.map(([, { low }]) => low)),
    high: Math.max(...alike.map(([, { high }]) => high)),
  }));
  const highest = scales.map(({ high }) => high);
  return scales.length > 1 && Math.max(...highest) >= APART * Math.min(...highest) ? scales : [];
}

/** What whoever reads such means has to know, in one sentence for all who show them; undefined where the scales are one. */
export function mixedText(mixed: readonly ScaleSeen[]): string | undefined {
  if (mixed.length === 0) return undefined;
  const scales = mixed.map(({ rubrics, low, high }) => `${rubrics.join(', ')} (${low} to ${high})`);
  return `means of anything but rubrics mix scores of several scales: ${scales.join('; ')}`;
}
