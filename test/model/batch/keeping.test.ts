// The rows of a batch that is over: what is kept of each, what goes onto the ledger and how often, and what the record says in the end.
import { beforeEach, describe, expect, it } from 'vitest';
import { batchFiles, openRecord, type BatchRecord, type BatchRow } from '../../../src/model/batch/journal.ts';
import { lineKey, take } from '../../../src/model/batch/keeping.ts';
import { rowEnd } from '../../../src/model/batch/rowend.ts';
import type { RowEnd } from '../../../src/model/batch/shape.ts';
import type { LedgerEntry } from '../../../src/store/ledger/ledger.ts';
import type { Spending } from '../../../src/store/ledger/spending.ts';
import type { StoredResponse } from '../../../src/store/responses.ts';
import { layoutOf, type Layout } from '../../../src/store/layout.ts';
import { readTextIfPresent } from '../../../src/store/writing/atomic.ts';
import { batchId, batchRecord, batchRow, CREATED, endsOf } from '../../support/batchrows.ts';
import { scratchFolder } from '../../support/project.ts';

const ENDED = '2026-03-01T13:00:00.000Z';
const ROWS = [batchRow('a', { reserved: 0.25 }), batchRow('b')];

let layout: Layout;
beforeEach(() => void (layout = layoutOf(scratchFolder())));

function ended(rows: readonly BatchRow[] = ROWS, more: Partial<BatchRecord> = {}): BatchRecord {
  return batchRecord(rows, {
    state: 'ended',
    sent: '2026-03-01T12:30:00.000Z',
    ended: ENDED,
    remote: { id: 'r1', status: 'completed' },
    ...more,
  });
}

interface Said {
  readonly text?: string;
  readonly id?: string | undefined;
  readonly finish?: string;
  readonly cost?: number | undefined;
}

function body({ text = 'said', id, finish = 'stop', cost = 0.125 }: Said): unknown {
  return {
    id,
    model: 'lab/w1-turbo',
    choices: [{ index: 0, message: { role: 'assistant', content: text }, finish_reason: finish }],
    usage: { prompt_tokens: 10, completion_tokens: 5, ...(cost === -1 ? {} : { cost }) },
  };
}

const answer = (customId: string, said: Said = {}): RowEnd => ({
  customId,
  body: body({ id: `gen-${customId}`, ...said }),
});

interface Outcome {
  readonly record: BatchRecord;
  readonly kept: readonly StoredResponse[];
  readonly lines: readonly LedgerEntry[];
  readonly settled: readonly (readonly [number, number | 'unknown'])[];
  readonly bought: ReadonlyMap<string, Spending>;
  readonly unused: ReadonlyMap<string, Spending>;
  readonly flushed: number;
  /** Each answer's address, and whether its end is in no list. */
  readonly heard: readonly (readonly [string, boolean | undefined])[];
}

/** Takes these ends; a response gets one name however often it is kept. */
async function took(
  ends: AsyncIterable<RowEnd> | readonly RowEnd[],
  {
    rows = ROWS,
    batch = ended(rows),
    why = undefined as string | undefined,
    recorded = new Set<string>(),
  } = {},
): Promise<Outcome> {
  const kept: StoredResponse[] = [];
  const lines: LedgerEntry[] = [];
  const settled: [number, number | 'unknown'][] = [];
  const bought = new Map<string, Spending>();
  const unused = new Map<string, Spending>();
  const names: string[] = [];
  const heard: [string, boolean | undefined][] = [];
  let flushed = 0;
  const record = await take(batch, Symbol.asyncIterator in ends ? ends : endsOf(...ends), {
    layout,
    rows,
    why,
    keep: async (response) => {
      kept.push(response);
      const json = JSON.stringify(response);
      if (!names.includes(json)) names.push(json);
      return `kept-${names.indexOf(json) + 1}`;
    },
    ledger: {
      record: (line) => void lines.push(line),
      recorded: () => recorded,
      flush: () => void flushed++,
    },
    settle: (of, reserved, usd) => void (of === batch && settled.push([reserved, usd])),
    bought,
    unused,
    heard: ({ unknownEnding }, { address }) => void heard.push([address, unknownEnding]),
  });
  return { record, kept, lines, settled, bought, unused, flushed, heard };
}

