// What OpenAI-compatible servers really send, a case each: what it is, what answers, and what is right. Knows nothing of the client.
import { createServer, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { brotliCompressSync, deflateSync, gzipSync } from 'node:zlib';
import { expect } from 'vitest';

/** Fit for every parser of the tests' projects. */
export const TEXT = 'A first line.\nA second line.\nA third line.\n<essay>\na\nb\nc\n</essay>\nSCORE: 7';
const USAGE = { prompt_tokens: 100, completion_tokens: 50, total_tokens: 150, cost: 0.001 };

export type Body = Readonly<Record<string, unknown>>;
/** `before`: how many requests came before. */
export type Answer = (body: Body, response: ServerResponse, before: number) => void;

export function json(
  response: ServerResponse,
  body: unknown,
  status = 200,
  headers: Readonly<Record<string, string>> = {},
): void {
  response.writeHead(status, { 'content-type': 'application/json', ...headers });
  response.end(JSON.stringify(body));
}

export function whole(message: Body, finish: unknown = 'stop', extra: Body = {}): Body {
  const choices = [{ index: 0, message: { role: 'assistant', ...message }, finish_reason: finish }];
  return { id: 'r', object: 'chat.completion', created: 1, model: 'm', choices, usage: USAGE, ...extra };
}

export function piece(delta: Body, finish: unknown = null, extra: Body = {}): Body {
  const choices = [{ index: 0, delta, finish_reason: finish }];
  return { id: 'r', object: 'chat.completion.chunk', created: 1, model: 'm', choices, ...extra };
}

export function stream(
  response: ServerResponse,
  pieces: readonly unknown[],
  { end = 'data: [DONE]\n\n', type = 'text/event-stream' } = {},
): void {
  response.writeHead(200, { 'content-type': type });
  for (const each of pieces) response.write(`data: ${JSON.stringify(each)}\n\n`);
  response.end(end);
}

function refusing(response: ServerResponse, message: string, param: string | null): void {
  json(response, { error: { message, type: 'invalid_request_error', param } }, 400);
}

const packed =
  (encoding: string, pack: (text: string) => Buffer): Answer =>
  (_body, response) => {
    response.writeHead(200, { 'content-type': 'application/json', 'content-encoding': encoding });
    response.end(pack(JSON.stringify(whole({ content: TEXT }))));
  };

interface Case {
  readonly answer: Answer;
  /** What the client makes of it, as far as it matters. */
  readonly right: object;
  /** Requests that reach the server; one, if nothing is said. */
  readonly asked?: number;
}

const REPLY = { kind: 'reply', text: TEXT, refusal: undefined, truncated: false };
const refusal = (word: string): object => ({ kind: 'reply', refusal: word });

export const CASES: Readonly<Record<string, Case>> = {
  'compressed although nobody asked': { answer: packed('gzip', gzipSync), right: REPLY },
  'compressed by brotli': { answer: packed('br', brotliCompressSync), right: REPLY },
  'compressed by deflate': { answer: packed('deflate', deflateSync), right: REPLY },
  'a stream, compressed': {
    answer(_body, response) {
      response.writeHead(200, { 'content-type': 'text/event-stream', 'content-encoding': 'gzip' });
      response.end(gzipSync(`data: ${JSON.stringify(piece({ content: TEXT }, 'stop'))}\n\ndata: [DONE]\n\n`));
    },
    right: REPLY,
  },
  'compressed in a way that nobody knows': {
    answer: packed('zip', (text) => Buffer.from(text)),
    right: { kind: 'failure', cause: 'unreadable', lostReply: true },
  },
  'a stream that ends with [DONE] and never said a finish_reason': {
    answer: (_body, response) => stream(response, [piece({ content: TEXT }), { ...piece({}), usage: USAGE }]),
    right: { ...REPLY, usage: { cost: 0.001 } },
  },
  'the same without a blank behind "data:", nor a line end behind the last one': {
    answer(_body, response) {
      response.writeHead(200, { 'content-type': 'text/event-stream' });
      response.end(`data:${JSON.stringify(piece({ content: TEXT }))}\r\n\r\ndata:[DONE]`);
    },
    right: REPLY,
  },
  'a stream with comments, signs of life, a byte order mark and carriage returns alone': {
    answer(_body, response) {
      response.writeHead(200, { 'content-type': 'text/event-stream' });
      const [one, two] = [JSON.stringify(piece({ content: TEXT })), JSON.stringify(piece({}, 'stop'))];
      response.write('\uFEFF: hello\r\revent: x\rdata:\r');
      response.end(`\rid: 1\rdata: ${one}\r\rdata: ${two}\r\rdata: [DONE] \r\r`);
    },
    right: REPLY,
  },
  'an event in several lines, whose line ends come in two chunks': {
    answer(_body, response) {
      response.writeHead(200, { 'content-type': 'text/event-stream' });
      const [first = '', ...rest] = JSON.stringify(piece({ content: TEXT }, 'stop'), null, 1).split('\n');
      response.write(`data: ${first}\r`, () =>
        response.end(`\n${rest.map((line) => `data: ${line}\r\n`).join('')}\r\ndata: [DONE]\r\n\r\n`),
      );
    },
    right: REPLY,
  },
  'usage in a place of its own, in a stream': {
    answer: (_body, response) =>
      stream(response, [piece({ content: TEXT }), piece({}, 'stop', { x_groq: { id: 'q', usage: USAGE } })]),
    right: { ...REPLY, usage: { cost: 0.001 } },
  },
  'thoughts among the parts of a reply': {
    answer: (_body, response) =>
      json(
        response,
        whole({
          content: [
            { type: 'thinking', thinking: [{ type: 'text', text: 'First …' }] },
            { type: 'text', text: TEXT },
          ],
        }),
      ),
    right: { ...REPLY, thoughts: undefined },
  },
  'only thoughts among the parts': {
    answer: (_body, response) =>
      json(
        response,
        whole({ content: [{ type: 'thinking', thinking: [{ type: 'text', text: 'First …' }] }] }),
      ),
    right: { ...refusal('only_thoughts'), thoughts: 'First …' },
  },
  'a text in the place of a message': {
    answer: (_body, response) =>
      json(response, { id: 'r', choices: [{ index: 0, text: TEXT, finish_reason: 'stop' }], usage: USAGE }),
    right: REPLY,
  },
  'no usage but null, and counts that are texts': {
    answer: (_body, response) =>
      json(
        response,
        whole({ content: TEXT }, 'stop', { usage: { prompt_tokens: '7', completion_tokens: null } }),
      ),
    right: { ...REPLY, usage: { promptTokens: 7 } },
  },
  'too many requests, in a list of one error': {
    answer: (_body, response) =>
      json(
        response,
        [
          {
            error: {
              code: 429,
              message: 'You exceeded your current quota: GenerateRequestsPerMinutePerProject',
              status: 'RESOURCE_EXHAUSTED',
              details: [{ '@type': 'x/google.rpc.RetryInfo', retryDelay: '34s' }],
            },
          },
        ],
        429,
      ),
    right: { kind: 'failure', cause: 'rate_limit', retryAfterMs: 34_000 },
  },
  'no room at a service tier': {
    answer: (_body, response) => json(response, { error: { message: 'capacity_exceeded' } }, 498),
    right: { kind: 'failure', cause: 'server' },
  },
  overloaded: {
    answer: (_body, response) =>
      json(response, { type: 'error', error: { type: 'overloaded_error', message: 'Overloaded' } }, 529),
    right: { kind: 'failure', cause: 'server', message: 'Overloaded' },
  },
  'a stream without [DONE]': {
    answer: (_body, response) => stream(response, [piece({ content: TEXT }, 'stop')], { end: '' }),
    right: REPLY,
  },
  'a stream that ends without either': {
    answer: (_body, response) => stream(response, [piece({ content: TEXT })], { end: '' }),
    right: { kind: 'failure', cause: 'bad_reply', lostReply: true },
  },
  'a stream that is said to be JSON': {
    answer: (_body, response) =>
      stream(response, [piece({ content: TEXT }, 'stop')], { type: 'application/json' }),
    right: REPLY,
  },
  'a whole body that is said to be a stream': {
    answer(_body, response) {
      response.writeHead(200, { 'content-type': 'text/event-stream' });
      response.end(JSON.stringify(whole({ content: TEXT }), null, 2));
    },
    right: REPLY,
  },
  'whole messages in a stream': {
    answer(_body, response) {
      stream(response, [whole({ content: TEXT })]);
    },
    right: REPLY,
  },
  'only thoughts': {
    answer: (_body, response) => json(response, whole({ content: null, reasoning_content: 'First I …' })),
    right: { ...refusal('only_thoughts'), thoughts: 'First I …' },
  },
  'only thoughts, in a stream, cut off': {
    answer: (_body, response) =>
      stream(response, [
        piece({ reasoning: 'First ' }),
        piece({ content: '', reasoning: 'I …' }),
        piece({}, 'length'),
      ]),
    right: { ...refusal('only_thoughts'), thoughts: 'First I …' },
  },
  'only thoughts that nobody may see': {
    answer: (_body, response) =>
      json(
        response,
        whole({ content: '' }, 'length', {
          usage: { completion_tokens: 99, completion_tokens_details: { reasoning_tokens: 99 } },
        }),
      ),
    right: { ...refusal('only_thoughts'), thoughts: undefined },
  },
  'thoughts and a reply': {
    answer: (_body, response) => json(response, whole({ content: TEXT, reasoning: 'First I …' })),
    right: { ...REPLY, thoughts: undefined },
  },
  'a whole reply behind thoughts that took more than max_tokens': {
    answer: (_body, response) =>
      json(
        response,
        whole({ content: TEXT }, 'stop', {
          usage: { completion_tokens: 9000, completion_tokens_details: { reasoning_tokens: 8950 } },
        }),
      ),
    right: REPLY,
  },
  'a reply that calls a tool': {
    answer: (_body, response) =>
      json(
        response,
        whole(
          {
            content: null,
            tool_calls: [{ id: 'x', type: 'function', function: { name: 'f', arguments: '{}' } }],
          },
          'tool_calls',
        ),
      ),
    right: refusal('tool_call'),
  },
  'the same in a stream that ends with stop': {
    answer: (_body, response) =>
      stream(response, [piece({ tool_calls: [{ index: 0, function: { name: 'f' } }] }), piece({}, 'stop')]),
    right: refusal('tool_call'),
  },
  'no stream_options known': {
    answer: (body, response) =>
      body['stream_options'] === undefined
        ? stream(response, [piece({ content: TEXT }), piece({}, 'stop', { usage: USAGE })])
        : refusing(response, 'Unrecognized request argument supplied: stream_options', 'stream_options'),
    right: REPLY,
    asked: 2,
  },
  'no stream_options known, in other words': {
    answer: (body, response) =>
      body['stream_options'] === undefined
        ? stream(response, [piece({ content: TEXT }, 'stop')])
        : json(
            response,
            { detail: [{ loc: ['body', 'stream_options'], msg: 'Extra inputs are not permitted' }] },
            422,
          ),
    right: REPLY,
    asked: 2,
  },
  'a model that takes no temperature': {
    answer: (_body, response) =>
      refusing(
        response,
        "Unsupported value: 'temperature' does not support 0.7 with this model.",
        'temperature',
      ),
    right: { kind: 'failure', cause: 'bad_request', setting: 'temperature' },
  },
  'max_completion_tokens in place of max_tokens': {
    answer: (_body, response) =>
      refusing(
        response,
        "Unsupported parameter: 'max_tokens' is not supported with this model. Use 'max_completion_tokens' instead.",
        'max_tokens',
      ),
    right: { kind: 'failure', cause: 'bad_request', setting: 'max_tokens' },
  },
  'a prompt that is too long': {
    answer: (_body, response) =>
      refusing(response, 'This model supports at most 4096 tokens; max_tokens is 20480.', null),
    right: { kind: 'failure', cause: 'bad_request', setting: undefined },
  },
  'no usage, no price': {
    answer: (_body, response) => stream(response, [piece({ content: TEXT }), piece({}, 'stop')]),
    right: { ...REPLY, usage: {} },
  },
  'bring your own key: cost 0, upstream cost beside it': {
    answer: (_body, response) =>
      json(
        response,
        whole({ content: TEXT }, 'stop', {
          usage: { ...USAGE, cost: 0, cost_details: { upstream_inference_cost: 0.02 } },
        }),
      ),
    right: { usage: { cost: 0.02 } },
  },
  'a redirect': {
    answer(_body, response) {
      response.writeHead(307, { location: 'https://example.invalid/v1/chat/completions' });
      response.end();
    },
    right: {
      kind: 'failure',
      cause: 'moved',
      message: 'the server says to ask https://example.invalid/v1 instead',
    },
  },
  'a redirect that says not where': {
    answer: (_body, response) => void response.writeHead(302).end(),
    right: { kind: 'failure', cause: 'moved', message: 'the server says to ask elsewhere instead' },
  },
  'a redirect within the server': {
    answer: (_body, response) => void response.writeHead(301, { location: '/v2/chat/completions' }).end(),
    right: {
      kind: 'failure',
      cause: 'moved',
      message: expect.stringMatching(
        /^the server says to ask http:\/\/127\.0\.0\.1:\d+\/v2 instead$/,
      ) as string,
    },
  },
  'an answer beside those that were asked for': {
    answer: (_body, response) =>
      stream(response, [
        piece({ content: TEXT.slice(0, 9) }),
        { ...piece({}), choices: [{ index: 1, delta: { content: 'SECOND' }, finish_reason: 'length' }] },
        piece({ content: TEXT.slice(9) }),
        piece({}, 'stop'),
      ]),
    right: REPLY,
  },
  'answers in another order': {
    answer: (_body, response) =>
      json(response, {
        choices: [
          { index: 1, message: { content: 'SECOND' }, finish_reason: 'length' },
          { index: 0, message: { content: TEXT }, finish_reason: 'stop' },
        ],
      }),
    right: REPLY,
  },
  'an error behind half a reply, which was billed': {
    answer: (_body, response) =>
      stream(response, [
        piece({ content: 'Half' }),
        { error: { code: 502, message: 'gone' }, choices: [], usage: USAGE },
      ]),
    right: { kind: 'failure', cause: 'server', lostReply: undefined, usage: { cost: 0.001 } },
  },
  'an error behind half a reply, of which nobody says whether it was billed': {
    answer: (_body, response) =>
      stream(response, [piece({ content: 'Half' }), { error: { code: 502, message: 'gone' }, choices: [] }]),
    right: { kind: 'failure', cause: 'server', lostReply: true, usage: undefined },
  },
  'an error in the place of a reply': {
    answer: (_body, response) => json(response, { error: { code: 502, message: 'gone' } }),
    right: { kind: 'failure', cause: 'server', lostReply: undefined, usage: undefined },
  },
  'a provider that gave up, and billed it': {
    answer: (_body, response) => json(response, whole({ content: 'Half' }, 'error')),
    right: { kind: 'failure', cause: 'server', lostReply: undefined, usage: { cost: 0.001 } },
  },
  'nothing, and the prompt was read': {
    answer: (_body, response) =>
      json(response, { choices: [], usage: { prompt_tokens: 9, completion_tokens: 0 } }),
    right: { kind: 'failure', cause: 'bad_reply', usage: { promptTokens: 9 } },
  },
  'nothing, and it was paid for': {
    answer: (_body, response) => json(response, { choices: [], usage: USAGE }),
    right: refusal('empty'),
  },
  ...Object.fromEntries(
    [
      null,
      '',
      {},
      { code: 0 },
      { message: '', code: null, metadata: {} },
      false,
      { code: 200, message: 'OK' },
    ].map(
      (error) =>
        [
          `a whole reply beside the error ${JSON.stringify(error)}`,
          {
            answer: (_body, response) => json(response, whole({ content: TEXT }, 'stop', { error })),
            right: REPLY,
          },
        ] satisfies [string, Case],
    ),
  ),
  'a whole stream beside the error {}': {
    answer: (_body, response) => stream(response, [piece({ content: TEXT }, 'stop', { error: {} })]),
    right: REPLY,
  },
};

/** By what a reply that ends with them is. */
export const ENDINGS = {
  cut: 'length LENGTH MAX_TOKENS max_tokens model_length max_output_tokens TOKEN_LIMIT insufficient_system_resource maxTokens token-limit model_context_window_exceeded max_new_tokens output_limit_reached deadline_exceeded PREEMPTED response_partial',
  filtered:
    'content_filter SAFETY CONTENT_FILTER content-filter refusal RECITATION PROHIBITED_CONTENT sensitive guardrail_intervened blocklist SPII IMAGE_SAFETY content_policy_violation moderated FinishReason.SAFETY IMAGE_RECITATION flagged DataInspectionFailed unsafe_content',
  tool: 'tool_calls function_call tool_use MALFORMED_FUNCTION_CALL',
  whole: 'stop STOP end_turn stop_sequence eos eos_token COMPLETE',
} as const;

export interface Server {
  readonly url: string;
  readonly bodies: readonly Body[];
  readonly close: () => Promise<void>;
}

export async function startServer(answer: Answer): Promise<Server> {
  const bodies: Body[] = [];
  const server = createServer((message, response) => {
    let text = '';
    message.setEncoding('utf8').on('data', (part: string) => (text += part));
    message.on('end', () => {
      const body = JSON.parse(text) as Body;
      answer(body, response, bodies.push(body) - 1);
    });
  });
  await new Promise<void>((ready) => server.listen(0, '127.0.0.1', ready));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/v1`,
    bodies,
    close: () =>
      new Promise((closed) => {
        server.close(() => closed());
        server.closeAllConnections();
      }),
  };
}
