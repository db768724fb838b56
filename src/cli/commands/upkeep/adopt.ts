// daydream adopt: accepts existing artifacts as current, or that what failed stays missing. Runs nothing.
import { adoptRows } from '../../../engine/upkeep/adopt.ts';
import { refuseBroken, touchedBy } from '../../../engine/plan/broken.ts';
import { selectFrom } from '../../../engine/plan/plan.ts';
import { judge, remember, type Session } from '../../../engine/project/session.ts';
import type { Judge } from '../../../plan/judge.ts';
import { problem, ProblemError } from '../../../problem.ts';
import { plural } from '../../../text/amounts.ts';
import { EXCLUDE, PROVIDER, WAIT, type Invocation, type CommandSpec } from '../../call/command.ts';
import type { ExitCode } from '../../call/exitcode.ts';
import { whileLocked } from './locked.ts';

export const command: CommandSpec = {
  words: '[...selectors]',
  options: [
    EXCLUDE,
    PROVIDER,
    { flags: '--failed <reason>', text: 'accept that what failed stays missing; the tables give the reason' },
    WAIT,
  ],
  examples: [
    'adopt state:stale',
    'adopt template:rolling-thread',
    "adopt --failed 'the judge declines this essay' v_51p3df2wmn8o8w4h",
  ],
  run: adopt,
};

function adopt(call: Invocation): Promise<ExitCode> {
  const { options, clock } = call;
  return whileLocked<ExitCode>(call, 'lock', async ({ open }) => {
    const session = await open('told');
    const judged = await judge(session);
    const words = { select: call.words, exclude: options.list('exclude') };
    refuseBroken(touchedBy(session.loaded, words));
    const selected = selectFrom(session.loaded, judged.verdicts, words);
    const reason = reasonIn(call);
    if (reason === undefined) await adoptSelected(call, session, { judged, selected });
    else await acceptSelected(call, session, { judged, selected, reason });
    await remember(session, () => clock.now());
    return 0;
  });
}

function reasonIn({ options }: Invocation): string | undefined {
  const reason = options.text('failed')?.trim();
  if (reason !== '') return reason;
  throw new ProblemError([
    problem('DD102', '--failed wants the reason, in words', { place: { field: '--failed' } }),
  ]);
}

interface Chosen {
  readonly judged: Judge;
  readonly selected: Uint8Array;
}

async function adoptSelected(
  { console }: Invocation,
  session: Session,
  { judged, selected }: Chosen,
): Promise<void> {
  const { adopted, incomplete } = await adoptRows(session, judged, selected);
  if (console.json) return console.printJson({ version: 1, adopted, incomplete });
  console.note(`accepted ${plural(adopted.length, 'generation')} as they stand`);
  if (incomplete.length > 0)
    console.note(`${incomplete.length} lack an artifact and were left: ${firstOf(incomplete)}`);
}

async function acceptSelected(
  { console, clock }: Invocation,
  session: Session,
  { judged, selected, reason }: Chosen & { readonly reason: string },
): Promise<void> {
  const { acceptFailures } = await import('../../../engine/upkeep/accept.ts');
  const done = await acceptFailures(session, judged, { selected, reason, now: clock.now() });
  if (console.json) return console.printJson({ version: 1, ...done });
  const { accepted, below, changed } = done;
  if (accepted.length + changed.length === 0) return console.note('nothing that is selected has failed');
  const made = below.length === 0 ? '' : `, and ${below.length} made from them`;
  console.note(
    `accepted as missing: ${plural(accepted.length, 'generation')}${made}; \`daydream build state:accepted --force\` asks for them all the same`,
  );
  if (changed.length > 0)
    console.note(
      `${changed.length} failed in another way than the next build would try them: ${firstOf(changed)}; build them first`,
    );
}

function firstOf(ids: readonly string[]): string {
  return `${ids.slice(0, 5).join(', ')}${ids.length > 5 ? ' …' : ''}`;
}
