// Inputs that can not be what they are meant to be: named with their place, never passed over, and nothing is planned by them.
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { openProject, ProblemError } from '../../src/api.ts';
import { readEnvFile } from '../../src/inputs/envfile.ts';
import { CONFIG_FILE, makeKite, SPEC, type Kite } from '../support/kite.ts';

const UNDECIDED = 'first\n<<<<<<< HEAD\none\n=======\ntwo\n>>>>>>> other\n';
const SYSTEM = 'data/1_raw/templates/draft/d-one.system.txt';
const MODELS = 'data/1_raw/llm_models.csv';

async function told(kite: Kite): Promise<readonly string[]> {
  try {
    await (await openProject({ root: kite.root })).plan();
    return [];
  } catch (error) {
    if (!(error instanceof ProblemError)) throw error;
    return error.problems.map(
      ({ code, place }) => `${code} ${place?.file?.slice(kite.root.length + 1)}:${place?.line}`,
    );
  }
}

describe('an input', () => {
  it.each([SYSTEM, '.env', CONFIG_FILE, 'data/1_raw/concepts/descriptions-paragraph/k1.txt', MODELS, SPEC])(
    'with a merge that nobody has decided is told with its line: %s',
    async (name) => {
      expect(await told(makeKite(undefined, { [name]: UNDECIDED }))).toEqual([`DD284 ${name}:2`]);
    },
  );

  it.each([
    ['export const p = 1;\n<<<<<<< HEAD\n=======\n>>>>>>> other\n', 'DD284', 2],
    ['export const p = 1;\nexport const q = (;\n', 'DD104', 2],
    ['export const p = 1;\nthrow new Error("no");\n', 'DD104', 2],
  ])('that a config imports is told at its own place: %j', async (text, code, line) => {
    const config = "import { p } from './own/p';\nexport default { provider: 'offline', confirmAbove: p };\n";
    const kite = makeKite(undefined, { 'daydream.config.ts': config, 'own/p.ts': text });
    expect(await told(kite)).toEqual([`${code} own/p.ts:${line}`]);
  });

  it('that is no UTF-8, in a system prompt, is told', async () => {
    const kite = makeKite();
    writeFileSync(kite.path(SYSTEM), Buffer.from([0xff, 0xfe]));
    expect(await told(kite)).toEqual([`DD202 ${SYSTEM}:1`]);
  });

  it.each([SPEC, MODELS])('that is a folder is told: %s', async (name) => {
    const kite = makeKite();
    rmSync(kite.path(name));
    mkdirSync(kite.path(name));
    expect(await told(kite)).toEqual([`DD201 ${name}:undefined`]);
  });

  it('of a line too many, in a model’s name, is told', async () => {
    const kite = makeKite();
    kite.edit(MODELS, 'lab/w1', '"lab\nw1"');
    expect(await told(kite)).toEqual([`DD211 ${MODELS}:2`]);
  });

  it('may begin with a byte order mark', async () => {
    const kite = makeKite();
    for (const name of [CONFIG_FILE, SPEC, MODELS, 'data/combo_mappings.csv'])
      kite.write(name, `\uFEFF${kite.read(name)}`);
    expect(await told(kite)).toEqual([]);
  });
});

it.each([
  ['UTF-8 with a mark', Buffer.from('\uFEFFKEY=word\r\n')],
  ['UTF-16 with a mark', Buffer.from('\uFEFFKEY=word\r\n', 'utf16le')],
  ['UTF-16 without one', Buffer.from('KEY=word\r\n', 'utf16le')],
  ['UTF-16 in the other order', Buffer.from('KEY=word\r\n', 'utf16le').swap16()],
])('an .env in %s is read', (_what, bytes) => {
  const kite = makeKite();
  writeFileSync(kite.path('.env'), bytes);
  expect(readEnvFile(kite.path('.env'))).toEqual({ KEY: 'word' });
});
