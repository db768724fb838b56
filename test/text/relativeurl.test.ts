// A path as a relative URL is never anything else.
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { relativeUrl } from '../../src/text/relativeurl.ts';

describe('a relative URL', () => {
  it('is never anything else than a path below or above the page', () => {
    fc.assert(
      fc.property(fc.string(), (path) => {
        const url = new URL(relativeUrl(path), 'file:///a/b/c/d/e/page.html');
        expect([url.protocol, url.host, url.search, url.hash]).toEqual(['file:', '', '', '']);
      }),
    );
  });

  it('keeps the way up and encodes what has a meaning', () => {
    expect(relativeUrl('../../gens/essay/e#1?/parsed.txt')).toBe('./../../gens/essay/e%231%3F/parsed.txt');
    expect(relativeUrl(['javascript', 'alert(1)'].join(':'))).toBe('./javascript%3Aalert(1)');
  });
});
