// The tables behind a structure: what of catalogs and settings reaches templates, combos and what is asked of models; and what of it
// can not be asked so.
import { describe, expect, it } from 'vitest';
import type { Catalog, Combo, Model, Template } from '../../src/catalog/catalog.ts';
import { withVariants } from '../../src/catalog/variants.ts';
import { digestOf } from '../../src/digest.ts';
import type { Stage } from '../../src/generation/stage.ts';
import { bindTables, type BindSettings } from '../../src/graph/bindtables.ts';
import type { Structure } from '../../src/graph/graph.ts';
import { problem, type Loaded } from '../../src/problem.ts';
import type { Tables } from '../../src/graph/bind.ts';
import { graphOf, type RowSketch } from '../support/graphs.ts';

function template(stage: Stage, id: string, more: Partial<Template> = {}): readonly [string, Template] {
  const file = `/p/${stage}/${id}.txt`;
  return [id, { stage, id, name: id, mode: 'llm', parser: 'identity', file, place: {}, ...more }];
}

function model(id: string, more: Partial<Model> = {}): readonly [string, Model] {
  const names = { id, model: `lab/${id}`, provider: 'lab' };
  return [id, { ...names, forGeneration: true, forEvaluation: true, place: {}, ...more }];
}

function combo(id: string, contents: Combo['contents'], more: Partial<Combo> = {}): readonly [string, Combo] {
  return [id, { id, conceptIds: ['k'], level: 'sentence', kMax: 1, contents, ...more }];
}

const STAGE = { maxTokens: 100, minLines: 1, truncation: 'reject' } as const;
const QUIRKS = { ignores: [], tokensField: 'max_tokens', temperature: true, reasoning: 'reasoning' } as const;
const SETTINGS: BindSettings = {
  stages: { draft: STAGE, essay: { ...STAGE, minLines: 3, truncation: 'accept' }, evaluation: STAGE },
  ruleOf: () => ({}),
  systemOf: () => undefined,
  systemPlace: (stage) => ({ file: '/p/config', field: stage }),
  providerOf: ({ servedBy }) => servedBy ?? 'lab',
  quirksOf: () => QUIRKS,
  serverOf: (provider) => `https://${provider}`,
  poolOf: ({ pool }) => pool ?? 'usual',
  pricesOf: () => ({}),
};

const ROWS: Readonly<Record<string, RowSketch>> = {
  d1: { template: 'dt', model: 'w', combo: 'c' },
  e1: { from: 'd1', template: 'et', model: 'w' },
};

const CATALOG: Catalog = {
  concepts: new Map(),
  templates: {
    draft: withVariants(new Map([template('draft', 'dt')])),
    essay: withVariants(
      new Map([template('essay', 'et', { parser: 'block' }), template('essay', 'copied', { mode: 'copy' })]),
    ),
    evaluation: withVariants(new Map([template('evaluation', 'vt')])),
  },
  models: new Map([model('w'), model('x')]),
  combos: new Map([combo('c', [{ name: 'K', content: 'one' }])]),
  replication: { draft: 1, essay: 1, evaluation: 1 },
};

interface Sketch {
  readonly rows?: Readonly<Record<string, RowSketch>>;
  readonly catalog?: Partial<Catalog>;
  readonly settings?: Partial<BindSettings>;
}

function tablesOf({ rows = ROWS, catalog = {}, settings = {} }: Sketch = {}): Loaded<Tables> & {
  readonly structure: Structure;
} {
  const structure = graphOf({ rows });
  return { ...bindTables(structure, { ...CATALOG, ...catalog }, { ...SETTINGS, ...settings }), structure };
}

