// daydream watch: keeps everything current while files change. Says what the watch says, and hands keys and signals on.
import { requestOf, type WatchOptions } from '../../../api/request.ts';
import { openWatch } from '../../../api/watch.ts';
import { whenFree } from '../../../api/building/whenfree.ts';
import { attemptedRows } from '../../../engine/plan/plan.ts';
import { idAt } from '../../../graph/graph.ts';
import { explain } from '../../../plan/explain.ts';
import type { WatchSession } from '../../../watch/session.ts';
import { planOptionsOf, REMOTE_WAIT, REQUEST_OPTIONS, spendOptionsOf } from './buildrequest.ts';
import { WAIT, type Invocation, type CommandSpec } from '../../call/command.ts';
import type { ExitCode } from '../../call/exitcode.ts';
import { openKeyboard, type Keyboard } from './keyboard.ts';
import { openPage, PAGE_OPTIONS, pagePlace, refusePlaceWithoutPage, type PageHost } from './pagehost.ts';
import { causeText, reasonText } from '../../../plan/reasonwords.ts';
import { patienceOf } from '../upkeep/locked.ts';
import { createTeller } from '../../words/watch.ts';

export const command: CommandSpec = {
  words: '[...selectors]',
  options: [
    ...REQUEST_OPTIONS.filter(({ flags }) => !/--(?:force|retry|discard-edits|shard)/.test(flags)),
    REMOTE_WAIT,
    { flags: '--plan', text: 'only say what would run; b builds' },
    { flags: '--sample <n>', text: 'after an edit of a template make so many first, and show what changed' },
    { flags: '--yes', text: 'do not ask before spending' },
    WAIT,
    { flags: '--ui', text: 'and the workbench, in the same process' },
    ...PAGE_OPTIONS.map(({ flags, text }) => ({ flags, text: `with --ui: ${text}` })),
  ],
  examples: [
    'watch',
    'watch --plan',
    'watch cohort:first-light --max-cost 2',
    'watch --sample 3',
    'watch --ui',
    'watch --ui --port 4700 --no-open',
  ],
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
  const { console, clock, random, stopping } = call;
  if (!call.options.flag('ui')) refusePlaceWithoutPage(call);
  const watcher = {
    loading: await call.load(),
    clock,
    random,
    command: call.commandLine,
    listen: createTeller(call),
  };
  const opened = await whenFree(() => openWatch(watchOptionsOf(call), watcher), patienceOf(call));
  let keyboard: Keyboard | undefined;
  let page: PageHost | undefined;
  try {
    const { session, warnings } = opened;
    console.problems(warnings);
    stopping.listen((count) => {
      if (count === 1)
        console.note('stopping: what is in flight is paid for and finishes; once more gives it up');
      if (count === 1) session.stop();
      else session.abort();
    });
    if (console.interactive) {
      keyboard = openKeyboard(process, (key) => void press(call, session, { key, keyboard }));
      console.note(
        console.paint('dim', 'b build, p pause, f force, r retry, w why, c cancel, ? help, q quit'),
      );
    }
    const running = session.run();
    if (call.options.flag('ui')) page = await pageBeside(call, session, running);
    await (page === undefined ? running : Promise.race([running, page.failed]));
    // What broke was said as it happened, and may be mended or gone by now.
    call.broken.met.clear();
    return stopping.asked() ? 130 : 0;
  } finally {
    keyboard?.close();
    await page?.close();
    opened.release();
  }
}

/** The page asks the watch for what it builds, as a second terminal would. A page that can not be opened ends the watch. */
async function pageBeside(
  call: Invocation,
  session: WatchSession,
  running: Promise<void>,
): Promise<PageHost> {
  // What ends the watch meanwhile is heard by whoever waits for it.
  running.catch(() => {});
  try {
    return await openPage(call, { ...pagePlace(call), maxCost: spendOptionsOf(call).maxCost });
  } catch (error) {
    session.stop();
    await running;
    throw error;
  }
}

function watchOptionsOf(call: Invocation): WatchOptions {
  const { select, exclude, verify, allowMerge, offline, noCalls, concurrency } = planOptionsOf(call);
  const { maxCost, approved } = spendOptionsOf(call);
  const mode = call.options.flag('plan') ? 'plan' : 'build';
  return {
    select,
    exclude,
    verify,
    allowMerge,
    offline,
    noCalls,
    remoteWait: call.options.number('remote-wait'),
    concurrency,
    maxCost,
    approved,
    mode,
    sample: call.options.count('sample'),
  };
}

interface Pressed {
  readonly key: string;
  readonly keyboard: Keyboard | undefined;
}

async function press(call: Invocation, watching: WatchSession, { key, keyboard }: Pressed): Promise<void> {
  const options = watchOptionsOf(call);
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
        request: requestOf({ ...options, retry: 'all' }),
        approved: false,
        by: 'the key r',
      });
    case 'f': {
      const words = (await keyboard?.ask('force which selector? '))
        ?.split(/\s+/)
        .filter((word) => word !== '');
      if (words === undefined || words.length === 0) return undefined;
      return watching.wish({
        request: requestOf({ ...options, force: words }),
        approved: false,
        by: 'the key f',
      });
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
