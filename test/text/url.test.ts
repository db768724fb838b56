import { describe, expect, it } from 'vitest';
import { urlOf } from '../../src/text/url.ts';

describe('a text as a URL', () => {
  it('is one, whole or below another', () => {
    expect(urlOf('HTTPS://X.org/v1/')?.href).toBe('https://x.org/v1/');
    expect(urlOf('/v2', 'https://x.org/v1')?.href).toBe('https://x.org/v2');
    expect(urlOf(new URL('https://x.org'))?.href).toBe('https://x.org/');
  });

  it.each(['', 'two words', '/v1', 'http://', 'http://x:99999'])('is none: %j', (text) => {
    expect(urlOf(text)).toBeUndefined();
  });

  it('is the same however often it was asked, with letters that are not ASCII too', () => {
    // Enough calls for the engine to compile what is asked; only then did URL.canParse begin to say no.
    const hosts = new Set<string | undefined>();
    for (let count = 0; count < 20_000; count += 1) hosts.add(urlOf('https://b\u00FCcher.example/v1')?.host);
    expect([...hosts]).toEqual(['xn--bcher-kva.example']);
  });
});
