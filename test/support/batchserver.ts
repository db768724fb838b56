// A provider with a batch interface over real HTTP, in both shapes, that does what a test scripts. It bills each row that it answers.
//
//   const server = await startBatchServer({ shape: 'openai', answer: (prompt) => `You said: ${prompt}` });
//   server.end();                    // every open batch is done with, by the script of `ends`
//   server.batches[0]?.rows; server.billed; server.direct;
//   await server.close();
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

export interface ServedRow {
  readonly customId: string;
  readonly prompt: string;
  readonly body: Readonly<Record<string, unknown>>;
}

export interface ServedBatch {
  readonly id: string;
  readonly rows: readonly ServedRow[];
  readonly model: string | undefined;
  readonly metadata: unknown;
  readonly created: number;
  status: string;
  /** Result rows, once it is over. */
  results: readonly unknown[];
}

/**
 * What becomes of a row: an answer, an error, nothing, the same answer twice, two answers, an error with an answer behind it, one that
 * ends with a word in no list, one that its provider gave up, and of which nobody says whether it was billed, nothing but thoughts, or an answer to somebody else beside its own.
 */
export type RowFate =
  | 'answer'
  | 'error'
  | 'absent'
  | 'twice'
  | 'two_answers'
  | 'error_first'
  | 'cut_off'
  | 'refused'
  | 'odd_end'
  | 'given_up'
  | 'only_thoughts'
  | 'foreign';

export interface BatchServerOptions {
  readonly shape: 'openrouter' | 'openai';
  readonly answer: (prompt: string, row: ServedRow) => string;
  /** What happens when a batch arrives: taken on; taken on and the answer lost, or never given; lost before; refused, or not taken now. */
  readonly arrival?: (
    number: number,
  ) => 'accept' | 'accept_and_hang_up' | 'accept_and_hang' | 'hang_up' | 'refuse' | 'gateway' | 'limit';
  /** What happens when a file is uploaded. */
  readonly upload?: (number: number) => 'accept' | 'limit';
  /** What is said where a limit is reached. */
  readonly limit?: { readonly retryAfter?: string; readonly error?: Readonly<Record<string, unknown>> };
  readonly fate?: (row: ServedRow, batch: ServedBatch) => RowFate;
  /** The same of a question that is asked directly. */
  readonly directly?: (row: ServedRow) => RowFate;
  /** The status that a batch ends with. */
  readonly ending?: (batch: ServedBatch) => 'completed' | 'failed' | 'expired' | 'cancelled';
  /** Why a batch is over that has failed, in OpenAI's words. */
  readonly thrownOut?: { readonly code: string; readonly message: string };
  /** Result rows in the reverse order. */
  readonly shuffled?: boolean;
  /** Batches of a page of the list; somebody else's stand among them. */
  readonly page?: number;
  readonly strangers?: number;
  /** Somebody else's batches of the very model and size of ours, that have ended. */
  readonly doubles?: number;
  /** The list says nothing of what it was told with a batch. */
  readonly forgetful?: boolean;
  /** Done as soon as it is asked about, and not at `end()`. */
  readonly prompt?: boolean;
}

export interface BatchServer {
  readonly url: string;
  readonly batches: readonly ServedBatch[];
  /** Prompts of ordinary calls. */
  readonly direct: readonly string[];
  /** Custom ids of rows that were answered, and so billed, in their order. */
  readonly billed: readonly string[];
  /** Every batch that is open is over now. */
  end(): void;
  close(): Promise<void>;
}

export const ROW_COST = 0.0005;
const FINISH: Partial<Record<RowFate, string>> = {
  cut_off: 'length',
  refused: 'content_filter',
  odd_end: 'weird_end',
  given_up: 'error',
};

