// daydream adopt: accepts existing artifacts as current. Runs nothing.
import { lockRoot } from '../../../store/lock.ts';
import { adoptRows } from '../../../engine/upkeep/adopt.ts';
import { selectFrom } from '../../../engine/plan/plan.ts';
import { judge, openSession, remember } from '../../../engine/project/session.ts';
import { locate } from '../../../engine/project/load.ts';
import { EXCLUDE, PROVIDER, type Invocation, type CommandSpec } from '../../call/command.ts';
import type { ExitCode } from '../../call/exitcode.ts';

export const command: CommandSpec = {
  words: '[...selectors]',
  options: [EXCLUDE, PROVIDER],
  examples: ['adopt state:stale', 'adopt template:rolling-thread'],
  run: adopt,
};

async function adopt(call: Invocation): Promise<ExitCode> {
  const { console, options, clock } = call;
  const loading = await call.load();
  const located = await locate(loading);
  const release = lockRoot(located.layout, {
    command: call.commandLine,
    since: new Date(clock.now()).toISOString(),
  });
  try {
    const session = await openSession({ ...loading, ...located });
    const judged = await judge(session);
    const selected = selectFrom(session.loaded, judged.verdicts, {
      select: call.words,
      exclude: options.list('exclude'),
    });
    const { adopted, incomplete } = await adoptRows(session, judged, selected);
    await remember(session, () => clock.now());
    if (console.json) console.printJson({ version: 1, adopted, incomplete });
    else {
      console.note(`accepted ${adopted.length} generations as they stand`);
      if (incomplete.length > 0)
        console.note(
          `${incomplete.length} lack an artifact and were left: ${incomplete.slice(0, 5).join(', ')}${incomplete.length > 5 ? ' …' : ''}`,
        );
    }
    return 0;
  } finally {
    release();
  }
}
