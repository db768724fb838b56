// daydream build: compiles membership, plans, runs what is stale, refreshes reports. Says what the build says, and knows no step of it.
import type { Answerer } from '../../../engine/build/answerer.ts';
import { build as buildProject } from '../../../api/building/build.ts';
import type { BuildEvent } from '../../../api/building/events.ts';
import { tagsFrom } from '../../../api/building/tags.ts';
import { requestOf, type BuildOptions } from '../../../api/request.ts';
import { unwrittenIn } from '../../../engine/results/reports.ts';
import { meantBy } from '../../../engine/plan/plan.ts';
import { ProblemError } from '../../../problem.ts';
import {
  BATCH_OPTIONS,
  planOptionsOf,
  REMOTE_WAIT,
  REQUEST_OPTIONS,
  spendOptionsOf,
} from './buildrequest.ts';
import { waitingText } from '../upkeep/locked.ts';
import { batchText } from '../../words/reasons/batch.ts';
import { printBuild } from '../../words/build.ts';
import type { Invocation, CommandSpec } from '../../call/command.ts';
import { exitOfBuild, type ExitCode } from '../../call/exitcode.ts';
import { tellBroken } from '../../words/reasons/broken.ts';
import { providerText } from '../../words/reasons/failure.ts';
import { printPlan } from '../../words/plan.ts';
import { remoteBegins } from '../../words/remote.ts';
import { plannedIn, startProgress, type Progress } from '../../words/progress.ts';
import { showPlan } from './plan.ts';

export const command: CommandSpec = {
  words: '[...selectors]',
  options: [
    ...REQUEST_OPTIONS,
    { flags: '-n, --dry-run', text: 'only say what would run: `daydream plan`' },
    REMOTE_WAIT,
    { flags: '--fail-fast', text: 'start nothing more after the first failure' },
    { flags: '--yes', text: 'do not ask before spending' },
    { flags: '--tag <key=value>', text: 'put this on record with the run; selectors know it', many: true },
    { flags: '--snapshot', text: 'keep the texts and the inputs for good: `report --run`, `restore --run`' },
    {
      flags: '--wait [time]',
      text: 'wait for another build or watch to end; a time such as 2h: for batches too',
    },
    ...BATCH_OPTIONS,
  ],
  examples: [
    'build',
    'build cohort:first-light --max-cost 2',
    'build --force draft',
    'build --force d_5dpejqnni3lflpgx',
    'build cohort:first-light --tag experiment_id=autumn-1 --snapshot',
    'build d_5dpejqnni3lflpgx+ --provider offline',
  ],
  run: (call) => (call.options.flag('dry-run') ? showPlan(call) : build(call)),
};

async function build(call: Invocation): Promise<ExitCode> {
  const { console, clock, random, stopping, commandLine } = call;
  const teller = tellerOf(call);
  const options = buildOptionsOf(call, teller);
  const report = await buildProject(options, {
    loading: await call.load(),
    clock,
    random,
    command: commandLine,
    stopping,
    hear: teller.hear,
    onProgress: (done, total) => {
      if (total > 5000) console.status([`reading the store: ${done} of ${total} files`]);
    },
    onAnswerer: teller.attach,
  }).finally(teller.stop);
  const { select } = meantBy(requestOf(options));
  if (!console.json) printBuild(console, report, { select, plan: teller.saidPlan() });
  const code = tellBroken(call, report.broken ?? [], exitOfBuild(report.end));
  const unwritten = unwrittenIn(report.reports);
  if (unwritten.length > 0 && code !== 130) throw new ProblemError(unwritten);
  if (teller.took() >= LONG && report.end !== 'interrupted') await reckonFigures(call, teller.took());
  return code;
}

/** Milliseconds. After a shorter build nobody need think of whether there is time for figures. */
const LONG = 30_000;

