// Design rows to members: golden data roots, replication, what shares an id, what is refused, and size.
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Catalog } from '../../src/catalog/catalog.ts';
import { loadCatalog } from '../../src/catalog/load.ts';
import { bootstrapSpec } from '../../src/cohort/spec/bootstrap.ts';
import { compileCohort } from '../../src/cohort/compile.ts';
import type { Cohort } from '../../src/cohort/cohort.ts';
import { compileDesign, type Design } from '../../src/cohort/design/design.ts';
import { loadSpec } from '../../src/cohort/spec/load.ts';
import type { Taken } from '../../src/cohort/members.ts';
import { manifestJson, membershipCsv, parseMembership } from '../../src/cohort/membership.ts';
import { seedMetadata } from '../../src/cohort/seed.ts';
import { hasErrors, type Loaded, type Problem } from '../../src/problem.ts';
import { signatureFromMetadata } from '../../src/generation/genid.ts';
import { parseCsv } from '../../src/inputs/csv/csv.ts';
import { cases } from '../support/golden.ts';
import { memoryReader } from '../support/memoryreader.ts';

interface GoldenCase {
  readonly id: string;
  readonly note?: string;
  readonly files: Record<string, string>;
  readonly cohort_id: string;
  readonly expect: {
    readonly manifest_json?: string;
    readonly rows?: readonly (readonly unknown[])[];
    readonly metadata_files?: Record<string, string>;
    readonly membership_error?: { readonly type: string; readonly ctx?: Record<string, unknown> };
  };
}

const ROOT = '/project/data';
const free: Taken = () => false;

function catalogOf(files: Record<string, string>): Loaded<Catalog> {
  return loadCatalog(memoryReader(files, ROOT), { dataRoot: ROOT, templatesRoot: `${ROOT}/1_raw/templates` });
}

/** Everything from the files of a data root; ids are taken when a metadata.json there says something else. */
function compile(files: Record<string, string>, id: string, replication: 'catalog' | 'spec'): Loaded<Cohort> {
  const reader = memoryReader(files, ROOT);
  const catalog = catalogOf(files);
  const spec = loadSpec(reader, {
    specFile: `${ROOT}/cohorts/${id}/spec/config.yaml`,
    projectRoot: '/project',
  });
  const design = compileDesign(spec.value);
  const taken: Taken = (stage, candidate, wanted) => {
    const text = files[`gens/${stage}/${candidate}/metadata.json`];
    if (text === undefined) return false;
    const found = signatureFromMetadata(stage, JSON.parse(text) as Record<string, unknown>);
    return !found.ok || found.parts.join('|') !== wanted.join('|');
  };
  const cohort = compileCohort({
    cohortId: id,
    design: design.value,
    spec: spec.value,
    catalog: catalog.value,
    replication,
    taken,
  });
  return {
    value: cohort.value,
    problems: [...catalog.problems, ...spec.problems, ...design.problems, ...cohort.problems],
  };
}

const golden = cases<GoldenCase>('membership.json');
const base = golden[0]?.files ?? {};
const SPEC = 'cohorts/C1/spec/config.yaml';

function withSpec(
  axes: Record<string, readonly unknown[]>,
  more: Record<string, string> = {},
): Record<string, string> {
  const all = {
    combo_id: ['combo_v1_aaaaaaaaaaaa'],
    draft_template: ['d-one'],
    draft_llm: ['w1'],
    essay_template: ['e-llm'],
    essay_llm: ['w1'],
    evaluation_template: ['v-one'],
    evaluation_llm: ['j1'],
    ...axes,
  };
  return { ...base, ...more, [SPEC]: JSON.stringify({ axes: all, output: { field_order: [] } }) };
}

const KNOWN = { '1_raw/concepts_metadata.csv': 'concept_id,name\nk1,One\nk2,Two\n' };

/** The golden data roots hold no concepts, so their combos carry a problem that only prompts would meet there. */
const goldenFiles = ({ files }: GoldenCase): Record<string, string> => ({ ...KNOWN, ...files });
const errors = (problems: readonly Problem[]): readonly Problem[] =>
  problems.filter((each) => each.severity === 'error');

const refused = golden.filter((each) => each.expect.membership_error !== undefined);
const built = golden.filter((each) => each.expect.membership_error === undefined);

