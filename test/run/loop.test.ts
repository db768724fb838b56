// The loop: what is ready, in which order it starts, what a finished row does to those below it, and what ends a run early.
import { describe, expect, it } from 'vitest';
import { NOTHING_SPENT } from '../../src/store/ledger/spending.ts';
import { SUPERSEDED } from '../../src/run/desk.ts';
import type { Answer } from '../../src/run/answer.ts';
import { LOCAL } from '../../src/run/loop.ts';
import { rowOf, type GraphSketch } from '../support/graphs.ts';
import {
  CHAIN,
  PLAIN_ANSWERS,
  replied,
  workbench,
  type Answers,
  type Workbench,
} from '../support/workbench.ts';

/** Two drafts, each with two essays, each with an evaluation; all by models of one pool unless said otherwise. */
const TREE: GraphSketch = {
  rows: {
    d1: { template: 'one', model: 'writer' },
    d2: { template: 'two', model: 'writer' },
    e1: { from: 'd1', template: 'essay-t', model: 'writer' },
    e2: { from: 'd1', template: 'essay-u', model: 'writer' },
    e3: { from: 'd2', template: 'essay-t', model: 'writer' },
    e4: { from: 'd2', template: 'essay-u', model: 'writer' },
    v1: { from: 'e1', template: 'judge-t', model: 'judge' },
    v2: { from: 'e2', template: 'judge-t', model: 'judge' },
    v3: { from: 'e3', template: 'judge-t', model: 'judge' },
    v4: { from: 'e4', template: 'judge-t', model: 'judge' },
  },
  texts: { ...CHAIN.texts, 'essay-u': 'Another of {{ draft_block }}' },
};
const TWO_POOLS: GraphSketch = { ...TREE, asks: { writer: { pool: 'writers' }, judge: { pool: 'judges' } } };

const idsIn = (bench: Workbench): readonly string[] => bench.asked.map(({ genId }) => genId);

function scopeOf({ graph }: Workbench, ...ids: readonly string[]): Uint8Array {
  const scope = new Uint8Array(graph.size);
  for (const id of ids) scope[rowOf(graph, id)] = 1;
  return scope;
}

/** Answers that wait until the test gives them, by generation. */
function held(): {
  readonly answers: Answers;
  readonly give: (id: string, answer?: Answer) => Promise<void>;
  readonly open: () => readonly string[];
} {
  const waiting = new Map<string, (answer?: Answer) => void>();
  return {
    answers: (question, sending, signal) =>
      new Promise((resolve) => {
        const { genId } = question.task;
        waiting.set(genId, (answer) => {
          waiting.delete(genId);
          resolve(answer ?? PLAIN_ANSWERS(question, sending, signal));
        });
        signal.addEventListener('abort', () => resolve({ kind: 'aborted' }));
      }),
    async give(id, answer) {
      await expect.poll(() => [...waiting.keys()]).toContain(id);
      waiting.get(id)?.(answer);
    },
    open: () => [...waiting.keys()].sort(),
  };
}

describe('a run', () => {
  it('says how much it attempts, tells of each row once, parents first, and ends with the summary', async () => {
    const bench = workbench();
    const { events, told, summary } = await bench.run();
    expect(events[0]).toEqual({ type: 'run_started', attempted: 3 });
    expect(events.at(-1)).toEqual({ type: 'run_finished', summary });
    expect(told).toEqual(['d1', 'e1', 'v1'].map((id) => `${id} built rendered called parsed`));
    expect(summary.built).toEqual({ draft: 1, essay: 1, evaluation: 1 });
    expect(summary.cost).toBeCloseTo(0.03);
  });

  it('leaves alone what is current, and attempts nothing the second time', async () => {
    const bench = workbench();
    await bench.run();
    const { events } = await bench.run();
    expect(events.map(({ type }) => type)).toEqual(['run_started', 'run_finished']);
    expect(events[0]).toMatchObject({ attempted: 0 });
    expect(bench.asked).toHaveLength(3);
  });

  it('runs what is in scope and nothing else', async () => {
    const bench = workbench(TREE);
    const { told, events } = await bench.run({ scope: scopeOf(bench, 'd1', 'e2') });
    expect(events[0]).toMatchObject({ attempted: 2 });
    expect(told.map((words) => words.slice(0, 2))).toEqual(['d1', 'e2']);
  });

  it('starts with what is in scope where what is above it is settled', async () => {
    const bench = workbench(TREE);
    await bench.run({ scope: scopeOf(bench, 'd1') });
    const { told } = await bench.run({ scope: scopeOf(bench, 'e1', 'v1', 'e2') });
    expect(told.map((words) => words.slice(0, 2)).sort()).toEqual(['e1', 'e2', 'v1']);
  });
});

