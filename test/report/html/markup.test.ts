// Nothing that is put into markup can become markup; and the page's colours can be read.
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { escapeHtml, html, jsonIsland, relativeUrl } from '../../../src/report/html/markup.ts';
import { contrast, DARK, LIGHT } from '../../../src/report/html/palette.ts';

describe('markup', () => {
  it('escapes what is put into it, and nothing twice', () => {
    const inner = html`<b title="${'"x"'}">${'<i>&'}</b>`;
    expect(html`<p>${inner}${[inner]}${undefined}${3}</p>`.markup).toBe(
      `<p>${'<b title="&quot;x&quot;">&lt;i&gt;&amp;</b>'.repeat(2)}3</p>`,
    );
  });

  it('takes the indentation out of templates, never out of values', () => {
    expect(
      html`<pre>${'a\n  b'}</pre>
        <p></p>`.markup,
    ).toBe('<pre>a\n  b</pre>\n<p></p>');
  });

  it('leaves no sign with a meaning in any text', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (text) => {
        expect(escapeHtml(text)).not.toMatch(/[<>"']|&(?!amp;|lt;|gt;|quot;|#39;)/);
      }),
    );
  });
});

describe('an island of JSON', () => {
  it('can not be left by any text, and gives the value back', () => {
    const hostile = ['</script><script>alert(1)</script>', '<!--<script>', '\u2028', '\uD800'];
    fc.assert(
      fc.property(fc.oneof(fc.constantFrom(...hostile), fc.string({ unit: 'binary' })), (text) => {
        const { markup } = jsonIsland('data', { text });
        const inner = /^<script type="application\/json" id="data">([^<]*)<\/script>$/s.exec(markup)?.[1];
        expect(JSON.parse(inner ?? '')).toEqual({ text });
      }),
    );
  });
});

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

describe.each([
  ['light', LIGHT],
  ['dark', DARK],
])('the %s theme', (_name, theme) => {
  const { text, muted, link, warning, ground, raised, steps } = theme;

  it('has a contrast of 4.5 to 1 for every text on every ground that it stands on', () => {
    const pairs = [text, muted, link, warning].flatMap((colour) => [
      [colour, ground],
      [colour, raised],
    ]);
    const low = [...pairs, ...steps].filter(([one = '', other = '']) => contrast(one, other) < 4.5);
    expect(low).toEqual([]);
  });

  it('goes one way from the lowest step to the highest', () => {
    const away = steps.map(([colour]) => contrast(colour, ground));
    expect(away).toEqual(away.toSorted((a, b) => a - b));
  });
});

describe('contrast', () => {
  it('is 21 for black on white and 1 for equals', () => {
    expect(contrast('#000000', '#ffffff')).toBeCloseTo(21, 9);
    expect(contrast('#336699', '#336699')).toBe(1);
  });
});
