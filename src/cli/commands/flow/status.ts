// daydream status: counts by cohort, stage and state. Read-only.
import { openForReading } from '../../../api/reading/open.ts';
import { statusOf } from '../../../api/reading/status.ts';
import { STATES } from '../../../plan/verdict.ts';
import { EXCLUDE, PROVIDER, type Invocation, type CommandSpec } from '../../call/command.ts';
import type { ExitCode } from '../../call/exitcode.ts';
import { tellBroken } from '../../words/reasons/broken.ts';
import { printStanding } from '../../words/reasons/standing.ts';
import { padded } from '../../words/width.ts';

export const command: CommandSpec = {
  words: '[...selectors]',
  options: [EXCLUDE, PROVIDER],
  examples: ['status', 'status cohort:first-light --json'],
  run: status,
};

async function status(call: Invocation): Promise<ExitCode> {
  const { console, words, options } = call;
  const reading = await openForReading(await call.load());
  const {
    lines,
    broken = [],
    ...counts
  } = statusOf(reading, { select: words, exclude: options.list('exclude') });
  if (console.json) {
    console.printJson({ version: 1, ...counts, lines, ...(broken.length === 0 ? {} : { broken }) });
    return tellBroken(call, broken, 0);
  }
  const shown = STATES.filter((state) => state === 'current' || counts.states[state] > 0);
  console.print(
    ['cohort'.padEnd(20), 'stage'.padEnd(11), ...shown.map((state) => state.padStart(10))].join(''),
  );
  for (const { cohort, stage, states } of lines) {
    console.print(
      [
        padded(cohort, 20),
        stage.padEnd(11),
        ...shown.map((state) => String(states[state]).padStart(10)),
      ].join(''),
    );
  }
  printStanding(console, counts);
  return tellBroken(call, broken, 0);
}
