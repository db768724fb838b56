// What both kinds of batch interface are asked, word by word, and what is read of their answers.
import { describe, expect, it } from 'vitest';
import { openAiBatches } from '../../../src/model/batch/openaifiles.ts';
import { openRouterBatches } from '../../../src/model/batch/openrouter.ts';
import { rowEnd } from '../../../src/model/batch/rowend.ts';
import type { RowEnd, SentRow } from '../../../src/model/batch/shape.ts';
import { WireError, type Wire } from '../../../src/model/batch/wire.ts';

interface Asked {
  readonly how: 'get' | 'post' | 'lines' | 'remove';
  readonly path: string;
  readonly body?: string;
  readonly type?: string | undefined;
}

/** A wire with these answers by path, and what it was asked for. An error is thrown. */
function wireWith(answers: Readonly<Record<string, unknown>>): {
  readonly wire: Wire;
  readonly asked: readonly Asked[];
} {
  const asked: Asked[] = [];
  const answer = async (path: string): Promise<unknown> => {
    const each = answers[path];
    if (each instanceof Error) throw each;
    return each;
  };
  return {
    asked,
    wire: {
      get: (path) => (asked.push({ how: 'get', path }), answer(path)),
      post: (path, body, type) => (asked.push({ how: 'post', path, body, type }), answer(path)),
      async remove(path) {
        asked.push({ how: 'remove', path });
        await answer(path);
      },
      async *lines(path) {
        asked.push({ how: 'lines', path });
        yield* (await answer(path)) as readonly string[];
      },
    },
  };
}

async function all(ends: AsyncIterable<RowEnd>): Promise<readonly RowEnd[]> {
  const found: RowEnd[] = [];
  for await (const end of ends) found.push(end);
  return found;
}

const ROWS: readonly SentRow[] = [
  { customId: 'a', body: { model: 'lab/w1', stream: false, messages: [{ content: 'Über a' }] } },
  { customId: 'b', body: { model: 'lab/w1', messages: [] } },
];
const SUBMISSION = { id: 'our-id', model: 'lab/w1', rows: ROWS };
const URL = '/v1/chat/completions';

const failed = (promise: Promise<unknown>): Promise<unknown> => promise.catch((error: unknown) => error);

