// The rules of Python for texts and numbers, each against a value that Python gave.
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  codePointLength,
  compareCodePoints,
  formatFloat,
  lowerCase,
  nonBlankLines,
  normalizeNewlines,
  parseFloatText,
  parseInteger,
  reprText,
  splitLines,
  trim,
} from '../../src/text/python.ts';

describe('trim', () => {
  it("drops Python's blanks and keeps the byte-order mark", () => {
    const blanks = '\t\n\v\f\r\x1c\x1d\x1e\x1f \x85\xa0\u1680\u2000\u200a\u2028\u2029\u202f\u205f\u3000';
    expect(trim(`${blanks}a b${blanks}`)).toBe('a b');
    expect(trim('\ufeffa\u200b\u180e')).toBe('\ufeffa\u200b\u180e');
    expect(trim(blanks)).toBe('');
  });
});

describe('splitLines', () => {
  it('breaks at every line end that Python knows, CRLF being one', () => {
    expect(splitLines('a\nb\r\nc\rd\ve\ff\x1cg\x1dh\x1ei\x85j\u2028k\u2029l\x1fm')).toEqual([
      ...'abcdefghijk',
      'l\x1fm',
    ]);
  });

  it('opens no line after a last line end', () => {
    expect([splitLines(''), splitLines('a\n'), splitLines('\n'), splitLines('a\n\n')]).toEqual([
      [],
      ['a'],
      [''],
      ['a', ''],
    ]);
  });

  it('counts the lines that hold more than blanks', () => {
    expect([nonBlankLines(''), nonBlankLines(' \n\ta\n\x85b\n\x1c')]).toEqual([0, 2]);
    const unit = fc.constantFrom(...'a\n\r\v\f\x1c\x1d\x1e\x1f\x85\u2028\u2029 \u3000é🌙');
    fc.assert(
      fc.property(fc.array(unit), (units) => {
        const text = units.join('');
        expect(nonBlankLines(text)).toBe(splitLines(text).filter((line) => trim(line) !== '').length);
      }),
    );
  });
});

describe('line ends', () => {
  it('become LF', () => {
    expect(normalizeNewlines('a\r\nb\rc\n\r\n\r\rd')).toBe('a\nb\nc\n\n\n\nd');
  });
});

describe('letters', () => {
  it('are lowered with final sigma and dotted I', () => {
    expect([lowerCase('ΑΣ'), lowerCase('İ')]).toEqual(['ας', 'i\u0307']);
  });

  it('are counted by code point', () => {
    expect([codePointLength('a\ud83d\ude00b'), codePointLength('\ud800'), codePointLength('')]).toEqual([
      3, 1, 0,
    ]);
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (text) => codePointLength(text) === [...text].length),
    );
  });

  it('are ordered by code point, also above U+FFFF', () => {
    expect(['\ud83d\ude00', '\uff5e', 'a', '', 'ab', 'B'].sort(compareCodePoints)).toEqual([
      '',
      'B',
      'a',
      'ab',
      '\uff5e',
      '\ud83d\ude00',
    ]);
    const points = (text: string): number[] => Array.from(text, (char) => char.codePointAt(0) ?? 0);
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), fc.string({ unit: 'binary' }), (a, b) => {
        const [left, right] = [points(a), points(b)];
        const at = left.findIndex((point, index) => point !== right[index]);
        const wanted = at < 0 ? left.length - right.length : (left[at] ?? 0) - (right[at] ?? -1);
        expect(Math.sign(compareCodePoints(a, b))).toBe(Math.sign(wanted));
      }),
    );
  });
});

describe('floats', () => {
  it.each([
    [8, '8.0'],
    [7 / 3, '2.3333333333333335'],
    [0.0001, '0.0001'],
    [0.00001, '1e-05'],
    [1.5e-7, '1.5e-07'],
    [-0, '-0.0'],
    [1e15, '1000000000000000.0'],
    [1e16, '1e+16'],
    [123456789.125, '123456789.125'],
    [1.7976931348623157e308, '1.7976931348623157e+308'],
    [5e-324, '5e-324'],
    [Number.NaN, 'nan'],
    [-Infinity, '-inf'],
  ])('print %d as %s', (value, text) => {
    expect(formatFloat(value)).toBe(text);
  });

  it('read back as themselves', () => {
    fc.assert(
      fc.property(fc.double(), (value) => {
        expect(parseFloatText(formatFloat(value))).toBe(value);
      }),
    );
  });

  it.each([
    [' 1_0.5e-1_0 ', 10.5e-10],
    ['+.5', 0.5],
    ['5.', 5],
    ['\u0667', 7],
    ['\u3000\uff11\uff12', 12],
    ['-Infinity', -Infinity],
    ['1e999', Infinity],
  ])('are read from %j', (text, value) => {
    expect(parseFloatText(text)).toBe(value);
  });

  it.each([
    '',
    '.',
    '1__0',
    '_1',
    '1_',
    '1._5',
    '0x10',
    '7,5',
    '1e',
    'e5',
    'infinit',
    '+-1',
    '1 2',
    '\ufeff1',
  ])('are not read from %j', (text) => {
    expect(parseFloatText(text)).toBeUndefined();
  });
});

describe('integers', () => {
  it.each([
    ['7', 7],
    [' -1_000 ', -1000],
    ['+07', 7],
    ['\ud835\udfd7', 9],
    ['\ud835\udfd8', 0],
    [2.9, 2],
    [-2.9, -2],
    [-0.5, 0],
    [true, 1],
    [false, 0],
  ])('are read from %j', (value, number) => {
    expect(parseInteger(value)).toBe(number);
  });

  it.each([
    '',
    '1.0',
    '1e3',
    '1__0',
    '--1',
    'one',
    null,
    undefined,
    [1],
    Number.NaN,
    Infinity,
    '9007199254740993',
  ])('are not read from %j', (value) => {
    expect(parseInteger(value)).toBeUndefined();
  });
});

describe('the repr of a text', () => {
  it.each([
    ['plain', "'plain'"],
    ["it's", `"it's"`],
    [`it's "quoted"`, String.raw`'it\'s "quoted"'`],
    ['a\\b\n\t\r', String.raw`'a\\b\n\t\r'`],
    ['\0\x7f\xa0\xad\u2028\ufeff', String.raw`'\x00\x7f\xa0\xad\u2028\ufeff'`],
    ['é \ud83d\ude00 \u{e0001}', String.raw`'é 😀 \U000e0001'`],
    ['', "''"],
  ])('of %j', (text, repr) => {
    expect(reprText(text)).toBe(repr);
  });
});
