// Watches that die while files are being edited: killed at a step of their writing, killed at any moment, or cut from the power. Held to
// what builds are held to; and the next watch goes on as if nothing had been.
import { createInterface } from 'node:readline';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { seededRandom } from '../support/fakeprovider.ts';
import { CONFIG_FILE, makeKite, settingsFor, type Kite } from '../support/kite.ts';
import type { Started } from '../support/program.ts';
import { FAST } from '../support/watching.ts';
import {
  before,
  edit,
  expectSound,
  expectWhole,
  faulty,
  PAID,
  startHeardProvider,
  stepsOfBuild,
  tornFiles,
  type Death,
  type HeardProvider,
} from '../support/wreck.ts';

const KILLS = process.env['DAYDREAM_SOAK'] === undefined ? 2 : 60;
const SEED = Number(process.env['DAYDREAM_SEED'] ?? 11);
/** Of one watch; one that a step of writing has not ended by then is killed where it rests. */
const EDITS = 6;

let server: HeardProvider;
let kite: Kite;
let random: () => number;
let edits = 0;
const timers = new Set<NodeJS.Timeout>();
beforeAll(async () => {
  server = await startHeardProvider({ latencyMs: 8 });
});
afterAll(() => server.close());
beforeEach(() => {
  kite = makeKite(server.url, { [CONFIG_FILE]: settingsFor(server.url, FAST) });
  random = seededRandom(SEED);
  edits = 0;
});
afterEach(() => {
  for (const timer of timers) clearTimeout(timer);
});

const draw = (below: number): number => Math.floor(random() * below);

function soon(milliseconds: number, act: () => void): void {
  const timer = setTimeout(() => {
    timers.delete(timer);
    act();
  }, milliseconds);
  timers.add(timer);
}

/** A watch that is kept busy: an edit whenever it rests, and now and then one into the middle of its building. */
function startBusyWatch(env: Readonly<Record<string, string>> = {}): Started {
  const watch = kite.start(['watch', ...PAID], { env });
  let left = EDITS;
  const touch = (): void => {
    if (watch.child.exitCode !== null || watch.child.signalCode !== null) return;
    if (left === 0) return void watch.child.kill('SIGKILL');
    left--;
    edits++;
    edit(kite, draw(3), edits);
  };
  createInterface({ input: watch.child.stdout ?? fail() }).on('line', (line) => {
    if (line.includes('"state":"watching"')) touch();
    if (line.includes('"state":"building"') && draw(2) === 0) soon(draw(60), touch);
  });
  return watch;
}

function fail(): never {
  throw new Error('a program without a standard output');
}

/** Everything is built, by a watch that is then told to end. */
async function expectWatchGoesOn(): Promise<void> {
  const watch = kite.start(['watch', ...PAID]);
  await watch.said('"state":"watching"');
  watch.child.kill('SIGINT');
  const { code, stdout, stderr } = await watch.ended;
  expect(code, `${stdout}${stderr}`).toBe(130);
  expect(stdout).toMatch(/"type":"plan","total":28,"attempted":0|"states":\{"current":28,/);
  // What the dead left of their watching is swept away; what is half written, gc takes.
  const left = kite.files('data/.daydream').filter((name) => /\/(?:\.proof-|lock\.json)/.test(name));
  expect(left.filter((name) => !name.includes('/trash/'))).toEqual([]);
}

async function dieOnce(watch: Started, death: Death): Promise<number> {
  const since = before(kite, server);
  const { code, stdout, stderr } = await watch.ended;
  expect(code, `${stderr}`).toBe(null);
  const lost = expectSound(kite, { stdout, since, server });
  expect(death === 'kill' ? tornFiles(kite) : []).toEqual([]);
  return lost;
}

interface Toll {
  readonly died: number;
  readonly lost: number;
}

/** Watches die one after the other; now and then, and in the end, what they left is made whole. */
async function manyDeaths(death: Death, start: (round: number) => Started): Promise<Toll> {
  let lost = 0;
  let died = 0;
  for (let round = 1; round <= KILLS; round++) {
    lost += await dieOnce(start(round), death);
    died++;
    if (round % 3 !== 0 && round < KILLS) continue;
    if (round % 2 === 0) await expectWatchGoesOn();
    await expectWhole(kite, server, death);
  }
  return { died, lost };
}

describe('a watch that dies while files are edited', () => {
  it.each(['kill', 'cut'] as const)(
    'at any step of its writing (%s) loses nothing that was acknowledged',
    { timeout: 3_600_000 },
    async (fault) => {
      const most = (await stepsOfBuild(kite)) * 2;
      const { died, lost } = await manyDeaths(fault, (round) =>
        startBusyWatch(faulty(kite, { at: 1 + Math.floor(random() ** 2 * most), fault, seed: round })),
      );
      expect(died).toBe(KILLS);
      process.stdout.write(`${died} watches dead by ${fault}, ${lost} replies cut off in flight\n`);
    },
  );

  it('at any moment loses nothing that was acknowledged', { timeout: 3_600_000 }, async () => {
    expect((await kite.run(['build', ...PAID])).code).toBe(0);
    const { died, lost } = await manyDeaths('kill', () => {
      const watch = startBusyWatch();
      let calls = 1 + draw(40);
      const hear = (): void => {
        calls--;
        if (calls === 0) soon(draw(20), () => watch.child.kill('SIGKILL'));
      };
      server.whenAsked.add(hear);
      void watch.ended.then(() => server.whenAsked.delete(hear));
      return watch;
    });
    expect(died).toBe(KILLS);
    process.stdout.write(`${died} watches dead by SIGKILL, ${lost} replies cut off in flight\n`);
  });
});
