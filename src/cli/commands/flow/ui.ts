// daydream ui: the workbench, a page on this machine, until it is stopped. Opens the browser, says the address, hands signals on.
import { spawn } from 'node:child_process';
import type { Invocation, CommandSpec } from '../../call/command.ts';
import { PROVIDER } from '../../call/command.ts';
import type { ExitCode } from '../../call/exitcode.ts';

export const command: CommandSpec = {
  words: '',
  options: [
    { flags: '--port <n>', text: 'the port; any free one without it' },
    { flags: '--no-open', text: 'do not open the browser' },
    {
      flags: '--max-cost <usd>',
      text: 'builds from the page may spend so much together; nothing without it',
    },
    PROVIDER,
  ],
  examples: ['ui', 'ui --max-cost 2', 'ui --port 4700 --no-open'],
  run: ui,
};

async function ui(call: Invocation): Promise<ExitCode> {
  const { console, options, stopping } = call;
  const port = options.count('port', { most: 65_535 }) ?? 0;
  const [{ Project }, { openWorkbench }] = await Promise.all([
    import('../../../api/project.ts'),
    import('../../../ui/workbench.ts'),
  ]);
  const { root, dataRoot, provider } = await call.load();
  const project = await Project.open({ root, dataRoot, provider, name: call.commandLine });
  const bench = await openWorkbench({ project, port, maxCost: options.number('max-cost') });
  if (console.json) console.printJson({ version: 1, type: 'listening', url: bench.url }, 'line');
  else console.print(`the workbench is at ${bench.url}`);
  if (!console.json && console.interactive && options.flag('open')) openBrowser(bench.url);
  console.note('Ctrl-C ends it');
  try {
    await Promise.race([bench.failed, stopped(stopping)]);
    return 130;
  } finally {
    await bench.close();
    await project.close();
  }
}

function stopped(stopping: Invocation['stopping']): Promise<void> {
  return new Promise((resolve) => stopping.listen(() => resolve()));
}

/** Where there is no browser to open, the printed address is enough. */
function openBrowser(url: string): void {
  const [program = '', ...words] =
    process.platform === 'darwin'
      ? ['open']
      : process.platform === 'win32'
        ? ['cmd', '/c', 'start', '""']
        : ['xdg-open'];
  const child = spawn(program, [...words, url], { stdio: 'ignore', detached: true });
  child.on('error', () => {});
  child.unref();
}
