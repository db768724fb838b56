// The response cache on the disk: whole or absent, numbered without a gap, and never asked again what it can not read.
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
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
  keepEntry,
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
});
