// daydream cache: answers shared with a team's remote cache, sent, brought and compared. Asks no model.
import {
  compareRemote,
  pull,
  push,
  type PullReport,
  type PushReport,
  type RemoteReport,
  type Sharer,
} from '../../../api/teamcache.ts';
import type { TeamCacheOptions } from '../../../api/request.ts';
import { problem, ProblemError, type Problem } from '../../../problem.ts';
import type { RemoteStanding } from '../../../remote/remote.ts';
import { plural } from '../../../text/amounts.ts';
import { EXCLUDE, type Invocation, type CommandSpec } from '../../call/command.ts';
import { exitOf, type ExitCode } from '../../call/exitcode.ts';
import { remoteBegins, remoteTroubles } from '../../words/remote.ts';

export const command: CommandSpec = {
  words: '<action> [...selectors]',
  actions: ['push', 'pull', 'status'],
  options: [EXCLUDE],
  examples: ['cache push', 'cache pull cohort:first-light', 'cache status'],
  run: cache,
};

const NAMED = 5;

async function cache(call: Invocation): Promise<ExitCode> {
  const [action = '', ...select] = call.words;
  if (action !== 'push' && action !== 'pull' && action !== 'status')
    throw new ProblemError([
      problem('DD102', `cache can \`push\`, \`pull\` and \`status\`, not \`${action}\``),
    ]);
  const stop = new AbortController();
  call.stopping.listen(() => stop.abort());
  const options = { select, exclude: call.options.list('exclude'), signal: stop.signal };
  const ended = await ACTIONS[action](call, options, await sharerOf(call));
  return call.stopping.asked() ? 130 : ended;
}

async function sharerOf({ load, clock, commandLine, console }: Invocation): Promise<Sharer> {
  const onProgress = (done: number, total: number): void => {
    if (total > 200 && done % 50 === 0) console.status([`${done} of ${plural(total, 'answer')}`]);
  };
  return { loading: await load(), clock, command: commandLine, onProgress };
}

type Action = (call: Invocation, options: TeamCacheOptions, sharer: Sharer) => Promise<ExitCode>;

const ACTIONS: Readonly<Record<'push' | 'pull' | 'status', Action>> = {
  async push(call, options, sharer) {
    const report = await push(options, sharer);
    end(call, 'push', report, pushLines(report));
    return exitOf(say(call, report.left.length === 0 ? [] : [notSent(report)]));
  },
  async pull(call, options, sharer) {
    const report = await pull(options, sharer);
    end(call, 'pull', report, pullLines(report));
    return exitOf(say(call, report.left === 0 ? [] : [notBrought(report)]));
  },
  async status(call, options, sharer) {
    const report = await compareRemote(options, sharer);
    end(call, 'status', report, statusLines(report));
    return exitOf(say(call, report.untold === 0 ? [] : [notTold(report)]));
  },
};

/** Says the problems; true where there are none. */
function say({ console }: Invocation, problems: readonly Problem[]): boolean {
  console.problems(problems);
  return problems.length === 0;
}

function end(
  { console }: Invocation,
  action: string,
  report: { readonly remote: RemoteStanding },
  lines: readonly string[],
): void {
  console.status([]);
  if (console.json) return console.printJson({ version: 1, action, ...report });
  for (const line of lines) console.print(line);
  for (const line of remoteTroubles(report.remote)) console.note(console.paint('yellow', line));
}

function pushLines({ remote, sent, there, unnamed }: PushReport): readonly string[] {
  return [
    `sent ${plural(sent, 'answer')} to ${remote.name}; ${there} lay there already`,
    ...(unnamed === 0
      ? []
      : [`${plural(unnamed, 'answer')} stay here: nobody knows any more which server their provider was`]),
  ];
}

function pullLines({ remote, brought, here, missing, later }: PullReport): readonly string[] {
  return [
    `brought ${plural(brought, 'answer')} from ${remote.name}; ${here} were here already, ${missing} are not there`,
    ...(later === 0
      ? []
      : [
          `${plural(later, 'generation')} can not be asked about before what they are made from: build that, then pull again`,
        ]),
  ];
}

function statusLines(report: RemoteReport): readonly string[] {
  const { remote, both, onlyHere, onlyThere, nowhere, later } = report;
  return [
    remoteBegins(remote),
    `  ${plural(both, 'answer')} here and there`,
    `  ${onlyHere} only here${onlyHere === 0 ? '' : '; `daydream cache push` sends them'}`,
    `  ${onlyThere} only there${onlyThere === 0 ? '' : '; `daydream cache pull` brings them'}`,
    `  ${nowhere} nowhere`,
    ...(later === 0 ? [] : [`  ${plural(later, 'generation')} can not be asked about yet`]),
  ];
}

function notSent({ remote, left }: PushReport): Problem {
  const names = left.slice(0, NAMED).map(({ genId }) => genId);
  const more = left.length > NAMED ? ' …' : '';
  return problem(
    'DD698',
    `${plural(left.length, 'answer')} could not be sent to ${remote.name}, for ${names.join(', ')}${more}: ${whyOf(remote)}`,
  );
}

function notBrought({ remote, left }: PullReport): Problem {
  return problem(
    'DD698',
    `${plural(left, 'answer')} could not be brought from ${remote.name}: ${whyOf(remote)}`,
  );
}

function notTold({ remote, untold }: RemoteReport): Problem {
  return problem(
    'DD698',
    `${remote.name} did not say whether it has ${plural(untold, 'answer')}: ${whyOf(remote)}`,
  );
}

function whyOf({ off, readOnly, hiddenAs, unusable, failures }: RemoteStanding): string {
  const why = off ?? readOnly ?? hiddenAs;
  if (why !== undefined) return why;
  if (Object.keys(unusable).length > 0) return 'what lies there can not be used';
  return failures > 0 ? `${plural(failures, 'request')} failed` : 'it was stopped';
}
