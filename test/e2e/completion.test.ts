// Completion scripts: sourced in bash and asked as bash would ask; in the other shells at least read.
import { execFileSync, spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { COMMANDS } from '../../src/cli/call/commandlist.ts';
import { locate, needing } from '../support/needs.ts';
import { makeProject, run, type TestProject } from '../support/project.ts';

let project: TestProject;
beforeAll(async () => {
  project = makeProject({});
  for (const shell of ['bash', 'zsh', 'fish']) {
    const { code, stdout, stderr } = await run(['completion', shell], { cwd: project.root });
    if (code !== 0) throw new Error(stderr);
    project.write(shell, stdout);
  }
});

/** What bash would offer for the last of these words. */
function offered(...words: readonly string[]): readonly string[] {
  const script = `source ${join(project.root, 'bash')}
COMP_WORDS=("$@"); COMP_CWORD=$(($# - 1))
_daydream
printf '%s\\n' "\${COMPREPLY[@]}"`;
  const text = execFileSync(locate('bash'), ['--norc', '-u', '-c', script, 'bash', 'daydream', ...words], {
    encoding: 'utf8',
    cwd: project.root,
  });
  return text.split('\n').filter((line) => line !== '');
}

describe('in bash', needing('bash'), () => {
  it('every command is offered', () => {
    expect(offered('')).toEqual(expect.arrayContaining(Object.keys(COMMANDS)));
    expect(offered('comp')).toEqual(['completion']);
  });

  it('the options of a command are offered, and those of every command', async () => {
    const { command } = (await COMMANDS['build']?.load()) ?? { command: undefined };
    const names = command?.options.flatMap(({ flags }) => flags.match(/--?[a-z][a-z-]*/g) ?? []) ?? [];
    expect(names).toContain('--max-cost');
    expect(offered('build', '-')).toEqual(expect.arrayContaining([...names, '--json', '--help']));
    expect(offered('build', '--max')).toEqual(['--max-cost']);
    expect(offered('--json', 'build', '--max')).toEqual(['--max-cost']);
    expect(offered('status', '--max')).toEqual([]);
  });

  it('methods of selectors are offered, and the words of those that have fixed ones', () => {
    expect(offered('plan', 'st')).toEqual(['stage:', 'state:']);
    expect(offered('plan', 'stage', ':')).toEqual(['draft', 'essay', 'evaluation']);
    expect(offered('plan', 'state', ':', 'st')).toEqual(['stale']);
    expect(offered('plan', 'model', ':', 'st')).toEqual([]);
  });

  it('actions are offered, and folders', () => {
    expect(offered('runs', '')).toEqual(['ls', 'show']);
    expect(offered('completion', 'z')).toEqual(['zsh']);
    project.write('somewhere/x', '');
    expect(offered('plan', '--root', 'some')).toEqual(['somewhere']);
  });
});

for (const shell of ['bash', 'zsh', 'fish'] as const)
  it(`${shell} can read its script`, needing(shell), () => {
    const script = project.read(shell);
    for (const name of Object.keys(COMMANDS)) expect(script).toContain(name);
    const { stderr, status } = spawnSync(locate(shell), ['-n', join(project.root, shell)], {
      encoding: 'utf8',
    });
    expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
  });

it('another shell is refused with the nearest', async () => {
  const { code, stderr } = await run(['completion', 'zhs'], { cwd: project.root });
  expect(code).toBe(2);
  expect(stderr).toContain('did you mean "zsh"?');
});
