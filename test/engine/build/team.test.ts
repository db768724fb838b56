// What a build hands on to its team: everything gets there, or is named; however much there is, and whatever the storage does.
import { afterEach, beforeEach, expect, it } from 'vitest';
import { Team } from '../../../src/engine/build/team.ts';
import { layoutOf, type Layout } from '../../../src/store/layout.ts';
import { entryOf, keepEntry } from '../../../src/store/responses.ts';
import { answerTo, closeRemotes, remoteAt } from '../../support/answers.ts';
import { scratchFolder } from '../../support/project.ts';
import { realClock } from '../../support/realclock.ts';
import { startScripted, type Mischief, type ScriptedStorage } from '../../support/remotes.ts';

const SIGNAL = new AbortController().signal;
/** More than may be on their way at a time. */
const MANY = Array.from({ length: 300 }, (_, number) => answerTo(number));

let layout: Layout;
let names: readonly string[];
let storage: ScriptedStorage;
beforeEach(async () => {
  layout = layoutOf(scratchFolder());
  names = await Promise.all(MANY.map((each) => keepEntry(layout, entryOf(each))));
});
afterEach(async () => {
  await closeRemotes();
  await storage.close();
});

async function teamOn(mischief?: Mischief, mode?: 'read' | 'both'): Promise<Team> {
  storage = await startScripted({
    mischief: ({ method }) => (method === 'PUT' ? mischief : undefined),
  });
  // On a machine that is busy a connection takes its time.
  const patient = { connectMs: 60_000, requestMs: 60_000 };
  return new Team(
    remoteAt(storage, { ...patient, ...(mode === undefined ? {} : { mode }) }),
    realClock,
    layout,
  );
}

it.each(['one after the other', 'out of a batch'])('sends all that it is given %s', async (how) => {
  const team = await teamOn();
  if (how === 'out of a batch') team.sendBought(names);
  else for (const each of MANY) team.send(each);
  const { left, standing } = await team.end(600_000, SIGNAL);
  expect(left).toEqual([]);
  expect(standing.kept).toBe(300);
  expect(storage.objects.size).toBe(300);
  expect(storage.most).toBeLessThanOrEqual(64);
});

it.each<[string, Mischief]>([
  ['hangs', { kind: 'hang', when: 'before' }],
  ['takes nothing', { kind: 'status', status: 403 }],
])('names all that did not get there where the storage %s', async (_what, mischief) => {
  const team = await teamOn(mischief);
  for (const each of MANY.slice(0, 150)) team.send(each);
  team.sendBought(names.slice(150));
  const { left } = await team.end(mischief.kind === 'hang' ? 0 : 600_000, SIGNAL);
  expect(new Set(left.map(({ genId }) => genId))).toEqual(new Set(MANY.map(({ genId }) => genId)));
  expect(left).toHaveLength(300);
  expect(storage.objects.size).toBe(0);
});

it('sends nothing where nothing is to be written', async () => {
  const team = await teamOn(undefined, 'read');
  team.send(answerTo(1));
  team.sendBought(names);
  expect(await team.end(0, SIGNAL)).toMatchObject({ left: [], standing: { kept: 0 } });
  expect(storage.requests).toEqual([]);
});
