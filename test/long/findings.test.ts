// Every defect that doctor knows, each made in a healthy project: found, cured by what the finding names, and a clean bill after.
import { execFileSync } from 'node:child_process';
import { chmodSync, cpSync, mkdirSync, readFileSync, truncateSync, utimesSync, writeFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { examine } from '../../src/doctor/examination.ts';
import type { Finding, FindingCode } from '../../src/doctor/findings.ts';
import { findingsOf } from '../../src/doctor/registry.ts';
import { faults, startFakeProvider, type FakeProvider } from '../support/fakeprovider.ts';
import { CONFIG_FILE, kiteAnswer, makeKite, type Kite } from '../support/kite.ts';
import { copyFolder } from '../support/project.ts';
import { startScripted, type ScriptedStorage } from '../support/remotes.ts';

const CONFIG = 'data/cohorts/C/spec/config.yaml';
const DRAFTS = 'data/1_raw/draft_templates.csv';
const MODELS = 'data/1_raw/llm_models.csv';
const PADDING = 'A line that makes the reply long enough to tell it from others. '.repeat(5);

const BATCH_ID = '00000000-0000-4000-8000-000000000000';
const BATCH = `data/.daydream/batches/${BATCH_ID}`;
const ROWS = JSON.stringify([
  {
    address: 'a'.repeat(64),
    asked: { prompt: '' },
    reserved: 0.01,
    call: {
      genId: 'd_1',
      pool: 'llm_api_paid',
      provider: 'lab',
      request: { model: 'lab/w1', stage: 'draft' },
    },
  },
]);

/** A record of a batch of one question, of a draft that is there already. */
function batch(kite: Kite, what: Readonly<Record<string, unknown>>): string {
  return JSON.stringify({
    version: 1,
    id: BATCH_ID,
    state: 'sending',
    provider: 'lab',
    shape: 'openai',
    model: 'lab/w1',
    pool: 'llm_api_paid',
    questions: [['a'.repeat(64), 'draft', kite.id('A:d-one')]],
    reserved: 0.01,
    created: new Date().toISOString(),
    ...what,
  });
}

let server: FakeProvider;
/** It takes nothing. */
let reading: ScriptedStorage;
let built: Kite;
/** What the server does with the next request whose prompt holds the text. */
let next: { readonly holds: string; readonly content: string; readonly finishReason: string } | undefined;
let costly: string | undefined;

beforeAll(async () => {
  reading = await startScripted({
    mischief: ({ method }) => (method === 'PUT' ? { kind: 'status', status: 403 } : undefined),
  });
  server = await startFakeProvider({
    answer: (request) => `${PADDING}\n${kiteAnswer(request)}`,
    fault: ({ prompt }) => {
      if (next === undefined || !prompt.includes(next.holds)) return undefined;
      const { content, finishReason } = next;
      next = undefined;
      return faults.reply({ content, finishReason });
    },
    cost: ({ prompt }) => {
      const much = costly !== undefined && prompt.startsWith(costly);
      if (much) costly = undefined;
      return much ? 5 : 0.001;
    },
  });
  built = healthy();
  costly = undefined;
  await built.build();
});
afterAll(async () => {
  await server.close();
  await reading.close();
});

function healthy(): Kite {
  const kite = makeKite(server.url);
  kite.edit(DRAFTS, 'd-three,Three,x,,llm\n', '');
  kite.remove('data/1_raw/templates/draft/d-three.txt');
  return kite;
}

function copyOf(kite: Kite): Kite {
  const copy = makeKite(server.url);
  copy.remove('data/1_raw');
  copyFolder(kite.root, copy.root);
  return copy;
}

async function findings(kite: Kite, cohort?: string): Promise<readonly Finding[]> {
  const options = { root: kite.root, environment: {}, now: () => Date.now() };
  return findingsOf(await examine(options, { cohort }));
}

type Metadata = Record<string, unknown>;

function change(kite: Kite, name: string, edit: (metadata: Metadata) => Metadata): void {
  kite.write(name, JSON.stringify(edit(JSON.parse(kite.read(name)) as Metadata), null, 2));
}

function withoutTrace({ trace: _trace, ...rest }: Metadata): Metadata {
  return rest;
}

function halve(kite: Kite, name: string): void {
  truncateSync(kite.path(name), Math.floor(kite.read(name).length / 2));
}

/** Puts a folder where a file is. */
function inTheWay(kite: Kite, name: string): void {
  kite.remove(name);
  mkdirSync(kite.path(name));
}

interface Defect {
  readonly make: (kite: Kite) => void | Promise<void>;
  /** The generation, cohort, file or word that the finding must name. */
  readonly names?: (kite: Kite) => string;
  /** Findings that the same defect brings with it. */
  readonly also?: readonly FindingCode[];
  /** Where the cure is an edit and no command. */
  readonly cure?: (kite: Kite) => void | Promise<void>;
}

const ESSAY = 'A:d-one/e-llm';
const JUDGED = 'A:d-one/e-llm/v-one';

function undo(name: string): (kite: Kite) => void {
  return (kite) => kite.write(name, built.read(name));
}

/** Gives the config a remote cache. */
function sharing(kite: Kite, remote: Readonly<Record<string, unknown>>): void {
  kite.edit(CONFIG_FILE, '"provider":', `"remote":${JSON.stringify(remote)},"provider":`);
}

/** Makes one draft again, with this reply. */
async function redraft(kite: Kite, content: string, finishReason: string): Promise<void> {
  next = { holds: 'Use:', content, finishReason };
  await kite.run(['build', kite.id('A:d-one'), '--force']);
}

const DEFECTS: Readonly<Record<FindingCode, Defect>> = {
  input_problem: {
    make: (kite) => kite.edit(CONFIG, 'draft_template: [d-one, d-two]', 'draft_template: [d-one, d-tow]'),
    names: () => 'd-tow',
    cure: undo(CONFIG),
  },
  missing_key: {
    make: (kite) => {
      kite.edit(CONFIG_FILE, '"baseURL":', '"apiKeyEnv":"LAB_KEY","baseURL":');
      kite.remove(kite.folder(JUDGED));
    },
    names: () => 'LAB_KEY',
    also: ['not_current'],
    cure: (kite) => {
      undo(CONFIG_FILE)(kite);
      cpSync(join(built.root, kite.folder(JUDGED)), kite.path(kite.folder(JUDGED)), { recursive: true });
    },
  },
  not_writable: {
    make: (kite) => chmodSync(kite.path('data'), 0o555),
    cure: (kite) => chmodSync(kite.path('data'), 0o755),
  },
  remote_unusable: {
    make: (kite) => sharing(kite, { url: reading.url, seal: true }),
    names: () => 'DAYDREAM_REMOTE_KEY',
    cure: undo(CONFIG_FILE),
  },
  remote_unreadable: {
    make: (kite) => sharing(kite, { url: 'file:../no-such-folder' }),
    names: () => 'no-such-folder is not there',
    cure: undo(CONFIG_FILE),
  },
  remote_unwritable: {
    make: (kite) => sharing(kite, { url: reading.url, mode: 'both' }),
    names: () => '403 forbidden',
    cure: undo(CONFIG_FILE),
  },
  template_without_row: {
    make: (kite) => kite.write('data/1_raw/templates/draft/stray.txt', 'x'),
    names: () => 'stray',
    cure: (kite) => kite.remove('data/1_raw/templates/draft/stray.txt'),
  },
  description_unread: {
    make: (kite) => kite.write('data/1_raw/concepts/descriptions-sentence/k1.md', 'x'),
    names: () => 'k1.md',
    cure: (kite) => kite.remove('data/1_raw/concepts/descriptions-sentence/k1.md'),
  },
  template_without_file: {
    make: (kite) => kite.edit(DRAFTS, 'd-one,', 'd-four,Four,x,,llm\nd-one,'),
    names: () => 'd-four',
    also: ['template_unused'],
    cure: undo(DRAFTS),
  },
  template_unused: {
    make: (kite) => {
      kite.edit(DRAFTS, 'd-one,', 'd-four,Four,x,,llm\nd-one,');
      kite.write('data/1_raw/templates/draft/d-four.txt', 'x');
    },
    names: () => 'd-four',
    cure: (kite) => {
      undo(DRAFTS)(kite);
      kite.remove('data/1_raw/templates/draft/d-four.txt');
    },
  },
  model_unused: {
    make: (kite) => kite.write(MODELS, `${kite.read(MODELS)}w9,lab/w9,lab,W9,gen,0.01,0.01\n`),
    names: () => 'w9',
    cure: undo(MODELS),
  },
  combo_unknown_concept: {
    make: (kite) =>
      kite.write(
        'data/combo_mappings.csv',
        `${kite.read('data/combo_mappings.csv')}Z,v1,nobody,paragraph,1,t\n`,
      ),
    names: () => 'nobody',
    cure: undo('data/combo_mappings.csv'),
  },
  id_read_otherwise: {
    make: (kite) => kite.write(MODELS, `${kite.read(MODELS)}NA,lab/n,lab,N,gen,0.01,0.01\n`),
    names: () => 'NA',
    also: ['model_unused'],
    cure: undo(MODELS),
  },
  cohort_files_outdated: {
    make: (kite) => kite.write('data/cohorts/C/membership.csv', 'stage,gen_id\n'),
    names: () => 'membership.csv',
  },
  cohort_empty: {
    make: (kite) => kite.write('data/cohorts/empty/notes.txt', 'x'),
    names: () => 'empty',
    cure: (kite) => kite.remove('data/cohorts/empty'),
  },
  id_mismatch: {
    make: (kite) => {
      const other = kite.id('B:d-one');
      change(kite, `${kite.folder(ESSAY)}/metadata.json`, (metadata) => ({
        ...metadata,
        parent_gen_id: other,
      }));
    },
    names: (kite) => kite.id('A:d-one'),
    also: ['not_current'],
  },
  parent_unset: {
    make: (kite) =>
      change(kite, `${kite.folder(JUDGED)}/metadata.json`, ({ parent_gen_id: _gone, ...rest }) => rest),
    names: (kite) => kite.id(JUDGED),
    also: ['not_current'],
  },
  parent_missing: {
    make: (kite) => kite.remove(kite.folder('A:d-one')),
    names: (kite) => kite.id('A:d-one'),
    also: ['not_current'],
  },
  prompt_without_parent: {
    make: (kite) => {
      change(kite, `${kite.folder(JUDGED)}/metadata.json`, withoutTrace);
      kite.write(`${kite.folder(JUDGED)}/prompt.txt`, 'Judge:\nSomething else\nEnd');
    },
    names: (kite) => kite.id(ESSAY),
    also: ['foreign_stale', 'not_current'],
  },
  orphan: {
    make: async (kite) => {
      kite.edit(CONFIG, 'combo_id: [A, B]', 'combo_id: [A]');
      await kite.run(['cohort', 'compile', 'C']);
    },
    names: (_kite) => built.id('B:d-one'),
  },
  duplicate_id: {
    make: (kite) => {
      const folder = kite.folder('A:d-one');
      const upper = join(dirname(folder), kite.id('A:d-one').toUpperCase());
      cpSync(kite.path(folder), kite.path(upper), { recursive: true });
    },
    names: (kite) => kite.id('A:d-one').toUpperCase(),
    also: ['orphan', 'duplicate_text'],
  },
  duplicate_text: {
    make: (kite) =>
      kite.write(`${kite.folder(`${JUDGED}#2`)}/raw.txt`, kite.read(`${kite.folder(JUDGED)}/raw.txt`)),
    names: (kite) => kite.id(JUDGED),
    also: ['not_current'],
  },
  not_a_file: {
    make: (kite) => inTheWay(kite, `${kite.folder(JUDGED)}/raw.txt`),
    names: (kite) => kite.id(JUDGED),
    also: ['not_current'],
    cure: (kite) => kite.remove(`${kite.folder(JUDGED)}/raw.txt`),
  },
  metadata_missing: {
    make: (kite) => kite.remove(`${kite.folder(JUDGED)}/metadata.json`),
    names: (kite) => kite.id(JUDGED),
    also: ['to_adopt'],
  },
  metadata_torn: {
    make: (kite) => halve(kite, `${kite.folder(JUDGED)}/metadata.json`),
    names: (kite) => kite.id(JUDGED),
    also: ['not_current'],
  },
  raw_metadata_missing: {
    make: (kite) => kite.remove(`${kite.folder(JUDGED)}/raw_metadata.json`),
    names: (kite) => kite.id(JUDGED),
  },
  torn_file: {
    make: (kite) => kite.write(`${kite.folder(JUDGED)}/raw.txt`, `Half a reply\0\0\0\0`),
    names: (kite) => kite.id(JUDGED),
    also: ['not_current'],
  },
  empty_file: {
    make: (kite) => {
      kite.write(`${kite.folder(JUDGED)}/parsed.txt`, '');
      kite.write(`${kite.folder(`${JUDGED}#2`)}/parsed.txt`, ' \n');
    },
    names: (kite) => kite.id(JUDGED),
    also: ['not_current', 'judge_doubtful'],
  },
  short_reply: {
    make: (kite) => redraft(kite, 'One line.', 'stop'),
    names: (kite) => kite.id('A:d-one'),
    also: ['not_current', 'failure_rate'],
  },
  truncated_reply: {
    make: (kite) => redraft(kite, `${PADDING}\nOne.\nTwo.\nThr`, 'length'),
    names: (kite) => kite.id('A:d-one'),
    also: ['not_current', 'failure_rate'],
  },
  temporary_file: {
    make: (kite) => kite.write(`${kite.folder(JUDGED)}/.raw.txt.tmp`, 'half'),
    names: () => '.raw.txt.tmp',
  },
  not_current: {
    make: (kite) => kite.edit('data/1_raw/templates/evaluation/v-one.txt', 'End', 'Ende'),
    names: () => 'evaluation',
  },
  failure_rate: {
    make: (kite) => redraft(kite, 'One line.', 'stop'),
    names: () => '1 of 4 drafts',
    also: ['not_current', 'short_reply'],
  },
  cost_outlier: {
    make: async (kite) => {
      costly = 'Judge';
      await kite.run(['build', kite.id(JUDGED), '--force']);
    },
    names: (kite) => kite.id(JUDGED),
  },
  constant_judge: {
    make: (kite) => {
      for (const name of kite.files('data/gens/evaluation'))
        if (name.endsWith('parsed.txt')) kite.write(name, '7.0\n');
    },
    names: () => 'j1',
    cure: async (kite) => void (await kite.run(['build', '--discard-edits'])),
  },
  judge_doubtful: {
    make: (kite) => kite.write(`${kite.folder(JUDGED)}/parsed.txt`, 'no number\n'),
    names: () => 'gives no score: no number in parsed.txt',
    cure: async (kite) => void (await kite.run(['build', '--discard-edits'])),
  },
  ratings_damaged: {
    make: (kite) => kite.write('data/ratings/ada.csv', 'torn,"\nno,rating,either\n'),
    names: () => 'ada.csv: 2 lines are no rating (1, 2)',
    cure: (kite) => kite.remove('data/ratings/ada.csv'),
  },
  stale_lock: {
    make: async (kite) => {
      const holder = {
        pid: 2 ** 22 + 1,
        host: (await import('node:os')).hostname(),
        since: 't',
        command: 'daydream build',
      };
      kite.write('data/.daydream/lock.json', JSON.stringify(holder));
    },
    names: () => 'daydream build',
  },
  foreign_lock: {
    make: (kite) =>
      kite.write(
        'data/.daydream/lock.json',
        JSON.stringify({ pid: 1, host: 'far', since: 't', command: 'daydream build' }),
      ),
    names: () => 'far',
    cure: async (kite) => void (await kite.run(['doctor', '--unlock', 'far'])),
  },
  index_damaged: {
    make: (kite) => halve(kite, 'data/.daydream/gens.bin'),
    names: () => 'gens.bin',
  },
  index_wrong: {
    make: async (kite) => {
      const file = kite.path(`${kite.folder(JUDGED)}/parsed.txt`);
      const long = new Date('2020-01-01T00:00:00Z');
      utimesSync(file, long, long);
      await kite.build();
      writeFileSync(
        file,
        readFileSync(file, 'utf8').replace(/\d/, (digit) => String(9 - Number(digit))),
      );
      utimesSync(file, long, long);
    },
    names: (kite) => kite.id(JUDGED),
  },
  ledger_damaged: {
    make: (kite) =>
      kite.write('data/.daydream/calls.jsonl', `{"when\n${kite.read('data/.daydream/calls.jsonl')}`),
    names: () => 'line 1',
    cure: undo('data/.daydream/calls.jsonl'),
  },
  replies_waiting: {
    make: (kite) => {
      const name = kite.files('data/.daydream/responses')[0] ?? '';
      kite.write(`data.replies/${basename(name)}`, kite.read(name));
    },
    names: () => '1 reply waits in',
  },
  may_not_be_read: {
    make: (kite) => chmodSync(kite.path(kite.folder(JUDGED)), 0o000),
    names: () => 'may not be read',
    also: ['not_current'],
    cure: (kite) => chmodSync(kite.path(kite.folder(JUDGED)), 0o755),
  },
  response_damaged: {
    make: (kite) => halve(kite, kite.files('data/.daydream/responses')[0] ?? ''),
    names: () => 'kept response',
  },
  run_damaged: {
    make: (kite) => kite.write('data/.daydream/runs/20260101T000000000-0000.json', '{'),
    names: () => '20260101T000000000-0000',
  },
  batch_damaged: {
    make: (kite) => kite.write(`${BATCH}.json`, '{'),
    names: () => BATCH,
    cure: (kite) => kite.remove(`${BATCH}.json`),
  },
  batch_rows_damaged: {
    make: (kite) => {
      kite.write(`${BATCH}.json`, batch(kite, {}));
      kite.write(`${BATCH}.rows.json`, '[');
    },
    names: () => '1 question to lab/w1',
  },
  batch_unreachable: {
    make: (kite) => {
      kite.write(`${BATCH}.json`, batch(kite, { provider: 'gone' }));
      kite.write(`${BATCH}.rows.json`, ROWS);
    },
    names: () => 'provider gone has no batches',
  },
  batch_unsure: {
    make: (kite) => {
      kite.write(`${BATCH}.json`, batch(kite, { provider: 'openrouter' }));
      kite.write(`${BATCH}.rows.json`, ROWS);
    },
    names: () => 'may or may not have been sent',
    cure: async (kite) => void (await kite.run(['batches', 'forget', BATCH_ID])),
  },
  batch_old: {
    make: (kite) => {
      const sent = { state: 'sent', provider: 'openrouter', remote: { id: 'batch_7' } };
      kite.write(`${BATCH}.json`, batch(kite, { ...sent, created: '2026-01-01T00:00:00.000Z' }));
      kite.write(`${BATCH}.rows.json`, ROWS);
    },
    names: () => 'batch_7',
    cure: async (kite) => void (await kite.run(['batches', 'forget', BATCH_ID])),
  },
  batch_orphan: {
    make: (kite) => kite.write(`${BATCH}.rows.json`, ROWS),
    names: () => BATCH,
  },
  batch_aside: {
    make: (kite) => kite.write(`${BATCH}.aside.json`, '[]'),
    names: () => BATCH,
    cure: (kite) => kite.remove(`${BATCH}.aside.json`),
  },
  to_adopt: {
    make: (kite) => {
      for (const name of kite.files('data/gens'))
        if (name.endsWith('/metadata.json')) change(kite, name, withoutTrace);
    },
    names: () => '28 generations',
  },
  foreign_stale: {
    make: (kite) => {
      change(kite, `${kite.folder('A:d-one')}/metadata.json`, withoutTrace);
      kite.write(`${kite.folder('A:d-one')}/prompt.txt`, 'Another prompt');
    },
    names: () => '1 generations of another tool',
    also: ['not_current'],
  },
};

/** Root may read and write anywhere. */
const FOR_USERS: ReadonlySet<string> = new Set(['not_writable', 'may_not_be_read']);
const POSSIBLE = Object.entries(DEFECTS).filter(([code]) => !FOR_USERS.has(code) || process.getuid?.() !== 0);

async function applyCure(kite: Kite, { cure }: Finding): Promise<void> {
  const [, line = ''] = /`daydream ([^`]+)`/.exec(cure) ?? [];
  expect({ cure, command: line !== '' }).toMatchObject({ command: true });
  const { code, stderr } = await kite.run(line.split(' '));
  expect({ line, usage: code === 2, stderr }).toMatchObject({ usage: false });
}

describe('a healthy project', () => {
  it('is given a clean bill', async () => {
    expect(await findings(built)).toEqual([]);
    expect(await findings(built, 'C')).toEqual([]);
  });
});

describe.each(POSSIBLE)('%s', (name, defect) => {
  it('is found, cured by what it names, and gone after', async () => {
    const code = name as FindingCode;
    const kite = copyOf(built);
    const names = defect.names?.(kite) ?? '';
    await defect.make(kite);
    const before = await findings(kite);
    const codes = [...new Set(before.map((each) => each.code))];
    expect(codes.sort()).toEqual([code, ...(defect.also ?? [])].sort());
    const found = before.filter((each) => each.code === code);
    expect(JSON.stringify(found)).toContain(names);
    expect(found.every(({ why, cure }) => why !== '' && cure !== '')).toBe(true);
    await defect.cure?.(kite);
    // One cure may leave work for another: a repaired draft has children to build.
    for (let round = 0; round < 4; round++) {
      const left = await findings(kite);
      const [first] = [...left.filter((each) => each.code === code), ...left];
      if (first === undefined) break;
      await applyCure(kite, first);
    }
    expect(await findings(kite)).toEqual([]);
    expect((await kite.check()).code).toBe(0);
  });
});

it.each(['folder', 'pipe'])('a %s in the place of each file of a generation is found once', async (what) => {
  const kite = copyOf(built);
  const names = kite.files(kite.folder(JUDGED));
  for (const name of names) {
    inTheWay(kite, name);
    if (what === 'folder') continue;
    kite.remove(name);
    execFileSync('mkfifo', [kite.path(name)]);
  }
  const all = await findings(kite);
  const found = all.filter(({ genId }) => genId === built.id(JUDGED));
  expect(found.map(({ code }) => code)).toEqual(names.map(() => 'not_a_file'));
  expect(all.filter(({ code }) => code === 'input_problem')).toEqual([]);
});

describe('many defects at once', () => {
  const TOGETHER: readonly FindingCode[] = [
    'template_without_row',
    'model_unused',
    'combo_unknown_concept',
    'cohort_empty',
    'raw_metadata_missing',
    'temporary_file',
    'index_damaged',
    'run_damaged',
    'response_damaged',
    'ledger_damaged',
    'stale_lock',
    'metadata_torn',
  ];

  it('are all found, and the safe fixes leave only what a person must decide', async () => {
    const kite = copyOf(built);
    for (const code of TOGETHER) await DEFECTS[code].make(kite);
    const codes = new Set((await findings(kite)).map(({ code }) => code));
    expect(TOGETHER.filter((code) => !codes.has(code))).toEqual([]);
    const { stderr, code } = await kite.run(['doctor', '--fix']);
    expect(stderr).toContain('raw_metadata.json');
    expect(code).toBe(0);
    const left = new Set((await findings(kite)).map((each) => each.code));
    expect([...left].sort()).toEqual([
      'cohort_empty',
      'combo_unknown_concept',
      'ledger_damaged',
      'model_unused',
      'template_without_row',
      'to_adopt',
    ]);
  });
});

describe('what may not be read', () => {
  const SEAM = join(import.meta.dirname, '../support/closedto.cjs');
  const parent = (kite: Kite): string => kite.folder('A:d-one');

  it.each([
    ['a folder', (kite: Kite) => parent(kite)],
    ['a text', (kite: Kite) => `${parent(kite)}/raw.txt`],
    ['metadata.json', (kite: Kite) => `${parent(kite)}/metadata.json`],
    ['a stage', () => 'data/gens/draft'],
    ['the kept responses', () => 'data/.daydream/responses'],
    ['one of them', (kite: Kite) => kite.files('data/.daydream/responses')[0] ?? ''],
    ['the ledger', () => 'data/.daydream/calls.jsonl'],
    ['the tables of a cohort', () => 'data/cohorts/C/reports'],
  ])('%s is a finding beside the others', async (_, closed) => {
    const kite = copyOf(built);
    await DEFECTS.run_damaged.make(kite);
    const env = { NODE_OPTIONS: `--require ${SEAM}`, CLOSED_TO: closed(kite) };
    const { code, stdout } = await kite.run(['doctor', '--json'], { env });
    const { findings: found } = JSON.parse(stdout) as { findings: Finding[] };
    expect(code).toBe(1);
    const codes = new Set(found.map((each) => each.code));
    codes.delete('not_current');
    expect([...codes].sort()).toEqual(['may_not_be_read', 'run_damaged']);
    const closures = found.filter((each) => each.code === 'may_not_be_read');
    expect(closures.map(({ place }) => place?.file)).toEqual([kite.path(closed(kite))]);
  });
});
