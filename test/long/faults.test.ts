// Two thousand generations through the whole engine, against a server that fails three times in ten, over real HTTP: each ends as it
// must, nothing is bought twice, the ledger agrees with the server, and the key is in nothing that is left behind.
import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { writeProject } from '../../bench/project.ts';
import type { GenId } from '../../src/generation/stage.ts';
import type { Outcome } from '../../src/run/events.ts';
import { isAnswered, readLedger, type LedgerEntry } from '../../src/store/ledger/ledger.ts';
import { ledgerTotal } from '../../src/store/ledger/totals.ts';
import { buildHere, type EngineRun } from '../support/engine.ts';
import {
  faults,
  seededFaults,
  startFakeProvider,
  type FakeProvider,
  type FakeRequest,
  type Fault,
} from '../support/fakeprovider.ts';
import { makeProject, type TestProject } from '../support/project.ts';

const KEY = 'sk-or-v1-0123456789abcdef0123456789abcdef';
const GENERATIONS = 2040;
const TEMPLATES = Array.from({ length: 17 }, (_, number) => `template:t-${String(number).padStart(2, '0')}`);

const PASSING: readonly Fault[] = [
  faults.status(408),
  faults.status(425),
  faults.status(500, { error: { message: `it was Bearer ${KEY} who asked`, code: 500 } }),
  faults.html(502),
  faults.retryAfter(503, '0.01'),
  faults.retryAfter(429, '0.01'),
  faults.upstream429(0.01),
  faults.html(),
  faults.error200({ code: 502, message: `upstream refused ${KEY}` }),
  faults.reset(),
  faults.reset('within'),
  faults.half(),
  faults.streamError({ code: 502, message: 'upstream broke off' }),
];

/** What some prompts get, always, and the reason that must be recorded; by what their prompt holds. */
const LASTING: readonly { readonly words: string; readonly fault: Fault; readonly reason: string }[] = [
  {
    words: 'Combine (t-01):\n\n**Concept c-00**: What there is to say of c-00. ',
    fault: faults.status(400, { error: { message: `no such setting, said ${KEY}`, code: 400 } }),
    reason: 'bad_request',
  },
  { words: 'Judge (t-03)', fault: faults.reply({ content: '' }), reason: 'empty' },
  { words: 'Write it out (t-05)', fault: faults.status(404), reason: 'not_found' },
  {
    words: 'Judge (t-07)',
    fault: faults.reply({ content: 'It begins', finishReason: 'length' }),
    reason: 'truncated_raw',
  },
  { words: 'Judge (t-09)', fault: faults.reply({ content: 'no number here' }), reason: 'parse_failed' },
];

let server: FakeProvider;
let project: TestProject;
let run: EngineRun;
let ledger: readonly LedgerEntry[];
let calm = false;

const lastingOf = ({ prompt }: FakeRequest): (typeof LASTING)[number] | undefined =>
  LASTING.find(({ words }) => prompt.startsWith(words));

beforeAll(async () => {
  const passing = seededFaults({ seed: 4, rate: 0.3, of: PASSING });
  server = await startFakeProvider({
    answer: ({ index }) => `Reply ${index}, after ${KEY}.\nA second line.\nA third line.\nSCORE: 7.0`,
    fault: (request) => (calm ? undefined : passing()) ?? lastingOf(request)?.fault,
    latencyMs: 5,
    cost: ({ index }) => (1 + (index % 7)) / 1024,
  });
  project = makeProject({});
  writeProject(project.root, 2400);
  project.write(
    'daydream.config.json',
    JSON.stringify({
      provider: 'lab',
      providers: { lab: { baseURL: server.url, apiKeyEnv: 'LAB_KEY' } },
      pools: { llm_api_paid: { concurrency: 32 } },
      // Calls that hang are another test's (openai.test.ts): here no time-out may decide, however busy the machine is.
      timeouts: { call: 3_600_000, idle: 3_600_000 },
    }),
  );
  run = await buildHere({
    root: project.root,
    environment: { LAB_KEY: KEY },
    request: { select: TEMPLATES },
  });
  ledger = readLedger(project.path('data/.daydream/calls.jsonl')).value;
});

