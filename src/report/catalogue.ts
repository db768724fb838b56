// The list of all reports: a new one is added here. Knows nothing of when they are written.
import { evaluationScoresByTemplateModel, templateVersionComparison } from './tables/essaypivots.ts';
import { type Allowlists, evaluationModelTemplatePivot, generationScores } from './tables/essayscores.ts';
import { finalResults } from './tables/finalresults.ts';
import { perfectScorePaths } from './tables/perfectscores.ts';
import {
  aggregatedScores,
  allAggregatedScores,
  filteredEvaluationResults,
  namedScores,
} from './tables/scores.ts';
import { poolable, type ScoreRow } from '../scores/rows.ts';
import type { Table } from './tables/table.ts';
import { varianceAnalysis } from './tables/variance.ts';

export interface ReportInput {
  /** One cohort's evaluations in the order of its membership, or every evaluation of the store, in any order. */
  readonly rows: readonly ScoreRow[];
  /** What the cohort's spec names; undefined lets every rubric and judge through. */
  readonly allowed: Allowlists | undefined;
  /** The score that counts as perfect, such as 9. */
  readonly perfectScore: number;
}

export interface Report {
  readonly name: string;
  /** `cohort` reads one cohort's evaluations, `all` those of the whole store. */
  readonly scope: 'cohort' | 'all';
  /** Below the cohort's folder, or below the data root where the scope is `all`. */
  readonly path: string;
  readonly table: (input: ReportInput) => Table;
  /** A file of it is made only where it has rows. */
  readonly optional?: true;
}

export const REPORTS: readonly Report[] = [
  {
    name: 'aggregated_scores',
    scope: 'cohort',
    path: 'reports/parsing/aggregated_scores.csv',
    table: ({ rows }) => aggregatedScores(rows),
  },
  {
    name: 'generation_scores',
    scope: 'cohort',
    path: 'reports/summary/generation_scores.csv',
    table: ({ rows, allowed }) => generationScores(rows, allowed),
  },
  {
    name: 'evaluation_model_template_pivot',
    scope: 'cohort',
    path: 'reports/summary/evaluation_model_template_pivot.csv',
    table: ({ rows }) => evaluationModelTemplatePivot(rows),
  },
  {
    name: 'final_results',
    scope: 'cohort',
    path: 'reports/summary/final_results.csv',
    table: ({ rows, perfectScore }) => finalResults(poolable(rows), perfectScore),
  },
  {
    name: 'perfect_score_paths',
    scope: 'cohort',
    path: 'reports/summary/perfect_score_paths.csv',
    table: ({ rows, perfectScore }) => perfectScorePaths(poolable(rows), perfectScore),
  },
  {
    name: 'variance_analysis',
    scope: 'cohort',
    path: 'reports/analysis/variance_analysis.csv',
    table: ({ rows }) => varianceAnalysis(poolable(rows)),
  },
  {
    name: 'named_scores',
    scope: 'cohort',
    path: 'reports/parsing/named_scores.csv',
    table: ({ rows }) => namedScores(rows),
    optional: true,
  },
  {
    name: 'aggregated_scores',
    scope: 'all',
    path: '7_cross_experiment/aggregated_scores.csv',
    table: ({ rows }) => allAggregatedScores(rows),
  },
  {
    name: 'named_scores',
    scope: 'all',
    path: '7_cross_experiment/named_scores.csv',
    table: ({ rows }) => namedScores(rows),
    optional: true,
  },
  {
    name: 'filtered_evaluation_results',
    scope: 'all',
    path: '7_cross_experiment/filtered_evaluation_results.csv',
    table: ({ rows }) => filteredEvaluationResults(rows),
  },
  {
    name: 'evaluation_scores_by_template_model',
    scope: 'all',
    path: '7_cross_experiment/evaluation_scores_by_template_model.csv',
    table: ({ rows, allowed }) => evaluationScoresByTemplateModel(rows, allowed),
  },
  {
    name: 'template_version_comparison_pivot',
    scope: 'all',
    path: '7_cross_experiment/template_version_comparison_pivot.csv',
    table: ({ rows }) => templateVersionComparison(rows),
  },
];
