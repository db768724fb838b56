// What pandas made of a column of ids.
import { describe, expect, it } from 'vitest';
import { oldReading } from '../../src/doctor/families/oldreading.ts';

describe('a column as the earlier tools read it', () => {
  it.each<[string, readonly string[], readonly (string | undefined)[]]>([
    ['names stay', ['kite', 'k-1', '007x'], ['kite', 'k-1', '007x']],
    ['whole numbers lose their zeros', ['007', '+8', '-0'], ['7', '8', '0']],
    ['with a blank they become floats', ['101', ''], ['101.0', undefined]],
    ['numbers are written as Python does', ['1e3', '2.50'], ['1000.0', '2.5']],
    ['truth words are capitalised', ['true', 'FALSE'], ['True', 'False']],
    ['one name keeps the others as they are', ['007', 'kite', '1e3', 'true'], ['007', 'kite', '1e3', 'true']],
    ['some words are blanks', ['NA', 'null', 'None', 'kite'], [undefined, undefined, undefined, 'kite']],
    ['other spellings are none', ['na', 'NONE', 'Null'], ['na', 'NONE', 'Null']],
    ['an empty column stays empty', ['', ''], [undefined, undefined]],
    ['numbers of any length stay exact', ['12345678901234567890'], ['12345678901234567890']],
  ])('%s', (_what, cells, expected) => {
    expect(oldReading(cells)).toEqual(expected);
  });
});