afterAll(() => server.close());

function outcomes(): ReadonlyMap<GenId, Outcome> {
  return new Map(
    run.events.flatMap((event) => (event.type === 'generation' ? [[event.genId, event.outcome]] : [])),
  );
}

describe('with faults at three requests in ten', () => {
  it('every generation ends, current or failed or below one that failed', () => {
    const kinds = [...outcomes().values()].map(({ kind }) => kind);
    expect(kinds).toHaveLength(GENERATIONS);
    expect(new Set(kinds)).toEqual(new Set(['built', 'failed', 'blocked']));
    const { states } = run.counts;
    expect(states.current).toBe(kinds.filter((kind) => kind === 'built').length);
    expect(states.current + states.failed + states.blocked).toBe(GENERATIONS);
    expect(states.current).toBeGreaterThan(GENERATIONS * 0.6);
  });

  it('each failure has the cause that the server gave it', () => {
    const failures = [...outcomes()].flatMap(([genId, outcome]) =>
      outcome.kind === 'failed' ? [{ genId, ...outcome.failure }] : [],
    );
    const lasting = new Set(LASTING.map(({ reason }) => reason));
    for (const { genId, kind, reason } of failures) {
      const last = ledger.findLast((entry) => entry.gen_id === genId);
      // What came out of a call is in the ledger; what came out of its text is in the reason.
      expect(kind === 'api' ? last?.outcome : undefined).toBe(kind === 'api' ? reason : undefined);
    }
    const passing = failures.map(({ reason }) => reason).filter((reason) => !lasting.has(reason));
    expect(
      passing.filter((reason) => !['timeout', 'bad_reply', 'server', 'connection'].includes(reason)),
    ).toEqual([]);
    expect(passing.length).toBeLessThan(GENERATIONS * 0.02);
    for (const { reason } of LASTING)
      expect(failures.filter((each) => each.reason === reason).length).toBeGreaterThan(20);
  });

  it('the ledger has every answer that the server billed, at its price, and one line for each request', () => {
    const total = ledgerTotal(ledger);
    expect(total.replies).toBe(server.billed);
    expect(total.cost).toBeCloseTo(server.billedUsd, 9);
    expect(total.attempts).toBe(server.requests.length);
    expect(run.summary?.cost).toBeCloseTo(server.billedUsd, 9);
    const faulty = server.requests.filter(({ outcome }) => outcome !== 'billed').length;
    expect(faulty / server.requests.length).toBeGreaterThan(0.25);
  });

  it('no answer was bought twice, and each is kept', () => {
    const answered = ledger.filter(isAnswered);
    expect(new Set(answered.map(({ gen_id }) => gen_id)).size).toBe(answered.length);
    const kept = project.files('data/.daydream/responses').filter((name) => name.endsWith('.json'));
    expect(kept).toHaveLength(server.billed);
  });

  it('the key is in no file', () => {
    const names = project.files();
    expect(names.length).toBeGreaterThan(GENERATIONS);
    const leaking = names.filter((name) => readFileSync(project.path(name)).includes(KEY));
    expect(leaking).toEqual([]);
    expect(JSON.stringify(run.events)).not.toContain(KEY);
  });

  it('the next build asks only for what failed on the way, and never serves what is no answer', async () => {
    calm = true;
    const before = server.requests.length;
    const again = await buildHere({
      root: project.root,
      environment: { LAB_KEY: KEY },
      request: { select: TEMPLATES },
    });
    const asked = new Set(server.requests.slice(before).map(({ prompt }) => prompt));
    const answered = new Set(
      server.requests
        .slice(0, before)
        .filter(({ outcome }) => outcome === 'billed')
        .map(({ prompt }) => prompt),
    );
    expect([...asked].filter((prompt) => prompt.startsWith('Judge') && answered.has(prompt))).toEqual([]);
    expect(again.summary?.how.cached).toBe(0);
    expect(again.counts.states.current).toBeGreaterThanOrEqual(run.counts.states.current);
  });
});
