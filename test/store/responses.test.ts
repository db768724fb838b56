// The response cache on the disk: whole or absent, numbered without a gap, and never asked again what it can not read.
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { ProblemError } from '../../src/problem.ts';
import { layoutOf, type Layout } from '../../src/store/layout.ts';
import {
  addressOf,
  entryOf,
  findAnswer,
  isKept,
  keepEntry,
  keptAnswer,
  listAddresses,
  listResponses,
  readResponse,
  responsePath,
  type StoredResponse,
} from '../../src/store/responses.ts';

let layout: Layout;
beforeEach(() => {
  layout = layoutOf(mkdtempSync(join(tmpdir(), 'daydream-responses-')));
});
afterEach(() => rmSync(layout.dataRoot, { recursive: true, force: true }));

const ASKED = { prompt: 'What?', model: 'm', replicate: '1' };
const response = (text: string, change: Partial<StoredResponse> = {}): StoredResponse => ({
  version: 1,
  asked: ASKED,
  kind: 'answer',
  text,
  rawMetadata: {},
  genId: 'd_1',
  at: '2026-11-23T00:00:00.000Z',
  ...change,
});
const address = addressOf(ASKED);
const keep = async (each: StoredResponse): Promise<string> => keepEntry(layout, entryOf(each));

describe('the response cache', () => {
  it('keeps equal questions that are answered at the same time one by one, in the order of arrival', async () => {
    const texts = Array.from({ length: 20 }, (_, place) => `reply ${place}`);
    const names = await Promise.all(texts.map((text) => keep(response(text))));
    expect(names).toEqual(texts.map((_text, place) => `${address}-${place + 1}`));
    expect(names.map((name) => readResponse(layout, name))).toEqual(texts.map((text) => response(text)));
    expect(findAnswer(layout, address)?.response.text).toBe('reply 19');
    expect(readdirSync(dirname(responsePath(layout, names[0] ?? '')))).toHaveLength(20);
  });

  it('serves the latest answer, and never a refusal or what was cut off', async () => {
    await keep(response('answer'));
    await keep(response('cut', { kind: 'truncated' }));
    await keep(response('no', { kind: 'refused' }));
    expect(findAnswer(layout, address)?.response.text).toBe('answer');
    expect(findAnswer(layout, addressOf({ ...ASKED, replicate: '2' }))).toBeUndefined();
  });

  it('passes over what is damaged, at whatever byte it ends', async () => {
    await keep(response('first'));
    const second = await keep(response('second'));
    await keep(response('third'));
    const path = responsePath(layout, second);
    const whole = readFileSync(path);
    for (let length = 0; length < whole.length; length++) {
      writeFileSync(path, whole.subarray(0, length));
      expect(readResponse(layout, second)).toBe('damaged');
    }
    expect(findAnswer(layout, address)?.response.text).toBe('third');
    expect(await keep(response('fourth'))).toBe(`${address}-4`);
  });

  it.each([
    '[]',
    'null',
    '1',
    '"text"',
    '{"version":1}',
    '{"version":1,"text":"t","asked":null,"rawMetadata":{}}',
    '{"version":0,"text":"t","asked":{},"rawMetadata":{}}',
    '{"version":"1","text":"t","asked":{},"rawMetadata":{}}',
    '{"version":1,"text":1,"asked":{},"rawMetadata":{}}',
    '{"version":1,"text":"t","asked":"a","rawMetadata":{}}',
    '{"version":1,"text":"t","asked":{},"rawMetadata":"m"}',
    '{"version":1,"text":"t","asked":{},"rawMetadata":null}',
  ])('takes %s for damaged', async (text) => {
    const name = await keep(response('x'));
    writeFileSync(responsePath(layout, name), text);
    expect(readResponse(layout, name)).toBe('damaged');
    expect(findAnswer(layout, address)).toBeUndefined();
  });

  it('refuses to answer over the entry of a newer daydream', async () => {
    const name = await keep(response('x'));
    writeFileSync(responsePath(layout, name), JSON.stringify({ ...response('x'), version: 2 }));
    expect(readResponse(layout, name)).toBe('newer');
    expect(() => findAnswer(layout, address)).toThrow(ProblemError);
  });

  it('is not disturbed by what a crash left half written', async () => {
    const name = await keep(response('x'));
    const path = responsePath(layout, name);
    writeFileSync(join(dirname(path), `.${address}-2.json.tmp`), 'half');
    expect(listResponses(layout)).toEqual([name]);
    expect(await keep(response('y'))).toBe(`${address}-2`);
    expect(readdirSync(dirname(path)).filter((each) => each.startsWith('.'))).toEqual([]);
  });

  it('puts what it can not keep aside, and says where', async () => {
    mkdirSync(layout.state, { recursive: true });
    writeFileSync(layout.responses, 'in the way');
    const failure = await keep(response('dear')).catch((error: unknown) => error);
    expect(failure).toBeInstanceOf(ProblemError);
    const [found] = failure instanceof ProblemError ? failure.problems : [];
    expect(found).toMatchObject({ code: 'DD509', data: { gen_id: 'd_1' } });
    const aside = String(found?.data?.['aside']);
    expect(existsSync(aside)).toBe(true);
    rmSync(layout.responses);
    const target = responsePath(layout, `${address}-1`);
    mkdirSync(dirname(target), { recursive: true });
    writeFileSync(target, readFileSync(aside));
    rmSync(aside);
    expect(findAnswer(layout, address)?.response.text).toBe('dear');
  });

  it('keeps the very same once, however often it comes', async () => {
    const name = await keep(response('x'));
    expect(name).toBe(`${address}-1`);
    expect(responsePath(layout, name)).toBe(join(layout.responses, address.slice(0, 2), `${address}-1.json`));
    expect(await keep(response('x'))).toBe(name);
    expect(await keep(response('x', { at: 'later' }))).toBe(`${address}-2`);
    expect(await keep(response('x'))).toBe(name);
    expect(listResponses(layout)).toHaveLength(2);
  });

  it('tells each of those that it can not keep of itself, and keeps what comes later', async () => {
    mkdirSync(layout.state, { recursive: true });
    writeFileSync(layout.responses, 'in the way');
    const failures = ['d_1', 'd_2'].map((genId) =>
      keep(response('dear', { genId })).catch((error: unknown) => (error as ProblemError).problems[0]),
    );
    const found = (await Promise.all(failures)) as ProblemError['problems'];
    expect(found).toMatchObject([{ data: { gen_id: 'd_1' } }, { data: { gen_id: 'd_2' } }]);
    for (const { data } of found) rmSync(String(data?.['aside']));
    rmSync(layout.responses);
    expect(await keep(response('dear'))).toBe(`${address}-1`);
  });

  it('puts aside what others on the machine may not read, and says how to bring it back', async () => {
    mkdirSync(layout.state, { recursive: true });
    writeFileSync(layout.responses, 'in the way');
    const failure = await keep(response('dear')).catch((error: unknown) => error);
    const [found] = (failure as ProblemError).problems;
    const aside = String(found?.data?.['aside']);
    expect(statSync(aside).mode & 0o777).toBe(0o600);
    expect(JSON.parse(readFileSync(aside, 'utf8'))).toEqual(response('dear'));
    const target = responsePath(layout, `${address}-1`);
    expect(found?.place).toEqual({ file: target, genId: 'd_1' });
    expect(found?.cure).toContain(`mkdir -p '${dirname(target)}' && mv '${aside}' '${target}'`);
    expect(found?.message).toMatch(/d_1 could not be kept.*(?:EEXIST|ENOTDIR)/);
    rmSync(aside);
  });

  it('says what the reply was where it can be kept nowhere at all', async () => {
    mkdirSync(layout.state, { recursive: true });
    writeFileSync(layout.responses, 'in the way');
    const aside = join(tmpdir(), `daydream-reply-d_1-${address}-1.json`);
    mkdirSync(aside);
    try {
      const failure = await keep(response('dear')).catch((error: unknown) => error);
      expect((failure as ProblemError).problems).toMatchObject([
        { code: 'DD509', place: { genId: 'd_1' }, data: { gen_id: 'd_1', text: 'dear' } },
      ]);
    } finally {
      rmSync(aside, { recursive: true });
    }
  });

  it('names what a newer daydream wrote', async () => {
    const name = await keep(response('x'));
    writeFileSync(responsePath(layout, name), JSON.stringify({ ...response('x'), version: 2 }));
    const problems = ((): ProblemError['problems'] => {
      try {
        findAnswer(layout, address);
      } catch (error) {
        if (error instanceof ProblemError) return error.problems;
      }
      return [];
    })();
    expect(problems).toMatchObject([{ code: 'DD503', place: { file: responsePath(layout, name) } }]);
    expect(problems[0]?.message).toContain(name);
  });
});

