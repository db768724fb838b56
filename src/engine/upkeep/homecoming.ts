// What was paid for while the data root was away is taken home: replies into the response cache, lines of calls into the ledger.
import { existsSync, readFileSync, rmdirSync, unlinkSync } from 'node:fs';
import { basename, join } from 'node:path';
import { warning, type Problem } from '../../problem.ts';
import { openLedger, readLedger, type LedgerEntry } from '../../store/ledger/ledger.ts';
import type { Layout } from '../../store/layout.ts';
import { entryOf, keepEntry, responseIn } from '../../store/responses.ts';
import { namesIfPresent } from '../../store/writing/atomic.ts';
import { isAway, lodgedLedgerOf, lodgingOf } from '../../store/writing/lodging.ts';

/** Files of replies that wait; none where no folder of that name is there, or nothing of ours in it. */
export function repliesWaiting(layout: Layout): readonly string[] {
  const lodging = lodgingOf(layout);
  if (!existsSync(lodging)) return [];
  return namesIfPresent(lodging)
    .filter((name) => /^[0-9a-f]{64}-\d+\.json$/.test(name))
    .map((name) => join(lodging, name));
}

/**
 * For who holds the lock. Says how many replies were taken home; undefined where nothing waits. What is broken off goes on the next
 * time: a reply that is kept already is not kept twice. What can not be read stays where it is.
 */
export async function takeHome(layout: Layout): Promise<Problem | undefined> {
  const lodging = lodgingOf(layout);
  if (!existsSync(lodging) || isAway(layout)) return undefined;
  let taken = 0;
  for (const path of repliesWaiting(layout)) {
    const response = responseIn(readFileSync(path, 'utf8'));
    if (typeof response === 'string') continue;
    await keepEntry(layout, entryOf(response, addressIn(path)));
    unlinkSync(path);
    taken++;
  }
  const lines = takeLines(layout);
  if (namesIfPresent(lodging).length === 0) rmdirSync(lodging);
  if (taken === 0 && lines === 0) return undefined;
  const message = `${taken} ${taken === 1 ? 'reply' : 'replies'} that came while the data root was away ${taken === 1 ? 'was' : 'were'} taken home from ${lodging}`;
  return warning('DD587', message, { cure: 'Nothing has to be done.', data: { replies: taken } });
}

function addressIn(path: string): string {
  return basename(path).replace(/-\d+\.json$/, '');
}

/** Those that are not there yet, by all that they say. */
function takeLines(layout: Layout): number {
  const path = lodgedLedgerOf(layout);
  if (!existsSync(path)) return 0;
  const known = new Set(keys(layout.ledger).map(([key]) => key));
  const missing = keys(path).filter(([key]) => !known.has(key));
  const ledger = openLedger(layout.ledger);
  for (const [, entry] of missing) ledger.record(entry);
  ledger.close();
  unlinkSync(path);
  return missing.length;
}

function keys(file: string): readonly (readonly [string, LedgerEntry])[] {
  return readLedger(file).value.map((entry) => [JSON.stringify(entry), entry]);
}