describe('OpenAI’s', () => {
  const taken = { '/files': { id: 'file-1' }, '/batches': { id: 'batch-1' } };
  const LINES = [
    {
      custom_id: 'a',
      method: 'POST',
      url: URL,
      body: { model: 'lab/w1', messages: [{ content: 'Über a' }] },
    },
    { custom_id: 'b', method: 'POST', url: URL, body: { model: 'lab/w1', messages: [] } },
  ].map((line) => JSON.stringify(line));

  it('is sent as a file of lines, and a batch that names it and carries our id', async () => {
    const { wire, asked } = wireWith(taken);
    expect(await openAiBatches(wire).submit(SUBMISSION)).toBe('batch-1');
    expect(asked.map(({ how, path }) => `${how} ${path}`)).toEqual(['post /files', 'post /batches']);
    expect(JSON.parse(asked[1]?.body ?? '')).toEqual({
      input_file_id: 'file-1',
      endpoint: URL,
      completion_window: '24h',
      metadata: { daydream_batch: 'our-id' },
    });
  });

  it('uploads a form with the purpose and the file, by the boundary that its header names', async () => {
    const { wire, asked } = wireWith(taken);
    await openAiBatches(wire).submit(SUBMISSION);
    const [{ body = '', type = '' } = {}] = asked;
    const [, boundary = ''] = /^multipart\/form-data; boundary=(daydream-[0-9a-f-]{36})$/.exec(type) ?? [];
    const form = new Response(body, { headers: { 'content-type': type } });
    const fields = await form.formData();
    expect(fields.get('purpose')).toBe('batch');
    const file = fields.get('file') as File;
    expect([file.name, file.type]).toEqual(['our-id.jsonl', 'application/jsonl']);
    expect(await file.text()).toBe(LINES.join('\n'));
    expect(body.endsWith(`--${boundary}--\r\n`)).toBe(true);
  });

  it('counts the bytes of a line with its end', () => {
    const shape = openAiBatches(wireWith({}).wire);
    expect(shape.sizeOf(ROWS[0]!)).toBe(Buffer.byteLength(LINES[0]!) + 1);
    expect([shape.name, shape.most]).toEqual(['openai', { rows: 50_000, bytes: 200_000_000 }]);
  });

  it.each<[removed: boolean, unsure: boolean, file: unknown]>([
    [true, false, {}],
    [true, false, new WireError('no such thing', { unsure: true })],
    [false, true, {}],
  ])('takes its file away again: %s, where it may be running: %s', async (removed, unsure, file) => {
    const refused = new WireError('no', { unsure });
    const { wire, asked } = wireWith({ ...taken, '/batches': refused, '/files/file-1': file });
    expect(await failed(openAiBatches(wire).submit(SUBMISSION))).toBe(refused);
    expect(asked.some(({ how, path }) => how === 'remove' && path === '/files/file-1')).toBe(removed);
  });

  it('may be running where it was taken on without an id', async () => {
    const error = await failed(openAiBatches(wireWith({ ...taken, '/batches': {} }).wire).submit(SUBMISSION));
    expect(error).toBeInstanceOf(WireError);
    expect(error).toMatchObject({ unsure: true, message: 'the batch was taken on without an id' });
  });

  it('is not running where its file has no id, or may have been lost', async () => {
    const noId = await failed(openAiBatches(wireWith({ '/files': {} }).wire).submit(SUBMISSION));
    expect(noId).toBeInstanceOf(WireError);
    expect(noId).toMatchObject({ unsure: false, message: 'the file was uploaded without an id' });
    for (const details of [{ unsure: false, limit: { until: 9 } }, { unsure: true }]) {
      const { wire, asked } = wireWith({ '/files': new WireError('bad gateway', details) });
      const error = await failed(openAiBatches(wire).submit(SUBMISSION));
      expect(error).toBeInstanceOf(WireError);
      expect(error).toMatchObject({ message: 'bad gateway', unsure: false });
      expect((error as WireError).limit).toBe(details.limit);
      expect(asked).toHaveLength(1);
    }
  });

  it('lets a fault of our own pass as it is', async () => {
    const fault = new TypeError('ours');
    expect(await failed(openAiBatches(wireWith({ '/files': fault }).wire).submit(SUBMISSION))).toBe(fault);
  });

  it('brings the rows of both its files, as they come, without what is no row among them', async () => {
    const { wire, asked } = wireWith({
      '/batches/r%2F1': { output_file_id: 'out/1', error_file_id: 'err' },
      '/files/out%2F1/content': ['{"custom_id":"a","response":{"body":{"x":1}}}', 'null', '{}'],
      '/files/err/content': ['{"custom_id":"b","error":{"message":"no"}}'],
    });
    expect(await all(openAiBatches(wire).ends('r/1'))).toEqual([
      { customId: 'a', body: { x: 1 } },
      { customId: 'b', error: 'no' },
    ]);
    expect(asked.map(({ how }) => how)).toEqual(['get', 'lines', 'lines']);
  });

  it.each([
    ['<!doctype html><title>Sign in</title>', 'a web page came in place of the results: <!doctype'],
    [
      '{"error":{"message":"the file has expired"}}',
      'an error came in place of the results: the file has expired',
    ],
    ['{"error":"gone"}', 'an error came in place of the results: "gone"'],
    ['{"detail":"Not found"}', 'something else came in place of the results: {"detail"'],
    ['upstream timed out', 'something else came in place of the results: upstream'],
    ['null', 'something else came in place of the results: null'],
  ])('may be asked again where something else came in place of its rows: %s', async (line, words) => {
    const { wire } = wireWith({ '/batches/r': { output_file_id: 'out' }, '/files/out/content': [line] });
    const error = await failed(all(openAiBatches(wire).ends('r')));
    expect(error).toBeInstanceOf(WireError);
    expect(error).toMatchObject({ unsure: true, message: expect.stringContaining(words) });
  });

  it('may be asked again where a row broke off, once it has brought those that are whole', async () => {
    const whole = '{"custom_id":"a","error":"no"}';
    const { wire } = wireWith({
      '/batches/r': { output_file_id: 'out' },
      '/files/out/content': [whole, '{"custom_id":"b","resp', whole],
    });
    const came: string[] = [];
    const error = await failed(
      (async () => {
        for await (const { customId } of openAiBatches(wire).ends('r')) came.push(customId);
      })(),
    );
    expect(came).toEqual(['a', 'a']);
    expect(error).toBeInstanceOf(WireError);
    expect(error).toMatchObject({
      unsure: true,
      message: 'a row of the results broke off: {"custom_id":"b","resp',
    });
  });

  it('brings nothing where it has no files', async () => {
    expect(await all(openAiBatches(wireWith({ '/batches/r': {} }).wire).ends('r'))).toEqual([]);
  });

  it('can be cancelled', async () => {
    const { wire, asked } = wireWith({});
    await openAiBatches(wire).cancel?.('r/1');
    expect(asked).toEqual([{ how: 'post', path: '/batches/r%2F1/cancel', body: '{}' }]);
  });
});

