// What a record says of one cohort of those that its run covered.
import { expect, it } from 'vitest';
import { type Recorded, sideOfRecord } from '../../../src/engine/results/recorded.ts';

function evaluation(genId: string, cohort: string, comboId: string): Recorded['generations'][number] {
  const score = {
    genId,
    comboId,
    draftTemplate: 'd',
    draftModel: 'm',
    generationTemplate: 'e',
    generationModel: 'm',
    evaluationTemplate: 'v',
    evaluationModel: 'j',
    score: 5,
  };
  return { stage: 'evaluation', genId, text: 'x', in: [], score, cohorts: [cohort] } as never;
}

it('a cohort was made from nothing that only another cohort of the run was made from', () => {
  const inputs = new Map(
    ['combo A', 'combo B', 'combo C', 'draft template d', 'evaluation model j'].map((name) => [name, '1']),
  );
  const generations = [evaluation('v_1', 'one', 'A'), evaluation('v_2', 'two', 'B')];
  const recorded = { runs: [], generations, inputs };
  expect([...sideOfRecord(recorded, 'one').inputs.keys()]).toEqual([
    'combo A',
    // Nothing says whose it was.
    'combo C',
    'draft template d',
    'evaluation model j',
  ]);
  expect(sideOfRecord(recorded).inputs).toBe(inputs);
});
