// The command line: the version, the overview, or one command whose exit code it hands on. The only place that ends the process.
import { TOOL_VERSION } from '../version.ts';

const argv = process.argv;
if (argv.length === 3 && (argv[2] === '--version' || argv[2] === '-V')) {
  process.stdout.write(`${TOOL_VERSION}\n`);
} else if (argv[2] === '--help' || argv[2] === '-h' || argv[2] === 'help') {
  const [{ overview }, { COMMANDS }] = await Promise.all([
    import('./call/overview.ts'),
    import('./call/commandlist.ts'),
  ]);
  process.stdout.write(overview(COMMANDS));
} else {
  const { runCommand } = await import('./call/invocation.ts');
  process.exitCode = await runCommand(argv);
}
// What a library left open must not keep a finished command alive; output that is still on its way is waited for.
process.stdout.write('', () => process.stderr.write('', () => process.exit()));
