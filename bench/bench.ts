// npm run bench: builds projects of 1,000, 10,000 and 100,000 generations with the offline model (and 1,000,000 with --huge), times
// what a user waits for, beside what the machine itself and other build tools charge in the same rounds, and writes RESULTS.md.
//
//   npm run bench -- [--sizes 1000,10000] [--huge] [--rounds 5] [--dir FOLDER] [--keep]
import { spawnSync } from 'node:child_process';
import { appendFileSync, cpSync, existsSync, mkdirSync, mkdtempSync, renameSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { writePeers } from './peers.ts';
import { writeProject } from './project.ts';
import { SAVES, SETTLE, watchProject } from './reaction.ts';
import { circumstances, tableOf, writeSection } from './results.ts';
import { installed, interleaved, median, peakMegabytes, ratio, time, type Run } from './timing.ts';

const HERE = import.meta.dirname;
const DAYDREAM = resolve(HERE, '../dist/daydream.js');
const { values } = parseArgs({
  options: {
    sizes: { type: 'string', default: '1000,10000,100000' },
    huge: { type: 'boolean', default: false },
    rounds: { type: 'string', default: '5' },
    dir: { type: 'string' },
    keep: { type: 'boolean', default: false },
  },
});
const rounds = Number(values.rounds);
const sizes = [...values.sizes.split(',').map(Number), ...(values.huge ? [1_000_000] : [])];
const scratch = mkdtempSync(join(values.dir ?? tmpdir(), 'daydream-bench-'));
const peers = ['ninja', 'make'].filter(installed);
const compiler = ['cc', 'gcc', 'clang'].find(installed);

/** A measure by size: milliseconds (or microseconds, or MB), and its ratios. */
interface Measured {
  readonly value: number;
  readonly unit: 'ms' | 'µs' | 'MB';
  readonly ratios?: Readonly<Record<string, number>>;
}
const table = new Map<string, Map<number, Measured>>();

function put(row: string, size: number, measured: Measured): void {
  const line = table.get(row) ?? new Map<number, Measured>();
  table.set(row, line.set(size, measured));
  const ratios = Object.entries(measured.ratios ?? {}).map(
    ([name, value]) => `${value.toFixed(2)} × ${name}`,
  );
  console.log(
    `${String(size).padStart(9)}  ${row.padEnd(34)} ${measured.value.toFixed(1)} ${measured.unit}  ${ratios.join(', ')}`,
  );
}

function daydream(root: string, ...args: readonly string[]): Run {
  return { command: process.execPath, args: [DAYDREAM, ...args, '-q'], cwd: root };
}

/** Returns how many generations there really are. */
function measureSize(wanted: number): number {
  const { root, generations } = writeProject(join(scratch, `p${wanted}`), wanted);
  firstBuild(root, generations);
  const manifest = join(scratch, `manifest${wanted}.bin`);
  const floor = join(HERE, 'floor.mjs');
  time({ command: process.execPath, args: [floor, 'prepare', manifest, join(root, 'data/gens')], cwd: root });
  writePeers(root, peers);
  const c = compileFloor();
  const runs: Record<string, Run> = {
    build: daydream(root, 'build'),
    check: daydream(root, 'check'),
    node: { command: process.execPath, args: [floor, 'stat', manifest], cwd: root },
    bare: { command: process.execPath, args: ['-e', '0'], cwd: root },
    ...(c === undefined ? {} : { c: { command: c, args: [`${manifest}.paths`], cwd: root } }),
    ...(peers.includes('ninja') ? { ninja: { command: 'ninja', args: [], cwd: root } } : {}),
    ...(peers.includes('make') ? { make: { command: 'make', args: ['-s'], cwd: root } } : {}),
    plan: { ...daydream(root, 'plan'), before: (round) => edit(root, round) },
    undone: { ...daydream(root, 'plan'), before: () => restore(root) },
  };
  const times = interleaved(runs, rounds);
  const against = (
    name: string,
    others: Readonly<Record<string, string>>,
  ): Readonly<Record<string, number>> =>
    Object.fromEntries(
      Object.entries(others).flatMap(([other, label]) =>
        times[other] === undefined ? [] : [[label, ratio(times[name] ?? [], times[other])]],
      ),
    );
  const floors = { node: 'Node stat loop', c: 'C stat loop', ninja: 'ninja no-op', make: 'make no-op' };
  put('no-op build', generations, {
    value: median(times['build'] ?? []),
    unit: 'ms',
    ratios: against('build', floors),
  });
  put('no-op check', generations, {
    value: median(times['check'] ?? []),
    unit: 'ms',
    ratios: against('check', floors),
  });
  put('plan, one template edited', generations, {
    value: median(times['plan'] ?? []),
    unit: 'ms',
    ratios: against('plan', { build: 'no-op build', undone: 'no-op plan' }),
  });
  for (const [name, label] of Object.entries({ ...floors, bare: 'bare node' })) {
    if (times[name] !== undefined) put(`  ${label}`, generations, { value: median(times[name]), unit: 'ms' });
  }
  results(root, generations);
  coldIndex(root, generations);
  const peak = peakMegabytes(daydream(root, 'build'));
  if (peak !== undefined) put('peak memory of a no-op build', generations, { value: peak, unit: 'MB' });
  if (!values.keep) rmSync(root, { recursive: true, force: true });
  return generations;
}

/** Whole first builds in turn with a plain loop that writes the same files, on the same file system. */
function firstBuild(root: string, generations: number): void {
  const made = { builds: [] as number[], floors: [] as number[] };
  const loop = join(HERE, 'floor.mjs');
  for (let round = 0; round < Math.min(rounds, generations > 200_000 ? 1 : FIRST_BUILDS); round++) {
    for (const name of ['gens', '.daydream'])
      rmSync(join(root, 'data', name), { recursive: true, force: true });
    made.builds.push((time(daydream(root, 'build')) * 1000) / generations);
    const copy = join(root, 'floor');
    const written = spawnSync(process.execPath, [loop, 'write', copy, join(root, 'data/gens')], {
      encoding: 'utf8',
    });
    made.floors.push(Number(written.stderr));
    rmSync(copy, { recursive: true, force: true });
  }
  put('first build, a generation', generations, {
    value: median(made.builds),
    unit: 'µs',
    ratios: { 'plain Node loop writing the same files': ratio(made.builds, made.floors) },
  });
}

/** A third of the generations are evaluations: with `--sizes 300000` there are 100,000. What is asked of a store that is built, beside looking at it (check) and reading all of it (a plain loop). */
function results(root: string, generations: number): void {
  const forget = (): void => rmSync(join(root, 'data/.daydream/results'), { recursive: true, force: true });
  const [stats, html] = [
    daydream(root, 'report', 'bench', '--stats'),
    daydream(root, 'report', 'bench', '--html'),
  ];
  const times = interleaved(
    {
      check: daydream(root, 'check'),
      stats: { ...stats, before: forget },
      statsAgain: stats,
      html: { ...html, before: forget },
      htmlAgain: html,
      // Offline judges give reason to doubt them: 1 is no failure here.
      doctor: { ...daydream(root, 'doctor'), codes: [0, 1] },
      read: {
        command: process.execPath,
        args: [join(HERE, 'floor.mjs'), 'read', join(root, 'data/gens')],
        cwd: root,
      },
    },
    Math.min(rounds, RESULT_ROUNDS),
  );
  const rows = {
    stats: ['report --stats', 'check', 'no-op check'],
    statsAgain: ['report --stats, nothing changed', 'check', 'no-op check'],
    html: ['report --html', 'check', 'no-op check'],
    htmlAgain: ['report --html, nothing changed', 'check', 'no-op check'],
    doctor: ['doctor', 'read', 'Node read loop'],
  } as const;
  for (const [name, [row, floor, label]] of Object.entries(rows)) {
    put(row, generations, {
      value: median(times[name] ?? []),
      unit: 'ms',
      ratios: { [label]: ratio(times[name] ?? [], times[floor] ?? []) },
    });
  }
  put('  Node read loop', generations, { value: median(times['read'] ?? []), unit: 'ms' });
}

/** From the save of a template to the printed plan of a running watch, its settle time included. */
async function watchReaction(wanted: number, generations: number): Promise<void> {
  const root = join(scratch, `w${wanted}`);
  const options = { wanted, rounds: Math.max(rounds, 5), saves: SAVES.slice(0, 1), idle: false };
  const [first] = (await watchProject(root, options)).reactions;
  rmSync(root, { recursive: true, force: true });
  if (first === undefined) return;
  const ratios = { 'raw watcher': ratio(first.saved, first.watcher) };
  put(`watch: save to plan, ${SETTLE} ms to settle`, generations, {
    value: median(first.saved),
    unit: 'ms',
    ratios,
  });
}

function coldIndex(root: string, generations: number): void {
  const index = join(root, 'data/.daydream/gens.bin');
  renameSync(index, `${index}.kept`);
  const ms = time(daydream(root, 'check'));
  renameSync(`${index}.kept`, index);
  put('check, index missing', generations, { value: ms, unit: 'ms' });
}

/** Doctor reads every byte. */
const RESULT_ROUNDS = 3;

/** A first build of 100,000 takes a while: no more rounds of it than these. */
const FIRST_BUILDS = 3;

const TEMPLATE = 'data/1_raw/templates/draft/t-03.txt';

function edit(root: string, round: number): void {
  const path = join(root, TEMPLATE);
  if (!existsSync(`${path}.kept`)) cpSync(path, `${path}.kept`, { preserveTimestamps: true });
  appendFileSync(path, `Edited ${round}.\n`);
}

function restore(root: string): void {
  const path = join(root, TEMPLATE);
  cpSync(`${path}.kept`, path, { preserveTimestamps: true });
}

function compileFloor(): string | undefined {
  if (compiler === undefined) return undefined;
  const out = join(scratch, 'floor');
  return spawnSync(compiler, ['-O2', '-o', out, join(HERE, 'floor.c')]).status === 0 ? out : undefined;
}

function startUp(): void {
  const sample = join(scratch, 'sample');
  mkdirSync(sample, { recursive: true });
  const repository = resolve(HERE, '..');
  for (const name of [
    'data/1_raw',
    'data/combo_mappings.csv',
    'data/cohorts',
    'templates',
    'daydream.config.ts',
  ])
    cpSync(join(repository, name), join(sample, name), { recursive: true });
  time(daydream(sample, 'build'));
  const times = interleaved(
    {
      version: { command: process.execPath, args: [DAYDREAM, '--version'], cwd: sample },
      help: { command: process.execPath, args: [DAYDREAM, '--help'], cwd: sample },
      check: daydream(sample, 'check'),
      bare: { command: process.execPath, args: ['-e', '0'], cwd: sample },
    },
    Math.max(rounds, 11),
  );
  for (const [name, label] of [
    ['version', 'daydream --version'],
    ['help', 'daydream --help'],
    ['check', 'no-op check of the sample'],
  ] as const) {
    put(label, 0, {
      value: median(times[name] ?? []),
      unit: 'ms',
      ratios: { 'bare node -e 0': ratio(times[name] ?? [], times['bare'] ?? []) },
    });
  }
}

function cell(measured: Measured | undefined): string {
  if (measured === undefined) return '';
  const { value, unit, ratios = {} } = measured;
  const shown = value < 10 ? value.toFixed(1) : Math.round(value).toLocaleString('en');
  return [
    `${shown} ${unit}`,
    ...Object.entries(ratios).map(([name, each]) => `${each.toFixed(2)} × ${name}`),
  ].join('<br>');
}

/** How much longer a row takes at ten times the size, at the two largest sizes that are ten times apart. */
function growth(line: ReadonlyMap<number, Measured>): string {
  const [large, small] = [...line.keys()].sort((a, b) => b - a);
  if (large === undefined || small === undefined || large / small > 15) return '';
  const perRow = line.get(large)?.unit === 'µs';
  const [above, below] = [line.get(large)?.value ?? 0, line.get(small)?.value ?? 0];
  return `${((perRow ? above * large : above) / (perRow ? below * small : below)).toFixed(1)} ×`;
}

function tables(): string {
  const columns = [...new Set([...table.values()].flatMap((line) => [...line.keys()]))]
    .filter((size) => size > 0)
    .sort((a, b) => a - b);
  const sized = [...table].filter(([, line]) => !line.has(0));
  const plain = [...table].filter(([, line]) => line.has(0));
  return `${circumstances(scratch)}. Made by \`npm run bench\`: whole processes, medians of ${rounds} interleaved rounds
(of first builds ${Math.min(rounds, FIRST_BUILDS)}); each ratio is the median of the rounds' own ratios. The growth is from the last size but one to the last.

${tableOf(
  ['', ...columns.map((size) => size.toLocaleString('en')), 'growth'],
  sized.map(([row, line]) => [row.trim(), ...columns.map((size) => cell(line.get(size))), growth(line)]),
)}

${tableOf(
  ['start-up', ''],
  plain.map(([row, line]) => [row, cell(line.get(0))]),
)}`;
}

startUp();
for (const size of sizes) {
  const generations = measureSize(size);
  // A million would be built a second time for it.
  if (size <= 200_000) await watchReaction(size, generations);
}
writeSection('Builds and checks', tables());
if (!values.keep) rmSync(scratch, { recursive: true, force: true });
