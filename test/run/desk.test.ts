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
beforeEach(() => {
  calls = [];
  desk = new Desk();
  const layout = layoutOf(mkdtempSync(join(scratch, 'root-')));
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
  const ask = { provider: 'lab', model: 'm', maxTokens: 9, sampling: {} } as unknown as Ask;
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

describe('a call', () => {
  it('tells whether it was sent yet, for whom, and how soon it should go', async () => {
    const seen: unknown[] = [];
    let send: () => void = () => {};
    shop = {
      ...shop,
      answer: async (_question, { cohort, priority, onSent }) => {
        seen.push([cohort, priority]);
        send = onSent;
        return new Promise(() => {});
      },
    };
    void desk.ask(shop, question('d_1', 'one'), { priority: 7, signal: new AbortController().signal });
    const [call] = desk.underWay();
    expect([seen, call?.isSent()]).toEqual([[['C', 7]], false]);
    send();
    expect(call?.isSent()).toBe(true);
  });

  it('is here, under way or answered, until a run has fetched it', async () => {
    const [asked, other] = [question('d_1', 'one'), question('d_1', 'two')];
    expect(desk.holds(asked)).toBe(false);
    const first = run();
    const left = first.ask(asked);
    expect([desk.holds(asked), desk.holds(other)]).toEqual([true, false]);
    first.abort(SUPERSEDED);
    await left;
    calls[0]?.answer(reply('said'));
    await desk.settled();
    expect(desk.holds(asked)).toBe(true);
    await run().ask(asked);
    expect(desk.holds(asked)).toBe(false);
  });

  it('is begun for a run that is aborted already, and given up with it, or let go of', async () => {
    const [given, superseded] = [run(), run()];
    given.abort();
    superseded.abort(SUPERSEDED);
    expect(await given.ask(question('d_1', 'one'))).toEqual({ kind: 'aborted' });
    expect(await superseded.ask(question('d_2', 'two'))).toEqual({ kind: 'aborted' });
    expect(calls.map(({ signal }) => signal.aborted)).toEqual([true, false]);
  });

  it('that was answered leaves nothing on the signal of its run', async () => {
    const controller = new AbortController();
    const listening = new Set<unknown>();
    const { signal } = controller;
    const add = signal.addEventListener.bind(signal);
    const remove = signal.removeEventListener.bind(signal);
    Object.assign(signal, {
      addEventListener: (type: 'abort', listener: () => void) => (
        listening.add(listener),
        add(type, listener)
      ),
      removeEventListener: (type: 'abort', listener: () => void) => {
        if (type === 'abort') listening.delete(listener);
        remove(type, listener);
      },
    });
    const asked = desk.ask(shop, question('d_1', 'one'), { priority: 0, signal });
    expect(listening.size).toBe(1);
    calls[0]?.answer(reply('said'));
    await asked;
    await expect.poll(() => listening.size).toBe(0);
  });

  it('whose reply can not be kept fails for who waits, and is told to who closes', async () => {
    const full = new Error('full');
    shop = { ...shop, pen: { ...shop.pen, keep: () => Promise.reject(full) } };
    const asked = run().ask(question('d_1', 'one'));
    calls[0]?.answer(reply('said'));
    await expect(asked).rejects.toBe(full);
    await desk.settled();
    expect(desk.troubles).toEqual([full]);
    expect(desk.underWay()).toEqual([]);
  });

  it('has no troubles where all went well', async () => {
    const asked = run().ask(question('d_1', 'one'));
    calls[0]?.answer(reply('said'));
    await asked;
    expect(desk.troubles).toEqual([]);
  });
});

describe('the same question of another generation', () => {
  it('is waited for while it is under way, and no longer', async () => {
    const [mine, theirs] = [question('d_1', 'one'), question('d_2', 'one')];
    expect(desk.elsewhere(mine)).toBeUndefined();
    const asked = run().ask(theirs);
    expect(desk.elsewhere(theirs)).toBeUndefined();
    expect(desk.elsewhere(question('d_1', 'two'))).toBeUndefined();
    const waited = desk.elsewhere(mine);
    expect(waited).toBeInstanceOf(Promise);
    calls[0]?.answer(reply('said'));
    expect(await waited).toMatchObject({ kind: 'reply' });
    await asked;
    await desk.settled();
    expect(desk.elsewhere(mine)).toBeUndefined();
  });

  it('that can not be kept ends the wait all the same', async () => {
    shop = { ...shop, pen: { ...shop.pen, keep: () => Promise.reject(new Error('full')) } };
    const asked = run().ask(question('d_2', 'one'));
    const waited = desk.elsewhere(question('d_1', 'one'));
    calls[0]?.answer(reply('said'));
    expect(await waited).toBeUndefined();
    await expect(asked).rejects.toThrow('full');
  });

  it('that was given up is not waited for', () => {
    void run().ask(question('d_2', 'one'));
    desk.giveUp(desk.underWay()[0]!.question);
    expect(desk.elsewhere(question('d_1', 'one'))).toBeUndefined();
  });
});

describe('forgetting and giving up', () => {
  it('leave calls that are still under way, and others', async () => {
    const first = run();
    const left = [first.ask(question('d_1', 'one')), first.ask(question('d_2', 'two'))];
    first.abort(SUPERSEDED);
    await Promise.all(left);
    calls[0]?.answer(reply('said'));
    await expect.poll(() => listResponses(shop.layout).length).toBe(1);
    await expect.poll(() => (desk.clear(), desk.underWay().length)).toBe(1);
    expect(desk.underWay().map(({ question: { task } }) => task.genId)).toEqual(['d_2']);
    // Another question of that generation, and one of which nobody ever heard.
    desk.giveUp(question('d_2', 'else'));
    desk.giveUp(question('d_9', 'else'));
    expect(calls[1]?.signal.aborted).toBe(false);
  });

  it('do not touch the call that came in the place of one that ends late', async () => {
    const first = run();
    const left = first.ask(question('d_1', 'one'));
    first.abort(SUPERSEDED);
    await left;
    const second = run();
    const asked = second.ask(question('d_1', 'two'));
    calls[0]?.answer({ kind: 'aborted' });
    await expect.poll(() => desk.elsewhere(question('d_9', 'one'))).toBeUndefined();
    expect(desk.holds(question('d_1', 'two'))).toBe(true);
    calls[1]?.answer(reply('two'));
    expect(await asked).toMatchObject({ reply: { text: 'two' } });
  });
});

it('keeps a reply once, before the run hears of it, and names what was kept', async () => {
  const answer = run().ask(question('d_1', 'one'));
  calls[0]?.answer(reply('said'));
  const came = await answer;
  expect(listResponses(shop.layout)).toEqual([came.kind === 'reply' ? came.response : 'none']);
});
