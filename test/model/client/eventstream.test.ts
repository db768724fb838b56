// A streamed reply put together again: which events count, what each piece adds, and when the text is whole.
import { describe, expect, it } from 'vitest';
import { readStream, type Streamed } from '../../../src/model/client/eventstream.ts';

const bytes = (text: string): Uint8Array => Buffer.from(text, 'utf8');

/** One event for each chunk, and `[DONE]` at the end where that is asked for. */
function streamed(chunks: readonly unknown[], end = ''): Promise<Streamed> {
  return readStream([bytes(chunks.map((chunk) => `data: ${JSON.stringify(chunk)}\n\n`).join('') + end)]);
}

/** The one choice of a chunk. */
const piece = (delta: unknown, more: Readonly<Record<string, unknown>> = {}): unknown => ({
  choices: [{ delta, ...more }],
});

const STOP = piece({}, { finish_reason: 'stop' });

async function messageOf(chunks: readonly unknown[]): Promise<unknown> {
  const { body } = await streamed([...chunks, STOP]);
  return (body as { choices: readonly { message: unknown }[] }).choices[0]?.message;
}

describe('the lines of a stream', () => {
  it.each([
    ['line feeds', '\n'],
    ['carriage returns', '\r'],
    ['both', '\r\n'],
  ])('may end with %s, and be cut into chunks anywhere', async (_, end) => {
    const lines = ['data: {"id":', 'data: "ä😀"}', '', 'data: [DONE]', '', ''];
    const all = bytes(lines.join(end));
    const read = { body: { id: 'ä😀', choices: [{ message: { content: '' } }] }, whole: true };
    for (const cut of all.keys())
      expect(await readStream([all.subarray(0, cut), bytes(''), all.subarray(cut)])).toEqual(read);
    for (const size of [...all.keys()].map((at) => at + 1)) {
      const starts = [...all.keys()].filter((at) => at % size === 0);
      expect(await readStream(starts.map((at) => all.subarray(at, at + size)))).toEqual(read);
    }
  });

  it('begin with data, with one space or none behind it, and may be several for one event', async () => {
    const { body } = await readStream([bytes('data:{"id":\ndata: "a"}\n\ndata: [DONE]\n\n')]);
    expect(body).toMatchObject({ id: 'a' });
  });

  it('may be comments, other fields, and events without data', async () => {
    const text = ': alive\n\nevent: message\nid: 4\nretry: 10\ndata: {"id":"a"}\n\ndata:\n\ndata: [DONE]\n\n';
    const { body, other, whole } = await readStream([bytes(text)]);
    expect([body, other, whole]).toMatchObject([{ id: 'a' }, undefined, true]);
  });

  it('need no blank line behind the last event, unless the end cut that off', async () => {
    const last = 'data: {"choices":[{"delta":{"content":"x"},"finish_reason":"stop"}]}';
    expect((await readStream([bytes(last)])).whole).toBe(true);
    expect((await readStream([bytes('data: [DONE]')])).whole).toBe(true);
    expect((await readStream([bytes(last.slice(0, -1))])).whole).toBe(false);
  });

  it('that are no events are told, where no event came', async () => {
    expect(await readStream([bytes('{"error":\n\n"no"}\n')])).toMatchObject({
      other: '{"error":\n"no"}',
      whole: false,
    });
    expect(await streamed([{ id: 'a' }], 'what is this\n\n')).not.toHaveProperty('other');
    expect(await readStream([bytes('odd\n\ndata: [DONE]\n\n')])).not.toHaveProperty('other');
    expect(await readStream([bytes('')])).not.toHaveProperty('other');
    expect(await readStream([bytes(': alive\n\n')])).not.toHaveProperty('other');
    expect(await readStream([bytes(': alive\n\n{}\n')])).toMatchObject({ other: '{}' });
    // A name of a field counts at the beginning of a line alone.
    expect(await readStream([bytes('some data: x\n')])).toMatchObject({ other: 'some data: x' });
  });
});

describe('a stream', () => {
  it('is whole with a finish reason, an end or an error, and is a part without', async () => {
    expect((await streamed([piece({ content: 'a' })])).whole).toBe(false);
    expect((await streamed([piece({ content: 'a' })], 'data: [DONE]\n\n')).whole).toBe(true);
    expect((await streamed([piece({}, { finish_reason: 'length' })])).whole).toBe(true);
    expect((await streamed([piece({}, { native_finish_reason: 'STOP' })])).whole).toBe(true);
    expect((await streamed([{ error: { message: 'no' } }])).whole).toBe(true);
  });

  it('that is no JSON ends the call, unless the reply is whole', async () => {
    await expect(readStream([bytes('data: {oops}\n\n')])).rejects.toThrow(SyntaxError);
    const after = `data: ${JSON.stringify(STOP)}\n\ndata: {oops}\n\n`;
    expect((await readStream([bytes(after)])).whole).toBe(true);
  });

  it('is read to its end behind [DONE], and what comes there is no part of it', async () => {
    let ended = false;
    async function* chunks(): AsyncGenerator<Uint8Array> {
      yield bytes('data: {"id":"a"}\n\ndata: [DONE]\n\n');
      yield bytes('data: {"id":"b"}\n\n');
      ended = true;
    }
    const { body } = await readStream(chunks());
    expect(body).toMatchObject({ id: 'a' });
    await new Promise(setImmediate);
    expect(ended).toBe(true);
  });

  it('that breaks behind [DONE] is whole all the same', async () => {
    async function* chunks(): AsyncGenerator<Uint8Array> {
      yield bytes('data: {"id":"a"}\n\ndata: [DONE]\n\n');
      throw new Error('terminated');
    }
    expect((await readStream(chunks())).whole).toBe(true);
    await new Promise(setImmediate);
  });
});

