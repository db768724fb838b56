// The client against an OpenAI-compatible server that is not this project's own: plain and streamed replies, and failures in sequence.
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { createDispatcher } from '../../src/model/pools/dispatcher.ts';
import { readModelList } from '../../src/model/client/modellist.ts';
import { RETRY_POLICY } from '../../src/model/pools/retry.ts';
import { clientOf, send } from '../support/client.ts';
import { call, never } from '../support/dispatching.ts';
import { type MockLlm, startMockLlm } from '../support/mockllm.ts';
import { realClock } from '../support/realclock.ts';

const CONFIG = `
streaming:
  chunkSize: 5
  chunkIntervalMs: 1
rules:
  - path: "/v1/chat/completions"
    match: "@"
    response:
      status: 200
      content: |
        {"id": "chatcmpl-1", "model": "{{jmes request body.model}}",
         "choices": [{"message": {{jmes request body.messages[-1]}}, "finish_reason": "stop"}],
         "usage": {"prompt_tokens": 11, "completion_tokens": 5, "cost": 0.002}}
  - path: "/v1/chat/completions"
    match: "contains(body.messages[-1].content, 'unsteady')"
    sequence: 0
    response: {status: 429, content: '{"error": {"message": "slow down", "code": 429}}'}
  - path: "/v1/chat/completions"
    match: "contains(body.messages[-1].content, 'unsteady')"
    sequence: 1
    response: {status: 503, content: '{"error": {"message": "no instance", "code": 503}}'}
  - path: "/v1/chat/completions"
    match: "contains(body.messages[-1].content, 'locked')"
    response: {status: 401, content: '{"error": {"message": "Incorrect API key provided.", "code": "invalid_api_key"}}'}
  - path: "/v1/models"
    match: "@"
    response: {status: 200, content: '{"data": [{"id": "maker/one", "object": "model"}]}'}
`;

let server: MockLlm;
let url = '';

beforeAll(async () => {
  server = await startMockLlm(CONFIG);
  url = server.url;
});

afterAll(() => server.stop());

describe.each([{ stream: false }, { stream: true }])(
  'against mock-llm, with stream: $stream',
  ({ stream }) => {
    const provider = () => clientOf(`${url}/v1`, { name: 'mock', apiKey: 'any', stream });
    const dispatcher = () =>
      createDispatcher({
        providers: new Map([['real', provider()]]),
        pools: [{ name: 'main', concurrency: 4 }],
        clock: realClock,
        random: Math.random,
        ledger: { record: () => undefined },
        retry: { ...RETRY_POLICY, baseMs: 5 },
      });

    beforeEach(async () => {
      await fetch(`${url}/config`, { method: 'DELETE' });
      await fetch(`${url}/config`, {
        method: 'POST',
        headers: { 'content-type': 'application/x-yaml' },
        body: CONFIG,
      });
    });

    test('a prompt comes back letter for letter', async () => {
      const prompt = 'Zwei Zeilen,\n"quoted" — und ein 🌙 dazu.\n\n<essay>\nText\n</essay>';
      const outcome = await provider().ask({ ...call('a').request, prompt }, never);
      expect(outcome).toMatchObject({
        kind: 'reply',
        text: prompt,
        finishReason: 'stop',
        truncated: false,
        answeredBy: 'maker/one',
      });
    });

    test('429, then 503, then a reply: three attempts, one answer', async () => {
      const outcome = await dispatcher().submit(call('unsteady'), never);
      expect(outcome).toMatchObject({ kind: 'reply', reply: { text: 'unsteady' } });
      expect(outcome.attempts.map((each) => each.outcome)).toEqual(['rate_limit', 'server', 'reply']);
    });

    test('a refused key fails at once', async () => {
      const outcome = await dispatcher().submit(call('locked'), never);
      expect(outcome).toMatchObject({
        kind: 'failure',
        failure: { cause: 'auth', message: 'Incorrect API key provided.' },
      });
      expect(outcome.attempts).toHaveLength(1);
    });
  },
);

test('usage and cost of an unstreamed reply, and the model list', async () => {
  const outcome = await clientOf(`${url}/v1`).ask(call('a').request, never);
  expect(outcome).toMatchObject({ usage: { promptTokens: 11, completionTokens: 5, cost: 0.002 } });
  const list = await readModelList({ baseURL: `${url}/v1`, apiKey: '', send, signal: never });
  expect(list).toEqual({ value: [{ id: 'maker/one' }], problems: [] });
});
