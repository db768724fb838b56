// The journal of batches on a disk: what is written of one, what is read back, and which files count as records at all.
import { existsSync, readdirSync } from 'node:fs';
import { beforeEach, describe, expect, it } from 'vitest';
import {
  batchFiles,
  closeRecord,
  failuresBy,
  forgetSaid,
  isLive,
  listBatches,
  openRecord,
  putAside,
  recordPath,
  renewedKeys,
  reservedAddresses,
  rowsIn,
  rowsOf,
  rowsPath,
  unreadableBatches,
  writeRecord,
  type BatchState,
} from '../../../src/model/batch/journal.ts';
import { layoutOf, type Layout } from '../../../src/store/layout.ts';
import { readTextIfPresent, writeAtomic } from '../../../src/store/writing/atomic.ts';
import { BATCH_ID, batchId, batchRecord, batchRow } from '../../support/batchrows.ts';
import { scratchFolder } from '../../support/project.ts';

let layout: Layout;
beforeEach(() => void (layout = layoutOf(scratchFolder())));

const ROWS = [batchRow('a'), batchRow('b')];

describe('a batch that is opened', () => {
  it('is on the disk with its rows, as they were', async () => {
    const record = batchRecord(ROWS);
    await openRecord(layout, record, ROWS);
    expect(listBatches(layout)).toEqual([record]);
    expect(rowsOf(layout, record)).toEqual(ROWS);
  });

  it('keeps each prompt once', async () => {
    await openRecord(layout, batchRecord(ROWS), ROWS);
    const text = readTextIfPresent(rowsPath(layout, BATCH_ID)) ?? '';
    expect(text.split('What is a?')).toHaveLength(2);
  });

  it('whose rows ask without a prompt asks nothing', async () => {
    const row = batchRow('a', { asked: {} });
    await openRecord(layout, batchRecord([row]), [row]);
    expect(rowsOf(layout, batchRecord([row]))?.[0]?.call.request.prompt).toBe('');
  });
});

describe('rows', () => {
  it.each([
    ['are gone', undefined],
    ['are no JSON', '[{'],
    ['are no list', '{}'],
    ['lack one that was asked', JSON.stringify([batchRow('a')])],
    ['name no model', JSON.stringify(ROWS.map((row) => ({ ...row, call: { request: { stage: 'draft' } } })))],
    ['name no stage', JSON.stringify(ROWS.map((row) => ({ ...row, call: { request: { model: 'm' } } })))],
  ])('can not be told where they %s', (_what, text) => {
    if (text !== undefined) writeAtomic(rowsPath(layout, BATCH_ID), text);
    expect(rowsOf(layout, batchRecord(ROWS))).toBeUndefined();
  });

  it('may be more than what is still asked', async () => {
    await openRecord(layout, batchRecord(ROWS), ROWS);
    expect(rowsOf(layout, batchRecord([batchRow('b')]))).toHaveLength(2);
  });

  it('are counted by the record, and by the questions where an older one does not say', () => {
    expect(rowsIn(batchRecord(ROWS))).toBe(2);
    expect(rowsIn(batchRecord(ROWS, { rows: 7 }))).toBe(7);
  });
});

describe('records', () => {
  it('are listed with the oldest first, whatever their names', async () => {
    const hours = [11, 9, 10, 12];
    for (const [number, hour] of hours.entries())
      await writeRecord(
        layout,
        batchRecord(ROWS, {
          id: batchId(number),
          created: `2026-03-01T${String(hour).padStart(2, '0')}:00:00.000Z`,
        }),
      );
    expect(listBatches(layout).map(({ created }) => created.slice(11, 13))).toEqual(['09', '10', '11', '12']);
  });

  it('are none where no batch was ever sent', () => {
    expect([listBatches(layout), unreadableBatches(layout), batchFiles(layout)]).toEqual([[], [], []]);
  });

  const whole = batchRecord(ROWS, { remote: { id: 'r1' } });
  it.each<[what: string, value: object | string]>([
    ['is no JSON', '{'],
    ['is empty', ''],
    ['is no object', 'null'],
    ['says no version', { ...whole, version: undefined }],
    ['is of an older version', { ...whole, version: 0 }],
    ['has another id than its file', { ...whole, id: batchId(2) }],
    ['has a state that is none', { ...whole, state: 'lost' }],
    ['has no provider', { ...whole, provider: undefined }],
    ['has no model', { ...whole, model: 1 }],
    ['has no pool', { ...whole, pool: undefined }],
    ['has no moment', { ...whole, created: undefined }],
    ['has a moment that is none', { ...whole, created: 'yesterday' }],
    ['does not say what it reserves', { ...whole, reserved: '0.5' }],
    ['has a batch of the provider without an id', { ...whole, remote: {} }],
    ['has no questions', { ...whole, questions: undefined }],
    ['has questions that are no list', { ...whole, questions: {} }],
    ['has a question that is no list', { ...whole, questions: ['abc'] }],
    ['has a question of two words', { ...whole, questions: [['a', 'draft']] }],
    ['has a question of four words', { ...whole, questions: [['a', 'draft', 'd', 'e']] }],
    ['has a question with a number', { ...whole, questions: [['a', 'draft', 1]] }],
  ])('are damaged where one %s', (_what, value) => {
    const file = recordPath(layout, BATCH_ID);
    writeAtomic(file, typeof value === 'string' ? value : JSON.stringify(value));
    expect(listBatches(layout)).toEqual([]);
    expect(unreadableBatches(layout)).toEqual([{ file, why: 'damaged' }]);
  });

  it('of a newer version are told apart from damaged ones', () => {
    const file = recordPath(layout, BATCH_ID);
    writeAtomic(file, JSON.stringify({ version: 2 }));
    expect(unreadableBatches(layout)).toEqual([{ file, why: 'newer' }]);
    expect(listBatches(layout)).toEqual([]);
  });

  it('that can be read are not among those that can not', async () => {
    await writeRecord(layout, whole);
    expect(unreadableBatches(layout)).toEqual([]);
  });

  it.each(['sending', 'sent', 'ended', 'taken', 'given_up'] as const)('can be %s', async (state) => {
    await writeRecord(layout, batchRecord(ROWS, { state }));
    expect(listBatches(layout)).toMatchObject([{ state }]);
  });

  it('lie in files that are named by a UUID; others are nobody’s', async () => {
    await openRecord(layout, batchRecord(ROWS), ROWS);
    await putAside(layout, batchRecord(ROWS), [{ custom_id: 'x' }]);
    const folder = recordPath(layout, BATCH_ID).replace(`/${BATCH_ID}.json`, '');
    for (const name of ['notes.json', `${BATCH_ID}.json.bak`, `x${BATCH_ID}.json`, `${BATCH_ID}.other.json`])
      writeAtomic(`${folder}/${name}`, '{}');
    expect(listBatches(layout)).toHaveLength(1);
    expect(unreadableBatches(layout)).toEqual([]);
    expect(
      batchFiles(layout)
        .map(({ id, kind, file }) => [id, kind, file.replace(`${folder}/`, '')])
        .sort(),
    ).toEqual([
      [BATCH_ID, 'aside', `${BATCH_ID}.aside.json`],
      [BATCH_ID, 'record', `${BATCH_ID}.json`],
      [BATCH_ID, 'rows', `${BATCH_ID}.rows.json`],
    ]);
    expect(readdirSync(folder)).toHaveLength(7);
  });
});

