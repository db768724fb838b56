// Catalogs of a whole data root: what is read, and every mistake with its code and place.
import { describe, expect, it } from 'vitest';
import type { Catalog } from '../../src/catalog/catalog.ts';
import { loadCatalog } from '../../src/catalog/load.ts';
import type { Loaded } from '../../src/problem.ts';
import { memoryReader } from '../support/memoryreader.ts';

const ROOT = '/data';

const sound: Readonly<Record<string, string>> = {
  '1_raw/concepts_metadata.csv': 'concept_id,name\nalpha,Alpha\nbeta,Beta\n',
  '1_raw/concepts/descriptions-sentence/beta.txt': 'Beta is second.\n',
  '1_raw/draft_templates.csv': 'template_id,template_name,parser,generator\nd,Draft,essay_block,LLM\n',
  '1_raw/essay_templates.csv': 'template_id,generator\ne,llm\nc,copy\n',
  '1_raw/evaluation_templates.csv': 'template_id,parser\nv,in_last_line\n',
  '1_raw/llm_models.csv':
    'id,model,provider,display_name,pool,input_price,output_price,max_tokens,temperature,for_generation,for_evaluation\n' +
    'm,prov/m,prov,"M, the first",free,0.5,2,8000,0.1,yes,FALSE\nn,prov/n,,,,,,,,,\n',
  'combo_mappings.csv': 'combo_id,concept_id\nk,beta\nk,alpha\n',
};

function load(changes: Record<string, string | undefined>): Loaded<Catalog> {
  const files = Object.entries({ ...sound, ...changes }).filter(
    (entry): entry is [string, string] => entry[1] !== undefined,
  );
  return loadCatalog(memoryReader(Object.fromEntries(files), ROOT), {
    dataRoot: ROOT,
    templatesRoot: '/templates',
  });
}

describe('a file where a folder of descriptions belongs', () => {
  it.each(['1_raw/concepts', '1_raw/concepts/descriptions-paragraph'])('is said: %s', (path) => {
    const { problems } = load({ [path]: 'x', '1_raw/concepts/descriptions-sentence/beta.txt': undefined });
    expect(problems).toMatchObject([{ code: 'DD584', place: { file: `${ROOT}/${path}` } }]);
  });
});

it('a combo that names a concept twice is said', () => {
  const { problems } = load({ 'combo_mappings.csv': 'combo_id,concept_id\nk,beta\nk,alpha\nk,beta\n' });
  expect(problems).toMatchObject([{ code: 'DD288', severity: 'warning', place: { line: 4 } }]);
});

describe('a sound data root', () => {
  const { value, problems } = load({});

  it('loads without a word', () => {
    expect(problems).toEqual([]);
  });

  it('says how each template makes text, and where its own text is', () => {
    expect(value.templates.draft.get('d')).toMatchObject({
      name: 'Draft',
      mode: 'llm',
      parser: 'essay_block',
      file: '/templates/draft/d.txt',
    });
    expect(value.templates.essay.get('c')).toMatchObject({
      name: 'c',
      mode: 'copy',
      parser: 'identity',
      place: { line: 3 },
    });
  });

  it('reads the optional columns of models, blank ones as absent', () => {
    expect(value.models.get('m')).toEqual({
      id: 'm',
      model: 'prov/m',
      provider: 'prov',
      pool: 'free',
      inputPrice: 0.5,
      outputPrice: 2,
      maxTokens: 8000,
      temperature: 0.1,
      forGeneration: true,
      forEvaluation: false,
      place: { file: '/data/1_raw/llm_models.csv', line: 2, field: 'id' },
    });
    expect(value.models.get('n')).toMatchObject({
      forGeneration: true,
      forEvaluation: true,
    });
    expect(value.models.get('n')).not.toHaveProperty('pool');
  });

  it('keeps the order of a combo’s concepts', () => {
    expect(value.combos.get('k')).toMatchObject({
      conceptIds: ['beta', 'alpha'],
      level: 'paragraph',
      kMax: 2,
      contents: [
        { name: 'Beta', content: 'Beta is second.' },
        { name: 'Alpha', content: 'Alpha' },
      ],
    });
  });

  it('repeats each stage once where nothing says otherwise', () => {
    expect(value.replication).toEqual({ draft: 1, essay: 1, evaluation: 1 });
  });
});

