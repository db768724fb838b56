// Random edits under a running watch, with calls in flight: after each sequence the store is what a clean build gives, and nothing
// was answered twice. And a day's work: many edits, steady memory, nothing left lying about. `npm run soak` runs the long form.
import { mkdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { setTimeout as wait } from 'node:timers/promises';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { seededRandom, startFakeProvider, type FakeProvider } from '../support/fakeprovider.ts';
import { DRAFT, ESSAY, JUDGE, KITE_FILES, SPEC, type Kite } from '../support/kite.ts';
import {
  askedTwice,
  expectClean,
  FAST,
  startWatch,
  steadyAnswer,
  temporaryFiles,
} from '../support/watching.ts';

const LONG = process.env['DAYDREAM_SOAK'] === '1';
const SEQUENCES = LONG ? 200 : 8;
const EDITS_OF_A_DAY = LONG ? 500 : 24;
const SEED = Number(process.env['DAYDREAM_SEED'] ?? 20_261_123);

setFlagsFromString('--expose-gc');
/** What is measured without it is what has not been collected yet. */
const collectGarbage = runInNewContext('gc') as () => void;

let server: FakeProvider;
beforeAll(async () => {
  server = await startFakeProvider({ answer: steadyAnswer, latencyMs: 25 });
});
afterAll(() => server.close());

type Random = (below: number) => number;
const CONCEPT = 'data/1_raw/concepts/descriptions-paragraph/k1.txt';
const MODELS = 'data/1_raw/llm_models.csv';
const SWAPPED = 'data/1_raw/templates/evaluation';
const EDITED = [DRAFT, DRAFT.replace('one', 'two'), ESSAY, JUDGE, CONCEPT, SPEC, MODELS] as const;

/** What a person, an editor or a tool may do to the inputs. Each leaves them sound, at the latest after `mend`. */
const DOINGS: readonly ((kite: Kite, random: Random) => void)[] = [
  // A save in place.
  (kite, random) => kite.write(...varied(random)),
  // A save through a temporary file and a rename.
  (kite, random) => {
    const [name, text] = varied(random);
    kite.write(`${name}.swp`, text);
    renameSync(kite.path(`${name}.swp`), kite.path(name));
  },
  // A file goes, and comes back a little later.
  (kite, random) => {
    const name = EDITED[random(5)] ?? DRAFT;
    rmSync(kite.path(name), { force: true });
    setTimeout(() => kite.write(name, original(name)), random(250));
  },
  // Everything is reverted.
  (kite) => {
    for (const name of EDITED) kite.write(name, original(name));
  },
  // A storm of saves, the last of which counts.
  (kite, random) => {
    for (let save = 0; save < 12; save++) kite.write(...varied(random));
  },
  // A save that changes nothing.
  (kite, random) => {
    const name = EDITED[random(EDITED.length)] ?? DRAFT;
    kite.write(name, kite.exists(name) ? kite.read(name) : original(name));
  },
  // A file that is written in two halves.
  (kite, random) => {
    const [name, text] = varied(random);
    kite.write(name, text.slice(0, text.length / 2));
    setTimeout(() => kite.write(name, text), 10 + random(120));
  },
  // A broken spec, mended later.
  (kite, random) => {
    kite.write(SPEC, 'axes: [');
    setTimeout(() => kite.write(SPEC, original(SPEC)), random(400));
  },
  // A folder is swapped for a copy of it with another text.
  (kite, random) => {
    mkdirSync(kite.path('swap'), { recursive: true });
    writeFileSync(kite.path('swap/v-one.txt'), `Judge swapped ${random(9)}:\n{{ response }}\n`);
    rmSync(kite.path('away'), { recursive: true, force: true });
    renameSync(kite.path(SWAPPED), kite.path('away'));
    renameSync(kite.path('swap'), kite.path(SWAPPED));
  },
  // Generations join and leave.
  (kite, random) =>
    kite.write(
      SPEC,
      original(SPEC).replace(
        '[d-one, d-two]',
        ['[d-one]', '[d-two, d-three]', '[d-one, d-two]'][random(3)] ?? '',
      ),
    ),
];

function original(name: string): string {
  return KITE_FILES[name] ?? '';
}

/** A file with one of few texts, so that a later edit is likely to be an undo. */
function varied(random: Random): [name: string, text: string] {
  const name = EDITED[random(EDITED.length)] ?? DRAFT;
  const mark = random(4);
  const text = original(name);
  if (name === SPEC) return [name, `# remark ${mark}\n${text}`];
  if (name === MODELS) return [name, text.replace('lab/j1', `lab/j1-${mark}`)];
  return [name, mark === 0 ? text : `${text.trimEnd()} Variant ${mark} of ${name.slice(-9)}.\n`];
}

function mend(kite: Kite): void {
  for (const name of EDITED)
    if (!kite.exists(name) || kite.read(name) === '') kite.write(name, original(name));
}

it(`keeps the store as a clean build would make it through ${SEQUENCES} random sequences of edits`, async () => {
  const w = await startWatch(server.url, {
    config: { ...FAST, pools: { llm_api_paid: { concurrency: 6 } } },
  });
  await w.current();
  for (let sequence = 0; sequence < SEQUENCES; sequence++) {
    const draw = seededRandom(SEED + sequence);
    const random: Random = (below) => Math.floor(draw() * below);
    for (let edit = 0; edit < 2 + random(5); edit++) {
      DOINGS[random(DOINGS.length)]?.(w.kite, random);
      await wait(random(4) === 0 ? random(500) : random(90));
    }
    await wait(450);
    mend(w.kite);
    await w.current();
    await expectClean(w);
  }
  await w.stop();
  expect(temporaryFiles(w.kite)).toEqual([]);
}, 3_600_000);

it(`works through a day of ${EDITS_OF_A_DAY} edits with steady memory`, async () => {
  const w = await startWatch(server.url, {
    config: { ...FAST, pools: { llm_api_paid: { concurrency: 20 } } },
  });
  await w.current();
  const draw = seededRandom(SEED);
  const random: Random = (below) => Math.floor(draw() * below);
  const heap: number[] = [];
  for (let edit = 0; edit < EDITS_OF_A_DAY; edit++) {
    const name = [DRAFT, ESSAY, JUDGE, CONCEPT][random(4)] ?? DRAFT;
    const text = `${original(name).trimEnd()} Edit ${edit} of ${name.slice(-9)}.\n`;
    w.kite.write(name, text);
    if (random(3) > 0) await w.next('planned');
    else await wait(random(200));
    w.forget();
    if (edit % 6 === 5) {
      await w.current();
      collectGarbage();
      heap.push(process.memoryUsage().heapUsed / 2 ** 20);
    }
  }
  await w.current();
  await expectClean(w);
  await w.stop();
  expect(await askedTwice(w.kite)).toEqual([]);
  const [first = 0, last = 0] = [Math.max(...heap.slice(0, 2)), Math.min(...heap.slice(-2))];
  expect(last - first).toBeLessThan(40);
}, 3_600_000);
