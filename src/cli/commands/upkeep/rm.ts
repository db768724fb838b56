// daydream rm: selected generations, listed, and with --yes moved to the trash. A build makes those of cohorts again, from the
// response cache where it can.
import { selectedRemovals } from '../../../engine/upkeep/removable.ts';
import { selectFrom } from '../../../engine/plan/plan.ts';
import { judge, type Session } from '../../../engine/project/session.ts';
import { STAGES, type GenId, type Stage } from '../../../generation/stage.ts';
import { listGenerations } from '../../../store/gens/genstore.ts';
import type { Layout } from '../../../store/layout.ts';
import { EXCLUDE, WAIT, type Invocation, type CommandSpec } from '../../call/command.ts';
import type { ExitCode } from '../../call/exitcode.ts';
import { whileLocked } from './locked.ts';
import { remove, YES } from './removing.ts';

export const command: CommandSpec = {
  words: '<selector> [...selectors]',
  options: [
    EXCLUDE,
    { flags: '--cascade', text: 'also what is made from them' },
    { flags: '--shared', text: 'also what further cohorts use' },
    YES,
    WAIT,
  ],
  examples: ['rm e_2nvow3o7h9nijzyy --yes', 'rm template:rolling-thread --cascade', "rm 'stage:*' --yes"],
  run: removeSelected,
};

function removeSelected(call: Invocation): Promise<ExitCode> {
  const { options } = call;
  return whileLocked(call, options.flag('yes') ? 'lock' : 'look', async ({ layout, open }) => {
    const session = await open();
    const { rows, stored } = await chosen(call, session);
    const below = options.flag('cascade') ? 'with' : 'without';
    const inUse = options.flag('shared') ? 'take' : 'keep';
    return remove(call, layout, selectedRemovals(session, { rows, stored, below, inUse }));
  });
}

/** Ids that no cohort has are looked up in the store; everything else is a selector. */
async function chosen(
  { words, options }: Invocation,
  session: Session,
): Promise<{ readonly rows: Uint8Array; readonly stored: readonly { stage: Stage; genId: GenId }[] }> {
  const { graph, layout } = session.loaded;
  const known = new Set(graph.ids);
  const orphans = words.flatMap((word) => {
    const genId = word.replace(/^gen:/, '');
    return known.has(genId) ? [] : inStore(layout, genId).map((stage) => ({ word, stage, genId }));
  });
  const select = words.filter((word) => orphans.every((orphan) => orphan.word !== word));
  if (select.length === 0) return { rows: new Uint8Array(graph.size), stored: orphans };
  const { verdicts } = await judge(session);
  const rows = selectFrom(session.loaded, verdicts, { select, exclude: options.list('exclude') });
  return { rows, stored: orphans };
}

function inStore(layout: Layout, genId: GenId): readonly Stage[] {
  return STAGES.filter((stage) => listGenerations(layout, stage).includes(genId));
}
