// The call ledger's file: added to, never changed, read whatever a crash left of it.
import {
  appendFileSync,
  existsSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { attemptsByPool, ledgerTotal, ledgerTotals, openLedger, readLedger } from '../../src/store/ledger.ts';
import type { LedgerEntry, LedgerKey } from '../../src/store/ledger.ts';

let folder = '';
let path = '';
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'daydream-ledger-'));
  path = join(folder, 'state', 'calls.jsonl');
});
afterEach(() => rmSync(folder, { recursive: true }));

const line = (change: Partial<LedgerEntry> = {}): LedgerEntry => ({
  when: '2026-11-23T23:59:59.000Z',
  stage: 'draft',
  gen_id: 'd_1',
  model: 'maker/one',
  provider: 'openrouter',
  pool: 'paid',
  attempt: 1,
  outcome: 'reply',
  prompt_tokens: 10,
  completion_tokens: 20,
  cost: 0.5,
  duration_ms: 1200,
  ...change,
});

function write(entries: readonly LedgerEntry[]): void {
  const ledger = openLedger(path);
  for (const entry of entries) ledger.record(entry);
  ledger.close();
}

describe('the file', () => {
  test('is not made before there is something to say', () => {
    openLedger(path).close();
    expect(existsSync(path)).toBe(false);
    expect(readLedger(path)).toEqual({ value: [], problems: [] });
  });

  test('gives back what was written, over several builds, line breaks in messages included', () => {
    const entries = [line(), line({ attempt: 2, message: 'two\nlines “quoted”' }), line({ gen_id: 'd_2' })];
    write(entries.slice(0, 2));
    write(entries.slice(2));
    expect(readLedger(path)).toEqual({ value: entries, problems: [] });
  });

  test('torn at any byte, it keeps every whole line and takes the next one', () => {
    write([line(), line({ gen_id: 'd_2' })]);
    const whole = readFileSync(path);
    const first = whole.indexOf(10) + 1;
    for (let size = 0; size <= whole.length; size += 1) {
      writeFileSync(path, whole);
      truncateSync(path, size);
      write([line({ gen_id: 'd_3' })]);
      const { value, problems } = readLedger(path);
      const kept = [
        ...(size >= first - 1 ? ['d_1'] : []),
        ...(size >= whole.length - 1 ? ['d_2'] : []),
        'd_3',
      ];
      expect(value.map(({ gen_id }) => gen_id)).toEqual(kept);
      expect(problems).toEqual([]);
    }
  });

  test('a line of a newer daydream is refused, and left as it is', () => {
    write([line()]);
    const newer = `${JSON.stringify({ ...line(), version: 2, gen_id: 'd_2' })}`;
    appendFileSync(path, newer);
    expect(() => readLedger(path)).toThrow('newer daydream');
    write([line({ gen_id: 'd_3' })]);
    expect(readFileSync(path, 'utf8').split('\n')[1]).toBe(newer);
  });

  test('damaged lines are passed over and named', () => {
    write([line()]);
    appendFileSync(path, 'nonsense\n{"when": 5}\nnull\n\n');
    write([line({ gen_id: 'd_2' })]);
    const { value, problems } = readLedger(path);
    expect(value).toHaveLength(2);
    expect(problems).toMatchObject([
      { code: 'DD620', severity: 'warning', place: { file: path, line: 2 }, data: { lines: [2, 3, 4] } },
    ]);
  });
});

describe('totals', () => {
  const unpaid = ({ cost: _cost, ...rest }: LedgerEntry): LedgerEntry => rest;
  const entries = [
    line({ cohort: 'b' }),
    line({ cohort: 'a', stage: 'essay', when: '2026-11-24T00:00:00.000Z', outcome: 'truncated' }),
    unpaid(line({ outcome: 'server' })),
    unpaid(line({ outcome: 'timeout', maybe_billed: true })),
    unpaid(line({ model: 'maker/two', pool: 'free' })),
  ];

  test('count attempts, replies, tokens and money, and what nobody knows', () => {
    expect(ledgerTotal(entries)).toMatchObject({
      attempts: 5,
      replies: 3,
      cost: 1,
      unpriced: 1,
      maybeBilled: 1,
    });
  });

  test('go by model, stage, day and cohort, in order', () => {
    const keys = (...by: readonly LedgerKey[]): unknown[] =>
      ledgerTotals(entries, ...by).map(({ key, attempts }) => [...key.split('\n'), attempts]);
    expect(keys('model')).toEqual([
      ['maker/one', 4],
      ['maker/two', 1],
    ]);
    expect(keys('stage')).toEqual([
      ['draft', 4],
      ['essay', 1],
    ]);
    expect(keys('day')).toEqual([
      ['2026-11-23', 4],
      ['2026-11-24', 1],
    ]);
    expect(keys('cohort')).toEqual([
      ['', 3],
      ['a', 1],
      ['b', 1],
    ]);
    expect(keys('model', 'stage')).toEqual([
      ['maker/one', 'draft', 3],
      ['maker/one', 'essay', 1],
      ['maker/two', 'draft', 1],
    ]);
  });

  test('attempts of a day by pool, failed ones too', () => {
    expect([...attemptsByPool(entries, '2026-11-23')]).toEqual([
      ['paid', 3],
      ['free', 1],
    ]);
  });
});
