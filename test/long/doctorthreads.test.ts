// A store so large that threads of their own read it: doctor finds there what it finds when it reads alone.
import { mkdirSync, readdirSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { writeProject } from '../../bench/project.ts';
import { examine } from '../../src/doctor/examination.ts';
import type { Finding } from '../../src/doctor/findings.ts';
import { findingsOf } from '../../src/doctor/registry.ts';
import { WORTH_A_THREAD } from '../../src/store/gens/surveying.ts';
import { run, scratchFolder } from '../support/project.ts';

it('finds the same with threads and without', async () => {
  const root = scratchFolder();
  const { generations } = writeProject(root, 1200);
  expect(generations).toBeGreaterThan(2 * WORTH_A_THREAD);
  expect(await run(['build', '-q'], { cwd: root })).toMatchObject({ code: 0 });
  const gens = join(root, 'data/gens');
  const folder = (stage: string, place: number): string =>
    join(gens, stage, readdirSync(join(gens, stage)).sort()[place] ?? '');
  rmSync(join(folder('draft', 7), 'metadata.json'));
  writeFileSync(join(folder('draft', 300), 'raw.txt'), 'torn \0\0\0');
  writeFileSync(join(folder('essay', 399), 'parsed.txt'), Buffer.from([0x61, 0xff, 0x62]));
  truncateSync(join(folder('evaluation', 0), 'raw.txt'), 10);
  writeFileSync(join(folder('evaluation', 399), '.raw.txt.tmp'), 'half');
  mkdirSync(join(gens, 'essay', '.e_lost.tmp'));
  mkdirSync(join(gens, 'essay', 'e_nobody'));
  const alone = await findingsOf(await examine({ root, environment: {}, now: () => Date.now() }, undefined));
  const { stdout } = await run(['doctor', '--json'], { cwd: root });
  const { findings } = JSON.parse(stdout) as { readonly findings: readonly Finding[] };
  expect(findings).toEqual(JSON.parse(JSON.stringify(alone)));
  const codes = findings.map(({ code }) => code);
  expect(codes).toEqual(
    expect.arrayContaining(['metadata_missing', 'torn_file', 'temporary_file', 'orphan']),
  );
  expect(codes.filter((code) => code === 'temporary_file')).toHaveLength(2);
  expect(codes.filter((code) => code === 'torn_file')).toHaveLength(3);
});
