// Files by their content: what is given back is what was kept, whatever the disk did meanwhile.
import { createHash } from 'node:crypto';
import { mkdirSync, readdirSync, statSync, truncateSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeEach, describe, expect, it } from 'vitest';
import { layoutOf, type Layout } from '../../../src/store/layout.ts';
import { keepText, keptText } from '../../../src/store/runs/texts.ts';
import { scratchFolder } from '../../support/project.ts';

const BYTES = Buffer.from('wört\0');
const ADDRESS = createHash('sha256').update(BYTES).digest('hex');

let layout: Layout;
let path = '';
beforeEach(() => {
  layout = layoutOf(scratchFolder());
  path = join(layout.texts, ADDRESS.slice(0, 2), ADDRESS);
});

describe('a kept file', () => {
  it('is found by the address of its content', () => {
    expect(keepText(layout, BYTES)).toBe(ADDRESS);
    expect(keptText(layout, ADDRESS)).toEqual(BYTES);
    expect(readdirSync(layout.texts, { recursive: true })).toEqual([
      ADDRESS.slice(0, 2),
      join(ADDRESS.slice(0, 2), ADDRESS),
    ]);
  });

  it('is written once, and again where a power cut has emptied it', () => {
    keepText(layout, BYTES);
    utimesSync(path, 1, 1);
    keepText(layout, BYTES);
    expect(statSync(path).mtimeMs).toBe(1000);
    truncateSync(path, 0);
    expect(keepText(layout, BYTES)).toBe(ADDRESS);
    expect(keptText(layout, ADDRESS)).toEqual(BYTES);
  });

  it('is not given back where it holds something else, or is not there', () => {
    keepText(layout, BYTES);
    writeFileSync(path, Buffer.from('wörd\0'));
    expect(keptText(layout, ADDRESS)).toBeUndefined();
    expect(keptText(layout, 'a'.repeat(64))).toBeUndefined();
  });

  it.each([`x${ADDRESS}`, `${ADDRESS}x`, ADDRESS.slice(1), 'x'.repeat(64)])(
    'has no address such as %s, which is not looked for',
    (address) => {
      // To read a folder would be an error.
      mkdirSync(join(layout.texts, address.slice(0, 2), address), { recursive: true });
      expect(keptText(layout, address)).toBeUndefined();
    },
  );
});
