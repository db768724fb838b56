// Processes that fight for one lock and die with it: one holder at a time.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { expect, it } from 'vitest';
import { scratchFolder } from '../support/project.ts';

const SOAK = process.env['DAYDREAM_SOAK'] !== undefined;

it(
  'the lock has one holder at a time, however many processes want it and however often one dies with it',
  {
    timeout: 3_600_000,
  },
  async () => {
    const folder = scratchFolder();
    const path = join(folder, 'state', 'lock.json');
    const contenders = SOAK ? 12 : 5;
    const rounds = SOAK ? 2000 : 60;
    const program = join(folder, 'contender.mjs');
    writeFileSync(program, CONTENDER(resolve(import.meta.dirname, '../../src/store/lock.ts')));
    const diary = join(folder, 'diary');
    const children = Array.from({ length: contenders }, (_, seed) =>
      spawn(process.execPath, [program, path, diary, String(seed), String(rounds)], {
        stdio: ['ignore', 'ignore', 'inherit'],
      }),
    );
    const codes = await Promise.all(children.map(async (child) => (await once(child, 'exit'))[0]));
    expect(codes).toEqual(children.map(() => 0));
    const lines = readFileSync(diary, 'utf8').trim().split('\n');
    let inside: string | undefined;
    for (const line of lines) {
      const [word, who] = line.split(' ');
      expect(inside, `${line}`).toBe(word === 'in' ? undefined : who);
      inside = word === 'in' ? who : undefined;
    }
    expect(lines.length).toBeGreaterThan(contenders * 2);
  },
);

/** Takes the lock again and again; in a third of the turns it leaves the lock behind as a dead process would. */
const CONTENDER = (module: string): string => `
import { appendFileSync, writeFileSync } from 'node:fs';
import { hostname } from 'node:os';
import { createJiti } from ${JSON.stringify(import.meta.resolve('jiti'))};
const { takeLock } = await createJiti(import.meta.url).import(${JSON.stringify(module)});
const [, , path, diary, seed, rounds] = process.argv;
let state = Number(seed) + 1;
const random = () => (state = (state * 48271) % 2147483647) / 2147483647;
for (let round = 0; round < Number(rounds);) {
  const who = seed + '.' + round;
  const taken = takeLock(path, { command: 'contender', since: who });
  if (taken.kind === 'busy') { await new Promise((go) => setTimeout(go, random() * 2)); continue; }
  round++;
  appendFileSync(diary, 'in ' + who + '\\n');
  if (random() < 0.5) await new Promise((go) => setTimeout(go, random() * 3));
  appendFileSync(diary, 'out ' + who + '\\n');
  if (random() < 0.33) writeFileSync(path, JSON.stringify({ pid: 4194304 + 7, host: hostname(), since: who, command: 'dead' }));
  else taken.release();
}
`;
