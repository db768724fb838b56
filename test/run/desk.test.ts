// The desk: one call a generation, joined by whoever asks the same, kept when it is answered, given up when nobody wants it.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeEach, describe, expect, it } from 'vitest';
import { NOTHING_SPENT } from '../../src/store/ledger/spending.ts';
import type { Ask, Task } from '../../src/graph/graph.ts';
import { Desk, SUPERSEDED } from '../../src/run/desk.ts';
import type { Question } from '../../src/run/question.ts';
import type { Answer } from '../../src/run/answer.ts';
import type { Workshop } from '../../src/run/workshop.ts';
import { layoutOf } from '../../src/store/layout.ts';
import { penHere } from '../../src/store/writing/pen.ts';
import { addressOf, findAnswer, listResponses } from '../../src/store/responses.ts';

const scratch = mkdtempSync(join(tmpdir(), 'daydream-desk-'));
afterAll(() => rmSync(scratch, { recursive: true }));

interface Call {
  readonly genId: string;
  readonly prompt: string;
  readonly signal: AbortSignal;
  readonly answer: (answer: Answer) => void;
}

let calls: Call[];
let desk: Desk;
let shop: Workshop;
let place = 0;
beforeEach(() => {
  calls = [];
  desk = new Desk();
  const layout = layoutOf(join(scratch, String(place++)));
  const answer: Workshop['answer'] = ({ task, prompt }, _sending, signal) =>
    new Promise((resolve) => {
      calls.push({ genId: task.genId, prompt: prompt.text, signal, answer: resolve });
      // As a real provider does: a call that is given up ends at once.
      signal.addEventListener('abort', () => setTimeout(() => resolve({ kind: 'aborted' }), 5));
    });
  const rest = {
    runId: 'r',
    now: () => '2026-01-01T00:00:00Z',
    originOf: () => 'C',
    unpaid: new Set(['offline']),
  };
  shop = { layout, answer, pen: penHere(layout), ...rest } as unknown as Workshop;
});

function question(genId: string, prompt: string): Question {
  const ask = { provider: 'lab', model: 'm', maxTokens: 9 } as unknown as Ask;
  const task = { genId, stage: 'draft', row: 0, modelId: 'm' } as unknown as Task;
  const parts = { provider: 'lab', model: 'm', replicate: '1' };
  const asked = { ...parts, prompt };
  return { task, ask, parts, prompt: { text: prompt, digest: prompt }, asked, address: addressOf(asked) };
}

function reply(text: string): Answer {
  const said = { kind: 'reply', text, truncated: false, usage: {} } as const;
  return {
    kind: 'reply',
    reply: said,
    attempts: [],
    spent: { ...NOTHING_SPENT, billed: 0.01 },
    durationMs: 5,
  };
}

/** A run with its own signal. */
function run(): { ask: (question: Question) => Promise<Answer>; abort: (reason?: string) => void } {
  const controller = new AbortController();
  return {
    ask: (asked) => desk.ask(shop, asked, { priority: 0, signal: controller.signal }),
    abort: (reason) => controller.abort(reason),
  };
}

describe('a run that is superseded', () => {
  it('lets go of its calls, and the next run that asks the same joins them', async () => {
    const first = run();
    const left = first.ask(question('d_1', 'one'));
    first.abort(SUPERSEDED);
    expect(await left).toEqual({ kind: 'aborted' });
    expect(desk.underWay().map(({ question: { task } }) => task.genId)).toEqual(['d_1']);
    const joined = run().ask(question('d_1', 'one'));
    calls[0]?.answer(reply('said'));
    expect(await joined).toMatchObject({ kind: 'reply', reply: { text: 'said' } });
    expect(calls).toHaveLength(1);
    expect(desk.underWay()).toEqual([]);
  });

  it('finds an answer that came in between, whatever it was', async () => {
    const first = run();
    const left = first.ask(question('d_1', 'one'));
    first.abort(SUPERSEDED);
    await left;
    calls[0]?.answer({
      kind: 'failure',
      reason: 'bad_request',
      message: 'no',
      attempts: [],
      spent: NOTHING_SPENT,
    });
    await desk.settled();
    expect(await run().ask(question('d_1', 'one'))).toMatchObject({ kind: 'failure', message: 'no' });
    expect(calls).toHaveLength(1);
  });

  it('asks anew what was never sent', async () => {
    const first = run();
    const left = first.ask(question('d_1', 'one'));
    first.abort(SUPERSEDED);
    await left;
    calls[0]?.answer({ kind: 'parked', pool: 'p', until: 1 });
    await desk.settled();
    void run().ask(question('d_1', 'one'));
    expect(calls).toHaveLength(2);
  });

  it('forgets what nobody fetched, once told to', async () => {
    const first = run();
    const left = first.ask(question('d_1', 'one'));
    first.abort(SUPERSEDED);
    await left;
    calls[0]?.answer(reply('said'));
    await desk.settled();
    desk.clear();
    expect(desk.underWay()).toEqual([]);
    expect(findAnswer(shop.layout, question('d_1', 'one').address)?.response.text).toBe('said');
  });
});

describe('giving up', () => {
  it('follows when a run is aborted for another reason', async () => {
    const first = run();
    const left = first.ask(question('d_1', 'one'));
    first.abort();
    expect(await left).toEqual({ kind: 'aborted' });
    expect(calls[0]?.signal.aborted).toBe(true);
    expect(desk.underWay()).toEqual([]);
  });

  it('is what another question of the same generation does to the one before', async () => {
    const first = run();
    void first.ask(question('d_1', 'one'));
    first.abort(SUPERSEDED);
    const second = run().ask(question('d_1', 'two'));
    expect(calls.map(({ signal }) => signal.aborted)).toEqual([true, false]);
    calls[1]?.answer(reply('two'));
    expect(await second).toMatchObject({ reply: { text: 'two' } });
  });

  it('keeps the reply that arrives all the same, under what was asked', async () => {
    const first = run();
    void first.ask(question('d_1', 'one'));
    first.abort(SUPERSEDED);
    const [call] = desk.underWay();
    desk.giveUp(call!.question);
    expect(calls[0]?.signal.aborted).toBe(true);
    calls[0]?.answer(reply('late'));
    await desk.settled();
    expect(findAnswer(shop.layout, question('d_1', 'one').address)?.response.text).toBe('late');
  });

  it('touches only the call that is meant', () => {
    const first = run();
    void first.ask(question('d_1', 'one'));
    void first.ask(question('d_2', 'one'));
    desk.giveUp(desk.underWay()[0]!.question);
    expect(calls.map(({ genId, signal }) => `${genId} ${String(signal.aborted)}`)).toEqual([
      'd_1 true',
      'd_2 false',
    ]);
  });

  it('is what closing does to everything, and it waits for the end', async () => {
    void run().ask(question('d_1', 'one'));
    void run().ask(question('d_2', 'two'));
    await desk.close();
    expect(calls.every(({ signal }) => signal.aborted)).toBe(true);
    expect(desk.underWay()).toEqual([]);
  });
});

it('keeps a reply once, before the run hears of it, and names what was kept', async () => {
  const answer = run().ask(question('d_1', 'one'));
  calls[0]?.answer(reply('said'));
  const came = await answer;
  expect(listResponses(shop.layout)).toEqual([came.kind === 'reply' ? came.response : 'none']);
});