describe('a template', () => {
  it('has what its catalog row and the settings of its stage say', () => {
    const { value, problems } = tablesOf();
    expect(problems).toEqual([]);
    expect(value.boundTemplates).toEqual([
      {
        stage: 'draft',
        id: 'dt',
        mode: 'llm',
        file: '/p/draft/dt.txt',
        parser: 'identity',
        minLines: 1,
        truncation: 'reject',
        systemFile: '/p/draft/dt.system.txt',
      },
      {
        stage: 'essay',
        id: 'et',
        mode: 'llm',
        file: '/p/essay/et.txt',
        parser: 'block',
        minLines: 3,
        truncation: 'accept',
        systemFile: '/p/essay/et.system.txt',
      },
    ]);
    expect(value).not.toHaveProperty('ownSystems');
  });

  it('has the system prompt of its stage, and where that one stands', () => {
    const stages = { ...SETTINGS.stages, draft: { ...STAGE, system: 'Be brief.' } };
    const [draft, essay] = tablesOf({ settings: { stages } }).value.boundTemplates;
    expect(draft).toMatchObject({
      system: 'Be brief.',
      systemFile: '/p/draft/dt.system.txt',
      systemPlace: { file: '/p/config', field: 'draft' },
    });
    expect(essay).not.toHaveProperty('system');
    expect(essay).not.toHaveProperty('systemPlace');
  });

  it('has no system prompt beside it where a template of that very name lies there', () => {
    const draft = withVariants(new Map([template('draft', 'dt'), template('draft', 'dt.system')]));
    const templates = { ...CATALOG.templates, draft };
    expect(tablesOf({ catalog: { templates } }).value.boundTemplates[0]).not.toHaveProperty('systemFile');
  });

  it('that a spec gives a system prompt has that one, or none at all', () => {
    const stages = { ...SETTINGS.stages, draft: { ...STAGE, system: 'Be brief.' } };
    const bound = tablesOf({
      rows: {
        d1: { template: 'dt@system=terse', model: 'w', combo: 'c' },
        d2: { template: 'dt@system=none', model: 'w', combo: 'c' },
      },
      settings: { stages },
    }).value.boundTemplates;
    expect(bound[0]).toMatchObject({ systemFile: '/p/draft/terse.system.txt', systemNamed: true });
    for (const each of bound) expect(each).not.toHaveProperty('system');
    expect(bound[1]).not.toHaveProperty('systemFile');
  });

  it('that is not in the catalog is a bug that says so', () => {
    expect(() => tablesOf({ rows: { d1: { template: 'gone', model: 'w', combo: 'c' } } })).toThrow(
      'gone passed the catalog checks but is not in the catalog',
    );
  });
});

describe('a combo', () => {
  it('is known by the digest of its contents', () => {
    expect(tablesOf().value.boundCombos).toEqual([
      { id: 'c', digest: digestOf([['K', 'one']]), conceptIds: ['k'] },
    ]);
  });

  it('of several lines is known under what it was with other line ends too', () => {
    const contents = [{ name: 'K', content: 'one\ntwo' }];
    const asRead = [{ name: 'K', content: 'one\r\rtwo' }];
    const bound = (more: Partial<Combo>): Tables['boundCombos'] =>
      tablesOf({ catalog: { combos: new Map([combo('c', contents, more)]) } }).value.boundCombos;
    const crlf = digestOf([['K', 'one\r\ntwo']]);
    const mixed = [...contents, { name: 'L', content: 'three' }];
    const { value } = tablesOf({ catalog: { combos: new Map([combo('c', mixed)]) } });
    expect(value.boundCombos[0]?.formerly).toEqual([
      digestOf([
        ['K', 'one\r\ntwo'],
        ['L', 'three'],
      ]),
    ]);
    expect(bound({})).toMatchObject([{ digest: digestOf([['K', 'one\ntwo']]), formerly: [crlf] }]);
    expect(bound({ contentsAsRead: asRead })).toMatchObject([
      { formerly: [crlf, digestOf([['K', 'one\r\rtwo']])] },
    ]);
  });

  it('that can not be used says why', () => {
    const found = problem('DD351', 'it can not');
    const combos = new Map([combo('c', [], { problem: found })]);
    expect(tablesOf({ catalog: { combos } }).problems).toEqual([found]);
  });
});