describe('an answer', () => {
  it('is kept with what was asked, and all that is known of it', async () => {
    const { kept } = await took([answer('a', { text: ' The kite.\r\n' })]);
    expect(kept).toEqual([
      {
        version: 1,
        asked: { model: 'lab/w1', prompt: 'What is a?' },
        kind: 'answer',
        text: 'The kite.',
        rawMetadata: {
          batch_id: 'r1',
          llm_model_id: 'writer',
          provider: 'lab',
          model: 'lab/w1',
          answered_by: 'lab/w1-turbo',
          finish_reason: 'stop',
          truncated: false,
          usage: { completion_tokens: 5, max_tokens: 100, prompt_tokens: 10, cost: 0.125 },
          request_id: 'gen-a',
        },
        genId: 'd_a',
        at: ENDED,
      },
    ]);
  });

  it('goes onto the ledger as a line of its batch, and what it cost is told by its name', async () => {
    const { lines, bought, settled, flushed } = await took([answer('a')]);
    expect(lines).toMatchObject([
      {
        batch: 'r1',
        gen_id: 'd_a',
        provider: 'lab',
        outcome: 'reply',
        cost: 0.125,
        when: ENDED,
        duration_ms: 1_800_000,
        request_id: 'gen-a',
        attempt: 1,
      },
    ]);
    expect([...bought].map(([name, { billed }]) => [name, billed])).toEqual([['kept-1', 0.125]]);
    expect(settled).toEqual([
      [0.25, 0.125],
      [0.5, 0],
    ]);
    expect(flushed).toBe(1);
  });

  it('is dated by when the batch was made, where nobody knows when it was sent or ended', async () => {
    const { sent: _sent, ended: _ended, remote: _remote, ...bare } = ended();
    const { kept, lines } = await took([answer('a')], { batch: bare });
    expect(kept[0]?.at).toBe(CREATED);
    expect(lines).toMatchObject([{ when: CREATED, duration_ms: 0, batch: bare.id }]);
    expect(kept[0]?.rawMetadata).not.toHaveProperty('batch_id');
  });

  it('without a name of its own has that of its row', async () => {
    const [end] = [answer('a', { id: undefined })];
    const { kept } = await took([{ ...end, requestId: 'req-1' } as RowEnd]);
    expect(kept[0]?.rawMetadata['request_id']).toBe('req-1');
    expect((await took([end])).kept[0]?.rawMetadata).not.toHaveProperty('request_id');
  });

  it('with a name of its own keeps it', async () => {
    const { kept } = await took([{ ...answer('a'), requestId: 'req-1' } as RowEnd]);
    expect(kept[0]?.rawMetadata['request_id']).toBe('gen-a');
  });

  it('that was asked for on purpose takes the place of others', async () => {
    const rows = [batchRow('a', { replaces: true }), batchRow('b')];
    const { kept, record } = await took([answer('a'), answer('b')], { rows });
    expect(kept.map(({ replaces }) => replaces)).toEqual([true, undefined]);
    expect(kept[1]).not.toHaveProperty('replaces');
    expect(record.renewed).toEqual({ a: 'kept-1' });
  });

  it.each([
    ['truncated', { finish: 'length' }],
    ['refused', { finish: 'content_filter', text: '' }],
  ] as const)('that was %s is kept as that, and some generation has to hear of it', async (kind, said) => {
    const { kept, record } = await took([answer('a', said), answer('b')]);
    expect(kept.map((each) => each.kind)).toEqual([kind, 'answer']);
    expect(record.unheard).toEqual({ a: 'kept-1' });
    expect(record.ends).toEqual({ kept: 2, failed: 0, foreign: 0 });
  });
});

