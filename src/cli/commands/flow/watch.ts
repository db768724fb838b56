// daydream watch: keeps everything current while files change. Says what the watch says, and hands keys and signals on.
import { environmentOf } from '../../../config.ts';
import { lockRoot } from '../../../store/lock.ts';
import { locate } from '../../../engine/project/load.ts';
import { type LoadOptions } from '../../../engine/project/options.ts';
import { attemptedRows } from '../../../engine/plan/plan.ts';
import { openSession, type Session } from '../../../engine/project/session.ts';
import { idAt } from '../../../graph/graph.ts';
import { Budget } from '../../../model/money/budget.ts';
import { explain } from '../../../plan/explain.ts';
import { WatchSession } from '../../../watch/session.ts';
import { RETRIED, requestOf, REQUEST_OPTIONS } from './buildrequest.ts';
import type { Invocation, CommandSpec } from '../../call/command.ts';
import type { ExitCode } from '../../call/exitcode.ts';
import { wordWanted } from './consent.ts';
import { openKeyboard, type Keyboard } from './keyboard.ts';
import { causeText, reasonText } from '../../words/reason.ts';
import { createTeller } from '../../words/watch.ts';

export const command: CommandSpec = {
  words: '[...selectors]',
  options: [
    ...REQUEST_OPTIONS.filter(({ flags }) => !/--(?:force|retry|discard-edits)/.test(flags)),
    { flags: '--plan', text: 'only say what would run; b builds' },
    { flags: '--sample <n>', text: 'after an edit of a template make so many first, and show what changed' },
    { flags: '--yes', text: 'do not ask before spending' },
  ],
  examples: ['watch', 'watch --plan', 'watch cohort:first-light --max-cost 2', 'watch --sample 3'],
  run: watch,
};

const KEYS = `  b  build now: what is asked about, the rest of a sample, whatever is stale
  p  pause, or go on
  f  force: generate again what a selector selects
  r  retry what failed
  w  why a generation is to run
  c  cancel: start nothing more; again: give up what is in flight
  q  quit: what is in flight ends first (Ctrl-C twice gives it up)`;

async function watch(call: Invocation): Promise<ExitCode> {
  const { console, clock, stopping } = call;
  const loading = await call.load();
  const located = await locate(loading);
  const since = new Date(clock.now()).toISOString();
  const release = lockRoot(located.layout, { command: call.commandLine, since, role: 'watch' });
  let keyboard: Keyboard | undefined;
  try {
    const session = await openSession({ ...loading, ...located, verify: call.options.flag('verify') });
    console.problems(session.loaded.warnings);
    const watching = sessionFor(call, session, loading);
    stopping.listen((count) => {
      if (count === 1)
        console.note('stopping: what is in flight is paid for and finishes; once more gives it up');
      if (count === 1) watching.stop();
      else watching.abort();
    });
    if (console.interactive) {
      keyboard = openKeyboard(process, (key) => void press(call, watching, { key, keyboard }));
      console.note(
        console.paint('dim', 'b build, p pause, f force, r retry, w why, c cancel, ? help, q quit'),
      );
    }
    await watching.run();
    return stopping.asked() ? 130 : 0;
  } finally {
    keyboard?.close();
    release();
  }
}

function sessionFor(call: Invocation, session: Session, loading: LoadOptions): WatchSession {
  const { options, clock, random, commandLine } = call;
  const cap = options.number('max-cost') ?? session.loaded.settings.maxCost;
  return new WatchSession({
    session,
    load: () => ({ ...loading, environment: environmentOf(loading.root) }),
    request: requestOf(call),
    mode: options.flag('plan') ? 'plan' : 'build',
    sample: call.options.count('sample'),
    concurrency: call.options.count('concurrency'),
    cache: options.flag('offline') ? 'only' : 'use',
    budget: cap === undefined ? undefined : new Budget(cap),
    consent: (plan, price) => (wordWanted(call, plan, price) === undefined ? 'given' : 'wanted'),
    clock,
    random,
    commandLine,
    listen: createTeller(call),
  });
}

interface Pressed {
  readonly key: string;
  readonly keyboard: Keyboard | undefined;
}

async function press(call: Invocation, watching: WatchSession, { key, keyboard }: Pressed): Promise<void> {
  const request = requestOf(call);
  switch (key.toLowerCase()) {
    case 'b':
      return watching.build();
    case 'p':
      watching.pause();
      return call.console.note(watching.state === 'watching' ? 'going on' : 'paused; p goes on');
    case 'c':
      return watching.cancel();
    case 'r':
      return watching.wish({
        request: { ...request, retry: new Set(RETRIED.all) },
        approved: false,
        by: 'the key r',
      });
    case 'f': {
      const words = (await keyboard?.ask('force which selector? '))
        ?.split(/\s+/)
        .filter((word) => word !== '');
      if (words === undefined || words.length === 0) return undefined;
      return watching.wish({ request: { ...request, force: words }, approved: false, by: 'the key f' });
    }
    case 'w':
      return tellWhy(
        call,
        watching,
        await keyboard?.ask('why which generation? (an id; nothing: the first) '),
      );
    case '?':
      return call.console.note(KEYS);
    case 'q':
      return watching.stop();
    default:
      return undefined;
  }
}

/** The reasons of one generation of the plan that was said last. */
function tellWhy({ console }: Invocation, { plan }: WatchSession, word: string | undefined): void {
  if (plan === undefined) return console.note('nothing is planned yet');
  const { loaded, index } = plan.session;
  const [first] = attemptedRows(plan);
  const row = word === undefined || word === '' ? (first ?? -1) : loaded.graph.ids.indexOf(word);
  if (row < 0)
    return console.note(word === '' ? 'nothing is to run' : `there is no generation ${word ?? ''}`);
  const judged = { graph: loaded.graph, index, verdicts: plan.judge.verdicts };
  const verdict = explain(judged, row);
  console.note(`${idAt(loaded.graph, row)} (${verdict.stage}) is ${verdict.state}`);
  for (const reason of verdict.reasons) console.note(`  ${reasonText(reason)}`);
  if (verdict.cause === undefined) return;
  console.note(`  ${causeText(explain(judged, loaded.graph.ids.indexOf(verdict.cause)))}`);
}
