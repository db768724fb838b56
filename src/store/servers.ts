// What the labels of providers meant when traces named labels instead of servers: `gens/servers.json`, beside the traces that it
// explains. Knows no config and no trace.
import { join } from 'node:path';
import { readTextIfPresent, writeAtomic } from './writing/atomic.ts';
import type { Layout } from './layout.ts';

/** Label → server. Empty where there is no file, or none that can be read. */
export function readMeanings({ gens }: Pick<Layout, 'gens'>): Readonly<Record<string, string>> {
  try {
    const value: unknown = JSON.parse(readTextIfPresent(join(gens, 'servers.json')) ?? '{}');
    if (typeof value !== 'object' || value === null) return {};
    return Object.fromEntries(
      Object.entries(value).filter((each): each is [string, string] => typeof each[1] === 'string'),
    );
  } catch (error) {
    if (error instanceof SyntaxError) return {};
    throw error;
  }
}

export function writeMeanings(
  { gens }: Pick<Layout, 'gens'>,
  meanings: Readonly<Record<string, string>>,
): void {
  const sorted = Object.fromEntries(Object.entries(meanings).sort(([a], [b]) => (a < b ? -1 : 1)));
  writeAtomic(join(gens, 'servers.json'), `${JSON.stringify(sorted, null, 2)}\n`);
}