describe('the order', () => {
  it('brings whole chains out first where there is one place', async () => {
    const bench = workbench(TREE);
    await bench.run({ windowOf: () => 1 });
    expect(idsIn(bench)).toEqual(['d1', 'e1', 'v1', 'e2', 'v2', 'd2', 'e3', 'v3', 'e4', 'v4']);
  });

  it('tells a pool the same: chains that were begun before others, and within a chain the deepest first', async () => {
    const bench = workbench(TREE);
    await bench.run();
    const byPriority = [...bench.asked].sort((a, b) => a.priority - b.priority).map(({ genId }) => genId);
    const chain = (id: string): string => ('d1 e1 e2 v1 v2'.includes(id) ? 'first' : 'second');
    expect(byPriority.map(chain)).toEqual([
      ...Array<string>(5).fill('first'),
      ...Array<string>(5).fill('second'),
    ]);
    expect(byPriority.map((id) => id.charAt(0)).join('')).toBe('vveedvveed');
  });

  it('has no stage barriers: an essay starts while another draft is under way', async () => {
    const { answers, give, open } = held();
    const bench = workbench(TREE, { answers });
    const ended = bench.run();
    await give('d1');
    await expect.poll(open).toEqual(['d2', 'e1', 'e2']);
    for (const id of ['d2', 'e1', 'e2', 'e3', 'e4', 'v1', 'v2', 'v3', 'v4']) await give(id);
    expect((await ended).summary.built).toEqual({ draft: 2, essay: 4, evaluation: 4 });
  });
});

describe('pools', () => {
  it('have so many rows under way as their windows say, each its own', async () => {
    const { answers, give, open } = held();
    const bench = workbench(TWO_POOLS, { answers });
    const ended = bench.run({ windowOf: (pool) => (pool === 'writers' ? 1 : 2) });
    await give('d1');
    await give('e1');
    await expect.poll(open).toEqual(['e2', 'v1']);
    await give('e2');
    await expect.poll(open).toEqual(['d2', 'v1', 'v2']);
    for (const id of ['d2', 'e3', 'e4', 'v1', 'v2', 'v3', 'v4']) await give(id);
    expect((await ended).summary.left).toBe(0);
  });

  it('are not waited at for what asks nobody: copies and the offline model have a line of their own', async () => {
    const windows = new Map<string, number>();
    const sketch = {
      ...TWO_POOLS,
      copies: ['essay-u'],
      asks: { ...TWO_POOLS.asks, judge: { provider: 'offline' } },
    };
    const { told } = await workbench(sketch).run({
      windowOf: (pool) => {
        windows.set(pool, 1);
        return 1;
      },
    });
    expect([...windows.keys()]).toEqual(['writers', LOCAL]);
    expect(told).toContain('e2 built rendered copied parsed');
    expect(told).toContain('v1 built rendered offline parsed');
  });

  it('let signals and progress have a turn after each start', async () => {
    let turns = 0;
    const bench = workbench();
    await bench.run({ breathe: async () => void turns++ });
    expect(turns).toBe(3);
  });

  it('start nothing more before such a turn is over', async () => {
    let goOn: () => void = () => {};
    const bench = workbench(TREE);
    let turns = 0;
    const ended = bench.run({
      breathe: () => (turns++ === 0 ? new Promise<void>((resolve) => (goOn = resolve)) : undefined),
    });
    await expect.poll(() => bench.asked.length).toBe(1);
    await new Promise((done) => setImmediate(done));
    expect(idsIn(bench)).toEqual(['d1']);
    goOn();
    expect((await ended).summary.built).toEqual({ draft: 2, essay: 4, evaluation: 4 });
  });
});

