// What lies on a team's storage: it opens to just the answer that was put there, and everything else is told apart and not used.
import { gunzipSync, gzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { envelopeOf, openEnvelope } from '../../src/remote/envelope.ts';
import { LONGEST } from '../../src/remote/shelf.ts';
import { sealWith } from '../../src/remote/seal.ts';
import { addressOf } from '../../src/store/responses.ts';
import { addressFor, answerTo } from '../support/answers.ts';

const KEY = sealWith('correct horse');
const OTHER_KEY = sealWith('wrong horse');
const ONE = answerTo(1);
const ADDRESS = addressFor(1);

const bytesOf = (text: string): Buffer =>
  Buffer.from((JSON.parse(text) as { readonly stdoutRaw: string }).stdoutRaw, 'base64');
const textOf = (bytes: Buffer): string =>
  JSON.stringify({ exitCode: 0, stdoutRaw: bytes.toString('base64') });
/** An envelope around anything. */
const around = (value: unknown): string =>
  textOf(Buffer.concat([Buffer.of(1), gzipSync(JSON.stringify(value))]));

describe('an envelope', () => {
  it('is the result of an action in the JSON of Bazel, with the answer inside', async () => {
    const text = await envelopeOf(ONE, undefined);
    expect(JSON.parse(text)).toEqual({ exitCode: 0, stdoutRaw: expect.any(String) as string });
    expect(JSON.parse(gunzipSync(bytesOf(text).subarray(1)).toString('utf8'))).toEqual(ONE);
    expect(await openEnvelope(text, ADDRESS, undefined)).toEqual({ kind: 'answer', response: ONE });
  });

  it('is read however a cache in between writes it', async () => {
    const { stdoutRaw } = JSON.parse(await envelopeOf(ONE, undefined)) as { readonly stdoutRaw: string };
    const rewritten = JSON.stringify({ stdoutRaw, executionMetadata: { worker: 'cache-1' } }, null, 2);
    expect(await openEnvelope(rewritten, ADDRESS, undefined)).toEqual({ kind: 'answer', response: ONE });
  });

  it('carries nothing but the answer: not whence it came to its sender, nor what else lies beside it', async () => {
    const text = await envelopeOf({ ...ONE, origin: 'remote' } as typeof ONE, undefined);
    expect(await openEnvelope(text, ADDRESS, undefined)).toEqual({ kind: 'answer', response: ONE });
  });
});

describe('a sealed envelope', () => {
  it('opens with the key alone', async () => {
    const text = await envelopeOf(ONE, KEY);
    expect(await openEnvelope(text, ADDRESS, sealWith('correct horse'))).toEqual({
      kind: 'answer',
      response: ONE,
    });
    for (const key of [OTHER_KEY, undefined])
      expect(await openEnvelope(text, ADDRESS, key)).toEqual({ kind: 'unusable', why: 'other_key' });
  });

  it('shows neither question nor answer, not even as the same bytes', async () => {
    const [first, second] = [await envelopeOf(ONE, KEY), await envelopeOf(ONE, KEY)];
    expect(first).not.toBe(second);
    for (const hidden of ['Answer 1', 'What is 1', 'example', ADDRESS])
      expect(bytesOf(first).includes(hidden)).toBe(false);
  });

  it('has a name that only the key gives', async () => {
    const name = await KEY.nameOf(ADDRESS);
    expect(name).toMatch(/^[0-9a-f]{64}$/);
    expect(name).not.toBe(ADDRESS);
    expect(await sealWith('correct horse').nameOf(ADDRESS)).toBe(name);
    expect(await OTHER_KEY.nameOf(ADDRESS)).not.toBe(name);
  });

  it('does not open under the name of another question', async () => {
    const text = await envelopeOf(answerTo(2), KEY);
    expect(await openEnvelope(text, ADDRESS, KEY)).toEqual({ kind: 'unusable', why: 'other_key' });
  });

  it('is wanted where a key is in use: what is not sealed could be anybody’s', async () => {
    expect(await openEnvelope(await envelopeOf(ONE, undefined), ADDRESS, KEY)).toEqual({
      kind: 'unusable',
      why: 'no_key',
    });
  });
});

describe('what is not used', () => {
  it.each([
    ['nothing', ''],
    ['no JSON', '<html>'],
    ['JSON of something else', '[1, 2]'],
    ['an action without output', '{"exitCode":0}'],
    ['an empty output', '{"exitCode":0,"stdoutRaw":""}'],
    ['no gzip', textOf(Buffer.from('\u0001plain'))],
    [
      'a little that unpacks to more than any answer',
      textOf(Buffer.concat([Buffer.of(1), gzipSync(Buffer.alloc(LONGEST + 1))])),
    ],
    ['no JSON inside', textOf(Buffer.concat([Buffer.of(1), gzipSync('plain')]))],
    ['nothing inside', around(null)],
    ['an answer without its text', around({ ...ONE, text: undefined })],
    ['a question that is no map of texts', around({ ...ONE, asked: { ...ONE.asked, prompt: 1 } })],
    ['metadata that are a list', around({ ...ONE, rawMetadata: [] })],
    ['a moment that is none', around({ ...ONE, at: 'yesterday\u001B[2J' })],
    ['version 0', around({ ...ONE, version: 0 })],
  ])('%s is damaged', async (_what, text) => {
    expect(await openEnvelope(text, ADDRESS, undefined)).toEqual({ kind: 'unusable', why: 'damaged' });
  });

  it('metadata nested too deeply to be written again are damaged', async () => {
    const deep = JSON.stringify(ONE).replace(
      '"rawMetadata":{',
      `"rawMetadata":{"x":${'['.repeat(2e5)}${']'.repeat(2e5)},`,
    );
    const text = textOf(Buffer.concat([Buffer.of(1), gzipSync(deep)]));
    expect(await openEnvelope(text, ADDRESS, undefined)).toEqual({ kind: 'unusable', why: 'damaged' });
  });

  it.each([
    ['a later envelope', textOf(Buffer.of(3, 0, 0)), 'newer'],
    ['a later answer', around({ ...ONE, version: 2, text: { parts: [] } }), 'newer'],
    ['the answer to another question', around(answerTo(2)), 'other_question'],
    [
      'a question that was changed',
      around({ ...ONE, asked: { ...ONE.asked, prompt: 'Other.' } }),
      'other_question',
    ],
    ['a refusal', around({ ...ONE, kind: 'refused' }), 'no_answer'],
  ])('%s', async (_what, text, why) => {
    expect(await openEnvelope(text, ADDRESS, undefined)).toEqual({ kind: 'unusable', why });
  });

  it('an answer whose provider is a word of somebody’s config', async () => {
    const asked = { ...ONE.asked, provider: 'local' };
    expect(await openEnvelope(around({ ...ONE, asked }), addressOf(asked), undefined)).toEqual({
      kind: 'unusable',
      why: 'no_server',
    });
  });

  it.each([
    ['as it is', undefined],
    ['sealed', KEY],
  ])('whatever was cut off, and whatever bit was flipped: %s', async (_what, key) => {
    const text = await envelopeOf(ONE, key);
    const bytes = bytesOf(text);
    for (let length = 0; length < text.length; length += 7) {
      const opened = await openEnvelope(text.slice(0, length), ADDRESS, key);
      expect(opened.kind).toBe('unusable');
    }
    for (let bit = 0; bit < bytes.length * 8; bit += 5) {
      const flipped = Buffer.from(bytes);
      flipped[bit >> 3] = (flipped[bit >> 3] ?? 0) ^ (1 << (bit & 7));
      const opened = await openEnvelope(textOf(flipped), ADDRESS, key);
      // Some bits of a gzip header say nothing; what opens is the answer that was put there.
      expect(opened.kind === 'answer' ? opened.response : ONE).toEqual(ONE);
    }
  });
});
