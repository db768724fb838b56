// Whole projects with damaged or hostile files, every kind of file that lies in them: each command ends soon, with an exit code and
// problems that have codes, in little memory, and writes nothing where it has nothing to write.
import {
  existsSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { seededRandom } from '../support/fakeprovider.ts';
import { makeKite, SPEC } from '../support/kite.ts';
import { copyFolder, scratchFolder } from '../support/project.ts';
import { startResident, type Resident } from '../support/resident.ts';

const ROUNDS = process.env['DAYDREAM_SOAK'] === undefined ? 1 : 30;
const SEED = Number(process.env['DAYDREAM_SEED'] ?? 5);
const CONFIG = 'daydream.config.json';

let commands: Resident;
/** A project as a build left it. */
let whole: string;
beforeAll(async () => {
  commands = startResident({ execArgv: ['--max-old-space-size=256'], seconds: 30 });
  const kite = makeKite();
  kite.write(CONFIG, JSON.stringify({ provider: 'offline', stages: { draft: { minLines: 1 } } }));
  const { code, stderr } = await commands.run(['build', '--yes', '--tag', 'a=b'], kite.root);
  if (code !== 0) throw new Error(stderr);
  // A ledger and a reply that was paid for, as a provider leaves them.
  kite.write('data/.daydream/calls.jsonl', LEDGER);
  kite.write(REPLY, JSON.stringify(STORED));
  whole = kite.root;
});
afterAll(() => commands.close());

const REPLY = 'data/.daydream/responses/ab/ab12-1.json';
const STORED = {
  version: 1,
  asked: { prompt: 'p', model: 'm', mode: 'llm' },
  kind: 'answer',
  text: 'One.\nTwo.',
  rawMetadata: { usage: {} },
  genId: 'd_5dpejqnni3lflpgx',
  at: '2026-11-24T00:00:00.000Z',
};
const LEDGER = `${JSON.stringify({
  version: 1,
  when: '2026-11-24T00:00:00.000Z',
  stage: 'draft',
  gen_id: 'd_5dpejqnni3lflpgx',
  model: 'lab/w1',
  provider: 'lab',
  pool: 'p',
  attempt: 1,
  outcome: 'reply',
  cost: 0.1,
  duration_ms: 5,
})}\n`;

type Random = (below: number) => number;

const WORDS = [
  ...['\0', '\uFEFF', '\r', '"', '{', '[', ': ', '- ', '&a ', '*a', '<<: ', '__proto__', 'constructor'],
  ...[
    '-1',
    '1e999',
    'NaN',
    '../../..',
    '/etc/passwd',
    '{{ ',
    '{% for x in range(99999999) %}',
    '\uD800',
    '=cmd|1',
  ],
];
const VALUES: readonly unknown[] = [
  ...[null, true, -1, 0, 1e308, '', 'x', '../../../etc', '__proto__', [], {}, [[]], [null], { a: { b: [] } }],
  ...['9'.repeat(400), Array.from({ length: 3 }, () => ({})), { __proto__: null, length: 1e9 }],
];

/** What may be done to a file's bytes. */
const DAMAGES: readonly ((bytes: Buffer, random: Random) => Buffer)[] = [
  (bytes, random) => bytes.subarray(0, random(bytes.length + 1)),
  (bytes, random) => spliced(bytes, random, Buffer.from(WORDS[random(WORDS.length)] ?? '')),
  (bytes, random) => spliced(bytes, random, Buffer.from(Array.from({ length: 8 }, () => random(256)))),
  (bytes, random) => Buffer.concat([bytes, bytes.subarray(random(bytes.length + 1))]),
  (bytes, random) => otherValue(bytes, random),
  (bytes, random) => otherValue(otherValue(bytes, random), random),
  (bytes, random) =>
    Buffer.from(
      bytes
        .toString()
        .split('\n')
        .toSorted(() => random(3) - 1)
        .join('\n'),
    ),
  () => Buffer.alloc(0),
  (_bytes, random) => Buffer.from(Array.from({ length: 64 }, () => random(256))),
];

function spliced(bytes: Buffer, random: Random, added: Buffer): Buffer {
  const at = random(bytes.length + 1);
  return Buffer.concat([bytes.subarray(0, at), added, bytes.subarray(at + random(12))]);
}

/** JSON with another value somewhere in it, of the wrong type most likely; bytes that are no JSON stay. */
function otherValue(bytes: Buffer, random: Random): Buffer {
  try {
    const value = JSON.parse(bytes.toString()) as unknown;
    return Buffer.from(JSON.stringify(replaced(value, random)));
  } catch {
    return spliced(bytes, random, Buffer.from(JSON.stringify(VALUES[random(VALUES.length)])));
  }
}

function replaced(value: unknown, random: Random): unknown {
  if (typeof value !== 'object' || value === null || random(5) === 0) return VALUES[random(VALUES.length)];
  const keys = Object.keys(value);
  const key = keys[random(keys.length)];
  if (key === undefined) return VALUES[random(VALUES.length)];
  if (random(6) === 0) return Object.fromEntries(Object.entries(value).filter(([each]) => each !== key));
  const changed = replaced((value as Record<string, unknown>)[key], random);
  return Array.isArray(value) ? value.with(Number(key), changed) : { ...value, [key]: changed };
}

function damage(path: string, random: Random, outside: string): void {
  const kind = random(DAMAGES.length + 3);
  const bytes = readFileSync(path);
  const change = DAMAGES[kind];
  if (change !== undefined) return writeFileSync(path, change(bytes, random));
  rmSync(path);
  if (kind === DAMAGES.length) return;
  if (kind === DAMAGES.length + 1) return void mkdirSync(path);
  symlinkSync(join(outside, 'secret.txt'), path);
}

/** Every kind of file, by its place. */
const KINDS = [
  ['the config', CONFIG],
  ['a catalog', /1_raw\/[^/]*\.csv$/],
  ['a spec', SPEC],
  ['a template', /templates\/.*\.txt$/],
  ['a concept', /concepts\/.*\.txt$/],
  ['the combos', 'data/combo_mappings.csv'],
  ['a record of a generation', /gens\/.*\/metadata\.json$/],
  ['what says how a text came about', /gens\/.*\/(?:raw|parsed)_metadata\.json$/],
  ['an artifact', /gens\/.*\.txt$/],
  ['the index', 'data/.daydream/gens.bin'],
  ['the graph', 'data/.daydream/graph.bin'],
  ['a reply', REPLY],
  ['the ledger', 'data/.daydream/calls.jsonl'],
  ['the record of a run', /\.daydream\/runs\/.*\.json$/],
  ['a membership', /membership\.csv$/],
  ['a manifest', /manifest\.json$/],
  ['a report', /reports\/.*\.csv$/],
] as const;

const COMMANDS: readonly (readonly string[])[] = [
  ['check', '--verify'],
  ['ls', '--with-tags', '--json'],
  ['status'],
  ['plan', '--force', 'draft'],
  ['runs'],
  ['doctor'],
  ['report', 'C', '--json'],
  ['gc', '--dry-run'],
  ['build', '--yes'],
  ['build', '--yes', '--force', 'draft'],
];

function filesBelow(folder: string): readonly string[] {
  return readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter((name) => lstatSync(join(folder, name)).isFile())
    .sort();
}

const textsOf = (folder: string, names: readonly string[]): readonly string[] =>
  names.map(
    (name) => `${name} ${existsSync(join(folder, name)) ? readFileSync(join(folder, name), 'latin1') : ''}`,
  );

/** What the commands did that they must not do in a project with such a file. */
async function misdeeds(kind: string | RegExp, random: Random): Promise<readonly string[]> {
  const found: string[] = [];
  const [root, outside] = [scratchFolder(), scratchFolder()];
  copyFolder(whole, root);
  writeFileSync(join(outside, 'secret.txt'), 'SECRET\n');
  const names = filesBelow(root).filter((name) =>
    typeof kind === 'string' ? name === kind : kind.test(name),
  );
  const name = names[random(names.length)] ?? '';
  damage(join(root, name), random, outside);
  const inputs = filesBelow(root).filter(
    (each) => !/gens\/|\.daydream\/|reports\/|cohorts\/C\/[^/]*$|7_cross/.test(each),
  );
  const before = textsOf(root, inputs);
  for (const words of COMMANDS) {
    const { code, stdout, stderr } = await commands.run(words, root);
    const said = `${words.join(' ')} with ${name}: ${stderr.slice(0, 500)}${stdout.slice(-300)}`;
    if (![0, 1, 2].includes(code ?? -1)) found.push(`exit code ${code}: ${said}`);
    if (/DD199|^ +at .*\.[jt]s:\d+:\d+\)?$/m.test(stdout + stderr)) found.push(said);
  }
  if (
    filesBelow(outside).join() !== 'secret.txt' ||
    readFileSync(join(outside, 'secret.txt'), 'utf8') !== 'SECRET\n'
  )
    found.push(`something was written through ${name}`);
  const after = textsOf(root, inputs);
  found.push(
    ...after.filter((text, at) => text !== before[at]).map((text) => `changed: ${text.slice(0, 100)}`),
  );
  rmSync(root, { recursive: true, force: true });
  rmSync(outside, { recursive: true, force: true });
  return found;
}

describe('a project in which this is damaged', () => {
  it.each(KINDS)('%s: every command ends, with a code', { timeout: 3_600_000 }, async (_what, kind) => {
    const draw = seededRandom(SEED + KINDS.findIndex((each) => each[1] === kind) * 1000);
    const found: string[] = [];
    for (let round = 0; round < ROUNDS; round++)
      found.push(...(await misdeeds(kind, (below) => Math.floor(draw() * below))));
    expect([...new Set(found)]).toEqual([]);
  });
});
