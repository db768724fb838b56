// Sums of money, counts of tokens and spans of time in words. Knows nothing of what they are for.

/** `$0.0042`, `$1.50`: four places below a dollar, two above. */
export function usd(amount: number): string {
  if (amount === 0) return '$0';
  if (amount < 0.0001) return 'less than $0.0001';
  return `$${amount.toFixed(amount < 1 ? 4 : 2)}`;
}

/** A sum of which some is not known: `unknown`, `at least $0.02`. `unknown`: of how many amounts nobody knows. */
export function usdOf(known: number, unknown: number): string {
  if (unknown === 0) return usd(known);
  return known === 0 ? 'unknown' : `at least ${usd(known)}`;
}

/** All in USD but `unknown`, which counts. */
export interface SpentParts {
  readonly billed: number;
  readonly counted: number;
  readonly estimated: number;
  readonly unknown: number;
}

/** How a sum is known: `billed`, or each part with its amount; empty where nothing is known. */
export function sourcesOf({ billed, counted, estimated, unknown }: SpentParts): string {
  const parts = [
    { amount: billed, how: 'billed' },
    { amount: counted, how: 'counted from tokens' },
    { amount: estimated, how: 'estimated without them' },
  ].filter(({ amount }) => amount > 0);
  const [only] = parts;
  if (parts.length === 1 && unknown === 0 && only !== undefined) return only.how;
  return [
    ...parts.map(({ amount, how }) => `${usd(amount)} ${how}`),
    ...(unknown === 0 ? [] : [`${plural(unknown, 'reply', 'replies')} at an unknown price`]),
  ].join(', ');
}

export function tokens(count: number): string {
  if (count < 10_000) return String(count);
  return count < 10_000_000 ? `${Math.round(count / 1000)}k` : `${Math.round(count / 1_000_000)}M`;
}

/** `40 s`, `12 min`, `3 h 20 min`, `2 d 4 h`: two units at most. */
export function span(ms: number): string {
  const seconds = Math.round(ms / 1000);
  if (seconds < 90) return `${seconds} s`;
  const minutes = Math.round(seconds / 60);
  if (minutes < 60) return `${minutes} min`;
  const hours = Math.floor(minutes / 60);
  if (hours < 48) return minutes % 60 === 0 ? `${hours} h` : `${hours} h ${minutes % 60} min`;
  return hours % 24 === 0 ? `${hours / 24} d` : `${Math.floor(hours / 24)} d ${hours % 24} h`;
}

/** One text for two values that say the same, else `low–high`. */
export function range(low: string, high: string): string {
  return low === high ? high : `${low}–${high}`;
}

/** `1 call`, `2 calls`. */
export function plural(count: number, word: string, several = `${word}s`): string {
  return `${count} ${count === 1 ? word : several}`;
}

/** `3 stale, 2 pending`: what there is none of is left out. */
export function nonZero(counts: Readonly<Record<string, number>>): string {
  return Object.entries(counts)
    .filter(([, count]) => count > 0)
    .map(([word, count]) => `${count} ${word}`)
    .join(', ');
}

/** `2026-11-24 00:00 UTC`. */
export function moment(ms: number): string {
  return `${new Date(ms).toISOString().slice(0, 16).replace('T', ' ')} UTC`;
}

/** The same of the minute that ends then or later: what is not before it is not too early. */
export function momentAfter(ms: number): string {
  return moment(Math.ceil(ms / 60_000) * 60_000);
}

const UNIT_MS: Readonly<Record<string, number>> = {
  s: 1000,
  m: 60_000,
  h: 3_600_000,
  d: 86_400_000,
  w: 604_800_000,
};

/** Milliseconds of `90s`, `20m`, `12h`, `7d` or `2w`; undefined for everything else. */
export function millisecondsOf(text: string): number | undefined {
  const [, count, unit = ''] = /^(\d{1,6})([smhdw])$/.exec(text.trim()) ?? [];
  return count === undefined ? undefined : Number(count) * (UNIT_MS[unit] ?? 0);
}

/** A sum that can be typed: rounded up to cents, or to two digits below a dollar. */
export function upTo(amount: number): number {
  if (amount <= 0) return 0;
  const digits = amount >= 1 ? 2 : 1 - Math.floor(Math.log10(amount));
  return Number((Math.ceil(amount * 10 ** digits) / 10 ** digits).toFixed(digits));
}
