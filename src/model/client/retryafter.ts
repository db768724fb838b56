// How long a provider asks to wait, and what it says is left of its limits: `Retry-After`, `x-ratelimit-*`, and the same inside an
// error. Knows no cause and no retries.
import { field, numberField, textField } from '../fields.ts';
import type { RateLimits } from '../provider.ts';
import { defined } from '../../defined.ts';

/** An error as it came: over HTTP, or inside a body with status 200. */
export interface ErrorAnswer {
  readonly status: number | undefined;
  readonly headers: HeaderReader | undefined;
  /** The body's `error` value. */
  readonly error: unknown;
  /** For where the error says nothing itself. */
  readonly message: string;
  /** What the config had sent along, by name. */
  readonly settings?: readonly string[];
  /** Milliseconds since the epoch, to read dates by. */
  readonly now: number;
}

export interface HeaderReader {
  get(name: string): string | null;
}

const HOUR_MS = 3_600_000;
/** A longer wait is nonsense: what is used up of a month comes back within it. */
const LONGEST_WAIT = 32 * 24 * HOUR_MS;
const SPAN_UNITS: Readonly<Record<string, number>> = {
  ms: 1,
  s: 1000,
  m: 60_000,
  h: HOUR_MS,
  d: 24 * HOUR_MS,
};

/** HTTP's headers first, then those that the error carries in `metadata.headers`. */
export function readerOf(answer: ErrorAnswer): HeaderReader {
  const inner = field(field(answer.error, 'metadata'), 'headers');
  const carried = new Map<string, string>();
  if (inner !== null && typeof inner === 'object') {
    for (const [name, value] of Object.entries(inner)) carried.set(name.toLowerCase(), String(value));
  }
  return { get: (name) => answer.headers?.get(name) ?? carried.get(name) ?? null };
}

/**
 * Milliseconds that the provider asks to wait, from wherever it says so. Nonsense and the past are not a wait. Clocks may differ: of a
 * moment by ours and by the server's own, which its answer tells, the one that comes sooner is waited for.
 */
export function waitOf(answer: ErrorAnswer): number | undefined {
  const there = Date.parse(answer.headers?.get('date') ?? '');
  const waits = [answer.now, there].map((now) => (Number.isNaN(now) ? undefined : waitBy(answer, now)));
  const known = waits.filter((wait) => wait !== undefined);
  return known.length === 0 ? undefined : Math.min(...known);
}

function waitBy(answer: ErrorAnswer, now: number): number | undefined {
  const headers = readerOf(answer);
  const seconds = numberField(field(answer.error, 'metadata'), 'retry_after_seconds');
  const waits = [
    spanTo(headers.get('retry-after-ms'), { unit: 1, now }),
    retryAfter(headers.get('retry-after'), now),
    seconds === undefined ? undefined : seconds * 1000,
    spanOf(retryDelayOf(answer.error), now),
    answer.status === 429 || numberField(answer.error, 'code') === 429
      ? limitsOf(headers, now)?.resetMs
      : undefined,
  ];
  return waits.find((wait) => wait !== undefined && wait > 0 && wait <= LONGEST_WAIT);
}

/** Gemini's, such as `34s`, among the details of an error. */
function retryDelayOf(error: unknown): string | null {
  const details = field(error, 'details');
  if (!Array.isArray(details)) return null;
  return (
    details.map((each: unknown) => textField(each, 'retryDelay')).find((each) => each !== undefined) ?? null
  );
}

/** `Retry-After`: seconds, an HTTP date, or, although the standard has no such thing, a moment in seconds since the epoch. */
function retryAfter(value: string | null, now: number): number | undefined {
  if (value !== null && /[a-z]{3}/i.test(value)) return Date.parse(value) - now;
  return spanOf(value, now);
}

/** `x-ratelimit-*`, with or without the `-requests` that some providers put behind. */
export function limitsOf(headers: HeaderReader, now: number): RateLimits | undefined {
  const read = (name: string): string | null =>
    headers.get(`x-ratelimit-${name}-requests`) ?? headers.get(`x-ratelimit-${name}`);
  const remaining = countOf(read('remaining'));
  const limit = countOf(read('limit'));
  const resetMs = spanOf(read('reset'), now);
  if (remaining === undefined && limit === undefined && resetMs === undefined) return undefined;
  return defined({ remainingRequests: remaining, limitRequests: limit, resetMs });
}

function countOf(value: string | null): number | undefined {
  return value !== null && /^\s*\d+\s*$/.test(value) ? Number(value) : undefined;
}

/** Milliseconds: as many units, or until the moment that so many seconds or milliseconds since the epoch are. */
function spanTo(
  value: string | null,
  { unit, now }: { readonly unit: number; readonly now: number },
): number | undefined {
  if (value === null || value.trim() === '' || !Number.isFinite(Number(value))) return undefined;
  const number = Number(value);
  const moment = number > 1e12 ? number : number > 1e9 ? number * 1000 : now + number * unit;
  return Math.max(0, moment - now);
}

/** A moment as seconds or milliseconds since the epoch, or a span such as `6m0s`, `20ms` or plain seconds. */
function spanOf(value: string | null, now: number): number | undefined {
  if (value === null) return undefined;
  const plain = spanTo(value, { unit: 1000, now });
  if (plain !== undefined) return plain;
  const parts = [...value.matchAll(/(\d+(?:\.\d+)?)(ms|s|m|h|d)/g)];
  if (parts.length === 0) return undefined;
  return parts.reduce((sum, [, count, unit]) => sum + Number(count) * (SPAN_UNITS[unit ?? ''] ?? 0), 0);
}
