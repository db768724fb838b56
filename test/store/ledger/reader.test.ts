// The call ledger read on from where it was left: the same entries as all at once, whatever happens to the file in between.
import {
  appendFileSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { openLedger, readLedger, type LedgerEntry } from '../../../src/store/ledger/ledger.ts';
import { LedgerReader } from '../../../src/store/ledger/reader.ts';
import { ledgerLine } from '../../support/ledgerline.ts';
import { giveLittle, openBelow, realFs } from '../../support/disk.ts';
import { scratchFolder } from '../../support/project.ts';

afterEach(realFs);

let folder = '';
let path = '';
beforeEach(() => {
  folder = scratchFolder();
  path = join(folder, 'calls.jsonl');
});

class Entries {
  readonly all: LedgerEntry[] = [];

  add(entry: LedgerEntry): void {
    this.all.push(entry);
  }
}

const reading = (): LedgerReader<Entries> => new LedgerReader(path, () => new Entries());

function idsIn(reader: LedgerReader<Entries>): readonly string[] {
  return reader.readToEnd().all.map(({ gen_id }) => gen_id);
}

function record(...ids: readonly string[]): void {
  const ledger = openLedger(path);
  for (const id of ids) ledger.record(ledgerLine({ gen_id: id }));
  ledger.close();
}

function text(change: Partial<LedgerEntry>): string {
  return `${JSON.stringify({ version: 1, ...ledgerLine(change) })}\n`;
}

test('a disk that gives little at a time gives all', () => {
  record('d_1', 'd_2', 'd_3');
  giveLittle(7);
  expect(idsIn(reading())).toEqual(['d_1', 'd_2', 'd_3']);
});

test('no ledger that is read stays open, and one that can not be read is an error', () => {
  record('d_1');
  expect(idsIn(reading())).toEqual(['d_1']);
  expect(openBelow(folder)).toEqual([]);
  rmSync(path);
  symlinkSync('calls.jsonl', path);
  expect(() => reading().readOn()).toThrow(/ELOOP/);
});

test('lines that are none are named by their numbers, in whatever pieces they come', () => {
  for (const bytes of [1, 1000]) {
    writeFileSync(path, `no entry\n${text({})}${text({})}{}\n${text({})}`);
    const reader = reading();
    while (reader.readOn(bytes));
    expect(reader.damaged).toEqual([1, 4]);
    appendFileSync(path, 'no entry either\n');
    while (reader.readOn(bytes));
    expect(reader.damaged).toHaveLength(3);
    truncateSync(path, 0);
    while (reader.readOn(bytes));
    expect(reader.damaged).toEqual([]);
  }
});

test('pieces of any size give the entries that one reading gives', () => {
  const lines = ['wörter', '思考', '🪁', '', 'x'.repeat(100)].map((message) => text({ message }));
  writeFileSync(path, `${lines.join('')}no entry\n\n{"when":"思"}\n${text({ gen_id: 'd_last' })}`);
  const { value } = readLedger(path);
  const { size } = statSync(path);
  for (let bytes = 1; bytes <= size + 1; bytes++) {
    const reader = reading();
    let more = true;
    while (more) more = reader.readOn(bytes);
    expect(reader.fold.all).toEqual(value);
    expect(reader.position).toBe(size);
  }
});

test('a piece holds no more bytes than were asked for, or one line', () => {
  record(...Array.from({ length: 100 }, (_, number) => `d_${number}`));
  const line = text({ gen_id: 'd_99' }).length;
  const reader = reading();
  let before = 0;
  while (reader.readOn(1000)) {
    expect(reader.position - before).toBeGreaterThan(1000 - line);
    expect(reader.position - before).toBeLessThanOrEqual(1000);
    before = reader.position;
  }
});

test('only what was added is read, and no file is an empty one', () => {
  const reader = reading();
  expect(reader.readOn()).toBe(false);
  record('d_1', 'd_2');
  expect(idsIn(reader)).toEqual(['d_1', 'd_2']);
  // What was read is not looked at again, not even if it could not be read any more.
  const bytes = readFileSync(path);
  writeFileSync(path, bytes.fill('x', 0, bytes.length - 1));
  record('d_3');
  expect(idsIn(reader)).toEqual(['d_1', 'd_2', 'd_3']);
  expect(reader.readOn()).toBe(false);
  expect(reader.position).toBe(statSync(path).size);
});

test('a last line waits for its line feed, wherever it was torn', () => {
  const whole = Buffer.from(text({ gen_id: 'd_2', message: 'täg 🪁' }));
  for (let cut = 0; cut < whole.length; cut++) {
    writeFileSync(path, text({ gen_id: 'd_1' }));
    const start = statSync(path).size;
    const reader = reading();
    appendFileSync(path, whole.subarray(0, cut));
    expect(idsIn(reader)).toEqual(['d_1']);
    expect(reader.position).toBe(start);
    appendFileSync(path, whole.subarray(cut));
    expect(idsIn(reader)).toEqual(['d_1', 'd_2']);
  }
});

test('a torn line that the next build cuts off is never an entry', () => {
  record('d_1');
  appendFileSync(path, text({ gen_id: 'd_torn' }).slice(0, 40));
  const reader = reading();
  expect(idsIn(reader)).toEqual(['d_1']);
  record('d_2');
  expect(idsIn(reader)).toEqual(['d_1', 'd_2']);
});

test('a file that was cut, replaced or removed is read from its start', () => {
  record('d_1', 'd_2');
  const reader = reading();
  expect(idsIn(reader)).toEqual(['d_1', 'd_2']);
  truncateSync(path, text({ gen_id: 'd_1' }).length);
  expect(idsIn(reader)).toEqual(['d_1']);
  writeFileSync(join(folder, 'other'), text({ gen_id: 'd_3' }) + text({ gen_id: 'd_4' }));
  renameSync(join(folder, 'other'), path);
  expect(idsIn(reader)).toEqual(['d_3', 'd_4']);
  rmSync(path);
  record('d_5', 'd_6', 'd_7');
  expect(idsIn(reader)).toEqual(['d_5', 'd_6', 'd_7']);
  rmSync(path);
  expect(idsIn(reader)).toEqual([]);
  expect(reader.position).toBe(0);
});

test('a line of a newer daydream is refused by its number each time, and nothing is taken twice', () => {
  record('d_1', 'd_2');
  const reader = reading();
  reader.readToEnd();
  record('d_3');
  appendFileSync(path, `\n${JSON.stringify({ version: 2, ...ledgerLine({ gen_id: 'd_4' }) })}\n`);
  for (let time = 0; time < 2; time++)
    expect(() => reader.readToEnd()).toThrow('line 5 of the call ledger was written by a newer daydream');
  expect(reader.fold.all).toHaveLength(2);
  truncateSync(path, text({ gen_id: 'd_1' }).length * 3);
  expect(idsIn(reader)).toEqual(['d_1', 'd_2', 'd_3']);
});
