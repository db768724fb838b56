// What a newcomer reads first: help, and answers that go through pipes.
import { describe, expect, it } from 'vitest';
import { COMMANDS } from '../../src/cli/call/commandlist.ts';
import { run, sampleWith } from '../support/project.ts';

describe('daydream --help', () => {
  it('lists every command with what it is for', async () => {
    const { code, stdout } = await run(['--help']);
    expect(code).toBe(0);
    for (const [name, { summary }] of Object.entries(COMMANDS))
      expect(stdout).toMatch(new RegExp(`^  ${name} +${summary.replaceAll(/[.?]/g, '\\$&')}$`, 'm'));
  });

  it('says of a command what it is for, its options without defaults that it does not have, and examples', async () => {
    const { code, stdout } = await run(['check', '--help']);
    expect(code).toBe(0);
    expect(stdout).toMatch(/^daydream check: are the outputs current/);
    expect(stdout).toMatch(/^ +--no-artifacts +judge by metadata alone where texts are missing$/m);
    expect(stdout).toContain('daydream check --staged');
  });
});

describe('options of every command', () => {
  it('stand before it as well as behind it, with their values', async () => {
    const { root } = sampleWith();
    const behind = await run(['plan', '--root', root, '--json']);
    expect(behind.stdout).toContain('"counts"');
    expect(await run(['--root', root, '--json', 'plan'])).toEqual(behind);
    expect(await run([`--root=${root}`, 'plan', '--json'])).toEqual(behind);
    // A value that is the name of a command is a value.
    const { code, stderr } = await run(['--data-root', 'check', 'plan', '--root', root]);
    expect(code).toBe(2);
    expect(stderr).toContain('check/1_raw/concepts_metadata.csv is missing');
  });
});

describe('a plan', () => {
  it('is an answer: on standard output, also when quiet, with prices by stage, then model, then pool', async () => {
    const project = sampleWith();
    const quiet = await project.run(['plan', '-q']);
    expect(quiet).toMatchObject({ code: 0, stderr: '' });
    expect(quiet.stdout).toContain('116 of 116 generations to run');
    const { stdout } = await project.run(['plan', '--provider', 'openrouter']);
    const kinds = [...stdout.matchAll(/^ {4}(stage|model|pool) /gm)].map(([, kind]) => kind);
    expect([...new Set(kinds)]).toEqual(['stage', 'model', 'pool']);
    expect(kinds).toEqual([
      ...kinds.filter((kind) => kind === 'stage'),
      ...kinds.filter((kind) => kind === 'model'),
      ...kinds.filter((kind) => kind === 'pool'),
    ]);
  });

  it('claims no price for a model that has none', async () => {
    const project = sampleWith();
    project.edit('data/1_raw/llm_models.csv', 'llm_api_paid,3.00,15.00', 'llm_api_paid,,');
    const { stdout } = await project.run(['plan', '--provider', 'openrouter']);
    expect(stdout).toMatch(/^ +model +sonnet-4 .*price unknown, nothing known: max_tokens$/m);
    expect(stdout).toMatch(/^ +model +gemini_25_flash .*\$0\.\d+/m);
  });
});

describe('daydream runs show last', () => {
  it('shows the newest run, and says so where there is none', async () => {
    const project = sampleWith();
    expect(await project.run(['runs', 'show', 'last'])).toMatchObject({ code: 2 });
    await project.run(['build', 'stage:draft']);
    const { code, stdout } = await project.run(['runs', 'show', 'last']);
    expect({ code, stdout }).toEqual({
      code: 0,
      stdout: expect.stringContaining('daydream build stage:draft') as string,
    });
  });
});
