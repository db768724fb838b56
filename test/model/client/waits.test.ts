// How long a provider asks to wait, and what it says is left of its limits: in which places that may stand, and in which spellings.
import { describe, expect, it } from 'vitest';
import { limitsOf, readerOf, waitOf, type ErrorAnswer } from '../../../src/model/client/retryafter.ts';

const NOW = Date.UTC(2026, 10, 23, 12);
const DAY = 86_400_000;

function answer(headers: Readonly<Record<string, string>>, error: unknown = {}, status = 500): ErrorAnswer {
  return { status, headers: new Headers(headers), error, message: '', now: NOW };
}

const wait = (...of: Parameters<typeof answer>): number | undefined => waitOf(answer(...of));

describe('a wait', () => {
  it.each<[ms: number | undefined, value: string]>([
    [7000, '7'],
    [250, '0.25'],
    [undefined, '0'],
    [undefined, '-1'],
    [undefined, ''],
    [undefined, ' '],
    [undefined, 'soon'],
    [undefined, '7 x'],
    [9000, 'Mon, 23 Nov 2026 12:00:09 GMT'],
    [undefined, 'Mon, 23 Nov 2026 11:59:59 GMT'],
    [90_000, '1m30s'],
    [20, '20ms'],
    [1500, '1.5s'],
    [7_200_000, '2h'],
    [2 * DAY, '2d'],
    [2000, String(NOW / 1000 + 2)],
    [2500, String(NOW + 2500)],
    [undefined, String(NOW / 1000 - 2)],
    [32 * DAY, '32d'],
    [undefined, '33d'],
  ])('is %s ms where Retry-After says "%s"', (ms, value) => {
    expect(wait({ 'retry-after': value })).toBe(ms);
  });

  it('until a moment is told by the server’s clock where ours goes another way', () => {
    const until = (date: string, moment: string) => wait({ date, 'retry-after': moment });
    // Ours is an hour ahead, an hour behind, and nobody knows which.
    expect(until('Mon, 23 Nov 2026 11:00:00 GMT', 'Mon, 23 Nov 2026 11:00:09 GMT')).toBe(9000);
    expect(until('Mon, 23 Nov 2026 13:00:00 GMT', 'Mon, 23 Nov 2026 13:00:09 GMT')).toBe(9000);
    expect(until('yesterday', 'Mon, 23 Nov 2026 12:00:09 GMT')).toBe(9000);
    expect(until('Mon, 23 Nov 2026 11:59:00 GMT', '7')).toBe(7000);
  });

  it('may be in milliseconds', () => {
    expect(wait({ 'retry-after-ms': '50' })).toBe(50);
    expect(wait({ 'retry-after-ms': String(NOW + 50) })).toBe(50);
    expect(wait({ 'retry-after-ms': '5s' })).toBeUndefined();
  });

  it('is the first that is one, from the most exact place to the least', () => {
    const error = { metadata: { retry_after_seconds: 3 }, details: [{ retryDelay: '4s' }] };
    const headers = { 'retry-after-ms': '1000', 'retry-after': '2', 'x-ratelimit-reset': '5' };
    expect(wait(headers, error, 429)).toBe(1000);
    expect(wait({ ...headers, 'retry-after-ms': '0' }, error, 429)).toBe(2000);
    expect(wait({ 'x-ratelimit-reset': '5' }, error, 429)).toBe(3000);
    expect(
      wait({ 'x-ratelimit-reset': '5' }, { details: [{}, { retryDelay: '4s' }, { retryDelay: '9s' }] }, 429),
    ).toBe(4000);
    expect(wait({ 'x-ratelimit-reset': '5' }, {}, 429)).toBe(5000);
  });

  it('is until a limit starts again only where too many requests came', () => {
    expect(wait({ 'x-ratelimit-reset': '5' }, {}, 500)).toBeUndefined();
    expect(wait({ 'x-ratelimit-reset': '5' }, { code: 429 }, 200)).toBe(5000);
    expect(wait({}, {}, 429)).toBeUndefined();
  });

  it('is not told by details that are no list', () => {
    expect(wait({}, { details: { retryDelay: '4s' } })).toBeUndefined();
    expect(wait({}, { details: [] })).toBeUndefined();
  });
});

describe('headers', () => {
  it('may be carried in the error, in any case, behind those of HTTP', () => {
    const error = { metadata: { headers: { 'Retry-After': 3, 'X-Both': 'inner' } } };
    const reader = readerOf(answer({ 'x-both': 'outer' }, error));
    expect([reader.get('retry-after'), reader.get('x-both'), reader.get('x-none')]).toEqual([
      '3',
      'outer',
      null,
    ]);
    expect(wait({}, error)).toBe(3000);
    expect(readerOf({ ...answer({}, error), headers: undefined }).get('retry-after')).toBe('3');
  });

  it.each([null, 'text', undefined])('are none in the error where %o stands in their place', (headers) => {
    expect(readerOf(answer({}, { metadata: { headers } })).get('0')).toBeNull();
  });
});

describe('what is left of a limit', () => {
  const limits = (headers: Readonly<Record<string, string>>) => limitsOf(new Headers(headers), NOW);

  it('is said with or without "requests" behind it', () => {
    const said = { remainingRequests: 3, limitRequests: 60, resetMs: 361_000 };
    expect(
      limits({ 'x-ratelimit-remaining': '3', 'x-ratelimit-limit': ' 60 ', 'x-ratelimit-reset': '6m1s' }),
    ).toEqual(said);
    expect(
      limits({
        'x-ratelimit-remaining-requests': '3',
        'x-ratelimit-remaining': '4',
        'x-ratelimit-limit-requests': '60',
        'x-ratelimit-reset-requests': '361',
      }),
    ).toEqual(said);
  });

  it.each(['remaining', 'limit', 'reset'])('may be said of %s alone', (name) => {
    expect(Object.keys(limits({ [`x-ratelimit-${name}`]: '5' }) ?? {})).toHaveLength(1);
  });

  it('is nothing where nothing, or no number, is said', () => {
    expect(limits({})).toBeUndefined();
    for (const value of ['many', '1.5', '-1', '3 of 4', 'x3'])
      expect(limits({ 'x-ratelimit-remaining': value, 'x-ratelimit-limit': value })).toBeUndefined();
  });

  it('starts again now where the moment is over', () => {
    expect(limits({ 'x-ratelimit-reset': String(NOW - 1) })).toEqual({ resetMs: 0 });
  });
});
