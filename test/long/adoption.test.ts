// Data roots of the older system: what daydream makes is what it would have made, and what it left is opened, accepted or gone on
// with by content.
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import {
  faults,
  startFakeProvider,
  type FakeProvider,
  type FakeRequest,
  type Fault,
} from '../support/fakeprovider.ts';
import { cases } from '../support/golden.ts';
import { CONFIG_FILE, settingsFor } from '../support/kite.ts';
import { makeProject, type TestProject } from '../support/project.ts';

interface Step {
  readonly stage?: string;
  readonly phase?: string;
  readonly expect?: { readonly error?: unknown };
  readonly llm?: { readonly text?: string; readonly finish_reason?: string; readonly raise?: string };
}

interface Case {
  readonly id: string;
  readonly files: Readonly<Record<string, string>>;
  readonly steps: readonly Step[];
  readonly gens_after: Readonly<Record<string, string>>;
}

const CASES = new Map(cases<Case>('stages.json').map((each) => [each.id, each]));
const STAGE_OF = [
  ['Judge', 'evaluation'],
  ['Draft', 'essay'],
] as const;

let server: FakeProvider;
let replies: ReadonlyMap<string, NonNullable<Step['llm']>>;

beforeEach(async () => {
  replies = new Map();
  server = await startFakeProvider({ fault: replyOf });
});

afterEach(() => server.close());

function replyOf({ prompt }: FakeRequest): Fault {
  const stage = STAGE_OF.find(([word]) => prompt.startsWith(word))?.[1] ?? 'draft';
  const {
    text = 'a\nb\n<essay>c</essay>\nSCORE: 1',
    finish_reason: finishReason = 'stop',
    raise,
  } = replies.get(stage) ?? {};
  const usage = { completion_tokens: 5, prompt_tokens: 7 };
  return raise === undefined ? faults.reply({ content: text, finishReason, usage }) : faults.status(400);
}

function found(id: string): Case {
  const one = CASES.get(id);
  if (one === undefined) throw new Error(`no case ${id}`);
  return one;
}

function projectOf({ files }: Case, gens: Readonly<Record<string, string>> = {}): TestProject {
  return makeProject({
    [CONFIG_FILE]: settingsFor(server.url, { replication: 'spec' }),
    ...under('data', files),
    ...under('data/gens', gens),
  });
}

function under(folder: string, files: Readonly<Record<string, string>>): Record<string, string> {
  return Object.fromEntries(Object.entries(files).map(([name, text]) => [`${folder}/${name}`, text]));
}

/** `draft called parsed`, a line for each generation in which something happened. */
async function build(
  project: TestProject,
  ...words: readonly string[]
): Promise<{ code: number | null; steps: readonly string[] }> {
  const { code, stdout } = await project.run(['build', '--json', '--yes', ...words]);
  interface Event {
    readonly type: string;
    readonly stage: string;
    readonly outcome: {
      readonly kind: string;
      readonly steps?: readonly string[];
      readonly failure?: { readonly kind: string };
    };
  }
  const events = stdout
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as Event);
  const made = events.filter(({ type, outcome }) => type === 'generation' && outcome.kind !== 'unchanged');
  return {
    code,
    steps: made.map(({ stage, outcome: { kind, steps = [], failure } }) =>
      [stage, ...steps, ...(kind === 'built' ? [] : [kind]), failure?.kind ?? ''].join(' ').trim(),
    ),
  };
}

/** A metadata file less what differs from run to run, with paths relative to the data root, and only with the keys of another. */
function comparable(text: string, keys?: readonly string[]): readonly (readonly [string, unknown])[] {
  const entries = Object.entries(JSON.parse(text.replaceAll('<root>/', '')) as Record<string, unknown>);
  return entries
    .filter(([key]) => key !== 'duration_s' && key !== 'run_id' && (keys === undefined || keys.includes(key)))
    .map(([key, value]) => [key, key === 'usage' ? { ...(value as object), prompt_tokens: 7 } : value]);
}

describe('what is made', () => {
  it.each(['s01', 's02', 's03', 's04', 's05', 's13', 's17'])(
    'is what the older system makes: %s',
    async (id) => {
      const { gens_after: expected, steps, ...rest } = found(id);
      replies = new Map(
        steps.flatMap(({ stage = '', llm }) => (llm === undefined ? [] : [[stage, llm] as const])),
      );
      const project = projectOf({ ...rest, gens_after: expected, steps });
      await build(project);
      // The older system begins every generation's metadata, and daydream when it first has something to say of it.
      const made = Object.entries(expected).filter(
        ([name]) => !name.endsWith('/metadata.json') || project.exists(`data/gens/${name}`),
      );
      const read = (name: string): string => project.read(`data/gens/${name}`);
      const [texts, metadata] = [made.filter(isText), made.filter((each) => !isText(each))];
      expect(texts.map(([name]) => [name, read(name)])).toEqual(texts);
      for (const [name, text] of metadata) {
        const wanted = comparable(text);
        const keys = wanted.map(([key]) => key);
        expect(comparable(read(name), keys)).toEqual(wanted);
      }
      const parsed = (names: readonly string[]): number =>
        names.filter((name) => name.endsWith('parsed.txt')).length;
      const failing = steps.some(
        ({ phase, expect: said }) => phase === 'parsed' && said?.error !== undefined,
      );
      expect(parsed(project.files('data/gens')) === 0).toBe(failing || parsed(Object.keys(expected)) === 0);
    },
  );
});

