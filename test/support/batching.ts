// Builds by batches for tests: a kite whose provider is a batch server, and builds of it in this process on a clock whose sleeps take no
// time.
import { build } from '../../src/api/building/build.ts';
import type { Stopping } from '../../src/api/building/guard.ts';
import type { BuildEvent, BuildReport } from '../../src/api/building/events.ts';
import type { BuildOptions } from '../../src/api/request.ts';
import { loadOptionsFor } from '../../src/engine/project/options.ts';
import { readLedger } from '../../src/store/ledger/ledger.ts';
import type { BatchServer, BatchServerOptions } from './batchserver.ts';
import { CONFIG_FILE, kiteAnswer, makeKite, settingsFor, type Kite } from './kite.ts';

export const SHAPES = ['openrouter', 'openai'] as const;

export const answer: BatchServerOptions['answer'] = (prompt) =>
  kiteAnswer({ prompt, model: 'lab/any', index: 0 } as Parameters<typeof kiteAnswer>[0]);

/** `more`: further settings. `files`: in the place of the kite's own, or beside them. */
export function kiteWith(
  server: Pick<BatchServer, 'url'>,
  shape: (typeof SHAPES)[number],
  more: Readonly<Record<string, unknown>> = {},
  files: Readonly<Record<string, string>> = {},
): Kite {
  const config = JSON.parse(settingsFor(server.url, { confirmAbove: 100, ...more })) as {
    providers: { lab: Record<string, unknown> };
  };
  config.providers.lab['batch'] = shape;
  return makeKite(undefined, { [CONFIG_FILE]: JSON.stringify(config), ...files });
}

/** With a `remoteWait`, what is on its way to the team is waited for, however long it takes. */
export function buildHere(
  kite: Kite,
  options: BuildOptions,
  hear: (event: BuildEvent) => void = () => {},
  stopping: Stopping = { asked: () => false, abort: new AbortController().signal, listen: () => {} },
): Promise<BuildReport> {
  let now = Date.now();
  const waitsForTeam = (options.remoteWait ?? NaN) * 1000;
  return build(options, {
    loading: loadOptionsFor({ directory: kite.root }),
    clock: {
      now: () => now,
      ticks: () => now,
      sleep: (ms, signal) => {
        now += ms;
        return ms === waitsForTeam ? endOf(signal) : Promise.resolve();
      },
    },
    random: () => 0.5,
    command: 'a test',
    stopping,
    hear,
  });
}

function endOf(signal: AbortSignal): Promise<void> {
  return new Promise((done) => signal.addEventListener('abort', () => done(), { once: true }));
}

/** USD by the ledger. */
export function costIn(kite: Kite): number {
  const { value } = readLedger(kite.path('data/.daydream/calls.jsonl'));
  return value.reduce((sum, { cost = 0 }) => sum + cost, 0);
}
