// daydream purge: a cohort's own outputs, listed, and with --yes moved to the trash. What other cohorts use stays.
import { cohortRemovals } from '../../../engine/upkeep/removable.ts';
import { problem, ProblemError } from '../../../problem.ts';
import { didYouMean } from '../../../text/nearest.ts';
import { WAIT, type Invocation, type CommandSpec } from '../../call/command.ts';
import type { ExitCode } from '../../call/exitcode.ts';
import { whileLocked } from './locked.ts';
import { remove, YES } from './removing.ts';

export const command: CommandSpec = {
  words: '<cohort>',
  options: [{ flags: '--all', text: 'its folder too, with its spec' }, YES, WAIT],
  examples: ['purge first-light', 'purge first-light --yes', 'purge first-light --all --yes'],
  run: purge,
};

function purge(call: Invocation): Promise<ExitCode> {
  const [cohort = ''] = call.words;
  return whileLocked(call, call.options.flag('yes') ? 'lock' : 'look', async ({ layout, open }) => {
    const session = await open();
    const known = session.loaded.structure.cohorts.map(({ id }) => id);
    if (!known.includes(cohort)) {
      throw new ProblemError([
        problem('DD109', `there is no cohort ${cohort}${didYouMean(cohort, known)}`, {
          data: { cohort, known },
        }),
      ]);
    }
    return remove(
      call,
      layout,
      cohortRemovals(session, cohort, call.options.flag('all') ? 'all' : 'outputs'),
    );
  });
}
