// Where an answer is looked for before anybody is asked: the response cache, a call under way elsewhere, a team's cache; and what each
// of them is worth.
import { describe, expect, it } from 'vitest';
import { NOTHING_SPENT } from '../../src/store/ledger/spending.ts';
import {
  listResponses,
  readResponse,
  type KeptAnswer,
  type StoredResponse,
} from '../../src/store/responses.ts';
import type { Answer } from '../../src/run/answer.ts';
import type { LookedUp, TeamCache } from '../../src/run/workshop.ts';
import type { GraphSketch } from '../support/graphs.ts';
import {
  CHAIN,
  PLAIN_ANSWERS,
  replied,
  workbench,
  type Answers,
  type Workbench,
} from '../support/workbench.ts';

const SINGLE: GraphSketch = { rows: { d1: { template: 'draft-t', model: 'writer' } } };
const TWINS: GraphSketch = {
  rows: {
    d1: { template: 'draft-t', model: 'writer', combo: 'a' },
    d2: { template: 'draft-t', model: 'writer', combo: 'b' },
  },
};
const CALLED = 'd1 built rendered called parsed';
const CACHED = 'd1 built rendered cached parsed';

/** An answer as somebody else of the team bought it. */
function brought(asked: StoredResponse['asked'], usage: object = { cost: 0.5 }): KeptAnswer {
  const rest = {
    version: 1,
    kind: 'answer',
    rawMetadata: { usage },
    genId: 'd_else',
    at: '',
    origin: 'remote',
  } as const;
  return { name: 'brought-1', response: { ...rest, asked, text: 'Of the team.' } };
}

interface Team {
  readonly team: TeamCache;
  readonly looked: string[];
  readonly sent: StoredResponse[];
}

function teamWith(came: LookedUp | ((asked: StoredResponse['asked']) => LookedUp | Promise<LookedUp>)): Team {
  const looked: string[] = [];
  const sent: StoredResponse[] = [];
  return {
    looked,
    sent,
    team: {
      lookUp: async ({ task, asked }) => {
        looked.push(task.genId);
        return typeof came === 'function' ? came(asked) : came;
      },
      send: (response) => void sent.push(response),
    },
  };
}

const entries = (bench: Workbench): readonly StoredResponse[] =>
  listResponses(bench.layout).map((name) => readResponse(bench.layout, name) as StoredResponse);

