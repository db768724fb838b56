// What scores can be told apart by, and what two texts must agree in to be compared. Computes nothing.
import { groupBy } from '../../statistics/groups.ts';
import type { ScoredRow, ScoreRow } from '../rows.ts';
import { FACETS } from '../book/scoretable.ts';

export const DIMENSIONS = [...FACETS, 'essay'] as const;
export type Dimension = (typeof DIMENSIONS)[number];

/** Of which two levels can be compared on what they have in common. */
export const COMPARED = [
  'way',
  'draft_template',
  'draft_model',
  'essay_template',
  'essay_model',
  'rubric',
  'judge',
] as const satisfies readonly Dimension[];
export type ComparedDimension = (typeof COMPARED)[number];

export function isCompared(dimension: Dimension): dimension is ComparedDimension {
  return COMPARED.some((each) => each === dimension);
}

type KeyOf = (row: ScoreRow) => readonly string[];

/** A row with a blank in its key has no level of that dimension. */
export const LEVEL_KEYS: Readonly<Record<Dimension, KeyOf>> = {
  way: (row) => [row.draftTemplate, row.draftModel, row.generationTemplate, row.generationModel],
  draft_template: (row) => [row.draftTemplate],
  draft_model: (row) => [row.draftModel],
  essay_template: (row) => [row.generationTemplate],
  essay_model: (row) => [row.generationModel],
  combo: (row) => [row.comboId],
  rubric: (row) => [row.evaluationTemplate],
  judge: (row) => [row.evaluationModel],
  essay: (row) => [row.parentGenId],
};

export function levelName(dimension: Dimension, key: readonly string[]): string {
  if (dimension !== 'way') return key.join();
  const [draftTemplate = '', draftModel = '', essayTemplate = '', essayModel = ''] = key;
  return `${draftTemplate}@${draftModel} > ${essayTemplate}@${essayModel}`;
}

/** Each name once, in code point order. */
export function levelNames(scored: readonly ScoredRow[], dimension: Dimension): readonly string[] {
  return groupBy(scored, LEVEL_KEYS[dimension]).map(({ key }) => levelName(dimension, key));
}

/**
 * What the texts behind two scores must have in common for the scores to differ by the dimension alone, besides rubric and judge:
 * everything that was chosen but the dimension itself. Drafts of two templates are two drafts, so what agrees is what they are made
 * from; essays of two templates can be made from the same draft, and two judges can judge the same essay. A copied essay has no
 * model of its own to agree in.
 */
export const TEXT_KEYS: Readonly<Record<ComparedDimension, KeyOf>> = {
  way: (row) => [row.comboId],
  draft_template: (row) => [row.comboId, row.draftModel, row.generationTemplate, row.essayModel],
  draft_model: (row) => [row.comboId, row.draftTemplate, row.generationTemplate, row.essayModel],
  essay_template: (row) => [...draftOf(row), row.essayModel],
  essay_model: (row) => [...draftOf(row), row.generationTemplate],
  rubric: (row) => [row.parentGenId],
  judge: (row) => [row.parentGenId],
};

/** Metadata of old may not name the draft. */
function draftOf(row: ScoreRow): readonly string[] {
  if (row.draftGenId !== '') return [row.draftGenId, '', ''];
  return [row.comboId, row.draftTemplate, row.draftModel];
}

/** What judged them: two levels are compared by the same rubric and the same judge, but for what is compared. */
export function judgedBy(dimension: ComparedDimension, row: ScoredRow): readonly string[] {
  return [
    dimension === 'rubric' ? '' : row.evaluationTemplate,
    dimension === 'judge' ? '' : row.evaluationModel,
  ];
}
