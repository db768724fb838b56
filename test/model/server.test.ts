// What a base URL says: which server it means, whatever its spelling, and the addresses of what that server has.
import { describe, expect, it } from 'vitest';
import { addressUnder, isServer, serverOf } from '../../src/model/server.ts';

describe('a server', () => {
  it.each([
    'https://api.example.org/v1',
    'https://api.example.org/v1/',
    'https://api.example.org/v1//',
    'HTTPS://API.example.org:443/v1',
    'https://me:word@api.example.org/v1?key=secret#top',
  ])('is the same in every spelling of its address, and holds no user and no key: %s', (baseURL) => {
    expect(serverOf(baseURL)).toBe('https://api.example.org/v1');
  });

  it('is another one at another port, below another path, and without TLS', () => {
    const others = ['https://x.org:8443/v1', 'https://x.org/v2', 'https://x.org', 'http://x.org/v1'];
    expect(others.map(serverOf)).toEqual(others);
  });

  it('is its own name where it is no address', () => {
    expect(serverOf('no address/')).toBe('no address/');
  });

  it('is told from a label by being an address', () => {
    expect(['https://x.org/v1', 'openrouter', 'offline'].map(isServer)).toEqual([true, false, false]);
  });
});

describe('what a server has', () => {
  it('stands below its base URL, whatever that ends with', () => {
    for (const baseURL of ['https://x.org/v1', 'https://x.org/v1/', 'https://x.org/v1//'])
      expect(addressUnder(baseURL, '/models')).toBe('https://x.org/v1/models');
  });

  it('is asked for with the query of the base URL, behind its own', () => {
    expect(addressUnder('https://x.org/v1/?version=1', '/models')).toBe('https://x.org/v1/models?version=1');
    expect(addressUnder('https://x.org/v1?a=1&b=2', '/x?c=3')).toBe('https://x.org/v1/x?c=3&a=1&b=2');
    expect(addressUnder('https://x.org/v1?to=/?&b=2', '/x')).toBe('https://x.org/v1/x?to=/?&b=2');
  });
});
