// daydream gc: what nobody needs any more, listed, and with --yes moved to the trash; or the trash itself, emptied for good.
import { garbageOf } from '../../../engine/upkeep/removable.ts';
import { problem, ProblemError } from '../../../problem.ts';
import { bytesBelow, emptyBatch, listTrash } from '../../../store/trash.ts';
import type { Layout } from '../../../store/layout.ts';
import { join } from 'node:path';
import { WAIT, type Invocation, type CommandSpec } from '../../call/command.ts';
import type { ExitCode } from '../../call/exitcode.ts';
import { whileLocked } from './locked.ts';
import { remove, sizeText, YES } from './removing.ts';

export const command: CommandSpec = {
  words: '',
  options: [
    {
      flags: '--keep <age>',
      text: 'also remove kept responses that are older (`90d`, `12h`, `4w`) and unused',
    },
    { flags: '--trash', text: 'empty the trash instead, for good' },
    YES,
    WAIT,
  ],
  examples: ['gc', 'gc --yes', 'gc --keep 90d --yes', 'gc --trash --yes'],
  run: collect,
};

function collect(call: Invocation): Promise<ExitCode> {
  const keepMs = ageIn(call.options.text('keep'));
  return whileLocked(call, call.options.flag('yes') ? 'lock' : 'look', async ({ layout, open }) => {
    if (call.options.flag('trash')) return emptyTrash(call, layout);
    const removals = garbageOf(await open(), { keepMs, now: call.clock.now() });
    return remove(call, layout, { removals, kept: [] });
  });
}

const UNITS: Readonly<Record<string, number>> = { m: 60_000, h: 3_600_000, d: 86_400_000, w: 604_800_000 };

function ageIn(text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  const [, count, unit = ''] = /^(\d+)([mhdw])$/.exec(text) ?? [];
  if (count !== undefined) return Number(count) * (UNITS[unit] ?? 0);
  throw new ProblemError([
    problem('DD102', `--keep wants an age such as 90d, 12h or 4w, not ${JSON.stringify(text)}`, {
      place: { field: '--keep' },
    }),
  ]);
}

function emptyTrash({ console, options }: Invocation, layout: Layout): ExitCode {
  const batches = listTrash(layout).map((batch) => ({
    ...batch,
    bytes: bytesBelow(join(layout.trash, batch.name)) ?? 0,
  }));
  const emptied = options.flag('yes');
  if (emptied) for (const { name } of batches) emptyBatch(layout, name);
  const bytes = batches.reduce((sum, each) => sum + each.bytes, 0);
  if (console.json) console.printJson({ version: 1, emptied, batches, bytes });
  else {
    for (const { name, items, command: line } of batches)
      console.print(`${name}  ${items.length} items  ${line}`);
    if (batches.length === 0) console.note('the trash is empty');
    else console.note(`${sizeText(bytes)} ${emptied ? 'deleted' : 'would be deleted for good; add --yes'}`);
  }
  return 0;
}