describe('what is below a row that ran', () => {
  /** Says the same whatever it is asked. */
  const same: Answers = () => replied('The same.\nSCORE: 5');

  it('is judged again: where the text came out the same, it is unchanged, and so on downwards', async () => {
    const bench = workbench(CHAIN, { answers: same });
    await bench.run();
    const edited = bench.with({ ...CHAIN, texts: { ...CHAIN.texts, 'draft-t': 'Another text' } });
    const { told, summary } = await edited.run();
    expect(told).toEqual(['d1 built rendered called parsed', 'e1 unchanged', 'v1 unchanged']);
    expect(summary.unchanged).toBe(2);
    expect(idsIn(edited)).toEqual(['d1']);
  });

  it('is enqueued where the text came out another, though its own parts are as they were', async () => {
    const bench = workbench();
    await bench.run();
    const edited = bench.with({ ...CHAIN, texts: { ...CHAIN.texts, 'draft-t': 'Another text' } });
    expect((await edited.run()).told).toEqual(
      ['d1', 'e1', 'v1'].map((id) => `${id} built rendered called parsed`),
    );
  });

  it('is enqueued though it looked current before, when its parent is made anew by force', async () => {
    let call = 0;
    const bench = workbench(CHAIN, { answers: () => replied(`Call ${(call += 1)}.\nSCORE: 5`) });
    await bench.run();
    const forced = scopeOf(bench, 'd1');
    const { told, events } = await bench.run({ judging: { forced } });
    expect(events[0]).toMatchObject({ attempted: 3 });
    expect(told).toHaveLength(3);
    // What was asked of a row is done with it.
    expect([...forced]).toEqual([0, 0, 0]);
  });

  it('is blocked by a failure at the root, and others go on', async () => {
    const answers: Answers = (question, ...rest) =>
      question.task.genId === 'd1'
        ? { kind: 'failure', reason: 'bad_request', message: 'no', attempts: [], spent: NOTHING_SPENT }
        : PLAIN_ANSWERS(question, ...rest);
    const { told, summary } = await workbench(TREE, { answers }).run();
    expect(told.slice().sort()).toEqual([
      'd1 failed generate: bad_request',
      'd2 built rendered called parsed',
      'e1 blocked by d1',
      'e2 blocked by d1',
      'e3 built rendered called parsed',
      'e4 built rendered called parsed',
      'v1 blocked by d1',
      'v2 blocked by d1',
      'v3 built rendered called parsed',
      'v4 built rendered called parsed',
    ]);
    expect(summary).toMatchObject({ failed: 1, blocked: 4, left: 0 });
  });

  it('is left for the same reason as what is above it was', async () => {
    const answers: Answers = (question, ...rest) =>
      question.task.genId === 'e1'
        ? { kind: 'parked', pool: 'paid', until: 99 }
        : PLAIN_ANSWERS(question, ...rest);
    const { told, summary } = await workbench(CHAIN, { answers }).run();
    expect(told).toEqual([
      'd1 built rendered called parsed',
      'e1 left parked at paid',
      'v1 left parked at paid',
    ]);
    expect(summary.leftBy).toEqual([{ why: 'parked', pool: 'paid', until: 99, count: 2 }]);
  });

  it.each(['over_budget', 'over_agreed'] as const)('is left with it where it is %s', async (kind) => {
    const { told } = await workbench(CHAIN, { answers: () => ({ kind }) }).run();
    expect(told).toEqual(['d1', 'e1', 'v1'].map((id) => `${id} left ${kind}`));
  });
});