describe('a team’s answer', () => {
  it('is used, and nobody is asked: it was bought before, by somebody else', async () => {
    const { team, looked, sent } = teamWith((asked) => brought(asked));
    const bench = workbench(SINGLE, { rest: { team } });
    const { told, summary } = await bench.run();
    expect(told).toEqual([CACHED]);
    expect([looked, bench.asked, sent]).toEqual([['d1'], [], []]);
    expect(bench.read('d1', 'raw')).toBe('Of the team.');
    expect(summary).toMatchObject({ cost: 0, saved: 0.5, team: { answers: 1, saved: 0.5 } });
    expect(bench.metadata('d1')).toMatchObject({ trace: { generate: { response: 'brought-1' } } });
  });

  it.each<LookedUp>(['missed', 'untold'])('that is %s is bought, and handed on', async (came) => {
    const { team, looked, sent } = teamWith(came as 'missed');
    const bench = workbench(SINGLE, { rest: { team } });
    expect((await bench.run()).told).toEqual([CALLED]);
    expect(looked).toEqual(['d1']);
    expect(sent).toEqual(entries(bench));
    expect(sent[0]).not.toHaveProperty('replaces');
  });

  it('that is worthless is bought in its stead, and takes its place', async () => {
    const { team, sent } = teamWith('worthless');
    const bench = workbench(SINGLE, { rest: { team } });
    expect((await bench.run()).told).toEqual([CALLED]);
    expect(sent).toMatchObject([{ replaces: true }]);
  });

  it('is not looked for where an own one is here', async () => {
    const bench = workbench(SINGLE);
    await bench.run();
    await bench.with({ ...SINGLE, texts: { 'draft-t': 'another' } }).run();
    const { team, looked } = teamWith('missed');
    expect((await bench.with(SINGLE, { team }).run()).told).toEqual([CACHED]);
    expect(looked).toEqual([]);
  });

  it('is not looked for where a new one is wanted, which takes its place', async () => {
    const { team, looked, sent } = teamWith((asked) => brought(asked));
    const bench = workbench(SINGLE, { rest: { team } });
    const { told } = await bench.run({ judging: { forced: new Uint8Array([1]) } });
    expect([told, looked]).toEqual([[CALLED], []]);
    expect(sent).toMatchObject([{ replaces: true }]);
  });

  it('is not looked for, nor sent, for a model that costs nothing', async () => {
    const { team, looked, sent } = teamWith('missed');
    const bench = workbench({ ...SINGLE, asks: { writer: { provider: 'offline' } } }, { rest: { team } });
    expect((await bench.run()).told).toEqual(['d1 built rendered offline parsed']);
    expect([looked, sent]).toEqual([[], []]);
  });

  it('is looked for once, though another asks the same at that time', async () => {
    const { team, looked } = teamWith('missed');
    const { told } = await workbench(TWINS, { rest: { team } }).run();
    expect(told.slice().sort()).toEqual([CALLED, 'd2 built rendered cached parsed']);
    expect(looked.length).toBeLessThanOrEqual(2);
    expect(new Set(looked).size).toBe(looked.length);
  });

  it('is told in the words of a miss where calls are not allowed', async () => {
    const { team } = teamWith('untold');
    const bench = workbench(SINGLE, {
      rest: { team, cache: 'only', missed: (_question, came) => `the team: ${String(came)}` },
    });
    const { summary } = await bench.run();
    expect(summary.failures).toMatchObject([{ reason: 'offline_miss', message: 'the team: untold' }]);
  });

  it('buys nothing where the run is told to stop meanwhile', async () => {
    const controller = new AbortController();
    const { team } = teamWith(() => {
      controller.abort();
      return 'missed';
    });
    const bench = workbench(SINGLE, { rest: { team } });
    expect((await bench.run({ abort: controller.signal })).told).toEqual(['d1 left interrupted']);
    expect(bench.asked).toEqual([]);
  });

  it('that has come is used, though the run was told to stop meanwhile', async () => {
    const controller = new AbortController();
    const { team } = teamWith((asked) => {
      controller.abort();
      return brought(asked);
    });
    const { told } = await workbench(SINGLE, { rest: { team } }).run({ abort: controller.signal });
    expect(told).toEqual([CACHED]);
  });

  it('is kept here by the pen that it is given', async () => {
    let kept: unknown;
    const { team } = teamWith('missed');
    const bench = workbench(SINGLE, {
      rest: { team: { ...team, lookUp: async (_question, keep) => ((kept = keep), 'missed') } },
    });
    await bench.run();
    expect(kept).toBe(bench.floor.pen.keepBrought);
  });
});

describe('an answer that a batch brought just now', () => {
  const spent = { ...NOTHING_SPENT, billed: 0.25 };

  it('was paid for just now by the first that uses it, and was bought before for every other', async () => {
    const bench = workbench(SINGLE, { answers: () => replied('said', { usage: { cost: 0.5 } }) });
    await bench.run();
    const [name] = listResponses(bench.layout);
    const bought = new Map([
      [name!, spent],
      ['other-1', spent],
    ]);
    const twins = workbench(TWINS, { layout: bench.layout, rest: { claim: once(bought) } });
    // The first row is built already.
    await bench.with({ ...SINGLE, texts: { 'draft-t': 'another' } }).run();
    const { told, summary } = await twins.run();
    expect(told.slice().sort()).toEqual([CALLED, 'd2 built rendered cached parsed']);
    expect(summary).toMatchObject({ cost: 0.25, spent, saved: 0.5, savedUnknown: 0 });
    expect([...bought.keys()]).toEqual(['other-1']);
  });
});

