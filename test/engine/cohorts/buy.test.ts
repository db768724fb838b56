// What a cohort that is bought holds, whatever it is more of: all that there was, crossed, and so many more of the one thing.
import { describe, expect, it } from 'vitest';
import { makeBought } from '../../../src/engine/cohorts/buy.ts';
import { readProjectCatalog } from '../../../src/engine/cohorts/membershipfiles.ts';
import type { Ware } from '../../../src/scores/separation/purchase.ts';
import { sampleWith } from '../../support/project.ts';
import { scored } from '../../support/scores.ts';

/** Two combos, two ways that differ in the draft template, one rubric, one judge, each once. */
const ROWS = ['combo_v1_3f48ec4a213b', 'combo_v1_5e2edea45510'].flatMap((comboId) =>
  ['chance-meeting', 'rolling-thread'].map((draftTemplate) =>
    scored({
      score: 5,
      comboId,
      draftTemplate,
      draftModel: 'gemini_25_flash',
      generationTemplate: 'field-essay',
      generationModel: 'gemini_25_flash',
      evaluationTemplate: 'surprise',
      evaluationModel: 'sonnet-4',
      replicate: 1,
      essayReplicate: 1,
      draftReplicate: 1,
    }),
  ),
);

describe('a cohort that would tell two drafts apart', () => {
  it.each<[Ware, number, Readonly<Record<string, number>>]>([
    ['combo', 5, { draft: 10, essay: 10, evaluation: 10 }],
    ['draft', 3, { draft: 12, essay: 12, evaluation: 12 }],
    ['essay', 3, { draft: 4, essay: 12, evaluation: 12 }],
    ['judge', 3, { draft: 4, essay: 4, evaluation: 12 }],
    ['replicate', 3, { draft: 4, essay: 4, evaluation: 12 }],
  ])('has more of what is bought: %s', async (ware, needed, stages) => {
    const project = sampleWith();
    const now = ware === 'combo' ? 2 : 1;
    const read = await readProjectCatalog({ root: project.root, environment: {}, now: Date.now });
    const made = makeBought(read, 'bought', {
      purpose: 'To tell them apart.',
      rows: ROWS,
      ware,
      more: needed - now,
      needed,
      createdAt: '2026-01-01T00:00:00',
    });
    expect([made.evaluations, made.missing]).toEqual([stages['evaluation'], stages['evaluation']]);
    const members = project.read('data/cohorts/bought/membership.csv').trim().split('\n').slice(1);
    const counted = (stage: string): number => members.filter((line) => line.startsWith(`${stage},`)).length;
    expect(Object.fromEntries(Object.keys(stages).map((stage) => [stage, counted(stage)]))).toEqual(stages);
  });
});
