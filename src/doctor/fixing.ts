// Does what findings offer as safe: nothing is deleted, what is replaced goes to the trash. The lock is held by the caller.
import { join } from 'node:path';
import { takeHome } from '../engine/upkeep/homecoming.ts';
import { readIfPresent, writeAtomic } from '../store/writing/atomic.ts';
import type { Layout } from '../store/layout.ts';
import { moveToTrash, type Batch } from '../store/trash.ts';
import type { Finding, Fix } from './findings.ts';

/** Several findings may offer the same fix. */
export function fixesIn(findings: readonly Finding[]): readonly Fix[] {
  const fixes = findings.flatMap(({ fix }) => fix ?? []);
  return [...new Map(fixes.map((fix) => [JSON.stringify(fix), fix])).values()];
}

export async function applyFixes(
  layout: Layout,
  fixes: readonly Fix[],
  batch: Omit<Batch, 'items'>,
): Promise<void> {
  const items = [...new Set(fixes.flatMap(trashed))].sort();
  if (items.length > 0) moveToTrash(layout, { ...batch, items });
  for (const fix of fixes) write(layout, fix);
  if (fixes.some(({ kind }) => kind === 'home')) await takeHome(layout);
}

function trashed(fix: Fix): readonly string[] {
  switch (fix.kind) {
    case 'trash':
      return fix.paths;
    case 'write':
      return fix.replaces === 'damaged' ? [fix.path] : [];
    case 'coordinates':
    case 'home':
    case 'unlock':
      return [];
  }
}

/** Whoever takes the lock takes it from a holder that is gone, so an unlock is done by now. */
function write(layout: Layout, fix: Fix): void {
  if (fix.kind === 'write') writeAtomic(join(layout.dataRoot, fix.path), fix.text);
  if (fix.kind !== 'coordinates') return;
  const path = join(layout.dataRoot, fix.path);
  const before = JSON.parse(readIfPresent(path)?.toString('utf8') ?? '{}') as object;
  writeAtomic(path, JSON.stringify({ ...before, ...fix.values }, null, 2));
}

export function fixWords(fix: Fix): string {
  switch (fix.kind) {
    case 'trash':
      return `move to the trash: ${fix.paths.join(', ')}`;
    case 'write':
      return `write ${fix.path}${fix.replaces === 'damaged' ? ' (the damaged one goes to the trash)' : ''}`;
    case 'coordinates':
      return `set ${Object.keys(fix.values).join(', ')} in ${fix.path}`;
    case 'home':
      return 'take home the replies that wait beside the data root';
    case 'unlock':
      return 'take the lock away';
  }
}
