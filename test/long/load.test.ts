// Two thousand calls against a server that fails three times in ten, over real HTTP: each ends rightly, none is bought twice, no key leaks.
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { DispatchOutcome } from '../../src/model/call.ts';
import { createDispatcher } from '../../src/model/pools/dispatcher.ts';
import type { Provider } from '../../src/model/provider.ts';
import { RETRY_TABLE } from '../../src/model/pools/retry.ts';
import { isAnswered, openLedger, readLedger } from '../../src/store/ledger/ledger.ts';
import { ledgerTotal } from '../../src/store/ledger/totals.ts';
import { clientOf } from '../support/client.ts';
import { call, never } from '../support/dispatching.ts';
import { faults, seededFaults, seededRandom, startFakeProvider } from '../support/fakeprovider.ts';
import type { FakeProvider, FakeRequest, Fault } from '../support/fakeprovider.ts';
import { realClock } from '../support/realclock.ts';

const KEY = 'sk-or-v1-fedcba9876543210fedcba9876543210';
const CALLS = 2000;
const folder = mkdtempSync(join(tmpdir(), 'daydream-load-'));
const ledgerFile = join(folder, 'calls.jsonl');

const passing: readonly Fault[] = [
  faults.status(408),
  faults.status(409),
  faults.status(425),
  faults.status(500, { error: { message: `it was Bearer ${KEY} who asked`, code: 500 } }),
  faults.html(502),
  faults.retryAfter(503, '0.02'),
  faults.retryAfter(429, '0.02'),
  faults.upstream429(0.02),
  faults.html(),
  faults.error200({ code: 502, message: `upstream refused ${KEY}` }),
  faults.reset(),
  faults.reset('within'),
  faults.half(),
  faults.streamError({ code: 502, message: 'upstream broke off' }),
];
/** What some prompts get, always. */
const lasting: Readonly<Record<string, readonly [Fault, string]>> = {
  '7': [faults.status(400, { error: { message: `unknown setting, said ${KEY}`, code: 400 } }), 'bad_request'],
  '57': [faults.status(404), 'not_found'],
  '97': [faults.reply({ content: '' }), 'empty'],
};

let server: FakeProvider;
let open = 0;
let most = 0;
let outcomes: readonly DispatchOutcome[];

beforeAll(async () => {
  const passingFault = seededFaults({ seed: 11, rate: 0.3, of: passing });
  const fault = (request: FakeRequest): Fault | undefined =>
    lasting[String(Number(request.prompt) % 100)]?.[0] ?? passingFault();
  server = await startFakeProvider({
    fault,
    latencyMs: 20,
    cost: (request) => (1 + (Number(request.prompt) % 7)) / 1024,
  });
  const provider = clientOf(server.url, {
    name: 'openrouter',
    apiKey: KEY,
    stream: true,
    // Calls that hang are another test's (openai.test.ts): here no time-out may decide, however busy the machine is.
    timeoutMs: 3_600_000,
    idleTimeoutMs: 3_600_000,
  });
  const counting: Provider = {
    ...provider,
    async ask(request, signal) {
      open += 1;
      most = Math.max(most, open);
      const outcome = await provider.ask(request, signal);
      open -= 1;
      return outcome;
    },
  };
  const ledger = openLedger(ledgerFile);
  // As in the product, but a hundred times as fast, and with attempts enough for chance never to decide the outcome.
  const table = RETRY_TABLE.map((row) => (row.attempts > 1 ? { ...row, attempts: 25 } : row));
  const dispatcher = createDispatcher({
    providers: new Map([['real', counting]]),
    pools: [{ name: 'main', concurrency: 64 }],
    clock: realClock,
    random: seededRandom(5),
    ledger,
    retry: { table, baseMs: 20, capMs: 200, parkAfterMs: 60_000 },
  });
  outcomes = await Promise.all(
    Array.from({ length: CALLS }, (_, index) => dispatcher.submit(call(String(index)), never)),
  );
  ledger.close();
});

afterAll(async () => {
  await server.close();
  rmSync(folder, { recursive: true });
});

describe('after 2,000 calls with faults at 30 % of requests', () => {
  test('every call ended, answered or with the right cause', () => {
    for (const [index, outcome] of outcomes.entries()) {
      const expected = lasting[String(index % 100)]?.[1] ?? 'reply';
      const refusal = outcome.kind === 'reply' ? (outcome.reply.refusal ?? 'reply') : outcome.kind;
      expect(outcome.kind === 'failure' ? outcome.failure.cause : refusal).toBe(expected);
    }
  });

  test('what the server billed is what the ledger says, to the call and to the cent', () => {
    const { value, problems } = readLedger(ledgerFile);
    const total = ledgerTotal(value);
    expect(problems).toEqual([]);
    expect(total.replies).toBe(server.billed);
    expect(total.cost).toBeCloseTo(server.billedUsd, 9);
    expect(total.attempts).toBe(server.requests.length);
    expect(value.filter((entry) => !isAnswered(entry)).length).toBeGreaterThan(CALLS * 0.3);
  });

  test('no answer was bought twice', () => {
    const bought = server.requests.filter(({ outcome }) => outcome === 'billed').map(({ prompt }) => prompt);
    expect(new Set(bought).size).toBe(bought.length);
    expect(bought).toHaveLength(CALLS - 2 * (CALLS / 100));
  });

  test('never more calls were open than the pool allows', () => {
    expect(server.most).toBeGreaterThan(32);
    expect(most).toBe(64);
  });

  test('the key was sent with every request, and is in no outcome and not in the ledger', () => {
    expect(server.requests.every(({ headers }) => headers.authorization === `Bearer ${KEY}`)).toBe(true);
    const left = JSON.stringify(outcomes) + readFileSync(ledgerFile, 'utf8');
    expect(left).not.toContain(KEY);
    expect(left).toContain('[key]');
  });
});
