// Settings, names and cells that are nearly what was meant: said, where silence would leave a limit, a price or a name out of force.
import { mkdirSync, writeFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { loadProject } from '../../src/config.ts';
import { CONFIG_FILE, DRAFT, makeKite, settingsFor, SPEC, type Kite } from '../support/kite.ts';

const MODELS = 'data/1_raw/llm_models.csv';

/** What `plan` says on standard error. */
async function said(kite: Kite): Promise<string> {
  return (await kite.run(['build', '--yes'])).stderr;
}

function configured(settings: Readonly<Record<string, unknown>>): Kite {
  return makeKite(undefined, { [CONFIG_FILE]: JSON.stringify({ provider: 'offline', ...settings }) });
}

describe('settings that are in force for nobody', () => {
  it('are said of a pool', async () => {
    const text = await said(configured({ pools: { llm_api_payed: { requestsPerDay: 1 } } }));
    expect(text).toContain('warning DD184 daydream.config.json (pools.llm_api_payed)');
    expect(text).toContain('did you mean "llm_api_paid"');
  });

  it('are said of a rule for a model', async () => {
    const text = await said(configured({ models: { 'w9*': { inputPrice: 1 }, w12: { inputPrice: 1 } } }));
    expect(text).toContain('the rule for w9* fits no model');
    expect(text).toContain('the rule for w12 fits no model of llm_models.csv (did you mean "w1"');
  });

  it('are not said of what is in force', async () => {
    const models = { 'w*': { pool: 'mine' }, j1: { inputPrice: 1 } };
    const pools = { mine: { requestsPerDay: 9 }, llm_api_free: { concurrency: 2 } };
    expect(await said(configured({ models, pools }))).not.toMatch(/DD18[45]/);
  });

  it.each([
    ['input_price', 'input_prices'],
    ['specialization', 'temprature'],
    ['specialization', 'max_token'],
    ['specialization', 'Pool'],
  ])('are said of a column: %s, written %s', async (column, written) => {
    const kite = makeKite();
    kite.edit(MODELS, column, written);
    expect(await said(kite)).toContain(`has the column "${written}", which nothing reads; it looks like`);
  });

  it('are said of a price that was entered by the token', async () => {
    const kite = makeKite();
    kite.edit(MODELS, 'W1,gen,0.01,0.01', 'W1,gen,0.0000003,0');
    expect(await said(kite)).toMatch(
      /warning DD289 \S+llm_models.csv:2 \(input_price\): .* it would be 0.3\./,
    );
    const text = await said(configured({ models: { w1: { outputPrice: 2_500_000 } } }));
    expect(text).toContain('warning DD289 daydream.config.json (models.w1.outputPrice)');
    expect(await said(configured({ models: { w1: { inputPrice: 0, outputPrice: 600 } } }))).not.toContain(
      'DD289',
    );
  });

  it('are not said of columns of somebody’s own', async () => {
    const kite = makeKite();
    kite.edit(MODELS, 'display_name', 'notes_of_ours');
    expect(await said(kite)).not.toContain('DD286');
  });
});

describe('a template’s file that is nearly named like it', () => {
  it.each([
    ['in other letter case', 'caf\u00e9', 'Caf\u00e9'],
    ['with its accent as a letter of its own', 'caf\u00e9', 'cafe\u0301'],
  ])('is named: %s', async (_what, id, written) => {
    const kite = makeKite();
    kite.edit('data/1_raw/draft_templates.csv', 'd-three,', `${id},`);
    kite.write(`data/1_raw/templates/draft/${written}.txt`, kite.read(DRAFT));
    kite.edit(SPEC, 'd-two]', `${id}]`);
    const { code, stderr } = await kite.run(['build']);
    expect(code).toBe(2);
    expect(stderr).toContain(`: the file "${written}.txt" is not named letter by letter like it`);
  });
});

describe('a catalog out of a spreadsheet', () => {
  it.each([
    [';', 'semicolons'],
    ['\t', 'tabs'],
  ])('is told of as such where a spec includes it, with %j between its cells', async (mark, name) => {
    const kite = makeKite();
    kite.edit(SPEC, '[[e-llm, w2], [e-copy, None]]', "'@file:items/paths.csv'");
    kite.write('data/cohorts/C/spec/items/paths.csv', `essay_template${mark}essay_llm\ne-llm${mark}w2\n`);
    const { code, stderr } = await kite.run(['build']);
    expect(code).toBe(2);
    expect(stderr).toMatch(
      new RegExp(`error DD208 data/cohorts/C/spec/items/paths.csv:1: .* has ${name} between`),
    );
  });

  it.each([';', '\t'])('with %j between its cells is told so', async (mark) => {
    const kite = makeKite();
    kite.write(MODELS, kite.read(MODELS).replaceAll(',', mark));
    const { code, stderr } = await kite.run(['build']);
    expect(code).toBe(2);
    expect(stderr).toMatch(/DD208 .*has (semicolons|tabs) between its cells, not commas/);
    expect(stderr).toContain('Save it as CSV with commas');
  });

  it('with capitals in its header is told which column is meant', async () => {
    const kite = makeKite();
    kite.edit(MODELS, 'id,model,provider', 'ID, Model ,provider');
    const { code, stderr } = await kite.run(['build']);
    expect(code).toBe(2);
    expect(stderr).toContain('"id" ("ID" looks like it), "model" ("Model" looks like it)');
  });
});

describe('levels of a spec', () => {
  const EACH = 'template_id,template_name,description,parser,generator\n1.1,A,x,,llm\n1.10,B,x,,llm\n';
  function named(levels: string): Kite {
    const kite = makeKite(undefined, {
      'data/1_raw/draft_templates.csv': EACH,
      'data/1_raw/templates/draft/1.1.txt': 'A {{ concepts[0].name }}',
      'data/1_raw/templates/draft/1.10.txt': 'B {{ concepts[0].name }}',
    });
    kite.edit(SPEC, '[d-one, d-two]', levels);
    return kite;
  }

  it.each(['[1.10]', '[1.1, 1.10]'])('that YAML takes for numbers are said: %s', async (levels) => {
    expect(await said(named(levels))).toContain('1.10 is read as 1.1');
  });

  it('in quotes are names', async () => {
    const kite = named("['1.1', '1.10']");
    expect(await said(kite)).not.toContain('DD384');
    expect(kite.files('data/gens/draft').filter((name) => name.endsWith('prompt.txt')).length).toBe(4);
  });

  it.each([
    ['no', 'False'],
    ['007', '7'],
    ['0x1F', '31'],
    ['12:30', '750'],
  ])('are said beside what is missing: %s', async (level, read) => {
    const kite = makeKite();
    kite.edit(SPEC, 'draft_llm: [w1]', `draft_llm: [${level}]`);
    const { code, stderr } = await kite.run(['build']);
    expect(code).toBe(2);
    expect(stderr).toContain(`${level} is read as ${read}`);
  });
});

describe('a tuple out of a file', () => {
  it('whose columns are named in another order is said to go by place', async () => {
    const kite = makeKite(undefined, {
      'data/cohorts/C/spec/paths.csv': 'essay_llm,essay_template\ne-llm,w2\ne-copy,None\n',
    });
    kite.edit(SPEC, '[[e-llm, w2], [e-copy, None]]', "'@file:paths.csv'");
    const { code, stderr } = await kite.run(['build']);
    expect({ code, warned: stderr.includes('warning DD385') }).toEqual({ code: 0, warned: true });
    expect(kite.read('data/cohorts/C/membership.csv')).toMatch(/^essay,.*,e-llm,w2,1$/m);
  });

  it('takes other names by their places, without a word', async () => {
    const kite = makeKite(undefined, { 'data/cohorts/C/spec/paths.csv': 'how,who\ne-llm,w2\ne-copy,None\n' });
    kite.edit(SPEC, '[[e-llm, w2], [e-copy, None]]', "'@file:paths.csv'");
    const { code, stderr } = await kite.run(['build']);
    expect({ code, stderr: stderr.includes('DD385') }).toEqual({ code: 0, stderr: false });
  });
});

describe('descriptions that nobody reads', () => {
  const FOLDER = 'data/1_raw/concepts/descriptions-paragraph';
  function called(id: string): Kite {
    const kite = makeKite();
    kite.edit('data/1_raw/concepts_metadata.csv', 'k1,Kite', `${id},Kite`);
    kite.edit('data/combo_mappings.csv', 'A,v1,k1', `A,v1,${id}`);
    return kite;
  }

  it.each(['cafe\u0301.txt', 'Café.txt', 'CAFÉ.txt'])('by the letters of their names: %s', async (name) => {
    const kite = called('café');
    kite.write(`${FOLDER}/${name}`, 'Coffee is served.\n');
    expect(await said(kite)).toContain('is not named letter by letter like "café"');
  });

  it('in other shapes are found by doctor', async () => {
    const kite = makeKite();
    kite.write(`${FOLDER}/k2.md`, 'Text.\n');
    kite.write(`${FOLDER}/k9.txt`, 'Text.\n');
    kite.write(`${FOLDER}/k1.txt`, '\n');
    mkdirSync(kite.path(`${FOLDER}/k3.d.txt`));
    const { stdout } = await kite.run(['doctor']);
    for (const name of ['k1.txt', 'k2.md', 'k9.txt', 'k3.d.txt']) expect(stdout).toContain(name);
  });
});

describe('a spec by another name', () => {
  const AS_JSON = JSON.stringify({
    axes: {
      combo_id: ['B'],
      draft_template: ['d-two'],
      draft_llm: ['w1'],
      essay_template: ['e-llm'],
      essay_llm: ['w2'],
      evaluation_template: ['v-one'],
      evaluation_llm: ['j1'],
    },
    output: { field_order: ['combo_id'] },
  });

  it.each([
    ['config.yml', ''],
    ['config.json', AS_JSON],
  ])('is read: %s, alone and beside another', async (name, text) => {
    const kite = makeKite();
    kite.write(`data/cohorts/D/spec/${name}`, text === '' ? kite.read(SPEC) : text);
    await kite.run(['build']);
    expect(kite.exists('data/cohorts/D/membership.csv')).toBe(true);
    kite.remove('data/cohorts/C');
    expect((await kite.check()).code).toBe(0);
    expect((await kite.run(['cohort', 'design', 'D'])).code).toBe(0);
  });
});

it('a file that looks like a spec and is not read is said, alone and beside one that is', async () => {
  const kite = makeKite();
  kite.write('data/cohorts/D/spec/Config.YAML', kite.read(SPEC));
  kite.write('data/cohorts/C/spec/config.json', '{}');
  kite.write('data/cohorts/C/spec/levels.csv', 'value\nA\n');
  const { stderr } = await kite.run(['plan']);
  expect(stderr.match(/DD386 \S+/g)).toEqual([
    'DD386 data/cohorts/C/spec/config.json:',
    'DD386 data/cohorts/D/spec/Config.YAML:',
  ]);
});

describe('a combo', () => {
  it('of one concept twice is refused', async () => {
    const kite = makeKite();
    const { code, stderr } = await kite.run(['cohort', 'combos', 'add', 'k1', 'k1']);
    expect(code).toBe(2);
    expect(stderr).toContain('DD288');
  });
});

describe('.env', () => {
  const KEY = 'LAB_KEY=abc\n';
  const keyed = (): Kite =>
    makeKite(undefined, {
      [CONFIG_FILE]: settingsFor('http://127.0.0.1:1/v1', {
        providers: { lab: { baseURL: 'http://127.0.0.1:1/v1', apiKeyEnv: 'LAB_KEY' } },
      }),
    });

  it('that is a folder is as none', async () => {
    const kite = makeKite();
    mkdirSync(kite.path('.env'));
    expect((await kite.run(['plan'])).code).toBe(0);
    expect((await kite.run(['doctor'])).code).not.toBe(2);
  });

  it.each([
    ['UTF-8 with a mark', Buffer.from(`\uFEFF${KEY}`)],
    ['UTF-16', Buffer.concat([Buffer.from([0xff, 0xfe]), Buffer.from(KEY, 'utf16le')])],
  ])('is read as %s', async (_name, bytes) => {
    const kite = keyed();
    writeFileSync(kite.path('.env'), bytes);
    const { value } = await loadProject({ root: kite.root });
    expect(value.environment['LAB_KEY']).toBe('abc');
  });
});

describe('time-outs', () => {
  it('longer than a timer can be are as long as it can', async () => {
    const kite = configured({ timeouts: { idle: 5e9, call: 1e10 }, watch: { sweep: 1e12 } });
    const { value } = await loadProject({ root: kite.root });
    expect(value.settings.timeouts).toEqual({ call: 2 ** 31 - 1, idle: 2 ** 31 - 1 });
    expect(value.settings.watch.sweep).toBe(2 ** 31 - 1);
  });
});

describe('two names for one question', () => {
  const twin = (kite: Kite, parser = ''): Kite => {
    kite.edit('data/1_raw/draft_templates.csv', 'd-three,Three,x,,llm', `d-three,Three,x,${parser},llm`);
    kite.write('data/1_raw/templates/draft/d-three.txt', kite.read(DRAFT));
    kite.edit(SPEC, '[d-one, d-two]', '[d-one, d-three]');
    return kite;
  };

  it('are said of templates with one text, in plan and doctor', async () => {
    const kite = twin(makeKite());
    const words =
      'DD290 data/1_raw/templates/draft/d-three.txt: the draft templates d-one and d-three have the same text: 2 generations of the second have the answer of the first';
    expect((await kite.run(['plan'])).stderr).toContain(`warning ${words}`);
    expect((await kite.run(['doctor'])).stdout).toContain(
      words.slice('DD290 data/1_raw/templates/draft/d-three.txt: '.length),
    );
    kite.write('data/1_raw/templates/draft/d-three.txt', `${kite.read(DRAFT)}More.\n`);
    expect((await kite.run(['plan'])).stderr).not.toContain('DD290');
    kite.write('data/1_raw/templates/draft/d-three.txt', kite.read(DRAFT));
    expect((await kite.run(['plan'])).stderr).toContain('DD290');
  });

  it('are said of two ids of one model', async () => {
    const kite = makeKite();
    kite.edit(MODELS, 'w2,lab/w2', 'w2,lab/w1');
    kite.edit(SPEC, 'draft_llm: [w1]', 'draft_llm: [w1, w2]');
    const { stderr } = await kite.run(['plan']);
    expect(stderr).toContain(
      'the models w1 and w2 are one, asked in one way, in the draft stage: 4 generations',
    );
    // What differs in anything that decides the text is another question.
    kite.edit(MODELS, 'specialization', 'temperature');
    kite.edit(MODELS, 'W2,gen', 'W2,0.2');
    kite.write(MODELS, kite.read(MODELS).replace('W1,gen', 'W1,').replace('J1,judge', 'J1,'));
    expect((await kite.run(['plan'])).stderr).not.toContain('DD290');
  });

  it('are not said of one answer that is read in two ways, nor of a sound project', async () => {
    expect((await twin(makeKite(), 'essay_block').run(['plan'])).stderr).not.toContain('DD290');
    expect((await makeKite().run(['plan'])).stderr).not.toContain('DD290');
  });
});
