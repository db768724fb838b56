// daydream completion: a script that teaches a shell the commands and their options. Static, and made from the command list.
import { problem, ProblemError } from '../../../problem.ts';
import { didYouMean } from '../../../text/nearest.ts';
import { GLOBAL_OPTIONS, type Invocation, type CommandSpec, type ExitCode } from '../../call/command.ts';
import { completionScript, shellCommand, SHELLS } from './shellscripts.ts';

export const command: CommandSpec = {
  words: '<shell>',
  actions: SHELLS,
  summary: 'completions for bash, zsh and fish',
  options: [],
  examples: ['completion bash', 'completion zsh', 'completion fish'],
  run: completion,
};

async function completion({ console, words }: Invocation): Promise<ExitCode> {
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
  const { COMMANDS } = await import('../../call/commandlist.ts');
  const commands = await Promise.all(
    Object.entries(COMMANDS).map(async ([name, { load }]) => {
      const { command: spec } = await load();
      return shellCommand(name, spec, GLOBAL_OPTIONS);
    }),
  );
  console.write(completionScript(shell, commands));
  return 0;
}