it('rows that nobody asked are put aside as the provider sent them', async () => {
  const rows = [{ custom_id: 'x', response: { body: { text: 'paid for' } } }];
  await putAside(layout, batchRecord(), rows);
  const aside = batchFiles(layout).find(({ kind }) => kind === 'aside');
  expect(JSON.parse(readTextIfPresent(aside?.file ?? '') ?? '')).toEqual(rows);
});

describe('a batch that is closed', () => {
  it('has no rows any more, and those questions only of which something is left to say', async () => {
    const rows = ['a', 'b', 'c', 'd', 'e'].map((address) => batchRow(address));
    const record = batchRecord(rows, {
      state: 'taken',
      failures: { a: 'no room' },
      unheard: { b: 'b-1' },
      renewed: { d: 'd-1' },
    });
    await openRecord(layout, record, rows);
    await closeRecord(layout, record);
    expect(existsSync(rowsPath(layout, BATCH_ID))).toBe(false);
    const [closed] = listBatches(layout);
    expect(closed?.questions.map(([address]) => address)).toEqual(['a', 'b', 'd']);
    expect(closed?.rows).toBe(5);
    await closeRecord(layout, closed!);
    expect(listBatches(layout)[0]?.rows).toBe(5);
  });

  it('has no questions where nothing was said of any', async () => {
    await closeRecord(layout, batchRecord(ROWS, { state: 'given_up' }));
    expect(listBatches(layout)).toMatchObject([{ questions: [], rows: 2 }]);
  });
});

describe('what was said of addresses', () => {
  const said = { unheard: { a: 'a-1', b: 'b-1' }, failures: { a: 'no' }, renewed: { a: 'a-2' } };

  it('is forgotten of these, and kept of others', async () => {
    await writeRecord(layout, batchRecord(ROWS, { state: 'taken', ...said }));
    await forgetSaid(layout, listBatches(layout), new Set(['a']));
    expect(listBatches(layout)).toMatchObject([{ unheard: { b: 'b-1' }, failures: {}, renewed: {} }]);
    expect(listBatches(layout)[0]?.unheard).not.toHaveProperty('a');
  });

  it.each(['unheard', 'failures', 'renewed'] as const)('is looked for among the %s', async (kind) => {
    await writeRecord(layout, batchRecord(ROWS, { [kind]: { a: 'x' } }));
    await forgetSaid(layout, listBatches(layout), new Set(['a']));
    expect(listBatches(layout)[0]?.[kind]).toEqual({});
  });

  it('costs no writing where nothing was said of them', async () => {
    await forgetSaid(layout, [batchRecord(ROWS, { unheard: { b: 'b-1' } })], new Set(['a']));
    expect(existsSync(recordPath(layout, BATCH_ID))).toBe(false);
  });
});

describe('over many batches', () => {
  const live: ReadonlySet<BatchState> = new Set(['sending', 'sent', 'ended']);

  it('questions count as asked until their batch is taken or given up', () => {
    for (const state of ['sending', 'sent', 'ended', 'taken', 'given_up'] as const) {
      const batch = batchRecord(ROWS, { state });
      expect(isLive(batch)).toBe(live.has(state));
      expect([...reservedAddresses([batch])]).toEqual(live.has(state) ? ['a', 'b'] : []);
    }
  });

  it('generations are told whose answers were asked for again on purpose', () => {
    expect([...renewedKeys([batchRecord(ROWS, { renewed: { b: 'b-2' } }), batchRecord(ROWS)])]).toEqual([
      'draft/d_b',
    ]);
  });

  it('failures are told by address, the latest last', () => {
    const batches = [
      batchRecord(ROWS, { failures: { a: 'first', b: 'only' } }),
      batchRecord(ROWS),
      batchRecord(ROWS, { failures: { a: 'second' } }),
    ];
    expect(Object.fromEntries(failuresBy(batches))).toEqual({ a: ['first', 'second'], b: ['only'] });
  });
});
