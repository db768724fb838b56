// Cohorts that name essays which are there already: they keep their ids, and only evaluations are made.
import { describe, expect, it } from 'vitest';
import { loadCatalog } from '../../src/catalog/load.ts';
import type { Cohort } from '../../src/cohort/cohort.ts';
import { compileCohort } from '../../src/cohort/compile.ts';
import type { Design } from '../../src/cohort/design/design.ts';
import type { Stored } from '../../src/cohort/entries.ts';
import { problem, type Loaded } from '../../src/problem.ts';
import { genId } from '../../src/generation/genid.ts';
import { memoryReader } from '../support/memoryreader.ts';

const ROOT = '/project/data';
const CATALOG = loadCatalog(
  memoryReader(
    {
      '1_raw/concepts_metadata.csv': 'concept_id,name\nk1,One\n',
      '1_raw/draft_templates.csv': 'template_id\nd-one\n',
      '1_raw/essay_templates.csv': 'template_id,generator\ne-one,llm\ne-copy,copy\n',
      '1_raw/evaluation_templates.csv': 'template_id\nv-one\nv-two\n',
      '1_raw/llm_models.csv': 'id,model\nw1,maker/w1\nj1,maker/j1\nj2,maker/j2\n',
      '1_raw/replication_config.csv': 'stage,replicates\ndraft,3\nessay,3\nevaluation,2\n',
      'combo_mappings.csv': 'combo_id,concept_id\nc1,k1\n',
    },
    ROOT,
  ),
  { dataRoot: ROOT, templatesRoot: `${ROOT}/1_raw/templates` },
).value;

/** Two essays of one draft, under ids that no coordinates give. */
const stored: Stored = (essayId) => {
  const draft = { stage: 'draft', genId: 'd_old', templateId: 'd-one', modelId: 'w1' } as const;
  const rest = { replicate: 1, mode: 'llm', comboId: 'c1' } as const;
  if (!['e_first', 'e_second'].includes(essayId))
    return { problem: problem('DD332', `no ${essayId}`, { data: { id: essayId } }) };
  const replicate = essayId === 'e_first' ? 1 : 2;
  return {
    draft: { ...draft, ...rest },
    essay: {
      stage: 'essay',
      genId: essayId,
      parentId: 'd_old',
      templateId: 'e-one',
      modelId: 'w1',
      ...rest,
      replicate,
    },
  };
};

function compile(design: Design, replication: 'catalog' | 'spec' = 'spec'): Loaded<Cohort> {
  return compileCohort({
    cohortId: 'curated',
    design,
    catalog: CATALOG,
    replication,
    taken: () => false,
    stored,
  });
}

const COLUMNS = ['essay_gen_id', 'evaluation_template', 'evaluation_llm'];

describe('a cohort of essays that are there', () => {
  const { value, problems } = compile({
    columns: COLUMNS,
    rows: [
      ['e_second', 'v-one', 'j1'],
      ['e_second', 'v-one', 'j2'],
      ['e_first', 'v-one', 'j1'],
    ],
  });

  it('keeps the ids of drafts and essays, and makes those of evaluations from the essay', () => {
    expect(problems).toEqual([]);
    expect(value.members.map(({ stage, genId }) => [stage, genId])).toEqual([
      ['draft', 'd_old'],
      ['essay', 'e_second'],
      ['essay', 'e_first'],
      ['evaluation', genId('evaluation', ['e_second', 'v-one', 'j1', '1'])],
      ['evaluation', genId('evaluation', ['e_second', 'v-one', 'j2', '1'])],
      ['evaluation', genId('evaluation', ['e_first', 'v-one', 'j1', '1'])],
    ]);
  });

  it('takes coordinates, combo and manifest from what is there', () => {
    expect(value.members[1]).toMatchObject({ templateId: 'e-one', replicate: 2, parentId: 'd_old' });
    expect(value.members.at(-1)).toMatchObject({ comboId: 'c1', parentId: 'e_first' });
    expect(value.manifest).toMatchObject({
      combos: ['c1'],
      templates: { draft: ['d-one'], essay: ['e-one'], evaluation: ['v-one'] },
      llms: { generation: ['w1'], evaluation: ['j1', 'j2'] },
    });
  });

  it('repeats evaluations as the replication says, and neither drafts nor essays', () => {
    const repeated = compile({ columns: COLUMNS, rows: [['e_first', 'v-one', 'j1']] }, 'catalog');
    expect(repeated.value.members.map(({ stage, replicate }) => [stage, replicate])).toEqual([
      ['draft', 1],
      ['essay', 1],
      ['evaluation', 1],
      ['evaluation', 2],
    ]);
  });

  it('counts replicates by an axis of its own', () => {
    const rows = [1, 2, 3].map((replicate) => ['e_first', 'v-one', 'j1', replicate]);
    const { value } = compile({ columns: [...COLUMNS, 'evaluation_replicate'], rows });
    expect(value.members.filter(({ stage }) => stage === 'evaluation')).toHaveLength(3);
  });
});

describe('what can not be evaluated', () => {
  it('names every essay that is not there, each once', () => {
    const { value, problems } = compile({
      columns: COLUMNS,
      rows: [
        ['e_gone', 'v-one', 'j1'],
        ['e_gone', 'v-two', 'j1'],
        ['e_lost', 'v-one', 'j1'],
      ],
    });
    expect(value.members).toEqual([]);
    expect(problems.map(({ code, data }) => [code, data])).toEqual([
      ['DD332', { id: 'e_gone' }],
      ['DD332', { id: 'e_lost' }],
    ]);
  });

  it('refuses columns of drafts and essays beside the ids', () => {
    const { problems } = compile({
      columns: [...COLUMNS, 'combo_id', 'essay_template'],
      rows: [['e_first', 'v-one', 'j1', 'c1', 'e-one']],
    });
    expect(problems.map(({ code, place }) => [code, place?.field])).toEqual([
      ['DD331', 'combo_id'],
      ['DD331', 'essay_template'],
    ]);
  });

  it('wants the columns of evaluations, and no others', () => {
    const { problems } = compile({ columns: ['essay_gen_id'], rows: [['e_first']] });
    expect(problems.map(({ place }) => place?.field)).toEqual(['evaluation_template', 'evaluation_llm']);
  });

  it('tells a blank id', () => {
    const { problems } = compile({ columns: COLUMNS, rows: [['', 'v-one', 'j1']] });
    expect(problems.map(({ code, place }) => [code, place?.field])).toEqual([['DD320', 'essay_gen_id']]);
  });

  it('still checks rubrics and judges against the catalogs', () => {
    const { problems } = compile({ columns: COLUMNS, rows: [['e_first', 'v-none', 'j1']] });
    expect(problems.map(({ code, reason }) => [code, reason])).toEqual([
      ['DD323', 'catalog_evaluation_templates_missing'],
    ]);
  });

  it('knows no essay where nobody says which there are', () => {
    const { problems } = compileCohort({
      cohortId: 'curated',
      design: { columns: COLUMNS, rows: [['e_first', 'v-one', 'j1']] },
      catalog: CATALOG,
      replication: 'spec',
      taken: () => false,
    });
    expect(problems.map(({ code }) => code)).toEqual(['DD332']);
  });
});