describe('golden data roots', () => {
  it.each(built)('$id $note', (each) => {
    const { value, problems } = compile(goldenFiles(each), each.cohort_id, 'spec');
    expect(errors(problems)).toEqual([]);
    expect(manifestJson(value)).toBe(each.expect.manifest_json);
    expect(rowsOf(value)).toEqual(each.expect.rows);
    expect({ ...each.files, ...seeds(value, each) }).toMatchObject(each.expect.metadata_files ?? {});
  });

  it.each(refused)('$id $note', (each) => {
    const { problems } = compile(goldenFiles(each), each.cohort_id, 'spec');
    const { reason = undefined, cohort_id: _cohort, ...data } = each.expect.membership_error?.ctx ?? {};
    const found = errors(problems).filter((problem) => reason === undefined || problem.reason === reason);
    expect(found.map((problem) => problem.data ?? {})).toContainEqual(expect.objectContaining(data));
  });
});

/** The metadata.json that each new generation begins with. */
function seeds(cohort: Cohort, { files, cohort_id: id }: GoldenCase): Record<string, string> {
  const texts = cohort.members.map(
    (member) =>
      [
        `gens/${member.stage}/${member.genId}/metadata.json`,
        JSON.stringify(seedMetadata(member, id), null, 2),
      ] as const,
  );
  return Object.fromEntries(texts.filter(([path]) => files[path] === undefined));
}

function rowsOf(cohort: Cohort): readonly (readonly unknown[])[] {
  return cohort.members.map((member) => [
    member.stage,
    member.genId,
    cohort.id,
    member.stage === 'draft' ? '' : member.parentId,
    member.comboId,
    member.templateId,
    member.modelId,
    member.replicate,
  ]);
}

describe('replication_config.csv', () => {
  const counts = {
    '1_raw/replication_config.csv': 'stage,replicates\ndraft,2\nessay,1\nevaluation,3\n',
    ...KNOWN,
  };
  const sizes = (cohort: Cohort): readonly number[] =>
    ['draft', 'essay', 'evaluation'].map(
      (stage) => cohort.members.filter((member) => member.stage === stage).length,
    );

  it('multiplies each stage without a replicate axis', () => {
    const { value } = compile(withSpec({}, counts), 'C1', 'catalog');
    expect(sizes(value)).toEqual([2, 2, 6]);
    expect(
      value.members.filter((member) => member.stage === 'evaluation').map((member) => member.replicate),
    ).toEqual([1, 2, 3, 1, 2, 3]);
  });

  it('says nothing where the spec has an axis', () => {
    const { value } = compile(
      withSpec({ evaluation_rep: [4], draft_replicate: ['1'] }, counts),
      'C1',
      'catalog',
    );
    expect(sizes(value)).toEqual([1, 1, 1]);
    expect(value.members[2]?.replicate).toBe(4);
  });

  it('is only copied to the manifest where the spec alone counts', () => {
    const { value } = compile(withSpec({}, counts), 'C1', 'spec');
    expect(sizes(value)).toEqual([1, 1, 1]);
    expect(value.manifest.replication).toEqual({ draft: 2, essay: 1, evaluation: 3 });
  });

  it('may be absent', () => {
    const { '1_raw/replication_config.csv': _gone, ...files } = withSpec({}, KNOWN);
    const { value, problems } = compile(files, 'C1', 'catalog');
    expect(errors(problems)).toEqual([]);
    expect(sizes(value)).toEqual([1, 1, 1]);
  });

  it('cannot ask for more than memory holds', () => {
    const huge = {
      '1_raw/replication_config.csv': 'stage,replicates\ndraft,3000\nessay,3000\nevaluation,3000\n',
      ...KNOWN,
    };
    const { problems } = compile(withSpec({}, huge), 'C1', 'catalog');
    expect(problems.map((each) => each.code)).toContain('DD313');
  });
});

