// What scores can be told apart by, and what two texts must agree in to be compared. Computes nothing.
import { USUAL, variantId, variantOf } from '../../catalog/variants.ts';
import type { Stage } from '../../generation/stage.ts';
import { partsOf } from '../book/parameters.ts';
import { CHOSEN, VARIED, type Varied } from '../book/scoretable.ts';
import {
  type Codes,
  combined,
  type Names,
  namesOf,
  numbered,
  recoded,
  type Segments,
  segmentsOf,
  withoutBlank,
} from '../columns/codes.ts';
import type { ScoreColumns } from '../columns/scorecolumns.ts';
import type { ScoreRow } from '../rows.ts';

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

const STAGE_TEMPLATES = {
  draft: 'draftTemplate',
  essay: 'generationTemplate',
  evaluation: 'evaluationTemplate',
} as const satisfies Readonly<Record<Stage, keyof ScoreRow>>;

function valueOf(dimension: Varied, row: ScoreRow): string {
  return valueIn(dimension, row[STAGE_TEMPLATES[partsOf(dimension)[0]]]);
}

function valueIn(dimension: Varied, template: string): string {
  return variantOf(template).values[partsOf(dimension)[1]] ?? USUAL;
}

/** The dimensions that there is anything to say about: of parameters those that some score has another value of than the usual one. */
export function dimensionsIn(columns: ScoreColumns): readonly Dimension[] {
  const variants = Object.values(STAGE_TEMPLATES).flatMap((field) => columns.field(field).names);
  if (variants.every((id) => variantOf(id).base === id)) return DIMENSIONS.filter((each) => !isVaried(each));
  return DIMENSIONS.filter(
    (each) => !isVaried(each) || templatesOf(columns, each).names.some((id) => valueIn(each, id) !== USUAL),
  );
}

function templatesOf(columns: ScoreColumns, dimension: Varied): Names {
  return columns.field(STAGE_TEMPLATES[partsOf(dimension)[0]]);
}

/** A stage's template with every parameter but one. */
function templateBut(columns: ScoreColumns, dimension: Varied): Codes {
  return columns.once(`but ${dimension}`, () => {
    const { of, names } = templatesOf(columns, dimension);
    const parameter = partsOf(dimension)[1];
    const rest = numbered(names.length, (at) => {
      const { base, values } = variantOf(names[at] ?? '');
      const { [parameter]: _varied, ...others } = values;
      return variantId(base, others);
    });
    return { of: recoded(of, rest.of), size: rest.size };
  });
}

function isVaried(dimension: Dimension): dimension is Varied {
  return VARIED.some((each) => each === dimension);
}

export function levelName(dimension: Dimension, key: readonly string[]): string {
  if (dimension !== 'way') return key.join();
  const [draftTemplate = '', draftModel = '', essayTemplate = '', essayModel = ''] = key;
  return `${draftTemplate}@${draftModel} > ${essayTemplate}@${essayModel}`;
}

/** Each row's level, and what it is called, in code point order of the levels' keys; a row with a blank in its key has none. */
export function levelsIn(columns: ScoreColumns, dimension: Dimension): Names {
  return columns.once(`levels of ${dimension}`, () => {
    if (dimension === 'way') return waysIn(columns);
    if (!isVaried(dimension)) return withoutBlank(columns.field(LEVEL_FIELDS[dimension]));
    const { of, names } = templatesOf(columns, dimension);
    const values = namesOf(names.length, (at) => valueIn(dimension, names[at] ?? ''));
    return withoutBlank({ ...values, of: recoded(of, values.of) });
  });
}

/** Of each level its rows, in their order. */
export function rowsByLevel(columns: ScoreColumns, dimension: Dimension): Segments {
  return columns.once(`rows by ${dimension}`, () => segmentsOf(levelsIn(columns, dimension)));
}

const LEVEL_FIELDS = {
  draft_template: 'draftTemplate',
  draft_model: 'draftModel',
  essay_template: 'generationTemplate',
  essay_model: 'generationModel',
  combo: 'comboId',
  rubric: 'evaluationTemplate',
  judge: 'evaluationModel',
  essay: 'parentGenId',
} as const satisfies Readonly<Record<Exclude<Dimension, Varied | 'way'>, keyof ScoreRow>>;

