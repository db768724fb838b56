// npm run bench:watch: how long from a save to the printed plan, beside the raw watcher in the same rounds, and what an idle watch
// costs. Saved are a template, and what every generation is made from: a concept of all combos, and the settings of every stage.
// Projects of 1,000 and 100,000 generations, taken for the work of a paid provider, with a ledger that has a line for each.
//
//   npm run bench:watch -- [--sizes 1000,100000] [--rounds 20] [--dir FOLDER]
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { IDLE_SECONDS, SAVES, SETTLE, watchProject } from './reaction.ts';
import { circumstances, tableOf, writeSection } from './results.ts';
import { median, percentile } from './timing.ts';

const { values } = parseArgs({
  options: {
    sizes: { type: 'string', default: '1000,100000' },
    rounds: { type: 'string', default: '20' },
    dir: { type: 'string' },
  },
});
const rounds = Number(values.rounds);
const scratch = mkdtempSync(join(values.dir ?? tmpdir(), 'daydream-watch-bench-'));
const rows: string[][] = [];
const idles: string[][] = [];

function both(times: readonly number[]): string {
  return `${median(times).toFixed(1)} / ${percentile(times, 0.95).toFixed(1)} ms`;
}

for (const size of values.sizes.split(',').map(Number)) {
  const root = join(scratch, `w${size}`);
  const { reactions, idle } = await watchProject(root, { wanted: size, rounds, saves: SAVES, idle: true });
  for (const { name, attempted, saved, own, watcher } of reactions) {
    const sizes = [size.toLocaleString('en'), attempted.toLocaleString('en')];
    rows.push([sizes[0] ?? '', name, sizes[1] ?? '', both(saved), both(own), both(watcher)]);
    console.log(rows.at(-1)?.join('  '));
  }
  if (idle === undefined) continue;
  idles.push([
    size.toLocaleString('en'),
    `${idle.cpuPercent.toFixed(2)} % of one processor`,
    `${idle.megabytes.toFixed(0)} MB`,
  ]);
}
writeSection(
  'Watch',
  `${circumstances(scratch)}. Made by \`npm run bench:watch\`: ${rounds} rounds, median / 95th percentile; the settle time of ${SETTLE} ms
is a part of the first figure and not of the plan's own share.

${tableOf(['generations', 'saved', 'to run', 'save to printed plan', "the plan's own share", 'raw watcher'], rows)}

${tableOf(['generations', `idle, over ${IDLE_SECONDS} s`, 'resident'], idles)}`,
);
rmSync(scratch, { recursive: true, force: true });