describe('each mistake has its code and place', () => {
  const drafts = '1_raw/draft_templates.csv';
  const models = '1_raw/llm_models.csv';
  const replication = '1_raw/replication_config.csv';

  it.each<[string, string, string | undefined, string, number | undefined, string | undefined]>([
    ['a missing catalog', drafts, undefined, 'DD203', undefined, undefined],
    ['a missing model catalog', models, undefined, 'DD203', undefined, undefined],
    ['an empty file', drafts, '', 'DD206', 1, undefined],
    ['a column twice', drafts, 'template_id,parser,parser\nd,,\n', 'DD206', 1, 'parser'],
    ['a quote that is never closed', drafts, 'template_id,parser\nd,x\ne,"y\nf,z\n', 'DD204', 3, undefined],
    ['a first row longer than the header', drafts, 'template_id\nd,x\n', 'DD205', 2, undefined],
    ['a later row longer than the header', drafts, 'template_id\nd\n"e\n2",x\n', 'DD205', 3, undefined],
    ['the withdrawn column', drafts, 'template_id,active\nd,true\n', 'DD207', 1, 'active'],
    [
      'the withdrawn column of concepts',
      '1_raw/concepts_metadata.csv',
      'concept_id,name,active\nalpha,A,1\nbeta,B,1\n',
      'DD207',
      1,
      'active',
    ],
    ['a required column', drafts, 'id\nd\n', 'DD208', 1, undefined],
    ['a required column of models', models, 'id\nm\n', 'DD208', 1, undefined],
    ['a required column of combos', 'combo_mappings.csv', 'combo_id\nk\n', 'DD208', 1, undefined],
    ['an id twice', drafts, 'template_id\nd\ne\nd\n', 'DD209', 4, 'template_id'],
    [
      'a concept twice',
      '1_raw/concepts_metadata.csv',
      'concept_id,name\nalpha,A\nbeta,B\nalpha,C\n',
      'DD209',
      4,
      'concept_id',
    ],
    ['an id that climbs', drafts, 'template_id\n../d\n', 'DD210', 2, 'template_id'],
    ['an id that is a path', drafts, 'template_id\na/d\n', 'DD210', 2, 'template_id'],
    ['an id with a NUL', drafts, 'template_id\na\0d\n', 'DD210', 2, 'template_id'],
    ['a blank id', drafts, 'template_id,parser\n,x\n', 'DD210', 2, 'template_id'],
    [
      'a concept without a name',
      '1_raw/concepts_metadata.csv',
      'concept_id,name\nalpha,\nbeta,B\n',
      'DD211',
      2,
      'name',
    ],
    ['an unknown generator', drafts, 'template_id,generator\nd,magic\n', 'DD211', 2, 'generator'],
    ['a model without a provider’s name', models, 'id,model\nm,\n', 'DD211', 2, 'model'],
    ['a price below zero', models, 'id,model,input_price\nm,x,-1\n', 'DD211', 2, 'input_price'],
    ['a price that is no number', models, 'id,model,output_price\nm,x,cheap\n', 'DD211', 2, 'output_price'],
    ['tokens that cannot be counted', models, 'id,model,max_tokens\nm,x,1.5\n', 'DD211', 2, 'max_tokens'],
    [
      'a flag that says neither',
      models,
      'id,model,for_evaluation\nm,x,maybe\n',
      'DD211',
      2,
      'for_evaluation',
    ],
    ['a model called None', models, 'id,model\nNone,x\n', 'DD211', 2, 'id'],
    [
      'a stage without a count',
      replication,
      'stage,replicates\ndraft,1\nessay,1\n',
      'DD213',
      undefined,
      undefined,
    ],
  ])('%s', (_what, file, text, code, line, field) => {
    const { problems } = load({ [file]: text });
    const errors = problems.filter((each) => each.severity === 'error');
    expect(errors.map((each) => [each.code, each.place?.file, each.place?.line, each.place?.field])).toEqual([
      [code, `${ROOT}/${file}`, line, field],
    ]);
    expect(errors[0]?.cure).not.toBe('');
  });

  it.each([
    ['a blank generator', drafts, 'template_id,generator\nd,\ne,llm\n', 'DD212'],
    [
      'a stage that is none',
      replication,
      'stage,replicates\ndraft,1\nessay,1\nevaluation,1\nlink,3\n',
      'DD221',
    ],
    ['a row without a combo id', 'combo_mappings.csv', 'combo_id,concept_id\n,alpha\nk,beta\n', 'DD221'],
    ['no combos', 'combo_mappings.csv', 'combo_id,concept_id\n', 'DD215'],
  ])('%s is only a warning', (_what, file, text, code) => {
    expect(load({ [file]: text }).problems.map((each) => [each.code, each.severity])).toEqual([
      [code, 'warning'],
    ]);
  });

  it('mistakes in several files are told together', () => {
    const { problems } = load({
      [drafts]: undefined,
      '1_raw/essay_templates.csv': 'id\n',
      [models]: 'id,model\nm,\nm,x\n',
    });
    expect(problems.map((each) => each.code)).toEqual(['DD203', 'DD208', 'DD209', 'DD211']);
  });
});

describe('cells', () => {
  it('are the text that stands there, trimmed', () => {
    const { value, problems } = load({
      '1_raw/draft_templates.csv':
        '\uFEFF template_id ,parser\r\n 007 , essay_block\r\nNA,\r\nnull\r\n\r\n,,\r\n'.replace(',,', ','),
    });
    expect(problems).toEqual([]);
    expect([...value.templates.draft.keys()]).toEqual(['007', 'NA', 'null']);
    expect(value.templates.draft.get('007')?.parser).toBe('essay_block');
  });

  it('counts of replicates are cut, the last row of a stage holds, and the file’s order is kept', () => {
    const { value, problems } = load({
      '1_raw/replication_config.csv':
        'replicates,stage\n5,evaluation\n2.9, draft \nx,draft\n1,essay\n3,evaluation\n',
    });
    expect(Object.entries(value.replication)).toEqual([
      ['evaluation', 3],
      ['draft', 2],
      ['essay', 1],
    ]);
    expect(problems.map((each) => each.place?.line)).toEqual([4, 6]);
  });
});