export async function startBatchServer(options: BatchServerOptions): Promise<BatchServer> {
  const {
    shape,
    answer,
    fate = () => 'answer',
    ending = () => 'completed',
    arrival = () => 'accept',
  } = options;
  const batches: ServedBatch[] = [];
  const files = new Map<string, string>();
  const direct: string[] = [];
  const billed: string[] = [];
  let arrived = 0;
  let uploads = 0;

  const completion = (row: ServedRow, how: RowFate): unknown => ({
    id: `gen-${row.customId.slice(0, 12)}`,
    model: row.body['model'] ?? 'lab/w1',
    choices: [
      {
        index: 0,
        message:
          how === 'only_thoughts'
            ? { role: 'assistant', content: null, reasoning_content: 'First I …' }
            : { role: 'assistant', content: how === 'refused' ? '' : answer(row.prompt, row) },
        finish_reason: FINISH[how] ?? 'stop',
      },
    ],
    ...(how === 'given_up'
      ? {}
      : { usage: { prompt_tokens: 10, completion_tokens: 5, total_tokens: 15, cost: ROW_COST } }),
  });
  const line = (customId: string, body: unknown): unknown => ({
    custom_id: customId,
    response: { status_code: 200, request_id: `req-${customId.slice(0, 12)}`, body },
    error: null,
  });
  const resultsOf = (batch: ServedBatch): readonly unknown[] => {
    const rows = batch.rows.flatMap((row) => {
      const how = fate(row, batch);
      if (how === 'absent') return [];
      if (how === 'error')
        return [
          { custom_id: row.customId, response: null, error: { code: 'overloaded', message: 'no room' } },
        ];
      if (how !== 'given_up') billed.push(row.customId);
      const done = line(row.customId, completion(row, how));
      if (how === 'error_first')
        return [{ custom_id: row.customId, response: null, error: { message: 'not yet' } }, done];
      if (how === 'two_answers') {
        billed.push(row.customId);
        return [
          done,
          line(row.customId, {
            ...(completion(row, how) as object),
            id: `gen-2-${row.customId.slice(0, 9)}`,
          }),
        ];
      }
      if (how === 'twice') return [done, done];
      return how === 'foreign' ? [done, line('f'.repeat(64), completion(row, how))] : [done];
    });
    return options.shuffled === true ? rows.reverse() : rows;
  };
  const end = (): void => {
    for (const batch of batches) {
      if (batch.status !== 'in_progress') continue;
      batch.status = ending(batch);
      batch.results = resultsOf(batch);
    }
  };
  const shown = (batch: ServedBatch): Record<string, unknown> => ({
    id: batch.id,
    status: batch.status,
    created_at: Math.floor(batch.created / 1000),
    request_counts: { total: batch.rows.length, completed: batch.results.length, failed: 0 },
    ...(shape === 'openai'
      ? options.forgetful === true
        ? {}
        : { metadata: batch.metadata }
      : { model: batch.model }),
    ...(batch.status !== 'failed'
      ? {}
      : options.thrownOut === undefined
        ? { error: { message: 'a row is no question' } }
        : { errors: { object: 'list', data: [{ line: null, param: null, ...options.thrownOut }] } }),
  });

  const begin = (
    response: ServerResponse,
    batch: Omit<ServedBatch, 'id' | 'created' | 'status' | 'results'>,
  ): void => {
    const how = arrival(arrived);
    arrived++;
    if (how === 'hang_up') return void response.socket?.destroy();
    if (how === 'gateway') return json(response, 502, { error: { message: 'bad gateway' } });
    if (how === 'refuse') return json(response, 400, { error: { message: 'no batches for this model' } });
    if (how === 'limit') return limited(response, options.limit);
    const made = {
      ...batch,
      id: `batch_${batches.length + 1}`,
      created: Date.now(),
      status: 'in_progress',
      results: [],
    };
    batches.push(made);
    if (how === 'accept_and_hang_up') return void response.socket?.destroy();
    if (how === 'accept_and_hang') return;
    json(response, shape === 'openai' ? 200 : 202, { ...shown(made), status: 'validating' });
  };

  const strangers = Array.from({ length: options.strangers ?? 0 }, (_, number) => ({
    id: `stranger_${number}`,
    status: 'completed',
    created_at: Math.floor(Date.now() / 1000),
    request_counts: { total: 12_345, completed: 0, failed: 0 },
    model: 'somebody/else',
  }));
  const doubles = Array.from({ length: options.doubles ?? 0 }, (_, number) => ({
    id: `double_${number}`,
    status: 'completed',
    created_at: Math.floor(Date.now() / 1000),
    request_counts: { total: 4, completed: 4, failed: 0 },
    ...(shape === 'openai' ? {} : { model: 'lab/w1' }),
  }));
  const listed = (url: URL): unknown => {
    const all = [...strangers, ...doubles, ...batches.map(shown)].reverse();
    const after = url.searchParams.get('after');
    const start = after === null ? 0 : all.findIndex(({ id }) => id === after) + 1;
    const size = options.page ?? 100;
    return { object: 'list', data: all.slice(start, start + size), has_more: start + size < all.length };
  };

  const route = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const url = new URL(request.url ?? '', 'http://127.0.0.1');
    const path = url.pathname.replace('/v1', '');
    const text = await textOf(request);
    if (request.method === 'POST' && path === '/chat/completions') {
      const body = JSON.parse(text) as Record<string, unknown>;
      const row = { customId: 'direct', prompt: promptOf(body), body };
      direct.push(row.prompt);
      return json(response, 200, completion(row, options.directly?.(row) ?? 'answer'));
    }
    if (request.method === 'POST' && path === '/files') {
      if (options.upload?.(uploads++) === 'limit') return limited(response, options.limit);
      const id = `file_${files.size + 1}`;
      files.set(id, contentOf(text, String(request.headers['content-type'])));
      return json(response, 200, { id, object: 'file' });
    }
    if (request.method === 'POST' && path === '/batches') return begin(response, submitted(text, files));
    if (request.method === 'GET' && path === '/batches') return json(response, 200, listed(url));
    const [, , id = '', what] = path.split('/');
    if (path.startsWith('/files/out_double')) {
      response.writeHead(200, { 'content-type': 'application/jsonl' });
      return void response.end(JSON.stringify(line('e'.repeat(64), {})));
    }
    if (path.startsWith('/files/')) {
      const batch = batches.find(({ id: each }) => `out_${each}` === id);
      response.writeHead(200, { 'content-type': 'application/jsonl' });
      return void response.end((batch?.results ?? []).map((row) => JSON.stringify(row)).join('\n'));
    }
    const double = doubles.find(({ id: each }) => each === id);
    if (double !== undefined) {
      const results = [line('e'.repeat(64), {})];
      return json(response, 200, {
        ...double,
        ...(shape === 'openai' ? { output_file_id: 'out_double' } : { results }),
      });
    }
    const batch = batches.find(({ id: each }) => each === id);
    if (batch === undefined) return json(response, 404, { error: { message: `no batch ${id}` } });
    if (what === 'cancel') {
      if (batch.status === 'in_progress') {
        batch.status = 'cancelled';
        batch.results = resultsOf(batch);
      }
      return json(response, 200, shown(batch));
    }
    if (options.prompt === true) end();
    const over = batch.status !== 'in_progress';
    const results = shape === 'openai' ? { output_file_id: `out_${batch.id}` } : { results: batch.results };
    json(response, 200, { ...shown(batch), ...(over ? results : {}) });
  };

  const server = createServer((request, response) => {
    route(request, response).catch((error: unknown) => {
      response.writeHead(500);
      response.end(String(error));
    });
  });
  await new Promise<void>((ready) => server.listen(0, '127.0.0.1', ready));
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}/v1`,
    batches,
    direct,
    billed,
    end,
    close: () =>
      new Promise((closed) => {
        server.close(() => closed());
        server.closeAllConnections();
      }),
  };
}

function limited(response: ServerResponse, { retryAfter, error }: BatchServerOptions['limit'] = {}): void {
  if (retryAfter !== undefined) response.setHeader('retry-after', retryAfter);
  json(response, 429, { error: error ?? { message: 'Rate limit reached for requests' } });
}

function json(response: ServerResponse, status: number, body: unknown): void {
  response.writeHead(status, { 'content-type': 'application/json' });
  response.end(JSON.stringify(body));
}

async function textOf(request: IncomingMessage): Promise<string> {
  const parts: Buffer[] = [];
  for await (const part of request) parts.push(part as Buffer);
  return Buffer.concat(parts).toString('utf8');
}

function promptOf(body: Readonly<Record<string, unknown>>): string {
  const messages = body['messages'] as readonly { readonly content: string }[];
  return messages.at(-1)?.content ?? '';
}

/** The file's part of a form, by the boundary that the header names. */
function contentOf(form: string, type: string): string {
  const boundary = /boundary=(.+)$/.exec(type)?.[1] ?? '';
  const part = form.split(`--${boundary}`).find((each) => each.includes('name="file"')) ?? '';
  return part.slice(part.indexOf('\r\n\r\n') + 4).replace(/\r\n$/, '');
}

function submitted(
  text: string,
  files: ReadonlyMap<string, string>,
): Pick<ServedBatch, 'rows' | 'model' | 'metadata'> {
  const body = JSON.parse(text) as Record<string, unknown>;
  const file = body['input_file_id'];
  const lines =
    typeof file === 'string'
      ? (files.get(file) ?? '').split('\n').map((line) => JSON.parse(line) as Record<string, unknown>)
      : (body['requests'] as readonly Record<string, unknown>[]);
  // As the real one: what comes first is read first.
  if (typeof file !== 'string' && !/^\{"endpoint":"[^"]+","model":"[^"]+","requests":/.test(text))
    throw new Error('endpoint and model must stand before the requests');
  return {
    model: typeof body['model'] === 'string' ? body['model'] : undefined,
    metadata: body['metadata'],
    rows: lines.map((line) => {
      const asked = line['body'] as Record<string, unknown>;
      return { customId: String(line['custom_id']), prompt: promptOf(asked), body: asked };
    }),
  };
}
