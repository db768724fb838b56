// Artifacts that a hand has changed or removed, and what is forced: which steps run, what is kept, and what comes back.
import { describe, expect, it } from 'vitest';
import type { FakeProvider } from '../support/fakeprovider.ts';
import { fromBuilt } from '../support/builtkite.ts';
import { SPEC, type Kite } from '../support/kite.ts';

const RENDERED = 'rendered called parsed';
let server: FakeProvider;
let kite: Kite;
fromBuilt((fresh) => ({ server, kite } = fresh));

async function rebuilt(...words: readonly string[]): Promise<readonly string[]> {
  const { code, steps } = await kite.build(...words);
  expect(code).toBe(0);
  expect(await kite.build()).toMatchObject({ code: 0, steps: [] });
  return steps;
}

function file(label: string, name: string): string {
  return `${kite.folder(label)}/${name}`;
}

/** Every artifact's text by path. */
function texts(): Readonly<Record<string, string>> {
  const files = kite.files('data/gens').filter((each) => each.endsWith('.txt'));
  return Object.fromEntries(files.map((each) => [each, kite.read(each)]));
}

function evaluations(essay: string, how = RENDERED): readonly string[] {
  return ['v-one', 'v-one#2'].map((each) => `${essay}/${each} ${how}`);
}

