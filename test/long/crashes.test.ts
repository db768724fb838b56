// Builds that die in the middle: killed at a step of their writing, killed at any moment, or cut from the power. Whatever was paid
// for and acknowledged is kept, nothing is torn or half true, and the next build ends where a clean one would have.
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { seededRandom } from '../support/fakeprovider.ts';
import { makeKite, type Kite } from '../support/kite.ts';
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
  type HeardProvider,
} from '../support/wreck.ts';

const KILLS = process.env['DAYDREAM_SOAK'] === undefined ? 12 : 300;
const SEED = Number(process.env['DAYDREAM_SEED'] ?? 7);
const BUILD = ['build', ...PAID];

let server: HeardProvider;
let kite: Kite;
let random: () => number;
let edits = 0;
beforeAll(async () => {
  server = await startHeardProvider();
});
afterAll(() => server.close());
beforeEach(() => {
  kite = makeKite(server.url);
  random = seededRandom(SEED);
  edits = 0;
});

/** Something to do: a new text of a template, of a concept, or every draft once more. */
function change(): readonly string[] {
  edits++;
  const kind = Math.floor(random() * 4);
  if (kind === 0) return ['--force', 'draft'];
  edit(kite, kind - 1, edits);
  return [];
}

describe('a build that dies', () => {
  it.each(['kill', 'cut'] as const)(
    'at any step of its writing (%s) loses nothing that was acknowledged',
    { timeout: 3_600_000 },
    async (fault) => {
      const most = await stepsOfBuild(kite);
      let lost = 0;
      let died = 0;
      for (let round = 0; died < KILLS / 2; round++) {
        let words = change();
        // Up to three deaths in a row, each in the ruins of the one before.
        for (let deaths = 1 + Math.floor(random() * 3); deaths > 0; deaths--) {
          const since = before(kite, server);
          const at = 1 + Math.floor(random() ** 2 * most);
          const env = faulty(kite, { at, fault, seed: 1 + round });
          const { code, stdout } = await kite.run([...BUILD, ...words], { env });
          lost += expectSound(kite, { stdout, since, server });
          // A power cut may take the bytes of what can be made again; the next build finds that out.
          expect(fault === 'kill' ? tornFiles(kite) : []).toEqual([]);
          if (code === null) died++;
          words = [];
        }
        if (round % 4 === 3) await expectWhole(kite, server, fault);
      }
      await expectWhole(kite, server, fault);
      expect(died).toBeGreaterThanOrEqual(KILLS / 2);
      process.stdout.write(`${died} deaths by ${fault}, ${lost} replies cut off in flight\n`);
    },
  );

  it('at any moment loses nothing that was acknowledged', { timeout: 3_600_000 }, async () => {
    expect((await kite.run(BUILD)).code).toBe(0);
    let lost = 0;
    let died = 0;
    for (let round = 0; died < KILLS / 2; round++) {
      const words = change();
      const since = before(kite, server);
      const building = kite.start([...BUILD, ...words]);
      const kill = (): void => void setTimeout(() => building.child.kill('SIGKILL'), random() * 20);
      let calls = 1 + Math.floor(random() * 16);
      const hear = (): void => {
        calls--;
        if (calls === 0) kill();
      };
      server.whenAsked.add(hear);
      const timer = setTimeout(() => building.child.kill('SIGKILL'), 150 + random() * 3000);
      const { code, stdout } = await building.ended;
      clearTimeout(timer);
      server.whenAsked.delete(hear);
      lost += expectSound(kite, { stdout, since, server });
      expect(tornFiles(kite)).toEqual([]);
      if (code === null) died++;
      if (round % 5 === 4) await expectWhole(kite, server);
    }
    await expectWhole(kite, server);
    expect(died).toBeGreaterThanOrEqual(KILLS / 2);
    process.stdout.write(`${died} deaths by SIGKILL, ${lost} replies cut off in flight\n`);
  });
});