describe('an answer that is odd', () => {
  const thinking: RowEnd = {
    customId: 'a',
    body: {
      choices: [{ message: { content: null, reasoning_content: 'First I …' }, finish_reason: 'stop' }],
      usage: { completion_tokens: 5, completion_tokens_details: { reasoning_tokens: 5 }, cost: 0.125 },
    },
  };

  it('keeps what the model thought, where it thought and nothing else', async () => {
    const { kept } = await took([thinking]);
    expect(kept).toMatchObject([
      { kind: 'refused', rawMetadata: { refusal: 'only_thoughts', thoughts: 'First I …' } },
    ]);
    expect(kept[0]?.rawMetadata['usage']).toMatchObject({ reasoning_tokens: 5 });
  });

  it('says by which way it was asked for', async () => {
    const { call } = batchRow('a');
    const request = { ...call.request, transport: { service_tier: 'flex' } };
    const { kept } = await took([answer('a')], { rows: [batchRow('a', { call: { ...call, request } })] });
    expect(kept[0]?.rawMetadata['transport']).toEqual({ service_tier: 'flex' });
  });

  it('is heard with its row', async () => {
    const { heard } = await took([answer('a', { finish: 'weird' }), answer('b')]);
    expect(heard).toEqual([
      ['a', true],
      ['b', undefined],
    ]);
  });
});

describe('an error that was billed', () => {
  it('counts as money, though its question is asked again', async () => {
    const error = { message: 'gave up', code: 503 };
    const billed = { error, usage: { completion_tokens: 5, cost: 0.125 } };
    const { record, lines, settled } = await took([{ customId: 'a', body: billed }, answer('b')]);
    expect(record).toMatchObject({ ends: { kept: 1, failed: 1 }, cost: 0.25, failures: { a: 'gave up' } });
    expect(lines.map(({ outcome, cost }) => [outcome, cost])).toEqual([
      ['server', 0.125],
      ['reply', 0.125],
    ]);
    expect(settled).toEqual([
      [0.25, 0.125],
      [0.5, 0.125],
    ]);
  });
});

describe('an answer of which the provider says no price', () => {
  it('costs what its tokens do, at the price of its row', async () => {
    const { call } = batchRow('a');
    const row = batchRow('a', { call: { ...call, price: { input: 1000, output: 2000 } } });
    const { lines, record } = await took([answer('a', { cost: -1 })], { rows: [row] });
    expect(lines).toMatchObject([{ cost: 0.02, cost_from: 'tokens' }]);
    expect(record.cost).toBeCloseTo(0.02);
  });
});

describe('to take it twice is to take it once', () => {
  it('is told as what no run has yet, unless its line is on the ledger', async () => {
    const { unused, lines } = await took([answer('a'), answer('b')]);
    expect([...unused.keys()]).toEqual(['kept-1', 'kept-2']);
    const again = await took([answer('a'), answer('b')], { recorded: new Set(lines.slice(1).map(lineKey)) });
    expect([...again.unused.keys()]).toEqual(['kept-1']);
  });

  it('a line that is on the ledger is not written again, and what it cost is told all the same', async () => {
    const recorded = new Set<string>();
    const first = await took([answer('a')], { recorded });
    const second = await took([answer('a')], { recorded });
    expect([first.lines.length, second.lines.length]).toEqual([1, 0]);
    expect(recorded).toEqual(new Set(first.lines.map(lineKey)));
    expect([...second.bought.keys()]).toEqual(['kept-1']);
    expect(second.record).toEqual(first.record);
  });

  it('the same answer twice in one batch is paid for once', async () => {
    const { lines, record, settled } = await took([answer('a'), answer('a')]);
    expect(lines).toHaveLength(1);
    expect(record).toMatchObject({ cost: 0.125, ends: { kept: 1, failed: 1 } });
    expect(settled[0]).toEqual([0.25, 0.125]);
  });

  it('lines are told apart by batch, stage, generation and request', () => {
    const line = { batch: 'r1', stage: 'draft', gen_id: 'd', request_id: 'q' } as LedgerEntry;
    const others = [{ batch: 'r2' }, { stage: 'essay' }, { gen_id: 'e' }, { request_id: 'p' }] as const;
    expect(
      new Set([line, ...others.map((each) => ({ ...line, ...each }) as LedgerEntry)].map(lineKey)).size,
    ).toBe(5);
    expect(lineKey({ ...line, attempt: 9 })).toBe(lineKey(line));
  });
});