describe('what shares an id', () => {
  it('two essay models: the first is kept, and the warning names both', () => {
    const { value, problems } = compile(withSpec({ essay_llm: ['w2', 'w1'] }, KNOWN), 'C1', 'spec');
    expect(value.members).toHaveLength(3);
    expect(value.members[1]?.modelId).toBe('w2');
    expect(problems).toMatchObject([
      {
        severity: 'warning',
        code: 'DD325',
        data: { kept: 'w2', dropped: 'w1', template: 'e-llm', count: 1 },
      },
    ]);
    expect(value.problems).toEqual(problems);
  });

  it('names that differ in letter case: one warning for the name, none for what is below it', () => {
    const templates = { '1_raw/draft_templates.csv': 'template_id\nd-one\nD-ONE\n', ...KNOWN };
    const { value, problems } = compile(
      withSpec({ draft_template: ['d-one', 'D-ONE'] }, templates),
      'C1',
      'spec',
    );
    expect(value.members).toHaveLength(3);
    expect(problems).toMatchObject([
      {
        severity: 'warning',
        code: 'DD326',
        data: { stage: 'draft', kept: 'd-one', dropped: 'D-ONE', count: 1 },
      },
    ]);
  });

  it('replicates keep two essay models apart without a warning', () => {
    const spec = `axes: {combo_id: [combo_v1_aaaaaaaaaaaa], draft_template: [d-one], draft_llm: [w1], essay_template: [e-llm], evaluation_template: [v-one], evaluation_llm: [j1]}
rules: {tuples: {t: {axes: [essay_llm, essay_replicate], items: [[w1, 1], [w2, 2]]}}}
output: {field_order: []}`;
    const { value, problems } = compile({ ...base, ...KNOWN, [SPEC]: spec }, 'C1', 'spec');
    expect(problems).toEqual([]);
    expect(
      value.members.filter((member) => member.stage === 'essay').map((member) => member.modelId),
    ).toEqual(['w1', 'w2']);
  });
});

describe('taken ids', () => {
  it('after five there is no sixth', () => {
    const files = withSpec({}, KNOWN);
    const { value: design } = compileDesign(
      loadSpec(memoryReader(files, ROOT), { specFile: `${ROOT}/${SPEC}`, projectRoot: ROOT }).value,
    );
    const asked: string[] = [];
    const { problems } = compileCohort({
      cohortId: 'C1',
      design,
      catalog: catalogOf(files).value,
      replication: 'spec',
      taken: (stage, candidate) => {
        asked.push(candidate);
        return stage === 'draft';
      },
    });
    expect(asked.map((id) => id.split('-')[1] ?? '0')).toEqual(['0', '1', '2', '3', '4']);
    expect(problems).toMatchObject([{ code: 'DD327', reason: 'deterministic_id_collision' }]);
  });
});

describe('catalog checks', () => {
  it('all seven are told at once, with the nearest names', () => {
    const wrong = withSpec(
      {
        combo_id: ['combo_v1_aaaaaaaaaaab'],
        draft_template: ['d-on'],
        draft_llm: ['w'],
        essay_template: ['E-LLM'],
        essay_llm: ['none'],
        evaluation_template: ['v-one-x'],
        evaluation_llm: ['None'],
      },
      KNOWN,
    );
    const { problems } = compile(wrong, 'C1', 'spec');
    expect(problems.map((each) => each.reason)).toEqual([
      'catalog_combos_missing',
      'catalog_draft_templates_missing',
      'catalog_essay_templates_missing',
      'catalog_evaluation_templates_missing',
      'catalog_generation_llms_missing',
      'catalog_essay_llms_missing',
      'catalog_evaluation_llms_missing',
    ]);
    expect(problems[0]?.message).toContain('did you mean "combo_v1_aaaaaaaaaaaa"');
    expect(problems[2]?.message).toContain('did you mean "e-llm"');
    expect(problems[5]?.message).toContain('did you mean "None"');
  });

  it('what is wrong with a spec has the line of its axis', () => {
    const text =
      'axes:\n  combo_id: [combo_v1_aaaaaaaaaaaa]\n  draft_template: [d-on]\n  generation_llm: [w9]\n  essay_template: [e-llm]\n  essay_llm: [w1]\n  evaluation_template: [v-one]\n  evaluation_llm: [j1]\noutput: {field_order: []}\n';
    const placed = (spec: string): unknown =>
      compile({ ...base, ...KNOWN, [SPEC]: spec }, 'C1', 'spec').problems.map(({ code, place }) => [
        code,
        place?.file,
        place?.line,
        place?.field,
      ]);
    const file = `${ROOT}/${SPEC}`;
    expect(placed(text)).toEqual([
      ['DD323', file, 3, 'draft_template'],
      ['DD323', file, 4, 'generation_llm'],
    ]);
    expect(placed(text.replace('[d-on]', '[]'))).toEqual([['DD322', file, 3, 'draft_template']]);
    expect(placed(text.replace('  essay_llm: [w1]\n', ''))).toEqual([
      ['DD320', file, undefined, 'essay_llm'],
    ]);
  });

  it('a combo with an unknown concept stops only the cohort that uses it', () => {
    const concepts = { '1_raw/concepts_metadata.csv': 'concept_id,name\nk1,One\n' };
    expect(compile(withSpec({}, concepts), 'C1', 'spec').problems).toEqual([]);
    const { problems } = compile(withSpec({ combo_id: ['combo_v1_bbbbbbbbbbbb'] }, concepts), 'C1', 'spec');
    expect(problems).toMatchObject([{ code: 'DD214', data: { missing_concepts: ['k2'] } }]);
  });

  it('columns of the model catalog say who may write and who may judge', () => {
    const models = {
      ...KNOWN,
      '1_raw/llm_models.csv': 'id,model,for_generation,for_evaluation\nw1,m,true,false\nj1,m,no,\n',
    };
    expect(compile(withSpec({}, models), 'C1', 'spec').problems).toEqual([]);
    const { problems } = compile(
      withSpec({ draft_llm: ['j1'], evaluation_llm: ['w1'] }, models),
      'C1',
      'spec',
    );
    expect(problems).toMatchObject([
      { code: 'DD324', data: { model: 'j1', stage: 'draft' }, place: { line: 3, field: 'for_generation' } },
      {
        code: 'DD324',
        data: { model: 'w1', stage: 'evaluation' },
        place: { line: 2, field: 'for_evaluation' },
      },
    ]);
  });

  it('only a copied essay may be without a model, and no draft copies', () => {
    expect(compile(withSpec({ essay_llm: ['None'] }, KNOWN), 'C1', 'spec').problems).toMatchObject([
      { reason: 'model_needed' },
    ]);
    const copying = { '1_raw/draft_templates.csv': 'template_id,generator\nd-one,copy\n', ...KNOWN };
    expect(compile(withSpec({}, copying), 'C1', 'spec').problems).toMatchObject([
      { reason: 'draft_cannot_copy' },
    ]);
  });
});

