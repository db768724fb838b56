// npm run bench:workbench: the workbench on a project of 100,000 generations, in a headless Chromium: how soon the first screen is there
// after the command, and every other after a click; how smoothly all rows scroll by; how soon a saved template is on the page; and what
// memory the server takes.
//
//   npm run bench:workbench -- [--size 100000] [--rounds 5] [--dir FOLDER] [--root PROJECT] [--only WORD]
//
// `--root` takes a project that this bench has left (`--keep` leaves it), so that nothing has to be built first; `--only` looks at the
// screens whose address has that word, and writes nothing down.
import { spawn, spawnSync, type ChildProcess } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, statSync, utimesSync, writeFileSync } from 'node:fs';
import { loadavg, tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { createInterface } from 'node:readline';
import { parseArgs } from 'node:util';
import type { Page } from 'playwright-core';
import { launchChromium } from '../test/support/chromium.ts';
import { writeProject } from './project.ts';
import { circumstances, tableOf, writeSection } from './results.ts';
import { median } from './timing.ts';

const DAYDREAM = resolve(import.meta.dirname, '../dist/daydream.js');
const { values } = parseArgs({
  options: {
    size: { type: 'string', default: '100000' },
    rounds: { type: 'string', default: '5' },
    dir: { type: 'string' },
    root: { type: 'string' },
    keep: { type: 'boolean', default: false },
    only: { type: 'string' },
  },
});
const rounds = Number(values.rounds);
const TEMPLATE = 'data/1_raw/templates/draft/t-07.txt';

/** Milliseconds, and MB, that a user was promised. */
const PROMISED = { first: 1500, other: 300, saved: 300, gap: 1000, megabytes: 400 } as const;

/** Screens by their addresses, with what shows that they are there; `ID` stands for an essay. */
const SCREENS: readonly (readonly [name: string, address: string, there: string])[] = [
  ['Matrix, templates by models', '#/matrix', 'table.matrix td a'],
  ['Matrix, templates by combos', '#/matrix?columns=combo', 'table.matrix td:nth-child(9) a'],
  ['Matrix, ways by rubrics', '#/matrix?rows=way&columns=rubric', 'table.matrix td a'],
  ['Compare', '#/pairs?facet=draft_template&a=t-01&b=t-02', '.lead'],
  ['Texts of a template', '#/texts?draft_template=t-01', 'table.plain tbody tr'],
  ['Texts found by words', '#/texts?find=t-01', 'table.plain tbody tr'],
  ['Read', '#/read?order=best&at=3', '.texts .text'],
  ['Read, a thousand further', '#/read?order=best&at=1003', '.texts .text'],
  ['Rate', '#/rate?rater=bench', '.texts .text'],
  ['Now', '#/now', 'table.plain a'],
  ['Plan', '#/plan', '.lead'],
  ['Plan of everything', '#/plan?force=1', 'table.plain tbody tr'],
  ['Template', '#/template?stage=draft&template=t-07', '.text.code'],
  ['Map', '#/map', '.map .node'],
  ['Generations', '#/generations', '.generation'],
  ['Generations, selected', '#/generations?select=stage:essay,template:t-07', '.generation'],
  ['Generation', '#/generation?id=ID', '.text'],
  ['Generation, its prompt', '#/generation?id=ID&file=prompt', '.text'],
  ['Runs and cost', '#/runs', 'table.plain tbody tr'],
  // Means with their intervals come later, with the statistics.
  ['Plots', '#/plots', '.plot svg'],
];
/** Screens whose answer is worked out by another process, with what shows that it has come. */
const SLOW: readonly (readonly [name: string, address: string, answered: string])[] = [
  ['Judges', '#/judges', 'table.plain tbody tr'],
  ['Doctor', '#/doctor', '.lead'],
];
/** A screen that asks for nothing. */
const NOTHING = '#/no-such-screen';

interface Server {
  readonly child: ChildProcess;
  readonly url: string;
}

function serve(root: string): Promise<Server> {
  const child = spawn(process.execPath, [DAYDREAM, 'ui', '--no-open', '--json'], {
    cwd: root,
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  return new Promise((done, fail) => {
    child.once('exit', (code) => fail(new Error(`ui ended with ${String(code)}`)));
    createInterface({ input: child.stdout }).once('line', (line) =>
      done({ child, url: (JSON.parse(line) as { url: string }).url }),
    );
  });
}

async function end({ child }: Server): Promise<void> {
  const ended = new Promise((done) => child.once('close', done));
  child.kill('SIGINT');
  await ended;
}

/** Resident at most since it began, in MB. */
function memoryOf({ child }: Server): number {
  const status = readFileSync(`/proc/${String(child.pid)}/status`, 'utf8');
  return Number(/VmHWM:\s+(\d+)/.exec(status)?.[1]) / 1024;
}

/** Processor time since it began, in milliseconds. */
function cpuOf({ child }: Server): number {
  const stat = readFileSync(`/proc/${String(child.pid)}/stat`, 'utf8');
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  return (Number(fields[11]) + Number(fields[12])) * 10;
}

/** Milliseconds from a change of the address until the screen is drawn with what it asked for. */
function turn(page: Page, address: string, there: string): Promise<number> {
  return page.evaluate<number>(`new Promise((done) => {
    const look = () =>
      document.querySelector('main [aria-busy=true]') === null && document.querySelector(${JSON.stringify(there)}) !== null
        ? requestAnimationFrame(() => done(performance.now() - from))
        : setTimeout(look, 2);
    addEventListener('hashchange', look, { once: true });
    const from = performance.now();
    location.hash = ${JSON.stringify(address)};
  })`);
}

/** Scrolls through a list in so many steps, one a frame: the longest time between two frames, and until the last lines are filled. */
function scroll(
  page: Page,
  steps: number,
): Promise<{ readonly gap: number; readonly filled: number; readonly seconds: number }> {
  return page.evaluate(`new Promise((done) => {
    const list = document.querySelector('.list');
    const most = list.scrollHeight - list.clientHeight;
    const begun = performance.now();
    let [step, last, gap] = [0, begun, 0];
    const frame = (now) => {
      gap = Math.max(gap, now - last);
      last = now;
      if (step++ < ${String(steps)}) {
        list.scrollTop = (most * step) / ${String(steps)};
        return requestAnimationFrame(frame);
      }
      const stopped = performance.now();
      const look = () => {
        const lines = [...document.querySelectorAll('.item')];
        return lines.length > 5 && lines.at(-1).getAttribute('aria-posinset') === lines[0].getAttribute('aria-setsize') && lines.every((line) => line.querySelector('a') !== null)
          ? done({ gap, filled: performance.now() - stopped, seconds: (stopped - begun) / 1000 })
          : setTimeout(look, 5);
      };
      look();
    };
    requestAnimationFrame(frame);
  })`);
}

/** Milliseconds from a save to the moment at which the page shows it. */
async function saved(
  page: Page,
  root: string,
  { round, there }: { readonly round: number; readonly there: string },
): Promise<number> {
  const file = join(root, TEMPLATE);
  const before = readFileSync(file, 'utf8');
  const word = `saved-${String(round)}-${String(Date.now())}`;
  const seen = page.evaluate<number>(`new Promise((done) => {
    const before = document.querySelector('.standing').textContent;
    const look = () => (${there.replace('WORD', word)}) ? done(Date.now()) : setTimeout(look, 2);
    look();
  })`);
  const from = Date.now();
  writeFileSync(file, `${before.split('\nsaved-')[0] ?? ''}\n${word}\n`);
  return (await seen) - from;
}

interface FirstScreen {
  readonly ms: number;
  /** Milliseconds of the server until it listens. */
  readonly processor: number;
}

async function firstScreens(root: string, page: Page): Promise<readonly FirstScreen[]> {
  const all: FirstScreen[] = [];
  // As of the other screens: until it is drawn, not until another process has heard so.
  await page.addInitScript(`globalThis.drawn = new Promise((done) => {
    const look = () =>
      document.querySelector('table.matrix td a') !== null
        ? requestAnimationFrame(() => done(Date.now()))
        : setTimeout(look, 2);
    look();
  })`);
  for (let round = 0; round <= rounds; round++) {
    const from = Date.now();
    const server = await serve(root);
    const processor = cpuOf(server);
    await page.goto(server.url);
    all.push({ ms: (await page.evaluate<number>('globalThis.drawn')) - from, processor });
    console.log('first screen', all.at(-1));
    await page.goto('about:blank');
    await end(server);
  }
  // The first one reads what the system does not have at hand yet.
  return all.slice(1);
}

interface Turned {
  readonly name: string;
  readonly times: number[];
  /** Of the server, milliseconds. */
  readonly cpu: number[];
}

async function turnAll(page: Page, server: Server, essay: string): Promise<readonly Turned[]> {
  const all = [['A screen that asks for nothing', NOTHING, 'h1'] as const, ...SCREENS]
    .filter(([, address]) => values.only === undefined || address.includes(values.only))
    .map(([name, address, there]) => ({
      name,
      address: address.replace('ID', essay),
      there,
      times: [] as number[],
      cpu: [] as number[],
    }));
  for (let round = 0; round <= rounds; round++)
    for (const each of all) {
      await turn(page, '#/no-such-screen?else=1', 'h1');
      const before = cpuOf(server);
      each.times.push(await turn(page, each.address, each.there));
      each.cpu.push(cpuOf(server) - before);
    }
  for (const { name, times, cpu } of all)
    console.log(name, times.map(Math.round).join(' '), 'processor', cpu.join(' '));
  return all;
}

/** Of screens with a slow answer: milliseconds until they are there, and seconds until they are answered. */
async function turnSlow(page: Page): Promise<readonly (readonly string[])[]> {
  const rows: string[][] = [];
  for (const [name, address, answered] of SLOW) {
    await turn(page, '#/no-such-screen?else=2', 'h1');
    const from = performance.now();
    await page.evaluate(`location.hash = ${JSON.stringify(address)}`);
    await page.waitForSelector('main p[role=status]');
    const there = performance.now() - from;
    // Looked for now and then: a browser that is asked at every frame takes a processor from whom it waits for.
    await page.evaluate(`new Promise((done) => {
      const look = () => document.querySelector(${JSON.stringify(answered)}) !== null ? done() : setTimeout(look, 200);
      look();
    })`);
    rows.push([name, `${there.toFixed(0)} ms`, `${((performance.now() - from) / 1000).toFixed(1)} s`]);
    console.log(rows.at(-1)?.join('  '));
  }
  return rows;
}

async function savedOn(
  page: Page,
  root: string,
  [address, there, seen]: readonly [string, string, string],
): Promise<readonly number[]> {
  const times: number[] = [];
  await turn(page, address, there);
  for (let round = 0; round <= rounds; round++) {
    // What the round before has put back is settled.
    await page.waitForTimeout(1500);
    times.push(await saved(page, root, { round, there: seen }));
    writeFileSync(join(root, TEMPLATE), pristine);
  }
  await page.waitForTimeout(1500);
  console.log('saved', address, times.join(' '));
  return times.slice(1);
}

const scratch =
  values.root === undefined ? mkdtempSync(join(values.dir ?? tmpdir(), 'daydream-workbench-')) : undefined;
const root = values.root ?? join(scratch ?? '', 'project');
if (values.root === undefined) {
  writeProject(root, Number(values.size));
  spawnSync(process.execPath, [DAYDREAM, 'build', '-q'], { cwd: root, stdio: 'inherit' });
}
const pristine = readFileSync(join(root, TEMPLATE), 'utf8');
const { atime, mtime } = statSync(join(root, TEMPLATE));
const loads = [loadavg()[0] ?? 0];
const browser = await launchChromium();
const page = await (await browser.newContext({ viewport: { width: 1280, height: 800 } })).newPage();
page.setDefaultTimeout(120_000);
const whole = values.only === undefined;
const first = whole ? await firstScreens(root, page) : [];

const server = await serve(root);
await page.goto(server.url);
await page.waitForSelector('table.matrix td a');
const essay = await page.evaluate<string>(
  `fetch('/api/generations?select=stage:essay&most=1').then((reply) => reply.json()).then(({ generations }) => generations[0].genId)`,
);
const turned = await turnAll(page, server, essay);
if (whole) {
  await turn(page, '#/generations', '.generation');
  const scrolled = await scroll(page, 600);
  console.log('scrolled', scrolled);
  const onMatrix = await savedOn(page, root, [
    '#/matrix',
    'table.matrix td a',
    `document.querySelector('.standing').textContent !== before`,
  ]);
  const onTemplate = await savedOn(page, root, [
    '#/template?stage=draft&template=t-07',
    '.text.code',
    `document.querySelector('.text.code')?.textContent.includes('WORD')`,
  ]);
  const slow = await turnSlow(page);
  const most = memoryOf(server);
  loads.push(loadavg()[0] ?? 0);
  const both = (times: readonly number[]): string =>
    `${median(times).toFixed(0)} / ${Math.max(...times).toFixed(0)} ms`;
  const size = Number(values.size).toLocaleString('en');
  writeSection(
    'Workbench',
    `${circumstances(root)}. Made by \`npm run bench:workbench\`: ${size} generations in a headless Chromium on the
same machine, ${rounds} rounds, median / worst. The load was ${loads.map((each) => each.toFixed(1)).join(' when it began and ')} when it ended, on two processors: times grow with
it, and the server's processor time does not. A screen that asks for nothing shows what the machine took for any.

${tableOf(
  ['what', 'promised', 'measured'],
  [
    ['first screen, from the command on', `${PROMISED.first} ms`, both(first.map(({ ms }) => ms))],
    [
      'of that, processor time of the server until it listens',
      '',
      both(first.map(({ processor }) => processor)),
    ],
    ['a saved template on the matrix', `${PROMISED.saved} ms`, both(onMatrix)],
    ['a saved template on its own screen', `${PROMISED.saved} ms`, both(onTemplate)],
    [
      `longest time between two frames while all rows scroll by`,
      `${PROMISED.gap} ms`,
      `${scrolled.gap.toFixed(0)} ms, of ${scrolled.seconds.toFixed(0)} s`,
    ],
    ['until the last rows have their texts then', '', `${scrolled.filled.toFixed(0)} ms`],
    ['memory of the server at most', `${PROMISED.megabytes} MB`, `${most.toFixed(0)} MB`],
  ],
)}

${tableOf(
  ['screen', `there, promised within ${PROMISED.other} ms`, 'the first time', 'processor time of the server'],
  turned.map(({ name, times, cpu }) => [
    name,
    both(times.slice(1)),
    `${(times[0] ?? 0).toFixed(0)} ms`,
    both(cpu.slice(1)),
  ]),
)}

${tableOf(['answered by another process', 'screen there', 'answer there'], slow)}`,
  );
}
writeFileSync(join(root, TEMPLATE), pristine);
// As it was built: whoever measures with this project again measures the same.
utimesSync(join(root, TEMPLATE), atime, mtime);
await browser.close();
await end(server);
if (scratch !== undefined && !values.keep) rmSync(scratch, { recursive: true, force: true });
