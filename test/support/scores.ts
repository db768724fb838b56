// Score rows for tests: from a score table's CSV text, or one by one. Knows no expectation.
import { parseCsv } from '../../src/inputs/csv/csv.ts';
import type { ScoredRow, ScoreRow } from '../../src/scores/rows.ts';

const BLANK: ScoreRow = {
  genId: '',
  parentGenId: '',
  evaluationTemplate: '',
  evaluationModel: '',
  score: undefined,
  error: '',
  evaluationPath: '',
  comboId: '',
  draftTemplate: '',
  generationTemplate: '',
  generationModel: '',
  essayModel: '',
  draftModel: '',
  originCohortId: '',
  generationPath: '',
  inputMode: '',
  copiedFrom: '',
  replicate: undefined,
  essayReplicate: undefined,
  draftReplicate: undefined,
  draftGenId: '',
  essayOriginCohortId: '',
};

/** The rows of an `aggregated_scores.csv`; the essays' origin comes from their metadata. */
export function rowsOf(
  csv: string,
  essays: Readonly<Record<string, Record<string, unknown>>> = {},
): ScoreRow[] {
  return parseCsv(csv, 'aggregated_scores.csv').value.rows.map(({ cells }) => {
    const cell = (name: string): string => cells[name] ?? '';
    const origin = essays[cell('parent_gen_id')]?.['origin_cohort_id'];
    return {
      ...BLANK,
      genId: cell('gen_id'),
      parentGenId: cell('parent_gen_id'),
      evaluationTemplate: cell('evaluation_template'),
      evaluationModel: cell('evaluation_llm_model'),
      score: cell('score') === '' ? undefined : Number(cell('score')),
      error: cell('error'),
      evaluationPath: cell('evaluation_response_path'),
      comboId: cell('combo_id'),
      draftTemplate: cell('draft_template'),
      generationTemplate: cell('generation_template'),
      generationModel: cell('generation_model'),
      essayModel: cell('generation_model'),
      originCohortId: cell('origin_cohort_id'),
      generationPath: cell('generation_response_path'),
      essayOriginCohortId: typeof origin === 'string' ? origin.trim() : '',
    };
  });
}

/** A scored row of essay `e_1` by judge `j1` under rubric `nov`, but for what is given. */
export function scored(given: Partial<ScoredRow> & { readonly score: number }): ScoredRow {
  return {
    ...BLANK,
    genId: 'v_1',
    parentGenId: 'e_1',
    evaluationTemplate: 'nov',
    evaluationModel: 'j1',
    comboId: 'cA',
    draftTemplate: 'd1',
    generationTemplate: 'g1',
    generationModel: 'm1',
    essayModel: given.generationModel ?? 'm1',
    draftModel: 'm1',
    ...given,
  };
}
