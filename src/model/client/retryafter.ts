// How long a provider asks to wait, and what it says is left of its limits: `Retry-After`, `x-ratelimit-*`, and the same inside an
// error. Knows no cause and no retries.
import { field, numberField } from '../fields.ts';
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
  /** Milliseconds since the epoch, to read dates by. */
  readonly now: number;
}

export interface HeaderReader {
  get(name: string): string | null;
}

const HOUR_MS = 3_600_000;
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

/** Milliseconds that the provider asks to wait, from wherever it says so. Nonsense and the past are not a wait. */
export function waitOf(answer: ErrorAnswer): number | undefined {
  const headers = readerOf(answer);
  const seconds = numberField(field(answer.error, 'metadata'), 'retry_after_seconds');
  const waits = [
    Number(headers.get('retry-after-ms') ?? Number.NaN),
    retryAfter(headers.get('retry-after'), answer.now),
    seconds === undefined ? undefined : seconds * 1000,
    answer.status === 429 || numberField(answer.error, 'code') === 429
      ? limitsOf(headers, answer.now)?.resetMs
      : undefined,
  ];
  return waits.find((wait) => wait !== undefined && Number.isFinite(wait) && wait > 0);
}

/** `Retry-After`: seconds, or an HTTP date. */
function retryAfter(value: string | null, now: number): number | undefined {
  if (value === null) return undefined;
  if (/^\s*\d+(\.\d+)?\s*$/.test(value)) return Number(value) * 1000;
  return /[a-z]{3}/i.test(value) ? Date.parse(value) - now : undefined;
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

/** A moment as seconds or milliseconds since the epoch, or a span such as `6m0s`, `20ms` or plain seconds. */
function spanOf(value: string | null, now: number): number | undefined {
  if (value === null) return undefined;
  const number = Number(value);
  if (value.trim() !== '' && Number.isFinite(number)) {
    const moment = number > 1e12 ? number : number > 1e9 ? number * 1000 : now + number * 1000;
    return Math.max(0, moment - now);
  }
  const parts = [...value.matchAll(/(\d+(?:\.\d+)?)(ms|s|m|h|d)/g)];
  if (parts.length === 0) return undefined;
  return parts.reduce((sum, [, count, unit]) => sum + Number(count) * (SPAN_UNITS[unit ?? ''] ?? 0), 0);
}
