// The call ledger's file: added to, never changed, read whatever a crash left of it.
import { appendFileSync, existsSync, readFileSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeEach, describe, expect, test } from 'vitest';
import { openLedger, readLedger } from '../../src/store/ledger/ledger.ts';
import type { LedgerEntry } from '../../src/store/ledger/ledger.ts';
import { ledgerLine as line } from '../support/ledgerline.ts';
import { scratchFolder } from '../support/project.ts';

let folder = '';
let path = '';
beforeEach(() => {
  folder = scratchFolder();
  path = join(folder, 'state', 'calls.jsonl');
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