describe('what is asked', () => {
  it('is said by stage, model, rule and variant, the narrower before the wider', () => {
    const stages = { ...SETTINGS.stages, draft: { ...STAGE, temperature: 0.1 } };
    const { value } = tablesOf({
      rows: {
        d1: { template: 'dt', model: 'w', combo: 'c' },
        d2: { template: 'dt', model: 'x', combo: 'c' },
        d3: { template: 'dt@temperature=0.9', model: 'x', combo: 'c' },
      },
      catalog: {
        models: new Map([model('w'), model('x', { temperature: 0.5, pool: 'own', servedBy: 'other' })]),
      },
      settings: {
        stages,
        ruleOf: ({ id }) => (id === 'x' ? { maxTokens: 7, tokensField: 'max_completion_tokens' } : {}),
        pricesOf: ({ id }) => (id === 'x' ? { inputPrice: 1, outputPrice: 2 } : {}),
      },
    });
    const x = {
      modelId: 'x',
      provider: 'other',
      server: 'https://other',
      model: 'lab/x',
      pool: 'own',
      maxTokens: 7,
      sampling: {},
      tokensField: 'max_completion_tokens',
      inputPrice: 1,
      outputPrice: 2,
    };
    expect(value.asks.slice(0, 2)).toEqual([
      {
        modelId: 'w',
        provider: 'lab',
        server: 'https://lab',
        model: 'lab/w',
        pool: 'usual',
        temperature: 0.1,
        maxTokens: 100,
        sampling: {},
      },
      { ...x, temperature: 0.5 },
    ]);
    // A block of all models for each stage, and one for what the spec varies.
    expect(value.asks).toHaveLength(8);
    expect(value.asks[7]).toEqual({ ...x, temperature: 0.9 });
    expect(value.boundTemplates.map(({ askBlock }) => askBlock)).toEqual([undefined, 3]);
  });

  it('is one block of asks for all templates of a stage that are varied alike', () => {
    const essays = new Map([template('essay', 'et'), template('essay', 'eu')]);
    const { value } = tablesOf({
      rows: {
        d1: { template: 'dt@top_p=0.5', model: 'w', combo: 'c' },
        e1: { from: 'd1', template: 'et@top_p=0.5', model: 'w' },
        e2: { from: 'd1', template: 'eu@top_p=0.5', model: 'w' },
        e3: { from: 'd1', template: 'et@top_p=1', model: 'w' },
        e4: { from: 'd1', template: 'et@system=terse', model: 'w' },
      },
      catalog: { templates: { ...CATALOG.templates, essay: withVariants(essays) } },
    });
    expect(value.boundTemplates.map(({ askBlock }) => askBlock)).toEqual([3, 4, 4, 5, undefined]);
    expect(value.asks.slice(3).map((ask) => ask?.sampling)).toEqual([
      { top_p: 0.5 },
      { top_p: 0.5 },
      { top_p: 1 },
    ]);
  });

  it('takes the parameter that limits tokens from the provider where no rule names one', () => {
    const quirksOf = () => ({ ...QUIRKS, tokensField: 'max_completion_tokens' as const });
    expect(tablesOf({ settings: { quirksOf } }).value.asks[0]).toMatchObject({
      tokensField: 'max_completion_tokens',
    });
    const ruleOf = () => ({ tokensField: 'max_tokens' as const });
    expect(tablesOf({ settings: { quirksOf, ruleOf } }).value.asks[0]).not.toHaveProperty('tokensField');
  });

  it('is asked of nobody by the pseudo model of copies, and a template that asks can not name it', () => {
    const rows = (id: string): Sketch => ({
      rows: {
        d1: { template: 'dt', model: 'w', combo: 'c' },
        e1: { from: 'd1', template: id, model: 'None' },
        e2: { from: 'd1', template: id, model: 'None', replicate: 2 },
      },
    });
    const copied = tablesOf(rows('copied'));
    expect(copied.problems).toEqual([]);
    expect(copied.value.asks.map((ask) => ask?.modelId)).toEqual([
      'w',
      undefined,
      'w',
      undefined,
      'w',
      undefined,
    ]);
    expect(copied.value.asks[1]).toBeNull();
    const two = { ...rows('et').rows, e3: { from: 'd1', template: 'eu', model: 'None' } };
    const essay = withVariants(new Map([template('essay', 'et'), template('essay', 'eu')]));
    const catalog = { templates: { ...CATALOG.templates, essay } };
    expect(tablesOf({ rows: two, catalog }).problems.map(({ data }) => data?.['template'])).toEqual([
      'et',
      'eu',
    ]);
    expect(tablesOf(rows('et')).problems).toMatchObject([
      {
        code: 'DD351',
        message: 'essay template et asks a model, but its rows name None, which is only for copies',
        data: { stage: 'essay', template: 'et', model: 'None' },
      },
    ]);
  });

  it('is told where a provider passes it over', () => {
    const stages = { ...SETTINGS.stages, draft: { ...STAGE, sampling: { top_k: 1 } } };
    const quirksOf = () => ({ ...QUIRKS, ignores: ['top_k'] });
    expect(tablesOf({ settings: { stages, quirksOf } }).problems.map(({ code }) => code)).toEqual(['DD180']);
  });
});