/** All is said and kept by now: this may fail or be ended, and changes nothing. */
async function reckonFigures(call: Invocation, took: number): Promise<void> {
  const { console, stopping } = call;
  try {
    const { figuresAfter } = await import('../../../engine/figures/afterbuild.ts');
    const onBegin = (): void =>
      console.status(['working out what the scores say; Ctrl-C leaves it to `report --stats`']);
    await figuresAfter({ loading: await call.load(), took, stopping, onBegin });
  } catch {
    // A cache and nothing more.
  } finally {
    console.status([]);
  }
}

function buildOptionsOf(call: Invocation, { quiet }: Pick<Teller, 'quiet'>): BuildOptions {
  const { options } = call;
  const tags = options.list('tag');
  const { confirm, ...spending } = spendOptionsOf(call);
  return {
    ...planOptionsOf(call),
    ...spending,
    confirm: confirm === undefined ? undefined : (asked) => quiet(() => confirm(asked)),
    remoteWait: options.number('remote-wait'),
    failFast: options.flag('fail-fast'),
    tags: tags.length === 0 ? undefined : tagsFrom(tags),
    snapshot: options.flag('snapshot'),
    wait: options.flag('wait'),
    batchWait: options.span('wait'),
  };
}

interface Teller {
  readonly hear: (event: BuildEvent) => void;
  readonly attach: (answerer: Answerer) => void;
  readonly stop: () => void;
  /** Shows no progress until that is done. */
  readonly quiet: <T>(work: () => T | Promise<T>) => Promise<T>;
  readonly saidPlan: () => boolean;
  /** Milliseconds since the command began, where anything ran; else 0. */
  readonly took: () => number;
}

/** Says each event in words, or as it is, and shows how far the run is. */
function tellerOf(call: Invocation): Teller {
  const { console, clock } = call;
  let planned = plannedIn({ stages: [] });
  let asked: Answerer | undefined;
  let progress: Progress | undefined;
  let saidPlan = false;
  const begun = clock.ticks();
  let ran = false;
  let over = false;
  return {
    took: () => (ran ? clock.ticks() - begun : 0),
    saidPlan: () => saidPlan,
    hear(event) {
      if (event.type === 'plan') planned = plannedIn(event);
      saidPlan ||= event.type === 'plan';
      if (event.type === 'run_started') {
        ran = true;
        sayStops(call, () => !over);
        progress = startProgress({ console, clock, planned });
        if (asked !== undefined) progress.attach(asked);
      }
      if (event.type === 'generation') progress?.listen(event);
      tell(call, event);
    },
    attach(answerer) {
      asked = answerer;
    },
    stop() {
      over = true;
      progress?.stop();
    },
    async quiet(work) {
      const goOn = progress?.hold();
      try {
        return await work();
      } finally {
        goOn?.();
      }
    },
  };
}

function sayStops({ console, stopping }: Invocation, runs: () => boolean): void {
  stopping.listen((count) => {
    if (runs())
      console.note(
        count === 1
          ? 'stopping: what is in flight is paid for and finishes; once more gives it up'
          : 'giving up what is in flight',
      );
  });
}

function tell({ console, clock }: Invocation, event: BuildEvent): void {
  switch (event.type) {
    case 'warned':
      return console.problems(event.problems);
    case 'waiting':
      return console.note(waitingText(event.problem));
    case 'handed_over':
      return console.note(`handed to \`${event.command}\` (pid ${event.pid})`);
    case 'plan':
      if (console.json) break;
      return printPlan(console, event, event.price.upper.calls > 0 ? event.price : undefined);
    case 'provider':
      if (!console.json) console.note(console.paint('yellow', providerText(event, clock.now())));
      break;
    case 'batch_sent':
    case 'batch_refused':
    case 'batch_unsure':
    case 'batch_open':
    case 'batch_found':
    case 'batch_lost':
    case 'batch_taken':
      if (console.json) break;
      return console.note(batchText(event));
    case 'remote':
      if (console.json) break;
      return console.note(remoteBegins(event.remote));
    case 'run_started':
    case 'generation':
    case 'run_finished':
    case 'build_finished':
      break;
    default:
      return event satisfies never;
  }
  if (console.json) console.printJson({ version: 1, ...event }, 'line');
}
