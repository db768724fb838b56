// One field of other people's JSON: what it is, and nothing where it is not what was wanted.
import { describe, expect, it } from 'vitest';
import { field, numberField, textField } from '../../src/model/fields.ts';

describe('a field', () => {
  it.each<[unknown, unknown]>([
    [{ a: 1 }, 1],
    [{ a: null }, null],
    [{ b: 1 }, undefined],
    [null, undefined],
    [undefined, undefined],
    ['text', undefined],
    [Object.assign([], { a: 1 }), undefined],
    [Object.assign(() => 1, { a: 1 }), undefined],
  ])('of %j is %j', (value, found) => {
    expect(field(value, 'a')).toBe(found);
  });

  it('is the object’s own', () => {
    expect(field({}, 'constructor')).toBeUndefined();
  });
});

describe('a text', () => {
  it.each<[unknown, string | undefined]>([
    ['x', 'x'],
    [' ', ' '],
    ['', undefined],
    [1, undefined],
    [['x'], undefined],
  ])('%j is %j', (value, text) => {
    expect(textField({ a: value }, 'a')).toBe(text);
  });
});

describe('a number', () => {
  it.each<[unknown, number | undefined]>([
    [1.5, 1.5],
    [0, 0],
    ['2', 2],
    [' 2 ', 2],
    ['', undefined],
    ['  ', undefined],
    ['two', undefined],
    [Number.NaN, undefined],
    [Number.POSITIVE_INFINITY, undefined],
    ['1e999', undefined],
    [true, undefined],
    [null, undefined],
    [[3], undefined],
  ])('%j is %j', (value, number) => {
    expect(numberField({ a: value }, 'a')).toBe(number);
  });
});
