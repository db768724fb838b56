// Input for the HTML report: made-up scores in any number, with texts that try to be markup. Knows no expectation.
import { Prices } from '../../src/scores/separation/prices.ts';
import { judgedIn } from '../../src/scores/columns/judgements.ts';
import { openQuestions } from '../../src/scores/separation/pairs.ts';
import { scoreStatistics } from '../../src/scores/statistics.ts';
import type { ScoredRow } from '../../src/scores/rows.ts';
import { varianceAnalysis } from '../../src/report/tables/variance.ts';
import type { PageInput } from '../../src/engine/results/page.ts';
import { ledgerTotal } from '../../src/store/ledger/totals.ts';
import { scored } from './scores.ts';

export const HOSTILE = `</script><script>window.owned = 1</script><img src=x onerror="window.owned = 2">
<b>bold?</b> & <!-- not a comment --> {{ x }} javascript:alert(1)`;

/** Each template with each model: two essays, judged by two judges. */
export function gridRows(templates: number, models: number): ScoredRow[] {
  const rows: ScoredRow[] = [];
  for (let template = 0; template < templates; template++)
    for (let model = 0; model < models; model++)
      for (const essay of [1, 2])
        for (const judge of ['judge-a', 'judge-b']) {
          const id = `${template}_${model}_${essay}`;
          rows.push(
            scored({
              score:
                (template * 7 + model * 3 + essay * 2 + judge.length + (judge === 'judge-a' ? 1 : 0)) % 10,
              genId: `v_${id}_${judge}`,
              parentGenId: `e_${id}`,
              draftGenId: `d_${id}`,
              comboId: `combo-${essay}`,
              draftTemplate: `template-${String(template).padStart(2, '0')}`,
              draftModel: `model-${String(model).padStart(2, '0')}`,
              generationTemplate: 'field-essay',
              generationModel: `model-${String(model).padStart(2, '0')}`,
              evaluationModel: judge,
              replicate: 1,
            }),
          );
        }
  return rows;
}

export function pageInput(rows: readonly ScoredRow[], given: Partial<PageInput> = {}): PageInput {
  const statistics = scoreStatistics(rows);
  const judged = judgedIn(rows);
  const input = { judged, noises: statistics.noises, prices: new Prices(judged.columns, () => 0.01) };
  return {
    title: 'cohort <i>one</i>',
    rows,
    statistics,
    pairs: statistics.rankings.flatMap((ranked) => openQuestions(ranked, input)),
    variance: varianceAnalysis(rows),
    cost: { total: ledgerTotal([]), byStage: [], byModel: [] },
    members: [{ cohort: 'one', stage: 'essay', members: 10, current: 9 }],
    settings: [['provider', '<offline>']],
    sources: [{ path: 'spec/config.yaml', text: HOSTILE }],
    textOf: (id) => `${id}: ${HOSTILE}`,
    dataRoot: './../../..',
    stateOf: () => 'current',
    lengthOf: (id) => 100 * id.length,
    cohorts: [{ id: 'one', has: () => true }],
    ...given,
  };
}