function isText([name]: readonly [string, string]): boolean {
  return name.endsWith('.txt');
}

describe('what the older system left', () => {
  it.each(['s01', 's17'])('whole: is current as it stands, and adopted without a call: %s', async (id) => {
    const one = found(id);
    const project = projectOf(one, one.gens_after);
    expect(await project.run(['check'])).toMatchObject({ code: 0 });
    expect(await build(project)).toEqual({
      code: 0,
      steps: ['draft adopted', 'essay adopted', 'evaluation adopted'],
    });
    expect(await build(project)).toEqual({ code: 0, steps: [] });
    expect(server.requests).toHaveLength(0);
    const untouched = Object.entries(one.gens_after).filter(([name]) => !name.endsWith('/metadata.json'));
    expect(untouched.map(([name]) => [name, project.read(`data/gens/${name}`)])).toEqual(untouched);
  });

  it.each([
    ['s02', 'draft failed truncated', 0],
    ['s03', 'draft failed too_short', 0],
    ['s04', 'draft failed unparsable', 0],
  ])('unparsable: is counted as failed, and not asked for again: %s', async (id, step, calls) => {
    const one = found(id);
    const project = projectOf(one, one.gens_after);
    const { code, steps } = await build(project);
    expect(code).toBe(1);
    expect(steps.filter((each) => !each.endsWith('adopted') && !each.endsWith('blocked'))).toEqual([step]);
    expect(await build(project)).toEqual({ code: 1, steps: [] });
    expect(server.requests).toHaveLength(calls);
  });

  it.each([
    ['s05', 'draft called parsed', 3],
    ['s07', 'draft parsed', 2],
    // What is empty counts as missing.
    ['s16', 'draft adopted', 2],
  ])('half made: is gone on with from there: %s', async (id, first, calls) => {
    const one = found(id);
    const project = projectOf(one, one.gens_after);
    expect(await build(project)).toEqual({
      code: 0,
      steps: [
        first,
        `essay ${id === 's16' ? '' : 'rendered '}called parsed`,
        'evaluation rendered called parsed',
      ],
    });
    expect(server.requests).toHaveLength(calls);
    expect(await build(project)).toEqual({ code: 0, steps: [] });
  });

  it('is stale where its prompt is not what would be rendered now, and its paid text is kept', async () => {
    const one = found('s01');
    const project = projectOf(one, one.gens_after);
    project.edit('data/1_raw/templates/essay/e-llm.txt', 'Draft:', 'Draft, at last:');
    const { code, stdout } = await project.run(['check']);
    expect({ code, stdout }).toEqual({ code: 1, stdout: expect.stringMatching(/^stale +essay/m) as string });
    expect((await build(project)).steps).toEqual([
      'draft adopted',
      'essay rendered called parsed',
      'evaluation rendered called parsed',
    ]);
    project.edit('data/1_raw/templates/essay/e-llm.txt', 'Draft, at last:', 'Draft:');
    expect(await build(project)).toEqual({
      code: 0,
      steps: ['essay rendered cached parsed', 'evaluation rendered cached parsed'],
    });
    expect(project.read('data/gens/essay/e_1yup1oojxvr9s4jg/raw.txt')).toBe('Essay\nbody');
  });

  it('keeps keys of its metadata that daydream does not know', async () => {
    const one = found('s01');
    const name = 'draft/d_2cy382ohxu360xqj/metadata.json';
    const old = {
      ...(JSON.parse(one.gens_after[name] ?? '') as object),
      cohort_id: 'C0',
      legacy_fields: { a: [1] },
    };
    const project = projectOf(one, { ...one.gens_after, [name]: JSON.stringify(old) });
    await build(project);
    await build(project, '--force', 'draft');
    expect(JSON.parse(project.read(`data/gens/${name}`))).toMatchObject({ ...old, trace: { version: 1 } });
  });

  it.each([
    [
      'narrow',
      'stage,gen_id\ndraft,d_2cy382ohxu360xqj\nessay,e_1yup1oojxvr9s4jg\nevaluation,v_7aw8tbxn9l61k1e\n',
    ],
    [
      'wide',
      'stage,gen_id,cohort_id,parent_gen_id,combo_id,template_id,llm_model_id,extra\n' +
        'draft,d_2cy382ohxu360xqj,C1,,combo_v1_aaaaaaaaaaaa,d-one,w1,x\n' +
        'essay,e_1yup1oojxvr9s4jg,C1,d_2cy382ohxu360xqj,combo_v1_aaaaaaaaaaaa,e-llm,w1,x\n' +
        'evaluation,v_7aw8tbxn9l61k1e,C1,e_1yup1oojxvr9s4jg,combo_v1_aaaaaaaaaaaa,v-one,j1,x\n',
    ],
  ])('is a cohort without its spec, by a %s membership.csv', async (_form, membership) => {
    const one = found('s01');
    const { 'cohorts/C1/spec/config.yaml': _spec, ...files } = one.files;
    const project = projectOf(
      { ...one, files: { ...files, 'cohorts/C1/membership.csv': membership } },
      one.gens_after,
    );
    expect(await project.run(['check'])).toMatchObject({ code: 0 });
    expect(await build(project)).toEqual({
      code: 0,
      steps: ['draft adopted', 'essay adopted', 'evaluation adopted'],
    });
    expect(project.read('data/cohorts/C1/membership.csv')).toBe(membership);
    expect(server.requests).toHaveLength(0);
  });
});
