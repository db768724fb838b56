// What the labels of providers meant: read back as it was written, and nothing where that can not be told.
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeEach, describe, expect, it } from 'vitest';
import { layoutOf, type Layout } from '../../src/store/layout.ts';
import { readMeanings, writeMeanings } from '../../src/store/servers.ts';
import { scratchFolder } from '../support/project.ts';

let layout: Layout;
beforeEach(() => {
  layout = layoutOf(scratchFolder());
});

const path = (): string => join(layout.gens, 'servers.json');

describe('the meanings of labels', () => {
  it('are read as they were written, in the order of the labels', () => {
    expect(readMeanings(layout)).toEqual({});
    writeMeanings(layout, { b: 'https://two', a: 'https://one', c: 'https://three' });
    expect(readMeanings(layout)).toEqual({ a: 'https://one', b: 'https://two', c: 'https://three' });
    expect(readFileSync(path(), 'utf8')).toBe(
      '{\n  "a": "https://one",\n  "b": "https://two",\n  "c": "https://three"\n}\n',
    );
  });

  it.each([
    ['', {}],
    ['{', {}],
    ['null', {}],
    ['"text"', {}],
    ['{"a":1,"b":"https://two","c":null}', { b: 'https://two' }],
  ])('are what can be read of %j', (text, read) => {
    mkdirSync(layout.gens, { recursive: true });
    writeFileSync(path(), text);
    expect(readMeanings(layout)).toEqual(read);
  });

  it('that the disk does not give are an error', () => {
    mkdirSync(path(), { recursive: true });
    expect(() => readMeanings(layout)).toThrow(/EISDIR/);
  });
});
