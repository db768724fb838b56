// Mistakes that a user can make: each is told with a stable code, its place and a cure, exits 2, and writes nothing.
import { lstatSync, mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { spawnSync } from 'node:child_process';
import { expect, it } from 'vitest';
import { CONFIG_FILE, makeKite, type Kite } from '../support/kite.ts';
import { BINARY } from '../support/program.ts';

interface Mistake {
  readonly what: string;
  readonly make: (kite: Kite) => void;
  readonly args?: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
  readonly code: string;
  /** As far as the place goes; paths are relative to the project. */
  readonly at?: Readonly<Record<string, string | number>>;
  /** Words of the message or the cure. */
  readonly says: string;
}

const RAW = 'data/1_raw';
const DRAFTS = `${RAW}/draft_templates.csv`;
const EVALUATIONS = `${RAW}/evaluation_templates.csv`;
const MODELS = `${RAW}/llm_models.csv`;
const CONCEPTS = `${RAW}/concepts_metadata.csv`;
const COUNTS = `${RAW}/replication_config.csv`;
const COMBOS = 'data/combo_mappings.csv';
const D_ONE = `${RAW}/templates/draft/d-one.txt`;
const E_LLM = `${RAW}/templates/essay/e-llm.txt`;
const SPEC = 'data/cohorts/C/spec/config.yaml';
const TYPED = 'daydream.config.ts';

/** A change of one file. */
function edit(name: string, before: string, after: string): Mistake['make'] {
  return (kite) => kite.edit(name, before, after);
}

function write(name: string, text: string): Mistake['make'] {
  return (kite) => kite.write(name, text);
}

function bytes(name: string, ...values: readonly number[]): Mistake['make'] {
  return (kite) => writeFileSync(kite.path(name), Uint8Array.from(values));
}

function remove(name: string): Mistake['make'] {
  return (kite) => kite.remove(name);
}

const nothing = (): void => {};

/** A config in TypeScript in the place of the other. */
function typed(text: string): Mistake['make'] {
  return (kite) => {
    kite.remove(CONFIG_FILE);
    kite.write(TYPED, text);
  };
}

function config(text: string): Mistake['make'] {
  return typed(
    `import { defineConfig } from 'daydream';\n\nexport default defineConfig({ provider: 'offline', ${text} });\n`,
  );
}

const MISTAKES: readonly Mistake[] = [
  // CSV
  {
    what: 'a quote that never ends',
    make: edit(MODELS, 'lab,W1,', 'lab,"W1,'),
    code: 'DD204',
    at: { file: 'data/1_raw/llm_models.csv', line: 2 },
    says: 'opens a quote in the row that begins on line 2 and never closes it.',
  },
  {
    what: 'a row longer than the header',
    make: edit(CONCEPTS, 'k2,Keel', 'k2,Keel,Rudder'),
    code: 'DD205',
    at: { file: 'data/1_raw/concepts_metadata.csv', line: 3 },
    says: 'has 2 columns, but the row that begins with "k2" has 3 cells.',
  },
  {
    what: 'a column twice',
    make: edit(MODELS, 'id,model,', 'id,id,'),
    code: 'DD206',
    at: { file: 'data/1_raw/llm_models.csv', line: 1, field: 'id' },
    says: 'names the column "id" twice, in places 1 and 2.',
  },
  {
    what: 'an empty file',
    make: write(MODELS, ''),
    code: 'DD206',
    at: { file: 'data/1_raw/llm_models.csv', line: 1 },
    says: 'has no header line.',
  },
  {
    what: 'a required column missing',
    make: edit(CONCEPTS, 'concept_id,name', 'concept_id,title'),
    code: 'DD208',
    at: { file: 'data/1_raw/concepts_metadata.csv', line: 1 },
    says: 'lacks the column "name".',
  },
  {
    what: 'the withdrawn column',
    make: edit(DRAFTS, 'template_id,template_name,', 'template_id,active,'),
    code: 'DD207',
    at: { file: 'data/1_raw/draft_templates.csv', line: 1, field: 'active' },
    says: 'has the column "active", which is withdrawn.',
  },
  {
    what: 'a concept twice',
    make: edit(CONCEPTS, 'k2,Keel\n', 'k2,Keel\nk1,Kestrel\n'),
    code: 'DD209',
    at: { file: 'data/1_raw/concepts_metadata.csv', line: 4, field: 'concept_id' },
    says: 'concepts_metadata.csv has "k1" twice, on lines 2 and 4.',
  },
  {
    what: 'a template twice',
    make: edit(DRAFTS, 'd-two,Two', 'd-one,Two'),
    code: 'DD209',
    at: { file: 'data/1_raw/draft_templates.csv', line: 3, field: 'template_id' },
    says: 'draft_templates.csv has "d-one" twice, on lines 2 and 3.',
  },
  {
    what: 'a model twice',
    make: edit(MODELS, 'w2,lab/w2', 'w1,lab/w2'),
    code: 'DD209',
    at: { file: 'data/1_raw/llm_models.csv', line: 3, field: 'id' },
    says: 'llm_models.csv has "w1" twice, on lines 2 and 3.',
  },
  {
    what: 'a template id that climbs out',
    make: edit(DRAFTS, 'd-two,Two', '../d-two,Two'),
    code: 'DD210',
    at: { file: 'data/1_raw/draft_templates.csv', line: 3, field: 'template_id' },
    says: 'The id "../d-two" cannot be used: it would lead to another folder.',
  },
  {
    what: 'a generator that there is not',
    make: edit(DRAFTS, 'essay_block,llm', 'essay_block,lmm'),
    code: 'DD211',
    at: { file: 'data/1_raw/draft_templates.csv', line: 3, field: 'generator' },
    says: 'The template "d-two" has the generator "lmm", which is neither llm',
  },
  {
    what: 'a price that is no number',
    make: edit(MODELS, 'W1,gen,0.01,', 'W1,gen,cheap,'),
    code: 'DD211',
    at: { file: 'data/1_raw/llm_models.csv', line: 2, field: 'input_price' },
    says: 'The model "w1" has "cheap" in the column input_price: it must be a',
  },
  {
    what: 'reasoning that is neither an effort nor a budget',
    make: edit(
      MODELS,
      'output_price\nw1,lab/w1,lab,W1,gen,0.01,0.01',
      'output_price,reasoning\nw1,lab/w1,lab,W1,gen,0.01,0.01,0',
    ),
    code: 'DD211',
    at: { file: 'data/1_raw/llm_models.csv', line: 2, field: 'reasoning' },
    says: 'The model "w1" has "0" in the column reasoning: it must be an effort such as',
  },
  {
    what: 'a model without a model string',
    make: edit(MODELS, 'w1,lab/w1,', 'w1,,'),
    code: 'DD211',
    at: { file: 'data/1_raw/llm_models.csv', line: 2, field: 'model' },
    says: 'The model "w1" has "" in the column model: it must name the model as',
  },
  {
    what: 'a count for one stage missing',
    make: edit(COUNTS, 'essay,1\n', ''),
    code: 'DD213',
    at: { file: 'data/1_raw/replication_config.csv' },
    says: 'gives no count of 1 or more for the stage essay.',
  },
  {
    what: 'a combo that names an unknown concept',
    make: edit(COMBOS, 'A,v1,k1,', 'A,v1,k9,'),
    code: 'DD214',
    at: { file: 'data/combo_mappings.csv', line: 2, field: 'concept_id' },
    says: 'The combo A names concepts that are not in the catalog: "k9" (did you',
  },
  {
    what: 'a combo id of blanks',
    make: edit(COMBOS, 'A,v1,k1,', ' ,v1,k1,'),
    code: 'DD323',
    at: { file: 'data/cohorts/C/spec/config.yaml', line: 2, column: 3, field: 'combo_id' },
    says: 'The catalog has no combo "A" (did you mean "B"?).',
  },
  // Files
  {
    what: 'a catalog missing',
    make: remove(MODELS),
    code: 'DD203',
    at: { file: 'data/1_raw/llm_models.csv' },
    says: 'is missing.',
  },
  {
    what: 'no combos at all',
    make: remove(COMBOS),
    code: 'DD323',
    at: { file: 'data/cohorts/C/spec/config.yaml', line: 2, column: 3, field: 'combo_id' },
    says: 'The catalog has no combo at all; the spec names "A", "B".',
  },
  {
    what: 'a catalog that is a folder',
    make: (kite) => {
      kite.remove(MODELS);
      mkdirSync(kite.path(MODELS));
    },
    code: 'DD201',
    at: { file: 'data/1_raw/llm_models.csv' },
    says: 'cannot be read: it is a folder.',
  },
  {
    what: 'a catalog that is a link to itself',
    make: (kite) => {
      kite.remove(MODELS);
      symlinkSync('llm_models.csv', kite.path(MODELS));
    },
    code: 'DD201',
    at: { file: 'data/1_raw/llm_models.csv' },
    says: 'cannot be read: it is a link that leads back to itself.',
  },
  {
    what: 'a catalog that is not UTF-8',
    make: bytes(CONCEPTS, 0x63, 0x0a, 0xff, 0xfe, 0x0a),
    code: 'DD202',
    at: { file: 'data/1_raw/concepts_metadata.csv', line: 2 },
    says: 'is not UTF-8 text: line 2 holds bytes that mean nothing in it.',
  },
  {
    what: 'a template that is not UTF-8',
    make: bytes(D_ONE, 0x48, 0x69, 0x0a, 0x21, 0xe9, 0x0a),
    code: 'DD202',
    at: { file: 'data/1_raw/templates/draft/d-one.txt', line: 2 },
    says: 'is not UTF-8 text: line 2 holds bytes that mean nothing in it.',
  },
  {
    what: 'a concept that is not UTF-8',
    make: bytes(`${RAW}/concepts/descriptions-paragraph/k1.txt`, 0xc3),
    code: 'DD202',
    at: { file: 'data/1_raw/concepts/descriptions-paragraph/k1.txt', line: 1 },
    says: 'is not UTF-8 text: line 1 holds bytes that mean nothing in it.',
  },
  {
    what: 'a spec that is not UTF-8',
    make: bytes(SPEC, 0x61, 0x3a, 0xff),
    code: 'DD202',
    at: { file: 'data/cohorts/C/spec/config.yaml', line: 1 },
    says: 'is not UTF-8 text: line 1 holds bytes that mean nothing in it.',
  },
  {
    what: 'a template without a text',
    make: remove(D_ONE),
    code: 'DD355',
    at: { file: 'data/1_raw/templates/draft/d-one.txt' },
    says: 'draft template d-one has no text',
  },
  {
    what: 'a data root that is not there',
    make: nothing,
    args: ['--data-root', 'dta'],
    code: 'DD114',
    at: { file: 'dta' },
    says: 'the data root dta does not exist',
  },
  // Templates
  {
    what: 'a tag that never ends',
    make: edit(D_ONE, '{% endfor %}', ''),
    code: 'DD401',
    at: { file: 'data/1_raw/templates/draft/d-one.txt', line: 2, column: 1 },
    says: '{% for %} has no {% endfor %}',
  },
  {
    what: 'an expression that never ends',
    make: edit(E_LLM, '{{ links_block }}', '{{ links_block'),
    code: 'DD401',
    at: { file: 'data/1_raw/templates/essay/e-llm.txt', line: 2, column: 1 },
    says: 'The tag that begins here is never closed by }}',
  },
  {
    what: 'a variable that there is not',
    make: edit(E_LLM, 'links_block', 'link_block'),
    code: 'DD402',
    at: { file: 'data/1_raw/templates/essay/e-llm.txt', line: 2, column: 4 },
    says: '\'link_block\' is undefined (did you mean "links_block"?)',
  },
  {
    what: 'a variable of another stage',
    make: edit(D_ONE, 'Use:', '{{ response }}'),
    code: 'DD402',
    at: { file: 'data/1_raw/templates/draft/d-one.txt', line: 1, column: 4 },
    says: "'response' is undefined",
  },
  {
    what: 'an attribute that there is not',
    make: edit(D_ONE, 'concept.content', 'concept.contents'),
    code: 'DD402',
    at: { file: 'data/1_raw/templates/draft/d-one.txt', line: 2, column: 62 },
    says: "'dict object' has no attribute 'contents'",
  },
  {
    what: 'a template that includes another which is not there',
    make: edit(D_ONE, 'Use:', "{% include 'd-two.txt' %}"),
    code: 'DD491',
    at: { file: 'data/1_raw/templates/draft/d-one.txt', line: 1, column: 1 },
    says: 'There is no template "d-two.txt"',
  },
  {
    what: 'a filter that there is not',
    make: edit(E_LLM, 'links_block', 'links_block | uper'),
    code: 'DD401',
    at: { file: 'data/1_raw/templates/essay/e-llm.txt', line: 2, column: 18 },
    says: 'There is no filter "uper" (did you mean "upper"?)',
  },
  {
    what: 'a parser that there is not',
    make: edit(EVALUATIONS, 'in_last_line', 'in_lastline'),
    code: 'DD410',
    at: { file: 'data/1_raw/evaluation_templates.csv', line: 2, field: 'parser' },
    says: 'No parser for stage evaluation is called "in_lastline" (did you mean',
  },
  {
    what: 'a parser of another stage',
    make: edit(EVALUATIONS, 'in_last_line', 'essay_block'),
    code: 'DD410',
    at: { file: 'data/1_raw/evaluation_templates.csv', line: 2, field: 'parser' },
    says: 'No parser for stage evaluation is called "essay_block"',
  },
  // Specs
  {
    what: 'YAML that is none',
    make: edit(SPEC, '[A, B]', '[A, B'),
    code: 'DD217',
    at: { file: 'data/cohorts/C/spec/config.yaml', line: 3, column: 3 },
    says: 'is not YAML at line 3, column 3: Flow sequence in block collection',
  },
  {
    what: 'a key twice',
    make: edit(SPEC, 'rules:', '  draft_llm: [w2]\nrules:'),
    code: 'DD218',
    at: { file: 'data/cohorts/C/spec/config.yaml', line: 7, column: 3, field: 'draft_llm' },
    says: 'The key "draft_llm" stands twice in one mapping, on line 4 and on',
  },
  {
    what: 'an alias bomb',
    make: write(
      SPEC,
      `axes:\n  a: &a [x,x,x,x,x,x,x,x,x,x]\n${'bcdefghij'
        .split('')
        .map((name, at) => `  ${name}: &${name} [${Array(10).fill(`*${'abcdefghi'[at]}`).join(',')}]`)
        .join('\n')}\n`,
    ),
    code: 'DD219',
    at: { file: 'data/cohorts/C/spec/config.yaml', line: 7, column: 31 },
    says: 'The aliases of data/cohorts/C/spec/config.yaml stand for more than',
  },
  {
    what: 'a section that there is not',
    make: edit(SPEC, 'rules:', 'rulez:'),
    code: 'DD304',
    at: { file: 'data/cohorts/C/spec/config.yaml', line: 13, column: 16 },
    says: 'field_order names what is no axis: "essay_template", "essay_llm".',
  },
  {
    what: 'a column that no axis fills',
    make: edit(SPEC, 'field_order: [combo_id,', 'field_order: [combo_idd,'),
    code: 'DD304',
    at: { file: 'data/cohorts/C/spec/config.yaml', line: 13, column: 16 },
    says: 'field_order names what is no axis: "combo_idd" (did you mean',
  },
  {
    what: 'an axis without levels',
    make: edit(SPEC, '[A, B]', '[]'),
    code: 'DD322',
    at: { file: 'data/cohorts/C/spec/config.yaml', line: 2, column: 3, field: 'combo_id' },
    says: 'The design of the cohort "C" has no rows: combo_id has no levels.',
  },
  {
    what: 'a template that is in no catalog',
    make: edit(SPEC, '[d-one, d-two]', '[d-one, d-tow]'),
    code: 'DD323',
    at: { file: 'data/cohorts/C/spec/config.yaml', line: 3, column: 3, field: 'draft_template' },
    says: 'The catalog has no draft template "d-tow" (did you mean "d-two"?).',
  },
  {
    what: 'a model that is in no catalog',
    make: edit(SPEC, 'draft_llm: [w1]', 'draft_llm: [w9]'),
    code: 'DD323',
    at: { file: 'data/cohorts/C/spec/config.yaml', line: 4, column: 3, field: 'draft_llm' },
    says: 'The catalog has no draft model "w9" (did you mean "w1" or "w2"?).',
  },
  {
    what: 'a combo that is in no catalog',
    make: edit(SPEC, '[A, B]', '[A, D]'),
    code: 'DD323',
    at: { file: 'data/cohorts/C/spec/config.yaml', line: 2, column: 3, field: 'combo_id' },
    says: 'The catalog has no combo "D" (did you mean "A" or "B"?).',
  },
  {
    what: 'a draft that copies',
    make: edit(DRAFTS, 'essay_block,llm', 'essay_block,copy'),
    code: 'DD324',
    at: { file: 'data/1_raw/draft_templates.csv', line: 3 },
    says: 'The draft template "d-two" has the generator copy, but a draft has no',
  },
  {
    what: 'the word for copies where a model is asked',
    make: edit(SPEC, '[e-llm, w2]', '[e-llm, None]'),
    code: 'DD324',
    at: { file: 'data/1_raw/essay_templates.csv', line: 2 },
    says: 'The essay template "e-llm" asks a model, but the spec gives it the',
  },
  {
    what: 'a rule that there is not',
    make: edit(SPEC, '  tuples:', '  tupels:'),
    code: 'DD307',
    at: { file: 'data/cohorts/C/spec/config.yaml', line: 8, column: 3 },
    says: '"tupels" is no section of rules: those are subsets, ties, pairs,',
  },
  {
    what: 'a tuple of the wrong length',
    make: edit(SPEC, '[e-llm, w2]', '[e-llm]'),
    code: 'DD307',
    at: { file: 'data/cohorts/C/spec/config.yaml', line: 11, column: 15 },
    says: 'The tuple "path" has 2 axes (essay_template, essay_llm), but one of',
  },
  {
    what: 'a subset of a level that there is not',
    make: edit(SPEC, '  tuples:', '  subsets:\n    combo_id: [Z]\n  tuples:'),
    code: 'DD309',
    at: { file: 'data/cohorts/C/spec/config.yaml', line: 9, column: 5 },
    says: 'The subset of "combo_id" keeps none of its levels.',
  },
  {
    what: 'a tie of an axis that there is not',
    make: edit(SPEC, '  tuples:', '  ties:\n    both: [draft_llm, essay_lm]\n  tuples:'),
    code: 'DD308',
    at: { file: 'data/cohorts/C/spec/config.yaml', line: 9, column: 5 },
    says: 'The tie "both" names "essay_lm", which is no axis at that point (did',
  },
  {
    what: 'an include that is not there',
    make: edit(SPEC, '[A, B]', "'@file:items/combos.txt'"),
    code: 'DD306',
    at: { file: 'data/cohorts/C/spec/config.yaml', line: 2, column: 13 },
    says: '"@file:items/combos.txt" names a file that is not there:',
  },
  {
    what: 'an include that climbs out',
    make: edit(SPEC, '[A, B]', "'@file:../../../../../../etc/passwd'"),
    code: 'DD305',
    at: { file: 'data/cohorts/C/spec/config.yaml', line: 2, column: 13 },
    says: '"@file:../../../../../../etc/passwd" leads out of the project, to',
  },
  {
    what: 'an include through a link that leads out',
    make: (kite) => {
      kite.edit(SPEC, '[A, B]', "'@file:out.txt'");
      symlinkSync('/etc/hostname', kite.path('data/cohorts/C/spec/out.txt'));
    },
    code: 'DD305',
    at: { file: 'data/cohorts/C/spec/config.yaml', line: 2, column: 13 },
    says: '"@file:out.txt" leads out of the project, to',
  },
  {
    what: 'a design that is far too large',
    make: edit(
      SPEC,
      '  draft_llm: [w1]',
      `  draft_llm: [w1]\n${'abcdefghi'
        .split('')
        .map((name) => `  ${name}: [${Array.from({ length: 10 }, (_, at) => at).join(', ')}]`)
        .join('\n')}`,
    ),
    code: 'DD313',
    at: { file: 'data/cohorts/C/spec/config.yaml' },
    says: 'The design would have 8,000,000,000 rows, more than 5,000,000: the',
  },
  {
    what: 'a replicate that is no count',
    make: edit(SPEC, '  evaluation_llm: [j1]', '  evaluation_llm: [j1]\n  evaluation_replicate: [0]'),
    code: 'DD321',
    at: { file: 'data/cohorts/C/spec/config.yaml', line: 7, column: 3, field: 'evaluation_replicate' },
    says: 'The axis evaluation_replicate has 0, which is no whole number from 1',
  },
  {
    what: 'a model that may not judge',
    make: (kite) => {
      kite.edit(MODELS, 'output_price', 'output_price,for_evaluation');
      kite.edit(MODELS, 'J1,judge,0.01,0.01', 'J1,judge,0.01,0.01,false');
    },
    code: 'DD324',
    at: { file: 'data/1_raw/llm_models.csv', line: 4, field: 'for_evaluation' },
    says: 'The model "j1" is used for the stage evaluation, but its column',
  },
  // Config and environment
  {
    what: 'a config that throws',
    make: typed("export default {};\nthrow new Error('no luck');\n"),
    code: 'DD104',
    at: { file: 'daydream.config.ts', line: 2, column: 7 },
    says: 'the config failed to load: no luck',
  },
  {
    what: 'a config that does not parse',
    make: typed('export default { provider: ;\n'),
    code: 'DD104',
    at: { file: 'daydream.config.ts', line: 1, column: 27 },
    says: 'the config failed to load: ParseError: Unexpected token',
  },
  {
    what: 'a config that imports what is not there',
    make: typed("import './gone.ts';\nexport default {};\n"),
    code: 'DD104',
    at: { file: 'daydream.config.ts' },
    says: "the config failed to load: Cannot find module './gone.ts'",
  },
  {
    what: 'a config key that there is not',
    make: config('templateRoot: "x"'),
    code: 'DD105',
    at: { file: 'daydream.config.ts', field: 'templateRoot' },
    says: 'there is no config key templateRoot (did you mean "templatesRoot"?)',
  },
  {
    what: 'a config key that there is not, deep inside',
    make: config('stages: { draft: { temprature: 1 } }'),
    code: 'DD105',
    at: { file: 'daydream.config.ts', field: 'stages.draft.temprature' },
    says: 'there is no config key stages.draft.temprature (did you mean',
  },
  {
    what: 'a config value of the wrong kind',
    make: config('stages: { draft: { minLines: "3" } }'),
    code: 'DD106',
    at: { file: 'daydream.config.ts', field: 'stages.draft.minLines' },
    says: 'stages.draft.minLines must be a number of 0 or more',
  },
  {
    what: 'a setting that no request can carry',
    make: config('stages: { draft: { sampling: { stop: ["x"], since: { at: [new Date(0)] } } } }'),
    code: 'DD106',
    at: { file: 'daydream.config.ts', field: 'stages.draft.sampling.since' },
    says: 'stages.draft.sampling.since must be a text, a number, true, false or null, or',
  },
  {
    what: 'an effort without a word',
    make: config("models: { w1: { reasoning: '' } }"),
    code: 'DD106',
    at: { file: 'daydream.config.ts', field: 'models.w1.reasoning' },
    says: 'models.w1.reasoning must be a word or a whole number of 1 or more or null',
  },
  {
    what: 'a config that exports no config',
    make: typed('export default 3;\n'),
    code: 'DD106',
    at: { file: 'daydream.config.ts' },
    says: 'the config must be an object',
  },
  {
    what: 'a provider that there is not',
    make: config("models: { w1: { provider: 'openruter' } }"),
    code: 'DD110',
    at: { file: 'daydream.config.ts', field: 'models.w1.provider' },
    says: 'there is no provider openruter (did you mean "openrouter"?): there',
  },
  {
    what: 'a parser of the config without a function',
    make: config("parsers: [{ name: 'mine' } as never]"),
    code: 'DD412',
    at: { file: 'daydream.config.ts', field: 'parsers' },
    says: 'A parser or scorer of the configuration lacks a name or a function',
  },
  {
    what: 'a parser of the config with a name that is taken',
    make: config("parsers: [{ name: 'identity', parse: (raw: string) => raw }]"),
    code: 'DD411',
    at: { file: 'daydream.config.ts', field: 'parsers' },
    says: 'The parser "identity" has the name of a built-in parser',
  },
  {
    what: 'no key',
    make: write(CONFIG_FILE, '{}'),
    args: ['--yes'],
    code: 'DD107',
    at: { file: '.env', field: 'OPENROUTER_API_KEY' },
    says: 'OPENROUTER_API_KEY is not set, and provider openrouter needs it',
  },
  {
    what: 'no price, nobody to ask, and no yes',
    make: (kite) => {
      kite.write(CONFIG_FILE, '{}');
      kite.edit(MODELS, '0.01,0.01\nw2', ',\nw2');
    },
    env: { OPENROUTER_API_KEY: 'k' },
    code: 'DD111',
    says: 'the plan would spend an unknown sum: model w1 is without a price;',
  },
  // The command line
  {
    what: 'a command that there is not',
    make: nothing,
    args: ['biuld'],
    code: 'DD101',
    says: 'there is no command biuld (did you mean "build"?)',
  },
  {
    what: 'a command that there is not, behind an option of every command',
    make: nothing,
    args: ['--data-root', 'data', 'chekc'],
    code: 'DD101',
    says: 'there is no command chekc (did you mean "check"?)',
  },
  {
    what: 'an option that there is not',
    make: nothing,
    args: ['--max-cots', '1'],
    code: 'DD102',
    says: 'there is no option --max-cots (did you mean "--max-cost"?)',
  },
  {
    what: 'an option with a word where a number goes',
    make: nothing,
    args: ['--max-cost', 'lots'],
    code: 'DD102',
    at: { field: '--max-cost' },
    says: '--max-cost must be a number of 0 or more, not "lots"',
  },
  {
    what: 'an option with a word that it does not know',
    make: nothing,
    args: ['--retry', 'everything'],
    code: 'DD102',
    at: { field: '--retry' },
    says: '--retry must be api or refused or all, not "everything"',
  },
  {
    what: 'a provider on the line that there is not',
    make: nothing,
    args: ['--provider', 'ofline'],
    code: 'DD110',
    at: { field: '--provider' },
    says: 'there is no provider ofline (did you mean "offline"?): there are',
  },
  {
    what: 'a selector that matches nothing',
    make: nothing,
    args: ['template:d-ones'],
    code: 'DD109',
    says: 'Selector "template:d-ones" matches no template; did you mean',
  },
  {
    what: 'a selector with a method that there is not',
    make: nothing,
    args: ['tmplate:d-one'],
    code: 'DD108',
    says: '"tmplate:" in selector "tmplate:d-one" is no method (did you mean',
  },
  {
    what: 'an id that there is not',
    make: nothing,
    args: ['d_0000000000000000'],
    code: 'DD109',
    says: 'Selector "d_0000000000000000" matches no generation',
  },
  {
    what: 'a stage to force that there is not',
    make: nothing,
    args: ['--force', 'drafts'],
    code: 'DD109',
    says: 'Selector "drafts" matches no generation; did you mean stage:draft?',
  },
  {
    what: 'a project that there is not',
    make: remove(CONFIG_FILE),
    code: 'DD103',
    at: { file: '.' },
    says: 'there is no daydream.config.ts in . or above it',
  },
];

interface Reported {
  readonly severity: 'error' | 'warning';
  readonly code: string;
  readonly message: string;
  readonly cure: string;
  readonly place?: Readonly<Record<string, unknown>>;
}

/** The problems that were told last, paths made relative to the project. */
function problemsIn(stdout: string, root: string): readonly Reported[] {
  const text = stdout.replaceAll(`${root}/`, '').replaceAll(root, '.');
  const last = text.startsWith('{\n') ? text : (text.trim().split('\n').at(-1) ?? '');
  return (JSON.parse(last) as { problems: readonly Reported[] }).problems;
}

/** Every file with its text. */
function everything({ files, path, read }: Kite): unknown {
  return files().map((name) => [name, lstatSync(path(name)).isFile() ? read(name) : '']);
}

it('are at least forty, and distinct', () => {
  const distinct = new Set(MISTAKES.map(({ code, at, says }) => JSON.stringify([code, at, says])));
  expect(distinct.size).toBeGreaterThanOrEqual(60);
  expect(new Set(MISTAKES.map(({ code }) => code)).size).toBeGreaterThanOrEqual(35);
});

it.each(MISTAKES)('$what', async ({ make, args = [], env = {}, code, at, says }) => {
  const kite = makeKite();
  make(kite);
  const before = everything(kite);
  const words = code === 'DD101' ? args : ['build', ...args];
  const { code: exit, stdout, stderr } = await kite.run([...words, '--json'], { env });
  expect(exit).toBe(2);
  const first = problemsIn(stdout, kite.root).find(({ severity }) => severity === 'error');
  expect(first).toMatchObject({ code, ...(at === undefined ? {} : { place: at }) });
  expect(first?.message).toContain(says);
  expect(first?.cure.length).toBeGreaterThan(10);
  expect(stderr).toContain(code);
  expect(stderr).toContain(first?.cure);
  expect(stderr).not.toContain('    at ');
  expect(everything(kite)).toEqual(before);
});

it('a folder that was removed under the shell that stands in it', () => {
  const kite = makeKite();
  kite.write('gone/file', '');
  // With what the shell has itself, and Node: a PATH need not lead to `rmdir`.
  const removal = `require('node:fs').rmSync('../gone', { recursive: true })`;
  const script = 'cd gone && "$0" -e "$2" && exec "$0" "$1" check';
  const { status, stderr } = spawnSync('sh', ['-c', script, process.execPath, BINARY, removal], {
    cwd: kite.root,
    encoding: 'utf8',
  });
  expect(status).toBe(2);
  expect(stderr).toContain('error DD103 the folder that this was called in is not there any more');
});
