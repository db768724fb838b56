// A watch inside the test's process, on a real folder with real events and real HTTP: edit files, wait for what it says, compare the
// store with what a clean build gives.
import { createHash } from 'node:crypto';
import { cpSync, existsSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'vitest';
import { runPlan } from '../../src/engine/build/build.ts';
import type { LoadOptions } from '../../src/engine/project/options.ts';
import {
  countSelected,
  isGreen,
  makePlan,
  PLAIN_REQUEST,
  type PlanRequest,
} from '../../src/engine/plan/plan.ts';
import { judge, openSession, type Session } from '../../src/engine/project/session.ts';
import { idAt, stageAt } from '../../src/graph/graph.ts';
import { readArtifact } from '../../src/store/gens/genstore.ts';
import { listResponses } from '../../src/store/responses.ts';
import type { WatchEvent } from '../../src/watch/events.ts';
import { WatchSession, type WatchOptions } from '../../src/watch/session.ts';
import { startFakeProvider, type FakeRequest } from './fakeprovider.ts';
import { CONFIG_FILE, makeKite, settingsFor, type Kite } from './kite.ts';
import { scratchFolder } from './project.ts';
import { realClock } from './realclock.ts';

/** An answer that depends on what is asked and on nothing else, so that a clean build gets the same. */
export function steadyAnswer({ prompt, model }: Pick<FakeRequest, 'prompt' | 'model'>): string {
  const mark = createHash('sha256').update(`${model} ${prompt}`).digest('hex').slice(0, 12);
  if (prompt.includes('Tagged')) return `Before ${mark}.\n<essay>\nOn ${mark}\n</essay>\nAfter.`;
  if (prompt.includes('Judge'))
    return `Weighed ${mark}.\nSCORE: ${Number.parseInt(mark.slice(0, 6), 16) % 10}`;
  return `On ${mark}\nby ${model},\nthree lines.`;
}

export interface Watching {
  readonly kite: Kite;
  readonly session: WatchSession;
  readonly events: WatchEvent[];
  /** The next event of a type after those that were waited for before; fails after two minutes. */
  readonly next: <T extends WatchEvent['type']>(type: T) => Promise<Extract<WatchEvent, { type: T }>>;
  /** Waits until the watch rests in this state. */
  readonly rests: (state?: WatchSession['state']) => Promise<void>;
  /** Waits until the watch rests and a reader who starts now finds everything current. */
  readonly current: () => Promise<void>;
  /** Forgets what was said so far. */
  readonly forget: () => void;
  readonly stop: () => Promise<void>;
  /** What run() came to. */
  readonly ended: Promise<void>;
}

/** Settings of a watch that waits for no hand. */
export const FAST = { watch: { settle: 80, scan: 700 } };

export interface WatchSetup {
  readonly files?: Readonly<Record<string, string>>;
  /** Settings beside the provider. */
  readonly config?: Readonly<Record<string, unknown>>;
  readonly options?: Partial<WatchOptions>;
  readonly request?: Partial<PlanRequest>;
  /** Runs before the watch starts. */
  readonly before?: (kite: Kite) => void | Promise<void>;
}

/** Starts a watch on the kite project, answered by the server of this URL. */
export async function startWatch(url: string, setup: WatchSetup = {}): Promise<Watching> {
  const kite = makeKite(url, {
    [CONFIG_FILE]: settingsFor(url, setup.config ?? FAST),
    ...setup.files,
  });
  await setup.before?.(kite);
  return watchKite(kite, setup);
}

export async function watchKite(kite: Kite, setup: WatchSetup = {}): Promise<Watching> {
  const events: WatchEvent[] = [];
  const listeners = new Set<() => void>();
  const session = new WatchSession({
    session: await open(kite.root),
    load: () => loadOptions(kite.root),
    request: { ...PLAIN_REQUEST, ...setup.request },
    mode: 'build',
    cache: 'use',
    consent: () => 'given',
    agreedTo: () => undefined,
    clock: realClock,
    random: Math.random,
    commandLine: 'daydream watch',
    ...setup.options,
    listen(event) {
      events.push(event);
      for (const listener of listeners) listener();
    },
  });
  const ended = session.run();
  ended.catch(() => {});
  let seen = 0;
  const until = async (what: string, holds: () => boolean | Promise<boolean>): Promise<void> => {
    const last = Date.now() + 120_000;
    while (!(await holds())) {
      if (Date.now() > last)
        throw new Error(`waited for ${what} in vain; state ${session.state}: ${told(events)}`);
      await new Promise<void>((resolve) => {
        const done = (): void => {
          listeners.delete(done);
          resolve();
        };
        listeners.add(done);
        setTimeout(done, 100);
      });
    }
  };
  return {
    kite,
    session,
    events,
    ended,
    async next(type) {
      let found = -1;
      await until(`"${type}"`, () => {
        found = events.findIndex((event, place) => place >= seen && event.type === type);
        return found >= 0;
      });
      seen = found + 1;
      return events[found] as never;
    },
    rests: (state = 'watching') => until(`state ${state}`, () => session.state === state),
    current: () =>
      until('a green check', async () => session.state === 'watching' && (await isCurrent(kite.root))),
    forget() {
      events.length = 0;
      seen = 0;
    },
    async stop() {
      session.stop();
      await ended;
    },
  };
}

function told(events: readonly WatchEvent[]): string {
  return events
    .slice(-25)
    .map((event) =>
      event.type === 'state'
        ? event.state
        : event.type === 'broken'
          ? JSON.stringify(event.problems)
          : event.type,
    )
    .join(' ');
}

function loadOptions(root: string): LoadOptions {
  return { root, environment: {}, now: Date.now };
}

export function open(root: string): Promise<Session> {
  return openSession(loadOptions(root));
}

async function isCurrent(root: string): Promise<boolean> {
  try {
    const session = await open(root);
    const selected = new Uint8Array(session.loaded.graph.size).fill(1);
    return isGreen(countSelected({ judge: await judge(session) }, selected));
  } catch {
    return false;
  }
}

/** Every artifact of the cohorts' generations, by path. */
async function artifactsOf(root: string): Promise<Readonly<Record<string, string>>> {
  const { graph, layout } = (await open(root)).loaded;
  const found: Record<string, string> = {};
  for (let row = 0; row < graph.size; row++) {
    for (const artifact of ['prompt', 'raw', 'parsed'] as const)
      found[`${stageAt(graph, row)}/${idAt(graph, row)}/${artifact}`] =
        readArtifact(layout, stageAt(graph, row), idAt(graph, row), artifact) ?? '(none)';
  }
  return found;
}

/** What the same inputs give in an empty store, answered by a server of its own. */
async function cleanBuild(kite: Kite): Promise<Readonly<Record<string, string>>> {
  const root = scratchFolder();
  const server = await startFakeProvider({ answer: steadyAnswer });
  cpSync(kite.root, root, {
    recursive: true,
    filter: (path) => !/\/data\/(?:gens|\.daydream|reports)(?:\/|$)/.test(path),
  });
  const config = join(root, CONFIG_FILE);
  writeFileSync(config, readFileSync(config, 'utf8').replace(/http:[^"]*/, server.url));
  try {
    const plan = await makePlan(await open(root), PLAIN_REQUEST);
    await runPlan(plan, {
      clock: realClock,
      random: Math.random,
      environment: {},
      runId: 'clean',
      listen: () => {},
      abort: new AbortController().signal,
      stopping: () => false,
      failFast: false,
      cache: 'use',
    });
    return await artifactsOf(root);
  } finally {
    await server.close();
    rmSync(root, { recursive: true, force: true });
  }
}

/** Questions that were answered more than once, by the names of what the response cache keeps. */
export async function askedTwice(kite: Kite): Promise<readonly string[]> {
  const { layout } = (await open(kite.root)).loaded;
  return listResponses(layout).filter((name) => !name.endsWith('-1'));
}

/** Files that a write left behind half-done. */
export function temporaryFiles(kite: Kite): readonly string[] {
  if (!existsSync(kite.path('data'))) return [];
  return readdirSync(kite.path('data'), { recursive: true, encoding: 'utf8' }).filter((name) =>
    /(?:\.tmp|\.new|\.stale)$/.test(name),
  );
}

/** The store is what a clean build gives, nothing was answered twice, and nothing lies about. */
export async function expectClean({ kite }: Watching): Promise<void> {
  expect(await artifactsOf(kite.root)).toEqual(await cleanBuild(kite));
  expect(await askedTwice(kite)).toEqual([]);
  expect(temporaryFiles(kite)).toEqual([]);
}
