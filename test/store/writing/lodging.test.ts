// Where what was paid for waits while the data root is away: beside it, under names that are free, and nowhere where even that is gone.
import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import { beforeEach, describe, expect, it } from 'vitest';
import { layoutOf, type Layout } from '../../../src/store/layout.ts';
import {
  goneAway,
  isAway,
  ledgerPlace,
  lodge,
  lodgedLedgerOf,
  lodgingOf,
} from '../../../src/store/writing/lodging.ts';
import { scratchFolder } from '../../support/project.ts';

let layout: Layout;
let lodging: string;
beforeEach(() => {
  layout = layoutOf(join(scratchFolder(), 'data'));
  mkdirSync(layout.dataRoot);
  lodging = `${layout.dataRoot}.replies`;
});
const moveAway = (): void => renameSync(layout.dataRoot, join(dirname(layout.dataRoot), 'elsewhere'));

describe('while the data root is there', () => {
  it('lines about calls go into its ledger, and nothing lies beside it', () => {
    expect([isAway(layout), ledgerPlace(layout)]).toEqual([false, layout.ledger]);
    expect(existsSync(lodging)).toBe(false);
  });
});

describe('while the data root is away', () => {
  beforeEach(moveAway);

  it('lines about calls go into a folder beside it, which is made once', () => {
    expect(isAway(layout)).toBe(true);
    for (let time = 0; time < 2; time++) expect(ledgerPlace(layout)).toBe(join(lodging, 'calls.jsonl'));
    expect([lodgingOf(layout), lodgedLedgerOf(layout)]).toEqual([lodging, join(lodging, 'calls.jsonl')]);
    expect(statSync(lodging).isDirectory()).toBe(true);
  });

  it('replies take the next name that is free, whole, for the eyes of their owner alone', () => {
    for (const text of ['first', 'second']) lodge(layout, 'address', text);
    lodge(layout, 'other', 'third');
    expect(readdirSync(lodging)).toEqual(['address-1.json', 'address-2.json', 'other-1.json']);
    expect(readFileSync(join(lodging, 'address-1.json'), 'utf8')).toBe('first');
    expect(readFileSync(join(lodging, 'address-2.json'), 'utf8')).toBe('second');
    expect(statSync(join(lodging, 'address-1.json')).mode & 0o777).toBe(0o600);
  });

  it('nothing is kept where the folder around it is gone too, nor where a file is in the way', () => {
    writeFileSync(lodging, 'in the way');
    expect(() => lodge(layout, 'address', 'x')).toThrow(/ENOTDIR/);
    rmSync(dirname(layout.dataRoot), { recursive: true });
    expect(() => lodge(layout, 'address', 'x')).toThrow(/ENOENT/);
    expect(() => ledgerPlace(layout)).toThrow(/ENOENT/);
  });

  it('is told with where replies wait, and what that folder is to be called elsewhere', () => {
    const { code, message, reason, place, cure } = goneAway(layout);
    expect(message).toBe(`${layout.dataRoot} went away while it was built`);
    expect([code, place, reason]).toEqual(['DD586', { file: layout.dataRoot }, 'data_root_gone']);
    expect(cure).toContain(`wait in ${lodging} and`);
    expect(cure).toContain('under its new name with `.replies` behind');
  });
});