describe('what was asked', () => {
  it('is listed once, however often it was answered, and a file beside is none', async () => {
    expect([listAddresses(layout), listResponses(layout)]).toEqual([[], []]);
    const other = { ...ASKED, replicate: '2' };
    for (const text of ['one', 'two']) await keep(response(text));
    await keep(response('three', { asked: other }));
    writeFileSync(join(dirname(responsePath(layout, `${address}-1`)), `._${address}-1.json`), '');
    writeFileSync(join(dirname(responsePath(layout, `${address}-1`)), 'notes.txt'), '');
    writeFileSync(join(layout.responses, 'notes.json'), '');
    expect(listAddresses(layout)).toEqual([address, addressOf(other)].sort());
    expect(listResponses(layout)).toEqual([`${address}-1`, `${address}-2`, `${addressOf(other)}-1`].sort());
  });

  it('has its text among the answers, the latest or not, whole or cut off', async () => {
    expect(isKept(layout, ASKED, 'one')).toBe(false);
    await keep(response('one', { kind: 'truncated' }));
    await keep(response('two'));
    expect(['one', 'two', 'three'].map((text) => isKept(layout, ASKED, text))).toEqual([true, true, false]);
    expect(isKept(layout, { ...ASKED, model: 'n' }, 'one')).toBe(false);
  });
});

