// The workbench as a command holds it open: its address said and opened, both ends closed again. Knows no command.
import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { likelyLayout } from '../../../engine/project/load.ts';
import { indexPath } from '../../../store/layout.ts';
import { beginIndex } from '../../../store/gens/genindex.ts';
import type { Workbench } from '../../../ui/workbench.ts';
import { problem, ProblemError } from '../../../problem.ts';
import type { CommandSpec, Invocation } from '../../call/command.ts';

/** Beside the command's own bundle; not there where it runs from its source. */
const ASIDE = fileURLToPath(new URL('../asideprocess.js', import.meta.url));

export interface PageHost {
  readonly failed: Workbench['failed'];
  readonly close: () => Promise<void>;
}

export interface PageHostOptions {
  /** 0: any free one. */
  readonly port: number;
  readonly maxCost: number | undefined;
  /** Whether a browser is opened where a person sits. */
  readonly browser: 'open' | 'leave alone';
}

/** Where the page is, and whether it opens by itself. */
export const PAGE_OPTIONS: CommandSpec['options'] = [
  { flags: '--port <n>', text: 'the port of the page; any free one without it' },
  { flags: '--no-open', text: 'do not open the browser' },
];

export function pagePlace({ options }: Invocation): Pick<PageHostOptions, 'port' | 'browser'> {
  return {
    port: options.count('port', { most: 65_535 }) ?? 0,
    browser: options.flag('open') ? 'open' : 'leave alone',
  };
}

/** Refuses the options of a page where there is none. */
export function refusePlaceWithoutPage(call: Invocation): void {
  const { port, browser } = pagePlace(call);
  const name = port !== 0 ? 'port' : browser !== 'open' ? 'no-open' : undefined;
  if (name !== undefined) throw new ProblemError([problem('DD102', `--${name} goes with --ui`)]);
}

/** Loads the workbench only now. Throws a ProblemError where it can not be opened. */
export async function openPage(
  call: Invocation,
  { port, maxCost, browser }: PageHostOptions,
): Promise<PageHost> {
  const { console, commandLine } = call;
  const options = await call.load();
  // Read while what reads it is loaded.
  beginIndex(indexPath(likelyLayout(options)));
  const [{ Project }, { openWorkbench }] = await Promise.all([
    import('../../../api/project.ts'),
    import('../../../ui/workbench.ts'),
  ]);
  const { root, dataRoot, provider } = options;
  const opening = { root, dataRoot, provider };
  const project = await Project.open({ ...opening, name: commandLine });
  const bench = await openWorkbench({
    project,
    port,
    maxCost,
    elsewhere: existsSync(ASIDE) ? { program: ASIDE, opening } : undefined,
    announce(url) {
      if (console.json) console.printJson({ version: 1, type: 'listening', url }, 'line');
      else console.print(`the workbench is at ${url}`);
      if (console.interactive && browser === 'open') openBrowser(url);
    },
  });
  return {
    failed: bench.failed,
    async close() {
      await bench.close();
      await project.close();
    },
  };
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
