// Where what was paid for waits while the data root is away: a folder beside its place, which is not in the way of who brings it back.
// Knows no response; `engine/upkeep/homecoming.ts` takes home what lies there.
import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { problem, type Problem } from '../../problem.ts';
import type { Layout } from '../layout.ts';

type Root = Pick<Layout, 'dataRoot'>;

export function isAway({ dataRoot }: Root): boolean {
  return !existsSync(dataRoot);
}

export function lodgingOf({ dataRoot }: Root): string {
  return `${dataRoot}.replies`;
}

/** The lines of calls that ended meanwhile. */
export function lodgedLedgerOf(root: Root): string {
  return join(lodgingOf(root), 'calls.jsonl');
}

/** Where a line about a call goes. Throws where neither the data root is there nor the folder in which it stood. */
export function ledgerPlace(layout: Pick<Layout, 'dataRoot' | 'ledger'>): string {
  if (!isAway(layout)) return layout.ledger;
  open(layout);
  return lodgedLedgerOf(layout);
}

/** Puts a response there, under a name that is free. Throws as `ledgerPlace` does. */
export function lodge(root: Root, address: string, json: string): void {
  open(root);
  for (let number = 1; ; number++) {
    try {
      const path = join(lodgingOf(root), `${address}-${number}.json`);
      return writeFileSync(path, json, { mode: 0o600, flag: 'wx', flush: true });
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
    }
  }
}

function open(root: Root): void {
  try {
    mkdirSync(lodgingOf(root));
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
  }
}

export function goneAway(root: Root): Problem {
  const { dataRoot } = root;
  const lodging = lodgingOf(root);
  return problem('DD586', `${dataRoot} went away while it was built`, {
    reason: 'data_root_gone',
    place: { file: dataRoot },
    cure: `Bring it back, and build again: replies that came meanwhile wait in ${lodging} and are taken home then. If it is to stay elsewhere, move that folder beside it, under its new name with \`${basename(lodging).slice(basename(dataRoot).length)}\` behind.`,
  });
}