it('a question is one, also where it was answered ten times', async () => {
  for (let number = 1; number <= 10; number++) await keep(response(`${number}`));
  expect(listResponses(layout)).toContain(`${address}-10`);
  expect(listAddresses(layout)).toEqual([address]);
});

describe('an answer under the name of its server', () => {
  const SERVER = 'https://models.example/v1';
  const under = (provider: string): StoredResponse['asked'] => ({ ...ASKED, provider });
  const labelsOf = (server: string): readonly string[] => (server === SERVER ? ['main', 'old'] : []);
  const found = (among?: ReadonlySet<string>, asked = under(SERVER)): string | undefined =>
    keptAnswer(among === undefined ? { layout, labelsOf } : { layout, labelsOf, among }, { asked })?.response
      .text;

  it('comes before those under labels of earlier versions, which come in their order', async () => {
    expect(found()).toBeUndefined();
    await keep(response('of old', { asked: under('old') }));
    expect(found()).toBe('of old');
    await keep(response('of main', { asked: under('main') }));
    expect(found()).toBe('of main');
    await keep(response('of the server', { asked: under(SERVER) }));
    expect(found()).toBe('of the server');
    expect(found(undefined, under('https://other.example'))).toBeUndefined();
    expect(found(undefined, ASKED)).toBeUndefined();
    await keep(response('of nobody'));
    expect(found(undefined, ASKED)).toBe('of nobody');
  });

  it('is not looked for where it is known that there is none', async () => {
    await keep(response('of main', { asked: under('main') }));
    await keep(response('of the server', { asked: under(SERVER) }));
    expect(found(new Set())).toBeUndefined();
    expect(found(new Set(['another']))).toBeUndefined();
    expect(found(new Set([addressOf(under('main'))]))).toBe('of main');
    expect(found(new Set([addressOf(under(SERVER))]))).toBe('of the server');
  });

  it('is found by an address that is known already', async () => {
    await keep(response('x'));
    const { name } = keptAnswer({ layout, labelsOf }, { asked: under(SERVER), address }) ?? {};
    expect(name).toBe(`${address}-1`);
  });
});
