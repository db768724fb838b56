// Which remote cache a project has: the config's, or the one that the environment names instead, with the keys that only the environment
// holds. Asks nobody yet.
import type { Settings } from '../../config.ts';
import { MODES, placeOf, type Place } from '../../remote/place.ts';
import type { Remote, RemoteMode } from '../../remote/remote.ts';
import { problem, ProblemError } from '../../problem.ts';

type Environment = Readonly<Record<string, string | undefined>>;

interface RemoteChoice {
  readonly place: Place;
  readonly mode: RemoteMode;
  /** Why it can not be used here. */
  readonly locked?: string;
}

/** Milliseconds for a connection, and for a request as a whole; who gives a request longer gives a connection a fifth of it. */
const CONNECT = 2000;
const REQUEST = 10_000;

/** Undefined where none is configured, or none is wanted. Throws a ProblemError for one that can not be meant. */
function remoteChoice(
  { remote = {}, root, configFile }: Settings,
  environment: Environment,
): RemoteChoice | undefined {
  const named = given(environment, 'DAYDREAM_REMOTE');
  const url = named ?? remote.url ?? '';
  if (url === '') return undefined;
  const mode = modeIn(environment) ?? remote.mode ?? 'read';
  if (mode === 'off') return undefined;
  const file = configFile ?? root;
  const where = named === undefined ? { file, field: 'remote.url' } : { field: 'DAYDREAM_REMOTE' };
  const place = placeOf(url, { environment, root, where });
  const keyless = given(environment, 'DAYDREAM_REMOTE_KEY') === undefined;
  if (remote.seal !== true || !keyless) return { place, mode };
  return { place, mode, locked: 'it is sealed, and DAYDREAM_REMOTE_KEY is not set' };
}

/** Whether a build may find answers there. Throws like `remoteChoice`. */
export function readsRemote(settings: Settings, environment: Environment): boolean {
  const choice = remoteChoice(settings, environment);
  return choice !== undefined && choice.locked === undefined && choice.mode !== 'write';
}

/** The remote, not asked yet; undefined where there is none. Throws like `remoteChoice`. */
export async function openRemote(
  settings: Settings,
  { environment, now }: { readonly environment: Environment; readonly now: () => number },
): Promise<Remote | undefined> {
  const choice = remoteChoice(settings, environment);
  if (choice === undefined) return undefined;
  const { openRemoteAt } = await import('../../remote/open.ts');
  const requestMs = settings.timeouts.remote ?? REQUEST;
  return openRemoteAt({
    ...choice,
    // Whoever says that what lies there is not to be sealed has a key for something else.
    passphrase: settings.remote?.seal === false ? undefined : given(environment, 'DAYDREAM_REMOTE_KEY'),
    connectMs: Math.max(Math.min(CONNECT, requestMs), requestMs / 5),
    requestMs,
    environment,
    now,
  });
}

function modeIn(environment: Environment): (typeof MODES)[number] | undefined {
  const word = given(environment, 'DAYDREAM_REMOTE_MODE');
  const mode = MODES.find((each) => each === word);
  if (word === undefined || mode !== undefined) return mode;
  throw new ProblemError([
    problem('DD198', `DAYDREAM_REMOTE_MODE is one of ${MODES.join(', ')}, not ${JSON.stringify(word)}`, {
      place: { field: 'DAYDREAM_REMOTE_MODE' },
    }),
  ]);
}

function given(environment: Environment, name: string): string | undefined {
  const value = environment[name];
  return value === undefined || value === '' ? undefined : value;
}