describe('a hand-edited artifact', () => {
  it('parsed.txt: kept, reported, and read by what is below', async () => {
    const parsed = file('A:d-one/e-llm', 'parsed.txt');
    kite.write(parsed, 'My own essay.\n');
    expect(await rebuilt()).toEqual(evaluations('A:d-one/e-llm'));
    expect(kite.read(parsed)).toBe('My own essay.\n');
    expect(kite.read(file('A:d-one/e-llm/v-one', 'prompt.txt'))).toContain('My own essay.');
    const { code, stdout } = await kite.check();
    expect({ code, stdout }).toEqual({
      code: 0,
      stdout: expect.stringMatching(/^edited +essay +e_\w+$/m) as string,
    });
  });

  it('raw.txt: parsed again, and what is below only if that gives another text', async () => {
    kite.edit(file('A:d-two', 'raw.txt'), 'Done.', 'Over.');
    expect(await rebuilt()).toEqual(['A:d-two parsed']);
    kite.edit(file('A:d-two', 'raw.txt'), 'On', 'About');
    expect(await rebuilt()).toEqual([
      'A:d-two parsed',
      'A:d-two/e-copy rendered copied parsed',
      ...evaluations('A:d-two/e-copy'),
      `A:d-two/e-llm ${RENDERED}`,
      ...evaluations('A:d-two/e-llm'),
    ]);
  });

  it('prompt.txt: asked as it stands', async () => {
    const prompt = file('A:d-one/e-llm/v-one', 'prompt.txt');
    kite.write(prompt, 'Judge: as a friend would.\n');
    expect(await rebuilt()).toEqual(['A:d-one/e-llm/v-one called parsed']);
    expect(server.requests.at(-1)?.prompt).toBe('Judge: as a friend would.\n');
    expect(kite.read(prompt)).toBe('Judge: as a friend would.\n');
  });

  it.each(['prompt.txt', 'raw.txt', 'parsed.txt'])('with a merge in it is refused: %s', async (name) => {
    const edited = file('A:d-one', name);
    const asked = server.requests.length;
    kite.write(edited, `<<<<<<< ours\n${kite.read(edited)}=======\nTheirs.\n>>>>>>> theirs\n`);
    const at = `error DD284 ${edited}:1`;
    for (const words of [['build'], ['check'], ['plan', 'stage:draft']])
      expect(await kite.run(words)).toMatchObject({
        code: 2,
        stderr: expect.stringContaining(at) as string,
      });
    expect((await kite.run(['check', 'combo:B'])).code).toBe(0);
    expect(server.requests.length).toBe(asked);
    expect((await kite.build('--discard-edits')).code).toBe(0);
    expect(kite.read(edited)).not.toContain('<<<<<<<');
  });

  it.each(['A:d-one', 'A:d-one/e-llm'])(
    'metadata.json of %s with a merge in it is refused',
    async (label) => {
      const metadata = file(label, 'metadata.json');
      const [folders, asked] = [kite.files('data/gens'), server.requests.length];
      const whole = kite.read(metadata);
      kite.write(metadata, `<<<<<<< HEAD\n${whole}\n=======\n${whole}\n>>>>>>> theirs\n`);
      // The second time the spec is compiled anew.
      for (const cohort of ['', '\n']) {
        kite.write(SPEC, `${kite.read(SPEC)}${cohort}`);
        for (const words of [['build'], ['check'], ['plan']])
          expect(await kite.run(words)).toMatchObject({
            code: 2,
            stderr: expect.stringContaining(`error DD284 ${metadata}:1`) as string,
          });
      }
      kite.write(metadata, whole);
      expect((await kite.build()).steps).toEqual([]);
      expect(kite.files('data/gens')).toEqual(folders);
      expect(server.requests.length).toBe(asked);
    },
  );

  it('line ends alone are no edit', async () => {
    const raw = file('A:d-one', 'raw.txt');
    kite.write(raw, kite.read(raw).replaceAll('\n', '\r\n'));
    expect(await rebuilt()).toEqual([]);
  });

  it('is replaced by --discard-edits, from the response cache, and set aside', async () => {
    const before = texts();
    const calls = server.requests.length;
    kite.write(file('A:d-one/e-llm', 'parsed.txt'), 'My own essay.\n');
    kite.write(file('B:d-one/e-copy', 'raw.txt'), 'Scribbled over.\n');
    kite.write(file('A:d-two/e-llm/v-one', 'prompt.txt'), 'Judge: kindly.\n');
    await rebuilt();
    expect(await rebuilt('--discard-edits')).toEqual([
      'A:d-one/e-llm parsed',
      ...evaluations('A:d-one/e-llm', 'rendered cached parsed'),
      'A:d-two/e-llm/v-one rendered cached parsed',
      'B:d-one/e-copy copied parsed',
      ...evaluations('B:d-one/e-copy', 'rendered cached parsed'),
    ]);
    expect(texts()).toEqual(before);
    expect(server.requests.length - calls).toBe(2 + 1 + 2);
    const kept = kite.files('data/.daydream/kept').map((each) => kite.read(each));
    expect(kept.sort()).toEqual(['Judge: kindly.\n', 'My own essay.\n', 'Scribbled over.\n']);
  });

  it('every edited artifact of a generation is replaced at once', async () => {
    const before = texts();
    for (const name of ['prompt.txt', 'raw.txt', 'parsed.txt'])
      kite.write(file('A:d-one', name), `Edited\nby\nhand: ${name}\n`);
    expect(await rebuilt('--discard-edits')).toEqual(['A:d-one rendered cached parsed']);
    expect(texts()).toEqual(before);
  });

  it('is replaced when what it was made from changes, and set aside', async () => {
    kite.write(file('A:d-one/e-llm', 'parsed.txt'), 'My own essay.\n');
    await rebuilt();
    kite.edit('data/1_raw/templates/essay/e-llm.txt', 'Draft', 'Notes');
    await rebuilt();
    expect(kite.read(file('A:d-one/e-llm', 'parsed.txt'))).not.toContain('My own');
    expect(kite.files('data/.daydream/kept').map((each) => kite.read(each))).toEqual(['My own essay.\n']);
  });

  it('outlives the loss of the caches', async () => {
    kite.write(file('A:d-one/e-llm', 'parsed.txt'), 'My own essay.\n');
    await rebuilt();
    kite.remove('data/.daydream');
    expect(await kite.check()).toMatchObject({
      code: 0,
      stdout: expect.stringContaining('edited') as string,
    });
    expect(await rebuilt()).toEqual([]);
  });
});

describe('a missing artifact', () => {
  it.each([
    ['prompt.txt', ['A:d-one rendered']],
    ['raw.txt', ['A:d-one cached parsed']],
    ['parsed.txt', ['A:d-one parsed']],
    ['', ['A:d-one rendered cached parsed']],
    ['metadata.json', ['A:d-one adopted']],
  ])('%s comes back as it was, without a call', async (name, steps) => {
    const before = texts();
    const calls = server.requests.length;
    kite.remove(file('A:d-one', name));
    expect(await kite.check()).toMatchObject({ code: name === 'metadata.json' ? 0 : 1 });
    expect(await rebuilt()).toEqual(steps);
    expect(texts()).toEqual(before);
    expect(server.requests).toHaveLength(calls);
  });

  it('is asked for again when the response cache is lost too', async () => {
    kite.remove(file('A:d-two', 'raw.txt'));
    kite.remove('data/.daydream');
    expect(await rebuilt()).toEqual(['A:d-two called parsed']);
  });

  it('of a copy is copied again', async () => {
    kite.remove(file('A:d-one/e-copy', 'raw.txt'));
    expect(await rebuilt()).toEqual(['A:d-one/e-copy copied parsed']);
  });

  it('metadata files that daydream only writes are not missed', async () => {
    kite.remove(file('A:d-one', 'raw_metadata.json'));
    kite.remove(file('A:d-one', 'parsed_metadata.json'));
    expect(await rebuilt()).toEqual([]);
  });
});

