// The call ledger's file: added to, never changed, read whatever a crash left of it.
import { appendFileSync, existsSync, readFileSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { isAnswered, openLedger, readLedger, readLedgers } from '../../../src/store/ledger/ledger.ts';
import type { LedgerEntry } from '../../../src/store/ledger/ledger.ts';
import { ledgerLine as line } from '../../support/ledgerline.ts';
import { giveLittle, realFs } from '../../support/disk.ts';
import { spendingOf } from '../../../src/store/ledger/spending.ts';
import { scratchFolder } from '../../support/project.ts';

afterEach(realFs);

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

  test.each([70_000, 400_000])(
    'a last line of %d bytes is mended as a short one is, torn or whole',
    (length) => {
      const message = 'x'.repeat(length);
      for (const [cut, kept] of [
        [1, ['d_1', 'd_2', 'd_3']],
        [9, ['d_1', 'd_3']],
      ] as const) {
        write([line(), line({ gen_id: 'd_2', message })]);
        truncateSync(path, readFileSync(path).length - cut);
        write([line({ gen_id: 'd_3' })]);
        const { value, problems } = readLedger(path);
        expect([value.map(({ gen_id }) => gen_id), problems]).toEqual([kept, []]);
        truncateSync(path, 0);
      }
    },
  );

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

  test('torn on a disk that gives little at a time, it loses no more than what was torn', () => {
    write([line(), line({ gen_id: 'd_2' }), line({ gen_id: 'd_torn' })]);
    truncateSync(path, readFileSync(path).length - 5);
    giveLittle(7);
    write([line({ gen_id: 'd_3' })]);
    expect(readLedger(path).value.map(({ gen_id }) => gen_id)).toEqual(['d_1', 'd_2', 'd_3']);
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

describe('a line that lacks', () => {
  test.each(['when', 'gen_id', 'model', 'outcome', 'attempt'])('its %s is damaged', (name) => {
    write([line()]);
    appendFileSync(path, `${JSON.stringify({ ...line({ gen_id: 'd_2' }), [name]: undefined })}\n`);
    expect(readLedger(path)).toMatchObject({ value: [line()], problems: [{ code: 'DD620' }] });
  });
});

describe('a file that an editor has saved', () => {
  test('is read with a mark before its first letter, and with other line ends', () => {
    write([line(), line({ gen_id: 'd_2' })]);
    const text = readFileSync(path, 'utf8');
    writeFileSync(path, `\uFEFF${text.replaceAll('\n', '\r\n')}\r\n`);
    expect(readLedger(path)).toMatchObject({ value: [{ gen_id: 'd_1' }, { gen_id: 'd_2' }], problems: [] });
  });

  test.each(['"free"', '-5', 'null', '1e999', '[]'])(
    'has cost what nobody knows where it says %s',
    (amount) => {
      write([line({ cost: 0.5 })]);
      appendFileSync(
        path,
        `${JSON.stringify(line({ gen_id: 'd_2', cost: 7 })).replace('"cost":7', `"cost":${amount}`)}\n`,
      );
      const { value } = readLedger(path);
      expect(value.map(({ cost }) => cost)).toEqual([0.5, undefined]);
      expect(spendingOf(value)).toMatchObject({ unknown: 1 });
    },
  );
});

describe('a torn end', () => {
  test('is found behind more lines than are looked at', () => {
    write(Array.from({ length: 400 }, (_, number) => line({ gen_id: `d_${number}` })));
    expect(readFileSync(path).length).toBeGreaterThan(65_536);
    appendFileSync(path, '{"torn');
    write([line({ gen_id: 'd_last' })]);
    const { value, problems } = readLedger(path);
    expect([value.length, value.at(-1)?.gen_id, problems]).toEqual([401, 'd_last', []]);
  });
});

describe('a ledger that can not be opened', () => {
  test('is an error of the first entry, and closing it is none', () => {
    writeFileSync(join(folder, 'state'), 'in the way');
    const ledger = openLedger(path);
    expect(() => ledger.record(line())).toThrow(/EEXIST|ENOTDIR/);
    expect(() => ledger.close()).not.toThrow();
  });

  test('may be closed twice, and opens again with another entry', () => {
    const ledger = openLedger(path);
    ledger.record(line());
    ledger.close();
    ledger.close();
    ledger.record(line({ gen_id: 'd_2' }));
    ledger.close();
    expect(readLedger(path).value.map(({ gen_id }) => gen_id)).toEqual(['d_1', 'd_2']);
  });
});

describe('several ledgers', () => {
  const elsewhere = (entries: readonly LedgerEntry[]): string => {
    const other = join(folder, `other-${entries.length}`, 'calls.jsonl');
    const ledger = openLedger(other);
    for (const entry of entries) ledger.record(entry);
    ledger.close();
    return other;
  };

  test('are one, in which what was copied from one into another stands once', () => {
    const named = line({ request_id: 'one', gen_id: 'd_2' });
    write([line(), line(), named]);
    const other = elsewhere([
      line(),
      { ...named, host: 'elsewhere' },
      line({ request_id: 'one', when: '2026-11-24T00:00:00.000Z' }),
      line({ gen_id: 'd_3' }),
    ]);
    const { value } = readLedgers([path, other]);
    expect(value.map(({ gen_id, when }) => `${gen_id} ${when.slice(8, 10)}`)).toEqual([
      'd_1 23',
      'd_1 23',
      'd_2 23',
      'd_1 24',
      'd_3 23',
    ]);
  });

  test('say what is damaged in each', () => {
    const other = elsewhere([line()]);
    for (const each of [other, path]) {
      write([line()]);
      appendFileSync(each, 'nonsense\n');
    }
    const { problems } = readLedgers([path, other]);
    expect(problems.map(({ place }) => place?.file)).toEqual([path, other]);
    expect(problems[0]?.message).toContain('1 unreadable line(s)');
    expect(readLedgers([])).toEqual({ value: [], problems: [] });
  });
});

test('an attempt is answered by a reply, also one that was cut off or refuses', () => {
  const answered = ['reply', 'truncated', 'empty', 'content_filter', 'only_thoughts', 'tool_call'];
  const outcomes = [...answered, 'server', 'timeout', ''];
  expect(outcomes.filter((outcome) => isAnswered(line({ outcome })))).toEqual(answered);
});
