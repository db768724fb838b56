// The command line: the version, the overview, or one command whose exit code it hands on. The only place that ends the process.
import { TOOL_VERSION } from '../version.ts';
import { openOutlets } from './call/outlets.ts';

const argv = process.argv;
const outlets = openOutlets();
const answer = (text: string): void => {
  outlets.onLoss(({ outlet, message }) => outlets.err.write(`${outlet} can not be written: ${message}\n`));
  outlets.out.write(text);
};
if (argv.length === 3 && (argv[2] === '--version' || argv[2] === '-V')) {
  answer(`${TOOL_VERSION}\n`);
} else if (argv[2] === '--help' || argv[2] === '-h' || argv[2] === 'help') {
  const [{ overview }, { COMMANDS }] = await Promise.all([
    import('./call/overview.ts'),
    import('./call/commandlist.ts'),
  ]);
  answer(overview(COMMANDS));
} else {
  const { runCommand } = await import('./call/invocation.ts');
  process.exitCode = await runCommand(argv);
}
// What a library left open must not keep a finished command alive; output that is still on its way is waited for, and whether it
// came through is known then.
process.stdout.write('', () =>
  process.stderr.write('', () => process.exit(outlets.exitCode(Number(process.exitCode ?? 0)))),
);
