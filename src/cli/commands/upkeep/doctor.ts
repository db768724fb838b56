// daydream doctor: has the store read and what it says looked at, or takes a lock away.
import { beginLooking } from '../../../doctor/begin.ts';
import { locate } from '../../../engine/project/load.ts';
import { describeHolder, unlock } from '../../../store/lock.ts';
import { displayText } from '../../../text/display.ts';
import { PROVIDER, type Invocation, type CommandSpec } from '../../call/command.ts';
import type { ExitCode } from '../../call/exitcode.ts';

export const command: CommandSpec = {
  words: '[cohort]',
  options: [
    { flags: '--fix', text: 'do what is safe, after showing it' },
    { flags: '--unlock <host>', text: 'take away the lock of another host, on which nothing runs any more' },
    PROVIDER,
  ],
  examples: ['doctor', 'doctor first-light', 'doctor --fix', 'doctor --unlock node-7', 'doctor --json'],
  run: doctor,
};

async function doctor(call: Invocation): Promise<ExitCode> {
  const host = call.options.text('unlock');
  if (host !== undefined) return takeLockAway(call, host);
  const loading = await call.load();
  const begun = await beginLooking(loading);
  // What looks at it all takes its time to load, and the store is read meanwhile.
  const { visited } = await import('./visit.ts');
  return visited(call, loading, begun);
}

async function takeLockAway(call: Invocation, host: string): Promise<ExitCode> {
  const { console, clock, commandLine } = call;
  const { layout } = await locate(await call.load());
  const since = new Date(clock.now()).toISOString();
  const holder = unlock(layout, host, { command: commandLine, since });
  if (console.json) console.printJson({ version: 1, unlocked: holder ?? null });
  else if (holder === undefined) console.note(`nobody holds ${layout.dataRoot}`);
  else console.note(displayText(`taken away: the lock of ${describeHolder(holder)}`));
  return 0;
}