describe('the body', () => {
  it('has what the chunks say of the whole, the last of each, and nothing for null', async () => {
    const { body } = await streamed([
      { id: 'a', model: 'm', provider: 'p', usage: { total_tokens: 1 }, other: 1 },
      { id: null, usage: { total_tokens: 2 } },
      STOP,
    ]);
    expect(body).toEqual({
      id: 'a',
      model: 'm',
      provider: 'p',
      usage: { total_tokens: 2 },
      choices: [{ message: { content: '' }, finish_reason: 'stop' }],
    });
  });

  it('has the usage that comes beside the chunk of one provider', async () => {
    const { body } = await streamed([{ x_groq: { usage: { total_tokens: 3 } } }, STOP]);
    expect(body).toMatchObject({ usage: { total_tokens: 3 } });
  });

  it('has the last finish reason, in whoever’s words', async () => {
    const finish = async (chunks: readonly unknown[]): Promise<unknown> => {
      const { body } = await streamed(chunks);
      return (body as { choices: readonly { finish_reason: unknown }[] }).choices[0]?.finish_reason;
    };
    expect(await finish([STOP, piece({ content: 'x' }, { finish_reason: null })])).toBe('stop');
    expect(await finish([piece({}, { finish_reason: 'stop', native_finish_reason: 'END' })])).toBe('stop');
    expect(await finish([piece({}, { native_finish_reason: 'END' })])).toBe('END');
  });

  it.each([
    ['of the chunk', { error: { message: 'no' } }, { message: 'no' }],
    ['of the choice', piece({}, { error: 'no' }), 'no'],
  ])('has the error %s', async (_, chunk, error) => {
    expect((await streamed([chunk])).body).toMatchObject({ error });
  });

  it('has no error that says that all went well', async () => {
    expect((await streamed([{ error: { code: 200, message: 'success' } }, STOP])).body).not.toHaveProperty(
      'error',
    );
  });

  it('has the pieces of the first answer alone', async () => {
    const chunk = {
      choices: [
        { index: 1, delta: { content: 'second' } },
        { index: 0, delta: { content: 'first' } },
      ],
    };
    expect(await messageOf([chunk, piece({ content: '!' })])).toEqual({ content: 'first!' });
    expect(await messageOf([{ choices: 'none' }])).toEqual({ content: '' });
  });
});

describe('the message', () => {
  it.each([
    ['in pieces', [piece({ content: 'a' }), piece({ content: 'b' })], 'ab'],
    ['as a whole message', [{ choices: [{ message: { content: 'ab' } }] }], 'ab'],
    ['as text beside the delta', [{ choices: [{ text: 'a' }, {}] }, { choices: [{ text: 'b' }] }], 'ab'],
    ['of the delta before any text', [{ choices: [{ delta: { content: 'a' }, text: 'b' }] }], 'a'],
    ['before the message', [{ choices: [{ delta: { content: 'a' }, message: { content: 'b' } }] }], 'a'],
  ])('has its text %s', async (_, chunks, content) => {
    expect(await messageOf(chunks)).toEqual({ content });
  });

  it('has thoughts where there were any, also such as are not told', async () => {
    expect(await messageOf([piece({ reasoning: 'a' }), piece({ reasoning_content: 'b' })])).toEqual({
      content: '',
      reasoning_content: 'ab',
      reasoning_details: [{}],
    });
    expect(await messageOf([piece({ reasoning_details: [{ type: 'hidden' }] })])).toEqual({
      content: '',
      reasoning_content: '',
      reasoning_details: [{}],
    });
  });

  it('has the first refusal, and the call of a tool', async () => {
    expect(await messageOf([piece({ refusal: 'I will not' }), piece({ refusal: ', ever' })])).toEqual({
      content: '',
      refusal: 'I will not',
    });
    const calling = { tool_calls: [{ id: 'c' }] };
    expect(await messageOf([piece(calling), piece({ content: '' })])).toEqual({
      content: '',
      tool_calls: [calling],
    });
  });
});
