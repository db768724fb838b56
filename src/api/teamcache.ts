// Answers shared with a team: sent to its remote cache, brought from there, compared. Builds nothing and asks no model.
import { loadProject, type Settings } from '../config.ts';
import { openRemote } from '../engine/project/teamremote.ts';
import { locate } from '../engine/project/load.ts';
import type { LoadOptions } from '../engine/project/options.ts';
import { questionsOf, type Questions } from '../engine/upkeep/questions.ts';
import {
  compareAnswers,
  pullAnswers,
  pushAnswers,
  type Compared,
  type Pulled,
  type Pushed,
  type Shared,
} from '../engine/upkeep/sharing.ts';
import { hasErrors, problem, ProblemError } from '../problem.ts';
import type { Remote, RemoteStanding } from '../remote/remote.ts';
import { lockRoot } from '../store/lock.ts';
import type { Clock } from '../model/clock.ts';
import { openForReading, selectedBy } from './reading/open.ts';
import type { TeamCacheOptions } from './request.ts';
import { wordsOf } from './request.ts';

/** For whom answers are shared. */
export interface Sharer {
  readonly loading: LoadOptions;
  readonly clock: Clock;
  /** For the lock. */
  readonly command: string;
  readonly onProgress?: ((done: number, total: number) => void) | undefined;
}

/** What the remote cache said and did on the way. */
interface WithRemote {
  readonly remote: RemoteStanding;
}

export type PushReport = Pushed & WithRemote;

export interface PullReport extends Pulled, WithRemote {
  /** Generations whose question depends on what is still to be made above them. */
  readonly later: number;
}

export interface RemoteReport extends Compared, WithRemote {
  readonly later: number;
}

/** Sends what the remote lacks of the answers to what is selected; of all that are here where nothing is selected. */
export async function push(options: TeamCacheOptions, sharer: Sharer): Promise<PushReport> {
  return sharing('push', options, sharer, async (shared) => {
    const chosen = isChosen(options) ? await asked(options, sharer) : undefined;
    return pushAnswers(shared, chosen?.known);
  });
}

/** Brings the answers to what is selected, as far as it is known what that asks. Takes the data root's lock. */
export async function pull(options: TeamCacheOptions, sharer: Sharer): Promise<PullReport> {
  return sharing('pull', options, sharer, async (shared) => {
    const since = new Date(sharer.clock.now()).toISOString();
    const release = lockRoot(shared.layout, { command: sharer.command, since });
    try {
      const { known, later } = await asked(options, sharer);
      return { ...(await pullAnswers(shared, known)), later };
    } finally {
      release();
    }
  });
}

/** Where the answers to what is selected lie: here, there, in both places or nowhere. */
export async function compareRemote(options: TeamCacheOptions, sharer: Sharer): Promise<RemoteReport> {
  return sharing('status', options, sharer, async (shared) => {
    const { known, later } = await asked(options, sharer);
    return { ...(await compareAnswers(shared, known)), later };
  });
}

function isChosen({ select, exclude }: TeamCacheOptions): boolean {
  return wordsOf(select).length > 0 || wordsOf(exclude).length > 0;
}

async function asked(options: TeamCacheOptions, { loading }: Sharer): Promise<Questions> {
  const reading = await openForReading({ ...loading, verify: options.verify === true });
  return questionsOf(reading.session, reading.judged.verdicts, selectedBy(options, reading));
}

type Action = 'push' | 'pull' | 'status' | 'plan';

async function sharing<T>(
  action: Action,
  { signal }: TeamCacheOptions,
  { loading, clock, onProgress }: Sharer,
  work: (shared: Shared) => Promise<T>,
): Promise<T & WithRemote> {
  const { layout } = await locate(loading);
  const {
    value: { settings, environment },
    problems,
  } = await loadProject(loading);
  if (hasErrors(problems)) throw new ProblemError(problems);
  const remote = await remoteFor(action, settings, { environment, now: () => clock.now() });
  try {
    const shared = { settings, layout, remote, signal: signal ?? new AbortController().signal, onProgress };
    const came = await work(shared);
    return { ...came, remote: remote.standing };
  } finally {
    await remote.close();
  }
}

/** The remote cache, usable for that; throws a ProblemError where there is none, or its mode does not allow it. */
export async function remoteFor(
  action: Action,
  settings: Settings,
  surroundings: Parameters<typeof openRemote>[1],
): Promise<Remote> {
  const remote = await openRemote(settings, surroundings);
  if (remote === undefined) throw noRemote();
  try {
    refuseMode(action, remote);
    return remote;
  } catch (error) {
    await remote.close();
    throw error;
  }
}

function noRemote(): ProblemError {
  return new ProblemError([
    problem(
      'DD198',
      'there is no remote cache: neither `remote.url` in the config nor DAYDREAM_REMOTE names one',
      {
        reason: 'no_remote',
        place: { field: 'remote.url' },
        cure: 'Name one, as in `DAYDREAM_REMOTE=s3://bucket/prefix`; docs/team.md shows each kind.',
      },
    ),
  ]);
}

/** Throws where the remote may not be used for that. */
function refuseMode(action: Action, { standing, reads, writes }: Remote): void {
  const { name, mode, off } = standing;
  if (off !== undefined) throw new ProblemError([problem('DD198', `${name} is not used here: ${off}`)]);
  if (action === 'push' ? writes : action === 'status' || reads) return;
  throw new ProblemError([
    problem(
      'DD198',
      `the mode of ${name} is \`${mode}\`, so nothing is ${action === 'push' ? 'written to' : 'read from'} it`,
      {
        reason: 'mode',
        place: { field: 'remote.mode' },
        cure: 'Set `mode: "both"` in the config, or DAYDREAM_REMOTE_MODE=both in the environment.',
      },
    ),
  ]);
}
