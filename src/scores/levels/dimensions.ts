// What scores can be told apart by, and what two texts must agree in to be compared. Computes nothing.
import { USUAL, variantId, variantOf } from '../../catalog/variants.ts';
import type { Stage } from '../../generation/stage.ts';
import { groupBy } from '../../statistics/groups.ts';
import type { ScoredRow, ScoreRow } from '../rows.ts';
import { CHOSEN, VARIED, type Varied } from '../book/scoretable.ts';
import { partsOf } from '../book/parameters.ts';

export const DIMENSIONS = [...CHOSEN, 'essay', ...VARIED] as const;
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
  ...VARIED,
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
  ...byVaried((dimension) => (row) => [valueOf(dimension, row)]),
};

function byVaried(make: (dimension: Varied) => KeyOf): Readonly<Record<Varied, KeyOf>> {
  return Object.fromEntries(VARIED.map((dimension) => [dimension, make(dimension)])) as Record<Varied, KeyOf>;
}

const STAGE_TEMPLATES: Readonly<Record<Stage, (row: ScoreRow) => string>> = {
  draft: (row) => row.draftTemplate,
  essay: (row) => row.generationTemplate,
  evaluation: (row) => row.evaluationTemplate,
};

function valueOf(dimension: Varied, row: ScoreRow): string {
  const [stage, parameter] = partsOf(dimension);
  return variantOf(STAGE_TEMPLATES[stage](row)).values[parameter] ?? USUAL;
}

/** The dimensions that there is anything to say about: of parameters those that some score has another value of than the usual one. */
export function dimensionsIn(rows: readonly ScoreRow[]): readonly Dimension[] {
  const variants = [...new Set(rows.flatMap((row) => Object.values(STAGE_TEMPLATES).map((of) => of(row))))];
  if (variants.every((id) => variantOf(id).base === id)) return DIMENSIONS.filter((each) => !isVaried(each));
  return DIMENSIONS.filter((each) => !isVaried(each) || rows.some((row) => valueOf(each, row) !== USUAL));
}

/** A stage's template with every parameter but one. */
function templateBut(dimension: Varied, row: ScoreRow): string {
  const [stage, parameter] = partsOf(dimension);
  const { base, values } = variantOf(STAGE_TEMPLATES[stage](row));
  const { [parameter]: _varied, ...rest } = values;
  return variantId(base, rest);
}

function isVaried(dimension: Dimension): dimension is Varied {
  return VARIED.some((each) => each === dimension);
}

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
  ...byVaried((dimension) => (row) => {
    const template = templateBut(dimension, row);
    switch (partsOf(dimension)[0]) {
      case 'draft':
        return [row.comboId, template, row.draftModel, row.generationTemplate, row.essayModel];
      case 'essay':
        return [...draftOf(row), template, row.essayModel];
      case 'evaluation':
        return [row.parentGenId];
    }
  }),
};

/** Metadata of old may not name the draft. */
function draftOf(row: ScoreRow): readonly string[] {
  if (row.draftGenId !== '') return [row.draftGenId, '', ''];
  return [row.comboId, row.draftTemplate, row.draftModel];
}

/** What judged them: two levels are compared by the same rubric and the same judge, but for what is compared. */
export function judgedBy(dimension: ComparedDimension, row: ScoredRow): readonly string[] {
  return [
    dimension === 'rubric' ? '' : isVaried(dimension) ? rubricBut(dimension, row) : row.evaluationTemplate,
    dimension === 'judge' ? '' : row.evaluationModel,
  ];
}

function rubricBut(dimension: Varied, row: ScoreRow): string {
  return partsOf(dimension)[0] === 'evaluation' ? templateBut(dimension, row) : row.evaluationTemplate;
}