describe('an end before the end', () => {
  it('leaves what has not begun once nothing new may start; what is under way finishes', async () => {
    let stopping = false;
    const answers: Answers = (...asked) => {
      stopping = true;
      return PLAIN_ANSWERS(...asked);
    };
    const { told } = await workbench(TREE, { answers }).run({ stopping: () => stopping, windowOf: () => 1 });
    expect(told[0]).toBe('d1 built rendered called parsed');
    expect(told.slice(1).every((words) => words.endsWith(' left interrupted'))).toBe(true);
    expect(told).toHaveLength(10);
  });

  it.each([
    ['interrupted', undefined],
    ['superseded', SUPERSEDED],
  ])('is told as %s when it is aborted with the reason %s', async (why, reason) => {
    const controller = new AbortController();
    const { answers } = held();
    const bench = workbench(CHAIN, { answers });
    const ended = bench.run({ abort: controller.signal });
    await expect.poll(() => bench.asked.length).toBe(1);
    controller.abort(reason);
    expect((await ended).told).toEqual(['d1', 'e1', 'v1'].map((id) => `${id} left ${why}`));
  });

  it('starts nothing when it is aborted before it begins', async () => {
    const bench = workbench();
    const { told } = await bench.run({ abort: AbortSignal.abort() });
    expect(told).toEqual(['d1', 'e1', 'v1'].map((id) => `${id} left interrupted`));
    expect(bench.asked).toEqual([]);
  });

  it('comes at the first failure where one is enough, and is said once to who sends', async () => {
    const { answers, give } = held();
    let halts = 0;
    const bench = workbench(TREE, { answers });
    const ended = bench.run({ failFast: true, halt: () => void halts++ });
    await give('d1', {
      kind: 'failure',
      reason: 'bad_request',
      message: 'no',
      attempts: [],
      spent: NOTHING_SPENT,
    });
    await give('d2');
    const { told, summary } = await ended;
    expect(told.slice(0, 2)).toEqual(['d1 failed generate: bad_request', 'd2 built rendered called parsed']);
    expect(summary).toMatchObject({ failed: 1, left: 8 });
    expect(halts).toBe(1);
  });

  it('goes on after a failure otherwise', async () => {
    const { summary } = await workbench(TREE, {
      answers: () => ({
        kind: 'failure',
        reason: 'bad_request',
        message: 'no',
        attempts: [],
        spent: NOTHING_SPENT,
      }),
    }).run({ halt: () => expect.unreachable() });
    expect(summary).toMatchObject({ failed: 2, blocked: 8 });
  });

  it('comes with the error of a disk that does not write, once what is under way has ended', async () => {
    const { answers, give } = held();
    const layout = workbench().layout;
    const pen = {
      write: ({ folder }: { folder: string }) =>
        folder.endsWith('d1') ? Promise.reject(new Error('full')) : Promise.resolve([]),
      keep: async () => 'name',
      keepBrought: async () => 'name',
      close: async () => {},
    };
    let halts = 0;
    const ends: string[] = [];
    const bench = workbench(TREE, { answers, layout, rest: { pen } });
    const ended = bench.run({
      halt: () => void halts++,
      listen: (event) => void (event.type === 'generation' && ends.push(event.genId)),
    });
    await give('d1');
    await expect.poll(() => halts).toBe(1);
    await give('d2');
    await expect(ended).rejects.toThrow('full');
    // Nothing is begun after it, and no summary pretends that the run came to its end.
    expect(ends).toEqual(['d2']);
    expect(idsIn(bench)).toEqual(['d1', 'd2']);
  });
});

it('takes rows of any number from its lines, in the order in which they became ready', async () => {
  const numbers = Array.from({ length: 1100 }, (_, number) => number);
  const rows = Object.fromEntries(
    numbers.map((each) => [`d${each}`, { template: 't', replicate: each + 1 }]),
  );
  const stamp = { size: 1, mtimeMs: 1, ino: 1 };
  const pen = {
    write: async ({ files }: { files: readonly unknown[] }) => files.map(() => stamp),
    keep: async () => 'name',
    keepBrought: async () => 'name',
    close: async () => {},
  };
  const { told } = await workbench({ rows }, { rest: { pen, unpaid: new Set(['openrouter']) } }).run({
    windowOf: () => 1,
  });
  expect(told.map((words) => Number(/\d+/.exec(words)?.[0]))).toEqual(numbers);
});
