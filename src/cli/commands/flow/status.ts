// daydream status: counts by cohort, stage and state. Read-only.
import { countSelected, isGreen, selectFrom } from '../../../engine/plan/plan.ts';
import { judge, openSession } from '../../../engine/project/session.ts';
import { STAGES } from '../../../generation/stage.ts';
import { at } from '../../../graph/graph.ts';
import { STATES } from '../../../plan/verdict.ts';
import { EXCLUDE, PROVIDER, type Invocation, type CommandSpec } from '../../call/command.ts';
import type { ExitCode } from '../../call/exitcode.ts';
import { padded } from '../../words/width.ts';

export const command: CommandSpec = {
  words: '[...selectors]',
  options: [EXCLUDE, PROVIDER],
  examples: ['status', 'status cohort:first-light --json'],
  run: status,
};

interface Line {
  readonly cohort: string;
  readonly stage: string;
  readonly states: Readonly<Record<string, number>>;
}

async function status(call: Invocation): Promise<ExitCode> {
  const { console, options } = call;
  const session = await openSession(await call.load());
  const { graph } = session.loaded;
  const judged = await judge(session);
  const selected = selectFrom(session.loaded, judged.verdicts, {
    select: call.words,
    exclude: options.list('exclude'),
  });
  const lines: Line[] = graph.cohorts.flatMap(({ id, members }) =>
    STAGES.map((stage, number) => {
      const states = STATES.map((): number => 0);
      for (const row of members) {
        if (selected[row] !== 1 || graph.stage[row] !== number) continue;
        const state = at(judged.verdicts.state, row);
        states[state] = at(states, state) + 1;
      }
      return {
        cohort: id,
        stage,
        states: Object.fromEntries(STATES.map((state, index) => [state, at(states, index)])),
      };
    }),
  );
  const counts = countSelected({ judge: judged }, selected);
  if (console.json) {
    console.printJson({ version: 1, ...counts, lines });
    return 0;
  }
  const shown = STATES.filter((state) => state === 'current' || counts.states[state] > 0);
  console.print(
    ['cohort'.padEnd(20), 'stage'.padEnd(11), ...shown.map((state) => state.padStart(8))].join(''),
  );
  for (const { cohort, stage, states } of lines) {
    console.print(
      [
        padded(cohort, 20),
        stage.padEnd(11),
        ...shown.map((state) => String(states[state] ?? 0).padStart(8)),
      ].join(''),
    );
  }
  console.note(isGreen(counts) ? 'everything is current' : 'next: `daydream plan`, then `daydream build`');
  return 0;
}