describe('a system prompt of a model', () => {
  const systemOf: BindSettings['systemOf'] = ({ id }) =>
    ({
      own: { text: 'Mine.', place: { field: 'models' } },
      too: { text: 'Mine.', place: { field: 'models' } },
      bare: { text: null, place: {} },
    })[id];
  const models = new Map(['w', 'own', 'too', 'bare'].map((id) => model(id)));
  const stages = { ...SETTINGS.stages, draft: { ...STAGE, system: 'Be brief.' } };
  const bound = (rows: Sketch['rows'] = {}): Tables =>
    tablesOf({ rows, catalog: { models }, settings: { systemOf, stages } }).value;

  it('takes the place of that of the templates that the model is asked with', () => {
    const { boundTemplates, ownSystems } = bound({
      d1: { template: 'dt', model: 'w', combo: 'c' },
      d2: { template: 'dt', model: 'own', combo: 'c' },
      d3: { template: 'dt', model: 'own', combo: 'c', replicate: 2 },
      d4: { template: 'dt', model: 'too', combo: 'c' },
      d5: { template: 'dt', model: 'bare', combo: 'c' },
      e1: { from: 'd1', template: 'et', model: 'own' },
    });
    expect(
      boundTemplates.map(({ id, system, systemFile, systemPlace }) => [
        id,
        system,
        systemFile,
        systemPlace?.field,
      ]),
    ).toEqual([
      ['dt', 'Be brief.', '/p/draft/dt.system.txt', 'draft'],
      ['et', undefined, '/p/essay/et.system.txt', undefined],
      ['dt', 'Mine.', undefined, 'models'],
      ['dt', undefined, undefined, undefined],
      ['et', 'Mine.', undefined, 'models'],
    ]);
    expect(ownSystems).toEqual([
      { template: 0, model: 'own', bound: 2 },
      { template: 0, model: 'too', bound: 2 },
      { template: 0, model: 'bare', bound: 3 },
      { template: 1, model: 'own', bound: 4 },
    ]);
  });

  it('is that of every model that has one, also where all have, and of every template', () => {
    const { ownSystems } = bound({
      d1: { template: 'dt', model: 'own', combo: 'c' },
      d2: { template: 'dt', model: 'too', combo: 'c' },
      e1: { from: 'd1', template: 'et', model: 'too' },
      v1: { from: 'e1', template: 'vt', model: 'own' },
    });
    expect(ownSystems?.map((each) => [each.template, each.model])).toEqual([
      [0, 'own'],
      [0, 'too'],
      [1, 'too'],
      [2, 'own'],
    ]);
  });

  it('is none for a copy, nor where a spec names one', () => {
    const { boundTemplates, ownSystems } = bound({
      d1: { template: 'dt@system=terse', model: 'own', combo: 'c' },
      e1: { from: 'd1', template: 'copied', model: 'own' },
      e2: { from: 'd1', template: 'copied', model: 'None' },
    });
    expect(boundTemplates).toHaveLength(2);
    expect(ownSystems).toBeUndefined();
  });
});