describe('two answers to one question', () => {
  it('are both kept and both paid for', async () => {
    const { kept, lines, record, settled } = await took([answer('a'), answer('a', { id: 'gen-2' })]);
    expect([kept.length, lines.length]).toEqual([2, 2]);
    expect(record.cost).toBe(0.25);
    expect(settled[0]).toEqual([0.25, 0.25]);
  });

  it('cost what nobody knows where one of them does', async () => {
    for (const costs of [
      [-1, 0.125],
      [0.125, -1],
    ]) {
      const { record, settled } = await took(
        costs.map((cost, place) => answer('a', { id: `gen-${place}`, cost })),
      );
      expect(record).toMatchObject({ cost: 0, ends: { kept: 1, unpriced: 1 } });
      expect(settled[0]).toEqual([0.25, 'unknown']);
    }
  });

  it('of which one is whole are no news, in either order', async () => {
    const [whole, half] = [answer('a'), answer('a', { id: 'gen-2', finish: 'length' })];
    expect((await took([whole, half])).record.unheard).toEqual({});
    expect((await took([half, whole])).record.unheard).toEqual({});
  });

  it('of which none is whole are told by the first', async () => {
    const halves = ['gen-1', 'gen-2'].map((id) => answer('a', { id, finish: 'length' }));
    expect((await took(halves)).record.unheard).toEqual({ a: 'kept-1' });
  });

  it('renew a generation by the latest that is whole', async () => {
    const rows = [batchRow('a', { replaces: true })];
    const ends = [answer('a'), answer('a', { id: 'gen-2' }), answer('a', { id: 'gen-3', finish: 'length' })];
    expect((await took(ends, { rows })).record.renewed).toEqual({ a: 'kept-2' });
  });
});

describe('a row without an answer', () => {
  it('has failed for its reason', async () => {
    const { record, lines, settled } = await took([
      { customId: 'a', status: 429, error: 'no room' },
      { customId: 'b', body: { choices: [] } },
    ]);
    expect(record.failures).toEqual({ a: 'no room', b: 'the reply holds no choice' });
    expect(record.ends).toEqual({ kept: 0, failed: 2, foreign: 0 });
    expect(lines).toEqual([]);
    expect(settled).toEqual([
      [0.25, 0],
      [0.5, 0],
    ]);
  });

  it.each<[what: string, row: unknown, cost: number | 'unknown' | 0]>([
    [
      'an error beside half an answer, billed',
      { error: { code: 'x', message: 'gone' }, response: { body: body({}) } },
      0.125,
    ],
    [
      'an error beside half an answer',
      { error: { message: 'gone' }, response: { body: { choices: [{ message: { content: 'Half' } }] } } },
      'unknown',
    ],
    [
      'an error of the status, billed',
      { response: { status_code: 500, body: { error: { message: 'gone' }, usage: { cost: 0.125 } } } },
      0.125,
    ],
    [
      'an answer that its provider gave up',
      { response: { body: { choices: [{ message: { content: 'Half' }, finish_reason: 'error' }] } } },
      'unknown',
    ],
    [
      'an error inside half an answer',
      { response: { body: { error: { message: 'gone' }, choices: [{ message: { content: 'Half' } }] } } },
      'unknown',
    ],
    ['an error of the status', { response: { status_code: 500, body: { error: { message: 'gone' } } } }, 0],
    ['an error, and nothing beside it', { response: null, error: { message: 'gone' } }, 0],
  ])('has cost what was billed for it, as far as that is known: %s', async (_what, row, cost) => {
    const { record, lines, settled, unused } = await took([
      ...rowEnd({ custom_id: 'a', ...(row as object) }),
      answer('b'),
    ]);
    expect(record.failures).toHaveProperty('a');
    expect(settled[0]).toEqual([0.25, cost]);
    expect(record.cost).toBeCloseTo(0.125 + (cost === 'unknown' ? 0 : cost), 9);
    expect(record.ends?.unpriced).toBe(cost === 'unknown' ? 1 : undefined);
    const its = lines.filter(({ gen_id: genId }) => genId === 'd_a');
    expect(its.map((line) => line.cost ?? (line.maybe_billed === true ? 'unknown' : 'free'))).toEqual(
      cost === 0 ? [] : [cost],
    );
    expect(unused.size).toBe(cost === 0 ? 1 : 2);
  });

  it('is no failure where an answer came too, before or behind the error', async () => {
    const error: RowEnd = { customId: 'a', error: 'not yet' };
    for (const ends of [
      [error, answer('a')],
      [answer('a'), error],
    ])
      expect((await took(ends)).record.failures).not.toHaveProperty('a');
  });

  it.each<[words: string, remote: BatchRecord['remote'], why: string | undefined]>([
    ['the batch expired, too late', { id: 'r1', status: 'expired' }, 'too late'],
    ['the batch completed', { id: 'r1', status: 'completed' }, undefined],
    ['the batch ended', { id: 'r1' }, undefined],
  ])('did not come back: %s', async (words, remote, why) => {
    const { record } = await took([answer('a')], { batch: ended(ROWS, { remote: remote! }), why });
    expect(record.failures).toEqual({ b: `it did not come back: ${words}` });
  });
});

