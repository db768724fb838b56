// The retry table: row by row over real HTTP, from what a server sends to what the dispatcher does.
import { afterEach, describe, expect, test } from 'vitest';
import { backoff, decide, RETRY_POLICY, RETRY_TABLE } from '../../src/model/pools/retry.ts';
import type { Decision } from '../../src/model/pools/retry.ts';
import { clientOf } from '../support/client.ts';
import { call, failed, never } from '../support/dispatching.ts';
import { faults, startFakeProvider } from '../support/fakeprovider.ts';
import type { FakeProvider, Fault } from '../support/fakeprovider.ts';

const NOW = Date.UTC(2026, 10, 23, 12);
/** The whole jitter, so that waits are what the table and the provider say. */
const whole = { policy: RETRY_POLICY, random: () => 1 };

let server: FakeProvider | undefined;
afterEach(async () => {
  await server?.close();
  server = undefined;
});

async function decisionFor(fault: Fault, attempt: number): Promise<Decision> {
  server = await startFakeProvider({ fault: () => fault });
  const provider = clientOf(server.url, { timeoutMs: 2000, idleTimeoutMs: 2000, now: () => NOW });
  const outcome = await provider.ask(call('a').request, never);
  if (outcome.kind === 'reply') throw new Error('a reply came');
  return decide(outcome, attempt, whole);
}

const retry = (waitMs: number): Decision => ({ kind: 'retry', waitMs });
const pause = (waitMs: number): Decision => ({ kind: 'pause', waitMs });
const park = (waitMs: number): Decision => ({ kind: 'park', waitMs });
const giveUp: Decision = { kind: 'give_up' };
const close: Decision = { kind: 'close' };

describe('over real HTTP', () => {
  test.each<[string, Fault, Decision]>([
    ['408', faults.status(408), retry(2000)],
    ['409', faults.status(409), retry(2000)],
    ['425', faults.status(425), retry(2000)],
    ['500', faults.status(500), retry(2000)],
    ['502', faults.status(502), retry(2000)],
    ['503', faults.status(503), retry(2000)],
    ['503 with Retry-After', faults.retryAfter(503, '9'), pause(9000)],
    ['504 as a web page', faults.html(504), retry(2000)],
    ['529', faults.status(529), retry(2000)],
    ['429 without a wait', faults.status(429), pause(2000)],
    ['429 with Retry-After in seconds', faults.retryAfter(429, '30'), pause(30_000)],
    [
      '429 with Retry-After as a date',
      faults.retryAfter(429, new Date(NOW + 45_000).toUTCString()),
      pause(45_000),
    ],
    ['429 with the wait in error.metadata', faults.upstream429(17), pause(17_000)],
    [
      '429 of the minute with its reset',
      faults.status(
        429,
        { error: { code: 429, message: 'Rate limit exceeded: free-models-per-min' } },
        { 'X-RateLimit-Reset': String(NOW + 20_000) },
      ),
      pause(20_000),
    ],
    ['429 of the day', faults.daily429(NOW + 36_000_000), park(36_000_000)],
    ['429 with a wait of eleven minutes', faults.retryAfter(429, '660'), park(660_000)],
    ['503 with a wait of hours', faults.retryAfter(503, '7200'), park(7_200_000)],
    ['402', faults.status(402), close],
    ['401', faults.status(401), close],
    ['403', faults.status(403), giveUp],
    ['400', faults.status(400), giveUp],
    ['404', faults.status(404), giveUp],
    ['413', faults.status(413), giveUp],
    ['422', faults.status(422), giveUp],
    ['a reset', faults.reset(), retry(2000)],
    ['a reset within the body', faults.reset('within'), retry(2000)],
    ['a stall within the body', faults.stall(), retry(2000)],
    ['half a body', faults.half(), retry(2000)],
    ['a body that is no JSON', faults.status(200, 'OK'), retry(2000)],
    ['a web page with status 200', faults.html(), retry(2000)],
    ['an error with status 200', faults.error200({ code: 503, message: 'no instance' }), retry(2000)],
    ['a refused key with status 200', faults.error200({ code: 401, message: 'no' }), close],
  ])('%s', async (_name, fault, decision) => {
    expect(await decisionFor(fault, 1)).toEqual(decision);
    expect(server?.requests).toHaveLength(1);
  });
});

describe('the table', () => {
  test('every row that tries again gives up after its last attempt', () => {
    for (const row of RETRY_TABLE.filter(({ action }) => action === 'retry' || action === 'pause')) {
      const failure = failed(row.cause, row.when === undefined ? {} : { retryAfterMs: 5 });
      expect(decide(failure, row.attempts - 1, whole).kind).toBe(row.action);
      expect(decide(failure, row.attempts, whole)).toEqual(giveUp);
    }
  });

  test('a daily limit without a reset parks until the next day', () => {
    expect(decide(failed('daily_limit'), 1, whole)).toEqual({ kind: 'park' });
  });

  test('the backoff doubles up to its cap, and its jitter is full', () => {
    const waits = [1, 2, 3, 4, 5, 6, 7, 20].map((attempt) => backoff(attempt, whole));
    expect(waits).toEqual([2000, 4000, 8000, 16_000, 32_000, 60_000, 60_000, 60_000]);
    expect(backoff(3, { policy: RETRY_POLICY, random: () => 0 })).toBe(0);
    expect(backoff(3, { policy: RETRY_POLICY, random: () => 0.25 })).toBe(2000);
  });

  test('a wait that the provider names is never cut short', () => {
    expect(decide(failed('server', { retryAfterMs: 50_000 }), 2, { ...whole, random: () => 0 })).toEqual(
      pause(50_000),
    );
  });
});
