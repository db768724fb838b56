// Removing in words: what would go, what went, and how to get it back. Finds nothing itself.
import { runIdOf } from '../../../store/runs/runs.ts';
import type { Removals } from '../../../engine/upkeep/removable.ts';
import { moveToTrash } from '../../../store/trash.ts';
import type { Layout } from '../../../store/layout.ts';
import type { Invocation, OptionSpec } from '../../call/command.ts';
import type { ExitCode } from '../../call/exitcode.ts';

export const YES: OptionSpec = { flags: '--yes', text: 'do it; without it, only say what would go' };

const LISTED = 20;

/** Lists, and with `--yes` moves to the trash. The lock is held by the caller when something goes. */
export function remove(call: Invocation, layout: Layout, { removals, kept }: Removals): ExitCode {
  const { console, options, clock, random, commandLine } = call;
  const name = runIdOf(layout, clock.now(), random);
  const items = removals.map(({ path }) => path).sort();
  const really = options.flag('yes') && items.length > 0;
  if (!console.json) tell(call, { removals, kept });
  if (really)
    moveToTrash(layout, { name, at: new Date(clock.now()).toISOString(), command: commandLine, items });
  if (console.json) {
    console.printJson({ version: 1, removed: really, ...(really ? { trash: name } : {}), removals, kept });
    return 0;
  }
  const bytes = removals.reduce((sum, each) => sum + each.bytes, 0);
  if (items.length === 0) console.note('nothing to remove');
  else if (really)
    console.note(
      `moved ${items.length} to the trash (${sizeText(bytes)}); \`daydream restore ${name}\` brings them back`,
    );
  else console.note(`${items.length} would go (${sizeText(bytes)}); add --yes to move them to the trash`);
  return 0;
}

function tell({ console }: Invocation, { removals, kept }: Removals): void {
  const limit = console.verbosity === 'verbose' ? Number.POSITIVE_INFINITY : LISTED;
  for (const { path, bytes, why } of removals.slice(0, limit))
    console.print(`${sizeText(bytes).padStart(9)}  ${path}  ${console.paint('dim', why)}`);
  if (removals.length > limit) console.print(`… and ${removals.length - limit} more (-v lists them all)`);
  for (const { path, cohorts } of kept.slice(0, limit))
    console.note(`     stays  ${path}  used by ${cohorts.join(', ')}`);
  if (kept.length > limit)
    console.note(`… and ${kept.length - limit} more stay, since several cohorts use them`);
}

export function sizeText(bytes: number): string {
  const units = ['B', 'KB', 'MB', 'GB', 'TB'];
  const step = bytes < 1 ? 0 : Math.min(units.length - 1, Math.floor(Math.log10(bytes) / 3));
  const value = bytes / 1000 ** step;
  return `${value < 10 && step > 0 ? value.toFixed(1) : Math.round(value)} ${units[step] ?? ''}`;
}