describe('membership.csv', () => {
  it('is written wide and read back', () => {
    const { value } = compile(withSpec({}, KNOWN), 'C1', 'spec');
    const text = membershipCsv(value);
    expect(text.split('\n').slice(0, 3)).toEqual([
      'stage,gen_id,cohort_id,parent_gen_id,combo_id,template_id,llm_model_id,replicate',
      'draft,d_2cy382ohxu360xqj,C1,,combo_v1_aaaaaaaaaaaa,d-one,w1,1',
      'essay,e_1yup1oojxvr9s4jg,C1,d_2cy382ohxu360xqj,combo_v1_aaaaaaaaaaaa,e-llm,w1,1',
    ]);
    const read = parseMembership(parseCsv(text, 'membership.csv').value);
    expect(read.problems).toEqual([]);
    expect(read.value.map(({ stage, genId }) => [stage, genId])).toEqual(
      value.members.map(({ stage, genId }) => [stage, genId]),
    );
    expect(read.value[1]).toMatchObject({
      parentId: 'd_2cy382ohxu360xqj',
      templateId: 'e-llm',
      modelId: 'w1',
      replicate: '1',
    });
  });

  it('of two columns is read too, stages in any letter case, each generation once', () => {
    const table = parseCsv('gen_id,stage\nd_1,Draft\nd_1,draft\n', 'm.csv').value;
    expect(parseMembership(table)).toEqual({ value: [{ stage: 'draft', genId: 'd_1' }], problems: [] });
  });

  it('with an unknown stage or an id that is a path is an error with its line', () => {
    const table = parseCsv('stage,gen_id\nlink,d_1\ndraft,../x\n', 'm.csv').value;
    expect(
      parseMembership(table).problems.map((each) => [each.code, each.place?.line, each.place?.field]),
    ).toEqual([
      ['DD329', 2, 'stage'],
      ['DD329', 3, 'gen_id'],
    ]);
  });
});

