// The asset groups of the earlier, scheduler-based pipeline, and the commands that do their work here. Only words.

export interface AssetEntry {
  readonly asset: string;
  /** What to type; absent where nothing has to be done any more. */
  readonly command?: string;
  /** What became of it. */
  readonly note: string;
}

export interface AssetGroup {
  readonly group: string;
  readonly assets: readonly AssetEntry[];
}

const REPORTS = 'daydream report <cohort>';

/** In the order of the pipeline. */
export const ASSET_MAP: readonly AssetGroup[] = [
  {
    group: 'raw_sources',
    assets: ['concepts', 'llm_models', 'draft_templates', 'essay_templates', 'evaluation_templates'].map(
      (asset) => ({
        asset,
        command: 'daydream plan',
        note: 'read by content at every command; `daydream watch` follows changes',
      }),
    ),
  },
  {
    group: 'cohort',
    assets: [
      {
        asset: 'cohort_id',
        command: 'daydream cohort compile <cohort>',
        note: 'writes manifest.json; `build` does it too',
      },
      {
        asset: 'cohort_membership',
        command: 'daydream cohort compile <cohort>',
        note: 'writes membership.csv and the metadata.json of new generations; `build` does it too',
      },
      { asset: 'register_cohort_partitions', note: 'generations need no registration' },
      {
        asset: 'prune_dynamic_partitions',
        note: 'nothing is registered; `daydream gc` lists generations that no cohort has',
      },
      {
        asset: 'selected_combo_mappings',
        command: 'daydream cohort combos ls',
        note: 'lists registered combos',
      },
      {
        asset: 'content_combinations',
        command: 'daydream render <gen_id>',
        note: 'shows the concepts in the prompt',
      },
    ],
  },
  stageGroup('generation_draft', 'draft'),
  stageGroup('generation_essays', 'essay'),
  stageGroup('evaluation', 'evaluation'),
  {
    group: 'results_processing',
    assets: [
      {
        asset: 'cohort_aggregated_scores',
        command: 'daydream build cohort:<cohort>',
        note: 'reports/parsing/aggregated_scores.csv',
      },
      { asset: 'generation_scores_pivot', command: REPORTS, note: 'reports/summary/generation_scores.csv' },
    ],
  },
  {
    group: 'results_summary',
    assets: [
      { asset: 'final_results', command: REPORTS, note: 'reports/summary/final_results.csv' },
      { asset: 'perfect_score_paths', command: REPORTS, note: 'reports/summary/perfect_score_paths.csv' },
      {
        asset: 'evaluation_model_template_pivot',
        command: REPORTS,
        note: 'reports/summary/evaluation_model_template_pivot.csv',
      },
      {
        asset: 'comprehensive_variance_analysis',
        command: REPORTS,
        note: 'reports/analysis/variance_analysis.csv',
      },
    ],
  },
  {
    group: 'cross_experiment',
    assets: [
      {
        asset: 'filtered_evaluation_results',
        command: 'daydream report --all',
        note: '7_cross_experiment/filtered_evaluation_results.csv',
      },
    ],
  },
];

function stageGroup(group: string, stage: 'draft' | 'essay' | 'evaluation'): AssetGroup {
  const command = `daydream build stage:${stage}`;
  return {
    group,
    assets: [
      {
        asset: `${stage}_prompt`,
        command: 'daydream render <gen_id>',
        note: 'the render step; shown without running anything',
      },
      {
        asset: `${stage}_raw`,
        command,
        note: `the generate step; \`daydream build stage:${stage} --force\` asks anew`,
      },
      {
        asset: `${stage}_parsed`,
        command,
        note: 'the parse step; a changed parser re-parses without a call',
      },
    ],
  };
}
