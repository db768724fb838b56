// What tables say of scores that are not current: how many, which of them are of an earlier text, and how to leave them out.
import { beforeEach, describe, expect, it } from 'vitest';
import { openProject } from '../../src/api.ts';
import { DRAFT, JUDGE, makeKite, type Kite } from '../support/kite.ts';

let kite: Kite;

/** Two drafts are stale; their 2 essays by a model, their 2 copies and 8 evaluations are pending. */
const STANDING = '8 of 16 scores are not current: 8 pending; 8 of them are scores of an earlier text';

beforeEach(async () => {
  kite = makeKite();
  await kite.build();
});

const TABLES: readonly (readonly string[])[] = [
  ['report', 'C'],
  ['report', 'C', '--show', 'aggregated_scores'],
  ['report', 'C', '--show', 'final_results', '--format', 'csv'],
  ['report', 'C', '--show', 'ranking', '--format', 'csv'],
  ['report', 'C', '--stats', '--format', 'md'],
  ['report', 'C', '--html'],
  ['top', 'C', '--rubric', 'v-one', '--dry-run'],
];

describe('scores that are not current', () => {
  it.each(TABLES)('are said under %s %s %s %s', async (...words) => {
    expect((await kite.run(words)).stderr).not.toContain('not current');
    kite.edit(DRAFT, 'Use:', 'Make use of:');
    const { code, stderr } = await kite.run(words);
    expect(code).toBe(0);
    expect(stderr).toContain(STANDING);
  });

  it('are left out with --current, from tables, statistics and rankings', async () => {
    kite.edit(DRAFT, 'Use:', 'Make use of:');
    const left = await kite.run([
      'report',
      'C',
      '--show',
      'aggregated_scores',
      '--current',
      '--format',
      'csv',
    ]);
    expect(left.stdout.trim().split('\n')).toHaveLength(1 + 8);
    expect(left.stdout).not.toContain('d-one');
    expect(left.stderr).toContain('8 of 16 scores left out by --current: 8 pending');
    const { statistics, standing } = await json(['report', 'C', '--stats', '--current']);
    expect(statistics).toBe(8);
    expect(standing).toMatchObject({ evaluations: 16, states: { current: 8, pending: 8 } });
    expect((standing as { earlier: unknown[] }).earlier).toHaveLength(8);
    const top = await kite.run([
      'top',
      'C',
      '--rubric',
      'v-one',
      '--current',
      '--dry-run',
      '--format',
      'csv',
    ]);
    expect(top.stdout.trim().split('\n')).toHaveLength(1 + 4);
    expect(await kite.run(['report', 'C', '--current'])).toMatchObject({ code: 2 });
  });

  it('are marked line by line with --with-state, and by the door for programs', async () => {
    kite.edit(JUDGE, 'Judge:', 'Judge well:');
    const words = ['report', 'C', '--show', 'aggregated_scores', '--with-state', '--format', 'csv'];
    const [header, ...lines] = (await kite.run(words)).stdout.trim().split('\n');
    expect(header).toMatch(/,state$/);
    expect(lines.every((line) => line.endsWith(',stale'))).toBe(true);
    const project = await openProject({ root: kite.root });
    expect(new Set((await project.scores('C')).map(({ state }) => state))).toEqual(new Set(['stale']));
    expect((await kite.run(['report', 'C', '--show', 'final_results', '--with-state'])).code).toBe(2);
  });

  it('that stay missing with what is above them are no scores, and say why', async () => {
    kite.write('daydream.config.json', '{"provider":"offline","stages":{"draft":{"minLines":99}}}\n');
    expect((await kite.run(['build'])).code).toBe(1);
    await kite.run(['adopt', '--failed', 'no such idea']);
    const { stdout, stderr } = await kite.run([
      'report',
      'C',
      '--show',
      'aggregated_scores',
      '--format',
      'csv',
    ]);
    const missing = stdout
      .split('\n')
      .filter((line) => line.includes('accepted as missing: no such idea (the draft d_'));
    expect(missing).toHaveLength(16);
    expect(stderr).toContain('of 16 scores: 16 accepted as missing');
    await kite.run(['build']);
    expect(kite.read('data/cohorts/C/reports/parsing/aggregated_scores.csv')).toBe(stdout);
  });
});

async function json(words: readonly string[]): Promise<{ statistics: number; standing: unknown }> {
  const { stdout } = await kite.run([...words, '--json']);
  const { scored, standing } = JSON.parse(stdout) as { scored: number; standing: unknown };
  return { statistics: scored, standing };
}
