// daydream completion: a script that teaches a shell the commands and their options. Static, and made from the command list.
import { problem, ProblemError } from '../../../problem.ts';
import { didYouMean } from '../../../text/nearest.ts';
import { GLOBAL_OPTIONS, type Invocation, type CommandSpec } from '../../call/command.ts';
import type { ExitCode } from '../../call/exitcode.ts';
import { completionScript, shellCommand, SHELLS } from './shellscripts.ts';

export const command: CommandSpec = {
  words: '<shell>',
  actions: SHELLS,
  options: [],
  examples: ['completion bash', 'completion zsh', 'completion fish'],
  run: completion,
};

async function completion({ commands, console, words }: Invocation): Promise<ExitCode> {
  const [given = ''] = words;
  const shell = SHELLS.find((each) => each === given);
  if (shell === undefined) {
    throw new ProblemError([
      problem(
        'DD102',
        `there are completions for ${SHELLS.join(', ')}, not for ${given}${didYouMean(given, SHELLS)}`,
      ),
    ]);
  }
  const described = await Promise.all(
    Object.entries(commands).map(async ([name, { summary, load }]) => {
      const { command: spec } = await load();
      return shellCommand(name, { ...spec, summary }, GLOBAL_OPTIONS);
    }),
  );
  console.write(completionScript(shell, described));
  return 0;
}
