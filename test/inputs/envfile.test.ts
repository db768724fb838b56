// An .env file is read alike on every Node: no line, whatever it holds, hides another.
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { UNDECIDED, readEnvFile } from '../../src/inputs/envfile.ts';
import { scratchFolder } from '../support/project.ts';

function read(text: string): Readonly<Record<string, string | undefined>> {
  const file = join(scratchFolder(), '.env');
  writeFileSync(file, text);
  return readEnvFile(file);
}

describe('an .env file', () => {
  it('holds names and values, bare or in quotes', () => {
    expect(
      read(
        'A=sk-1\r\nexport B = two words \nC="a\\nb" # said\nD=\'x\ny\'\nE=`"`\nF=\n\n\tG=1 # said\nH="open',
      ),
    ).toEqual({ A: 'sk-1', B: 'two words', C: 'a\nb', D: 'x\ny', E: '"', F: '', G: '1', H: '"open' });
  });

  it.each([
    ['a line without a name', '=x\nKEY=word\n'],
    ['a line without a value', 'first\nKEY=word\n'],
    ['prose', 'this file = secret, says the boss\nKEY=word\n'],
    ['a remark with a name', '#KEY=other\nKEY=word\n  # KEY=third\n#\n'],
    ['the end without a line end', 'x\nKEY=word'],
  ])('is read on behind %s', (_what, text) => {
    expect(read(text)).toMatchObject({ KEY: 'word' });
    expect(Object.values(read(text))).not.toContain('other');
  });

  it('tells of the marks of a merge, and of nothing that looks like less', () => {
    expect(read('A=1\n<<<<<<< HEAD\nK=a\n=======\nK=b\n>>>>>>> other\n')).toHaveProperty([UNDECIDED]);
    expect(read('A=1\n>>>>>>> other\n')).toHaveProperty([UNDECIDED]);
    expect(read('A=<<<<<<\n')).toEqual({ A: '<<<<<<' });
  });

  it('that is not there holds nothing', () => {
    expect(readEnvFile(join(scratchFolder(), '.env'))).toEqual({});
  });
});
