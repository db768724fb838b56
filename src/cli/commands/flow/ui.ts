// daydream ui: the workbench, a page on this machine, until it is stopped.
import { PROVIDER, type Invocation, type CommandSpec } from '../../call/command.ts';
import type { ExitCode } from '../../call/exitcode.ts';
import { openPage, PAGE_OPTIONS, pagePlace } from './pagehost.ts';

export const command: CommandSpec = {
  words: '',
  options: [
    ...PAGE_OPTIONS,
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
  // Listened for before anybody is told that it is there.
  const end = stopped(stopping);
  const page = await openPage(call, {
    ...pagePlace(call),
    maxCost: options.number('max-cost'),
  });
  console.note('Ctrl-C ends it');
  try {
    await Promise.race([page.failed, end]);
    return 130;
  } finally {
    await page.close();
  }
}

function stopped(stopping: Invocation['stopping']): Promise<void> {
  return new Promise((resolve) => stopping.listen(() => resolve()));
}
