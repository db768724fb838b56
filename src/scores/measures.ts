// What stands beside the judges' scores, each on a scale of its own: the named scores of a rubric, and what code counted. By level, and
// never averaged together. Knows no tables.
import { type Estimate, estimateMean } from '../statistics/estimates.ts';
import { groupBy } from '../statistics/groups.ts';
import { type ComparedDimension, levelName, LEVEL_KEYS } from './levels/dimensions.ts';
import { type Clustering, observationsOf, type Over } from './observations.ts';
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
  const scored = rows.filter(isScored);
  const clustering = over === 'combos' ? 'combo' : 'essay';
  const measures = groupBy(scored.flatMap(measuredRows), ({ row, score }) => [row.evaluationTemplate, score]);
  return measures.flatMap(({ key: [rubric = '', score = ''], rows: found }) => {
    const values = found.map(({ row }) => row);
    const levels = LEVELS.filter((by) => by !== 'judge' || values.some(isJudged)).flatMap((by) =>
      groupBy(values, LEVEL_KEYS[by]).map((each) => ({ by, name: levelName(by, each.key), rows: each.rows })),
    );
    return [{ by: 'all' as const, name: '', rows: values }, ...levels].flatMap(
      ({ by, name, rows: own }): Measured[] => {
        const estimate = estimateMean(observationsOf(own, clustering));
        return estimate === undefined ? [] : [{ rubric, score, by, name, estimate, clustering }];
      },
    );
  });
}

/** A row once for each measure that it holds. */
function measuredRows(row: ScoredRow): readonly { readonly row: ScoredRow; readonly score: string }[] {
  const named = Object.entries(row.named ?? {}).map(([score, value]) => ({
    row: { ...row, score: value },
    score,
  }));
  return isJudged(row) ? named : [{ row, score: 'score' }, ...named];
}