describe('a new spec', () => {
  it('compiles as it is written', () => {
    const files = { ...base, ...KNOWN };
    const { value, problems } = bootstrapSpec(catalogOf(files).value);
    expect(problems).toEqual([]);
    expect(Object.keys(value.files)).toEqual(['config.yaml', 'items/cohort_rows.yaml']);
    const written = Object.fromEntries(
      Object.entries(value.files).map(([path, text]) => [`cohorts/N/spec/${path}`, text]),
    );
    const cohort = compile({ ...files, ...written }, 'N', 'catalog');
    expect(cohort.problems).toEqual([]);
    expect(cohort.value.members.filter((member) => member.stage === 'draft')).toHaveLength(8);
  });

  it('keeps names that YAML would read as something else', () => {
    const files = {
      ...base,
      ...KNOWN,
      '1_raw/draft_templates.csv': 'template_id\n007\nyes\n"it\'s: odd"\n',
      '1_raw/llm_models.csv': 'id,model\n1e3,m\n1.5,m\n',
    };
    const { value } = bootstrapSpec(catalogOf(files).value);
    const written = Object.fromEntries(
      Object.entries(value.files).map(([path, text]) => [`cohorts/N/spec/${path}`, text]),
    );
    const cohort = compile({ ...files, ...written }, 'N', 'spec');
    expect(cohort.problems).toEqual([]);
    expect(cohort.value.manifest.templates.draft).toEqual(['007', "it's: odd", 'yes']);
    expect(cohort.value.manifest.llms.generation).toEqual(['1.5', '1e3']);
  });

  it('needs at least one of everything', () => {
    const { problems } = bootstrapSpec(catalogOf({}).value);
    expect(problems).toHaveLength(6);
    expect(new Set(problems.map((each) => each.code))).toEqual(new Set(['DD330']));
  });
});

describe('size', () => {
  const names = (prefix: string, count: number): string[] =>
    Array.from({ length: count }, (_, at) => `${prefix}${at}`);
  const csv = (header: string, ids: readonly string[], rest = ''): string =>
    `${header}\n${ids.map((id) => `${id}${rest}\n`).join('')}`;

  it('12,144 rows become 12,540 generations', () => {
    const combos = names('combo', 2);
    const files = {
      '1_raw/concepts_metadata.csv': 'concept_id,name\nk,K\n',
      '1_raw/draft_templates.csv': csv('template_id', names('d', 22)),
      '1_raw/essay_templates.csv': csv('template_id', names('e', 2)),
      '1_raw/evaluation_templates.csv': csv('template_id', names('v', 23)),
      '1_raw/llm_models.csv': csv('id,model', names('m', 5), ',x'),
      'combo_mappings.csv': csv('combo_id,concept_id', combos, ',k'),
      [SPEC]: JSON.stringify({
        axes: {
          combo_id: combos,
          draft_template: names('d', 22),
          draft_llm: ['m0', 'm1', 'm2'],
          essay_template: names('e', 2),
          essay_llm: ['m0'],
          evaluation_template: names('v', 23),
          evaluation_llm: ['m3', 'm4'],
        },
        output: { field_order: [] },
      }),
    };
    const { value, problems } = compile(files, 'C1', 'catalog');
    expect(problems).toEqual([]);
    expect(value.members).toHaveLength(12_540);
    expect(new Set(value.members.map((member) => member.genId)).size).toBe(12_540);
  });
});

describe('any design at all', () => {
  const columns = [
    'combo_id',
    'combo',
    'draft_template',
    'draft_llm',
    'essay_template',
    'essay_llm',
    'evaluation_template',
    'evaluation_llm',
    'draft_replicate',
    'essay_rep',
    'x',
  ];
  const level = fc.constantFrom(
    'combo_v1_aaaaaaaaaaaa',
    'd-one',
    'D-ONE',
    'e-llm',
    'e-copy',
    'v-one',
    'w1',
    'W1',
    'j1',
    'None',
    '',
    ' ',
    null,
    true,
    1,
    2,
    0,
    -1,
    1.5,
    '2',
  );
  const designs: fc.Arbitrary<Design> = fc
    .uniqueArray(fc.constantFrom(...columns))
    .chain((chosen) =>
      fc
        .array(fc.tuple(...chosen.map(() => level)), { maxLength: 8 })
        .map((rows) => ({ columns: chosen, rows })),
    );
  const { value: catalog } = catalogOf({ ...base, ...KNOWN });

  it('gives members whose parents are members, or errors', () => {
    fc.assert(
      fc.property(designs, fc.constantFrom('catalog' as const, 'spec' as const), (design, replication) => {
        const { value, problems } = compileCohort({
          cohortId: 'C',
          design,
          catalog,
          replication,
          taken: free,
        });
        expect(hasErrors(problems)).toBe(value.members.length === 0);
        const ids = new Set(value.members.map((member) => member.genId));
        expect(ids.size).toBe(value.members.length);
        const orphans = value.members.filter(
          (member) => member.stage !== 'draft' && !ids.has(member.parentId),
        );
        expect(orphans).toEqual([]);
      }),
      { numRuns: 300 },
    );
  });
});
