// Hundreds of answers between a data root and a team's storage, in this process: kept together, and as good as those with files.
import { truncateSync, statSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { pullAnswers, pushAnswers, type Shared, type Wanted } from '../../../src/engine/upkeep/sharing.ts';
import { envelopeOf } from '../../../src/remote/envelope.ts';
import { layoutOf } from '../../../src/store/layout.ts';
import { findAnswer, listResponses } from '../../../src/store/responses.ts';
import { addressFor, answerTo, closeRemotes, remoteAt } from '../../support/answers.ts';
import { scratchFolder } from '../../support/project.ts';
import { startScripted, type ScriptedStorage } from '../../support/remotes.ts';

const MANY = Array.from({ length: 450 }, (_, number) => number);
const wanted = (number: number): Wanted => ({
  asked: answerTo(number).asked,
  address: addressFor(number),
  task: { genId: `d_mine${number}` },
});

let storage: ScriptedStorage;
let shared: Shared;
beforeEach(async () => {
  storage = await startScripted();
  // On a machine that is busy a connection takes its time.
  const remote = remoteAt(storage, { connectMs: 60_000, requestMs: 60_000 });
  const signal = new AbortController().signal;
  shared = { settings: { providers: {} }, layout: layoutOf(scratchFolder()), remote, signal };
  for (const each of MANY) storage.objects.set(addressFor(each), await envelopeOf(answerTo(each), undefined));
});
afterEach(async () => {
  await closeRemotes();
  await storage.close();
});

it('hundreds of answers are brought into one file, each once, and sent again from there', async () => {
  const questions = MANY.map(wanted);
  expect(await pullAnswers(shared, questions)).toEqual({ brought: 450, here: 0, missing: 0, left: 0 });
  expect(readdirSync(shared.layout.responses)).toEqual(['packs']);
  expect(readdirSync(join(shared.layout.responses, 'packs'))).toHaveLength(1);
  expect(listResponses(shared.layout)).toHaveLength(450);
  const kept = findAnswer(shared.layout, addressFor(7))?.response;
  expect(kept).toEqual({ ...answerTo(7), genId: 'd_mine7', origin: 'remote' });
  expect(await pullAnswers(shared, questions)).toMatchObject({ brought: 0, here: 450 });
  storage.objects.delete(addressFor(7));
  expect(await pushAnswers(shared, [7, 8].map(wanted))).toMatchObject({ sent: 1, there: 1, left: [] });
  expect(storage.objects.has(addressFor(7))).toBe(true);
});

it('what a power cut took of them is brought again, and nothing else', async () => {
  const questions = MANY.map(wanted);
  await pullAnswers(shared, questions);
  const folder = join(shared.layout.responses, 'packs');
  const file = join(folder, readdirSync(folder)[0] ?? '');
  truncateSync(file, Math.floor(statSync(file).size / 2));
  const here = listResponses(shared.layout).length;
  expect(here).toBeGreaterThan(200);
  expect(here).toBeLessThan(250);
  expect(await pullAnswers(shared, questions)).toMatchObject({ here, brought: 450 - here });
  expect(listResponses(shared.layout).length).toBe(450);
});