describe('forcing', () => {
  it('a stage asks again for all of it; what is below follows by content', async () => {
    const below = (draft: string): string[] => [
      `${draft} ${RENDERED}`,
      `${draft}/e-copy rendered copied parsed`,
      ...evaluations(`${draft}/e-copy`),
      `${draft}/e-llm ${RENDERED}`,
      ...evaluations(`${draft}/e-llm`),
    ];
    expect(await rebuilt('--force', 'draft')).toEqual([
      ...below('A:d-one'),
      `A:d-two ${RENDERED}`,
      ...below('B:d-one'),
      `B:d-two ${RENDERED}`,
    ]);
  });

  it('one generation asks again for it alone', async () => {
    expect(await rebuilt('--force', kite.id('A:d-two'))).toEqual([`A:d-two ${RENDERED}`]);
    expect(await rebuilt('--force', kite.id('A:d-one/e-llm/v-one#2'))).toEqual([
      `A:d-one/e-llm/v-one#2 ${RENDERED}`,
    ]);
  });

  it('a selection without a word behind --force asks again for what is selected', async () => {
    expect(await rebuilt(kite.id('B:d-two'), '--force')).toEqual([`B:d-two ${RENDERED}`]);
  });

  it('a copy copies again', async () => {
    expect(await rebuilt('--force', 'template:e-copy')).toEqual(
      ['A:d-one', 'A:d-two', 'B:d-one', 'B:d-two'].map((draft) => `${draft}/e-copy rendered copied parsed`),
    );
  });

  it('replaces a hand edit, and sets it aside', async () => {
    // No answer has such a score: judges here give whole ones, and which one depends on the order of the calls.
    kite.write(file('A:d-one/e-llm/v-one', 'parsed.txt'), '9.5\n');
    await rebuilt();
    expect(await rebuilt('--force', kite.id('A:d-one/e-llm/v-one'))).toEqual([
      `A:d-one/e-llm/v-one ${RENDERED}`,
    ]);
    expect(kite.files('data/.daydream/kept').map((each) => kite.read(each))).toEqual(['9.5\n']);
  });

  it('keeps the answer that it replaces', async () => {
    const entries = (): number => kite.files('data/.daydream/responses').length;
    const before = entries();
    await kite.build('--force', kite.id('A:d-one'));
    expect(entries()).toBeGreaterThan(before);
  });
});

describe('a build of a selection', () => {
  it('runs what is above it and leaves the rest', async () => {
    kite.edit('data/1_raw/templates/draft/d-one.txt', 'Use:', 'Use all of:');
    const { code, steps } = await kite.build(kite.id('A:d-one/e-llm'));
    expect({ code, steps }).toEqual({ code: 0, steps: [`A:d-one ${RENDERED}`, `A:d-one/e-llm ${RENDERED}`] });
    expect(await kite.check()).toMatchObject({ code: 1 });
    expect(await kite.check(kite.id('A:d-one/e-llm'))).toMatchObject({ code: 0 });
    expect(await rebuilt()).toHaveLength(5 + 7);
  });
});

describe('adopt', () => {
  it('accepts stale artifacts as they stand, and what is below them', async () => {
    kite.edit('data/1_raw/templates/draft/d-one.txt', 'Use:', 'Use all of:');
    kite.edit('data/1_raw/llm_models.csv', 'lab/j1', 'lab/j2');
    const before = texts();
    expect(await kite.run(['adopt'])).toMatchObject({ code: 0 });
    expect(await kite.check()).toMatchObject({ code: 0 });
    expect(await rebuilt()).toEqual([]);
    expect(texts()).toEqual(before);
  });
});
