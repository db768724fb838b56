// Tables that the disk refuses: what was built and what it cost is told all the same, every other table is written, and the exit code
// says that something is left.
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterAll, afterEach, beforeEach, expect, it } from 'vitest';
import { startFakeProvider, type FakeProvider } from '../support/fakeprovider.ts';
import { kiteAnswer, makeKite, type Kite } from '../support/kite.ts';
import { clearUp } from '../support/project.ts';

const DISK = pathToFileURL(join(import.meta.dirname, '../support/faultydisk.mjs')).href;
const SCORES = 'data/cohorts/C/reports/parsing/aggregated_scores.csv';
const TABLES = 6;

let server: FakeProvider;
let kite: Kite;
beforeEach(async () => {
  server = await startFakeProvider({ answer: kiteAnswer, cost: () => 0.25 });
  kite = makeKite(server.url);
});
afterEach(() => server.close());
afterAll(clearUp);

const refusing = (match: string): Record<string, string> => ({
  NODE_OPTIONS: `--import ${DISK}`,
  FAULTY_DISK: JSON.stringify({ below: kite.path('data'), match, at: 1, lasting: true, fault: 'EACCES' }),
});

it.each([
  ['one of them', '/aggregated_scores', 1],
  ['all of them', '/reports/', TABLES],
])('%s', async (_, match, refused) => {
  const { code, stderr } = await kite.run(['build', '--yes'], { env: refusing(match) });
  expect(code).toBe(2);
  expect(stderr).toContain('spent $6.00 for 24 calls');
  expect(stderr).toContain('all 28 generations are current');
  expect(stderr.match(/^error DD504 data\/cohorts\/C\/reports\/.*EACCES/gm)).toHaveLength(refused);
  const written = kite.exists('data/cohorts/C/reports') ? kite.files('data/cohorts/C/reports') : [];
  expect([written.length, kite.exists(SCORES)]).toEqual([TABLES - refused, false]);
  expect((await kite.run(['report'], { env: refusing(match) })).code).toBe(2);
  expect(await kite.run(['build'])).toMatchObject({ code: 0 });
  expect(kite.files('data/cohorts/C/reports')).toHaveLength(TABLES);
  expect(server.billed).toBe(24);
});