describe('the record in the end', () => {
  it('says what everything cost, and of how many nobody knows', async () => {
    const rows = ['a', 'b', 'c', 'd'].map((address) => batchRow(address));
    const { record } = await took([answer('a'), answer('b', { cost: -1 }), answer('c', { cost: 0.5 })], {
      rows,
    });
    expect(record).toMatchObject({
      state: 'taken',
      cost: 0.625,
      ends: { kept: 3, failed: 1, foreign: 0, unpriced: 1 },
    });
    expect(record.ended).toBe(ENDED);
  });

  it('does not speak of unknown cost where there is none', async () => {
    expect((await took([answer('a')])).record.ends).not.toHaveProperty('unpriced');
  });
});

describe('rows that are none of the batch', () => {
  const other = batchRow('o');

  it('are kept where another batch that is open asked for them', async () => {
    const batch = batchRecord([other], { id: batchId(2), state: 'sent' });
    await openRecord(layout, batch, [other]);
    const { kept, record, lines } = await took([answer('o'), answer('a')]);
    expect(kept.map(({ genId }) => genId)).toEqual(['d_o', 'd_a']);
    expect(lines).toHaveLength(2);
    expect(record).toMatchObject({ ends: { kept: 1, failed: 1, foreign: 1 }, cost: 0.125 });
    expect(batchFiles(layout).map(({ kind }) => kind)).not.toContain('aside');
  });

  it('are put aside where nobody here asked', async () => {
    const stranger = answer('s');
    const { kept, record } = await took([stranger, answer('a')]);
    expect(kept).toHaveLength(1);
    expect(record.ends).toMatchObject({ foreign: 1 });
    const aside = batchFiles(layout).find(({ kind }) => kind === 'aside');
    expect(JSON.parse(readTextIfPresent(aside?.file ?? '') ?? '')).toEqual([stranger]);
  });

  it('leave no file where there are none', async () => {
    await took([answer('a')]);
    expect(batchFiles(layout)).toEqual([]);
  });
});

describe('many answers', () => {
  it('are on their way to the disk thirty-two at a time', async () => {
    const rows = Array.from({ length: 80 }, (_, number) => batchRow(`n${number}`));
    let under = 0;
    let most = 0;
    await take(ended(rows), endsOf(...rows.map(({ address }) => answer(address))), {
      layout,
      rows,
      why: undefined,
      keep: async ({ genId }) => {
        under++;
        most = Math.max(most, under);
        await new Promise((done) => setImmediate(done));
        under--;
        return genId;
      },
      ledger: { record: () => {}, recorded: () => new Set(), flush: () => expect(under).toBe(0) },
      settle: () => {},
      bought: new Map(),
      unused: new Map(),
    });
    expect(most).toBe(32);
  });

  it('that have come are kept where the rest is lost on the way', async () => {
    let kept = 0;
    async function* broken(): AsyncGenerator<RowEnd> {
      yield answer('a');
      throw new Error('cut');
    }
    const lost = take(ended(), broken(), {
      layout,
      rows: ROWS,
      why: undefined,
      keep: async () => {
        await new Promise((done) => setImmediate(done));
        kept++;
        return 'name';
      },
      ledger: { record: () => {}, recorded: () => new Set(), flush: () => {} },
      settle: () => expect.unreachable(),
      bought: new Map(),
      unused: new Map(),
    });
    await expect(lost).rejects.toThrow('cut');
    expect(kept).toBe(1);
  });
});