describe('OpenRouter’s', () => {
  const TEXTS = [
    { custom_id: 'a', body: { messages: [{ content: 'Über a' }] } },
    { custom_id: 'b', body: { messages: [] } },
  ];

  it('is sent as one text, with what the rows are for before them', async () => {
    const { wire, asked } = wireWith({ '/batches': { id: 'batch-1' } });
    expect(await openRouterBatches(wire).submit(SUBMISSION)).toBe('batch-1');
    const [{ body = '', path } = {}] = asked;
    expect([asked.length, path]).toEqual([1, '/batches']);
    expect(Object.entries(JSON.parse(body) as object)).toEqual([
      ['endpoint', URL],
      ['model', 'lab/w1'],
      ['requests', TEXTS],
    ]);
  });

  it('may be running where it was taken on without an id', async () => {
    const error = await failed(openRouterBatches(wireWith({ '/batches': {} }).wire).submit(SUBMISSION));
    expect(error).toBeInstanceOf(WireError);
    expect(error).toMatchObject({ unsure: true, message: 'the batch was taken on without an id' });
  });

  it('counts the bytes of a row with what parts it from the next', () => {
    const shape = openRouterBatches(wireWith({}).wire);
    expect(shape.sizeOf(ROWS[0]!)).toBe(Buffer.byteLength(JSON.stringify(TEXTS[0])) + 1);
    expect([shape.name, shape.most]).toEqual(['openrouter', { rows: 5000, bytes: 200_000_000 }]);
  });

  it('can not be cancelled', () => {
    expect(openRouterBatches(wireWith({}).wire).cancel).toBeUndefined();
  });

  it('brings its rows in the answer to a look', async () => {
    const { wire, asked } = wireWith({
      '/batches/r%2F1': { results: [{ custom_id: 'a', response: { body: { x: 1 } } }, {}] },
    });
    expect(await all(openRouterBatches(wire).ends('r/1'))).toEqual([{ customId: 'a', body: { x: 1 } }]);
    expect(asked).toHaveLength(1);
  });

  it('brings them page by page where the answer has none, until a cursor ends or comes again', async () => {
    const row = (customId: string): unknown => ({ custom_id: customId, error: 'no' });
    const pages = {
      '/batches/r': {},
      '/batches/r/results': { data: [row('a')], next_cursor: 'c&1' },
      '/batches/r/results?cursor=c%261': { data: [row('b')], next_cursor: 'c2' },
    };
    const names = async (last: unknown): Promise<readonly string[]> => {
      const { wire } = wireWith({ ...pages, '/batches/r/results?cursor=c2': last });
      return (await all(openRouterBatches(wire).ends('r'))).map(({ customId }) => customId);
    };
    expect(await names({ data: [row('c')] })).toEqual(['a', 'b', 'c']);
    expect(await names({ data: [row('c')], next_cursor: 'c2' })).toEqual(['a', 'b', 'c']);
  });
});

it.each([
  ['OpenAI’s', openAiBatches],
  ['OpenRouter’s', openRouterBatches],
])('%s is listed, and stands as it says', async (_whose, shapeOf) => {
  const { wire } = wireWith({
    '/batches?limit=100': {
      data: [
        { id: 'b2', created_at: 9 },
        { id: 'b1', created_at: 1 },
      ],
    },
    '/batches/r%2F1': { status: 'completed' },
  });
  expect(await shapeOf(wire).list(5000)).toEqual([{ remoteId: 'b2', created: 9000 }]);
  expect(await shapeOf(wire).standing('r/1')).toEqual({ status: 'completed', over: true });
});

describe('the end of a row', () => {
  it.each<[what: string, row: unknown, ends: readonly unknown[]]>([
    ['is nobody’s without a name', { response: { body: {} } }, []],
    [
      'is the body of its response, with the name of the request',
      { custom_id: 'a', response: { status_code: 200, request_id: 'q', body: { x: 1 } }, error: null },
      [{ customId: 'a', body: { x: 1 }, requestId: 'q' }],
    ],
    [
      'is the response itself where that has no body',
      { custom_id: 'a', response: { choices: [] } },
      [{ customId: 'a', body: { choices: [] } }],
    ],
    [
      'is an error with its code before its words',
      { custom_id: 'a', error: { code: 'overloaded', message: 'no room' } },
      [{ customId: 'a', error: 'overloaded: no room' }],
    ],
    ...['', {}, { code: 0, message: 'success' }, false].map(
      (error): [string, unknown, readonly unknown[]] => [
        `is the answer beside an error that says nothing: ${JSON.stringify(error)}`,
        { custom_id: 'a', response: { status_code: 200, body: { x: 1 } }, error },
        [{ customId: 'a', body: { x: 1 } }],
      ],
    ),
    ['is an error in one word', { custom_id: 'a', error: 'no' }, [{ customId: 'a', error: 'no' }]],
    [
      'is an error without words',
      { custom_id: 'a', error: { reason: 1 } },
      [{ customId: 'a', error: '{"reason":1}' }],
    ],
    [
      'is an error by its status, in the words of its body',
      { custom_id: 'a', response: { status_code: 400, body: { error: { message: 'bad' } } } },
      [{ customId: 'a', status: 400, error: 'bad' }],
    ],
    [
      'is an error by its status, though its body is none',
      { custom_id: 'a', response: { status_code: 500, body: { message: 'away' } } },
      [{ customId: 'a', status: 500, error: 'away' }],
    ],
    [
      'is an answer with a status below 400',
      { custom_id: 'a', response: { status_code: 399, body: { x: 1 } } },
      [{ customId: 'a', body: { x: 1 } }],
    ],
    [
      'is neither where nothing came',
      { custom_id: 'a', response: null, error: null },
      [{ customId: 'a', error: 'neither an answer nor an error' }],
    ],
    [
      'is neither where nothing is there',
      { custom_id: 'a' },
      [{ customId: 'a', error: 'neither an answer nor an error' }],
    ],
  ])('%s', (_what, row, ends) => {
    expect(rowEnd(row)).toEqual(ends);
  });
});
