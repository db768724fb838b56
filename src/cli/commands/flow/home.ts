// daydream alone: how things stand, and the next sensible command. Never spends, never writes.
import { nonZero, plural } from '../../../text/amounts.ts';
import { openForReading } from '../../../api/reading/open.ts';
import { tellBroken } from '../../words/reasons/broken.ts';
import { cureText } from '../../words/reasons/standing.ts';
import { ProblemError } from '../../../problem.ts';
import { countSelected, isGreen } from '../../../engine/plan/plan.ts';
import type { Invocation, CommandSpec } from '../../call/command.ts';
import type { ExitCode } from '../../call/exitcode.ts';

export const command: CommandSpec = {
  words: '',
  options: [],
  examples: [''],
  run: home,
};

async function home(call: Invocation): Promise<ExitCode> {
  const { console, load } = call;
  try {
    const { judged, session } = await openForReading(await load());
    const { broken } = session.loaded;
    const { graph } = judged;
    const counts = countSelected({ judge: judged }, new Uint8Array(graph.size).fill(1));
    const { total, states } = counts;
    if (console.json)
      console.printJson({ version: 1, ...counts, ...(broken.length === 0 ? {} : { broken }) });
    else {
      const standing = nonZero(states);
      console.print(
        `${plural(graph.cohorts.length, 'cohort')}, ${plural(total, 'generation')}${standing === '' ? '' : `: ${standing}`}`,
      );
      console.print(
        total === 0
          ? 'nothing to build yet: `daydream cohort new NAME` writes a spec of what the catalogs hold'
          : isGreen(counts)
            ? 'everything is current; edit a template and run `daydream plan`'
            : `${cureText(counts)}; \`daydream plan\` says first what that takes`,
      );
    }
    return tellBroken(call, broken, 0);
  } catch (error) {
    if (!(error instanceof ProblemError) || !error.problems.some(({ code }) => code === 'DD103')) throw error;
    console.print('no project here; `daydream init` makes one, `daydream --help` lists the commands');
    return 0;
  }
}