describe('what a kept answer is worth', () => {
  it.each<[saved: number, unknown: number, usage: object, ask: object]>([
    [0.5, 0, { cost: 0.5, prompt_tokens: 9, completion_tokens: 9 }, { inputPrice: 1, outputPrice: 1 }],
    [3, 0, { prompt_tokens: 1_000_000, completion_tokens: 1_000_000 }, { inputPrice: 1, outputPrice: 2 }],
    [0, 1, { prompt_tokens: 1_000_000, completion_tokens: 1_000_000 }, {}],
    [0, 1, { prompt_tokens: 1_000_000 }, { inputPrice: 1, outputPrice: 2 }],
    [0, 1, { completion_tokens: 1_000_000 }, { inputPrice: 1, outputPrice: 2 }],
    [0, 0, { prompt_tokens: 1_000_000 }, { inputPrice: 0, outputPrice: 0 }],
    [0, 1, { prompt_tokens: 1_000_000 }, { inputPrice: 0, outputPrice: 1 }],
    [0, 1, { prompt_tokens: 1_000_000 }, { inputPrice: 1, outputPrice: 0 }],
  ])('is %s USD, unknown of %s: %o at %o', async (saved, savedUnknown, usage, ask) => {
    const { team } = teamWith((asked) => brought(asked, usage));
    const { summary } = await workbench({ ...SINGLE, asks: { writer: ask } }, { rest: { team } }).run();
    expect(summary).toMatchObject({ saved, savedUnknown, team: { answers: 1, saved } });
  });
});

describe('what was asked and not answered', () => {
  it.each(['submitted', 'for_batch', 'batches_full', 'over_budget', 'over_agreed'] as const)(
    'is left as %s',
    async (kind) => {
      const { told } = await workbench(SINGLE, { answers: () => ({ kind }) }).run();
      expect(told).toEqual([`d1 left ${kind}`]);
    },
  );

  it('is told at the end where it is in no batch after all, and so is what is below it', async () => {
    const bench = workbench(CHAIN, { answers: () => ({ kind: 'submitted' }) });
    const unsent = async (): Promise<ReadonlyMap<string, { why: 'batch_limited'; until: number }>> =>
      new Map([['draft/d1', { why: 'batch_limited', until: 99 }]]);
    const { told, summary } = await bench.run({ unsent });
    expect(told).toEqual(['d1 left batch_limited', 'e1 left batch_limited', 'v1 left batch_limited']);
    expect(summary.leftBy).toEqual([{ why: 'batch_limited', count: 3, until: 99 }]);
  });

  it('is left with its pool and until when it rests', async () => {
    const parked: Answer = { kind: 'parked', pool: 'paid', until: 99 };
    const { events } = await workbench(SINGLE, { answers: () => parked }).run();
    expect(events[1]).toMatchObject({ outcome: { kind: 'left', why: 'parked', pool: 'paid', until: 99 } });
  });

  it('is a failure of the call, with what it cost and the parts that it was asked with', async () => {
    const answers: Answers = () => ({
      kind: 'failure',
      reason: 'bad_request',
      message: 'no',
      attempts: [],
      spent: { ...NOTHING_SPENT, counted: 0.125, maybeBilled: 1 },
    });
    const bench = workbench(SINGLE, { answers });
    const { events } = await bench.run();
    expect(events[1]).toMatchObject({
      outcome: {
        kind: 'failed',
        steps: [],
        cost: 0.125,
        spent: { counted: 0.125, maybeBilled: 1 },
        failure: { step: 'generate', kind: 'api', reason: 'bad_request', message: 'no' },
      },
    });
    // With other parts the step would be tried again at once; with these it is left to the next run.
    const { trace } = bench.metadata('d1') as unknown as {
      trace: { failure: { parts: string; at: string } };
    };
    expect(trace.failure.parts).toMatch(/^[0-9a-f]{16}$/);
    expect(trace.failure.at).toBe('2026-01-02T03:04:05.000Z');
  });

  it('costs nothing and says so where it never was', async () => {
    const { events } = await workbench(SINGLE, { rest: { cache: 'only' } }).run();
    expect(events[1]).toMatchObject({ outcome: { kind: 'failed' } });
    for (const money of ['cost', 'spent', 'saved']) expect(events[1]).not.toHaveProperty(['outcome', money]);
  });
});

it('what another is asking is taken before the team is asked', async () => {
  const { team, looked } = teamWith('missed');
  let release: () => void = () => {};
  const gate = new Promise<void>((open) => (release = open));
  const answers: Answers = async (...asked) => {
    await gate;
    return PLAIN_ANSWERS(...asked);
  };
  const first = workbench(TWINS, { answers, rest: { team } });
  const ended = first.run({ windowOf: () => 2 });
  await expect.poll(() => first.asked.length).toBe(1);
  release();
  expect((await ended).summary.how).toMatchObject({ called: 1, cached: 1 });
  expect(looked).toContain('d1');
});

function once<T>(map: Map<string, T>): (name: string) => T | undefined {
  return (name) => {
    const value = map.get(name);
    map.delete(name);
    return value;
  };
}