const WAY = ['draftTemplate', 'draftModel', 'generationTemplate', 'generationModel'] as const;

function waysIn(columns: ScoreColumns): Names {
  const parts = WAY.map((field) => columns.field(field));
  const { of, size } = columns.agreeing(...WAY);
  const firsts = new Int32Array(size).fill(-1);
  for (let at = of.length - 1; at >= 0; at--) firsts[of[at] ?? 0] = at;
  const ways = Array.from(firsts, (first, way) => ({
    way,
    keys: parts.map((part) => part.of[first] ?? 0),
    key: parts.map((part) => part.names[part.of[first] ?? 0] ?? ''),
  }))
    .filter(({ key }) => !key.includes(''))
    .sort((a, b) => byNumbers(a.keys, b.keys));
  const ranks = new Int32Array(size).fill(-1);
  for (const [rank, { way }] of ways.entries()) ranks[way] = rank;
  return { of: recoded(of, ranks), size: ways.length, names: ways.map(({ key }) => levelName('way', key)) };
}

function byNumbers(a: readonly number[], b: readonly number[]): number {
  for (let at = 0; at < a.length; at++) {
    const order = (a[at] ?? 0) - (b[at] ?? 0);
    if (order !== 0) return order;
  }
  return 0;
}

/**
 * What the texts behind two scores must have in common for the scores to differ by the dimension alone, besides rubric and judge:
 * everything that was chosen but the dimension itself. Drafts of two templates are two drafts, so what agrees is what they are made
 * from; essays of two templates can be made from the same draft, and two judges can judge the same essay. A copied essay has no
 * model of its own to agree in. Rows with the same number agree.
 */
export function textsIn(columns: ScoreColumns, dimension: ComparedDimension): Codes {
  return columns.once(`texts of ${dimension}`, () => {
    switch (dimension) {
      case 'way':
        return columns.field('comboId');
      case 'draft_template':
        return columns.agreeing('comboId', 'draftModel', 'generationTemplate', 'essayModel');
      case 'draft_model':
        return columns.agreeing('comboId', 'draftTemplate', 'generationTemplate', 'essayModel');
      case 'essay_template':
        return combined([draftsIn(columns), columns.field('essayModel')]);
      case 'essay_model':
        return combined([draftsIn(columns), columns.field('generationTemplate')]);
      case 'rubric':
      case 'judge':
        return columns.field('parentGenId');
      default:
        return textsBut(columns, dimension);
    }
  });
}

function textsBut(columns: ScoreColumns, dimension: Varied): Codes {
  const template = templateBut(columns, dimension);
  switch (partsOf(dimension)[0]) {
    case 'draft':
      return combined([
        columns.agreeing('comboId', 'draftModel', 'generationTemplate', 'essayModel'),
        template,
      ]);
    case 'essay':
      return combined([draftsIn(columns), template, columns.field('essayModel')]);
    case 'evaluation':
      return columns.field('parentGenId');
  }
}

/** Metadata of old may not name the draft. */
function draftsIn(columns: ScoreColumns): Codes {
  return columns.once('drafts named', () =>
    numbered(columns.size, (at) => {
      const row = columns.rows[at];
      if (row === undefined || row.draftGenId !== '') return row?.draftGenId ?? '';
      return JSON.stringify([row.comboId, row.draftTemplate, row.draftModel]);
    }),
  );
}

/** The same, and what judged them: two levels are compared by the same rubric and the same judge, but for what is compared. */
export function blocksIn(columns: ScoreColumns, dimension: ComparedDimension): Codes {
  return columns.once(`blocks of ${dimension}`, () => {
    const texts = textsIn(columns, dimension);
    const judge = columns.field('evaluationModel');
    if (dimension === 'rubric') return combined([texts, judge]);
    if (isVaried(dimension) && partsOf(dimension)[0] === 'evaluation')
      return combined([texts, templateBut(columns, dimension), judge]);
    const rubric = columns.field('evaluationTemplate');
    return dimension === 'judge' ? combined([texts, rubric]) : combined([texts, rubric, judge]);
  });
}
