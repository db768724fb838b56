// A file that takes its name when it is whole: until then, and where it is given up, whatever had the name keeps it.
import { existsSync, readdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeEach, describe, expect, it } from 'vitest';
import { growFile } from '../../../src/store/writing/growing.ts';
import { scratchFolder } from '../../support/project.ts';

let folder = '';
let path = '';
beforeEach(() => {
  folder = scratchFolder();
  path = join(folder, 'rows.csv');
});

describe('a growing file', () => {
  it('has its name, and all that was written, once it is finished', () => {
    writeFileSync(path, 'before');
    const file = growFile(path);
    file.write(Buffer.from('one '));
    file.write(Buffer.from('two'));
    expect(readFileSync(path, 'utf8')).toBe('before');
    file.finish();
    expect(readFileSync(path, 'utf8')).toBe('one two');
    expect(readdirSync(folder)).toEqual(['rows.csv']);
  });

  it('may be the first of its name, in a folder that is not there yet', () => {
    path = join(folder, 'new', 'rows.csv');
    const file = growFile(path);
    file.write(Buffer.from('one'));
    expect(existsSync(path)).toBe(false);
    file.finish();
    expect(readFileSync(path, 'utf8')).toBe('one');
  });

  it('leaves no trace where it is given up', () => {
    writeFileSync(path, 'before');
    const file = growFile(path);
    file.write(Buffer.from('one'));
    file.giveUp();
    expect(readFileSync(path, 'utf8')).toBe('before');
    expect(readdirSync(folder)).toEqual(['rows.csv']);
  });

  it('is written as it stands where the name is no plain file, and that one stays', () => {
    symlinkSync('/dev/null', path);
    for (const end of ['finish', 'giveUp'] as const) {
      const file = growFile(path);
      expect(readdirSync(folder)).toEqual(['rows.csv']);
      file.write(Buffer.from('one'));
      file[end]();
      expect(readdirSync(folder)).toEqual(['rows.csv']);
      expect(readFileSync(path, 'utf8')).toBe('');
    }
  });
});
