// What a scheduler says of a task, as a shard.
import { describe, expect, it } from 'vitest';
import { shardOf } from '../../src/engine/plan/shardwords.ts';
import { ProblemError } from '../../src/problem.ts';

function refusal(words: string, environment: Readonly<Record<string, string>> = {}): string {
  try {
    return `no refusal, but ${JSON.stringify(shardOf(words, environment))}`;
  } catch (error) {
    if (!(error instanceof ProblemError)) throw error;
    return error.problems.map(({ code, message, cure }) => `${code} ${message} ${cure}`).join('\n');
  }
}

describe('a shard in words', () => {
  it('is i/n', () => {
    expect(shardOf('2/8', {})).toEqual({ index: 2, of: 8 });
    expect(shardOf(' 1/1 ', {})).toEqual({ index: 1, of: 1 });
  });

  it.each(['0/8', '9/8', '2', '2/0', '-1/4', '1.5/4', 'a/b', '', '2/8/9', '1/99999999'])(
    'refuses %j with the form that is wanted',
    (words) => {
      expect(refusal(words)).toMatch(/^DD102 --shard must be i\/n .*--shard 2\/8/);
    },
  );
});

describe('auto', () => {
  it.each([
    ['DAYDREAM_SHARD', { DAYDREAM_SHARD: '3/4' }, '3/4'],
    [
      'SLURM, counted from 0',
      { SLURM_ARRAY_TASK_ID: '3', SLURM_ARRAY_TASK_MIN: '0', SLURM_ARRAY_TASK_COUNT: '4' },
      '4/4',
    ],
    [
      'SLURM, with a step',
      {
        SLURM_ARRAY_TASK_ID: '9',
        SLURM_ARRAY_TASK_MIN: '1',
        SLURM_ARRAY_TASK_STEP: '4',
        SLURM_ARRAY_TASK_COUNT: '3',
      },
      '3/3',
    ],
    [
      'SLURM, one task of four run again',
      {
        SLURM_ARRAY_TASK_ID: '3',
        SLURM_ARRAY_TASK_MIN: '3',
        SLURM_ARRAY_TASK_COUNT: '1',
        DAYDREAM_SHARD_COUNT: '4',
      },
      '3/4',
    ],
    ['Kubernetes', { JOB_COMPLETION_INDEX: '0', DAYDREAM_SHARD_COUNT: '4' }, '1/4'],
    ['AWS Batch', { AWS_BATCH_JOB_ARRAY_INDEX: '7', AWS_BATCH_JOB_ARRAY_SIZE: '8' }, '8/8'],
    [
      'Grid Engine',
      { SGE_TASK_ID: '5', SGE_TASK_FIRST: '1', SGE_TASK_LAST: '8', SGE_TASK_STEPSIZE: '2' },
      '3/4',
    ],
    [
      'Grid Engine outside an array, in GitLab',
      { SGE_TASK_ID: 'undefined', CI_NODE_INDEX: '2', CI_NODE_TOTAL: '3' },
      '2/3',
    ],
    ['CircleCI', { CIRCLE_NODE_INDEX: '1', CIRCLE_NODE_TOTAL: '2' }, '2/2'],
    ['Buildkite', { BUILDKITE_PARALLEL_JOB: '0', BUILDKITE_PARALLEL_JOB_COUNT: '2' }, '1/2'],
  ])('understands %s', (_name, environment, expected) => {
    const { index, of } = shardOf('auto', environment as Record<string, string>);
    expect(`${index}/${of}`).toBe(expected);
  });

  it('says what it looks for where there is nothing', () => {
    expect(refusal('auto')).toMatch(/auto finds none of DAYDREAM_SHARD, SLURM_ARRAY_TASK_ID/);
  });

  it('wants the count where nobody tells it', () => {
    expect(refusal('auto', { JOB_COMPLETION_INDEX: '2' })).toContain('DAYDREAM_SHARD_COUNT is not set');
  });

  it('never takes the only task of an array for the whole', () => {
    expect(
      refusal('auto', {
        SLURM_ARRAY_TASK_ID: '3',
        SLURM_ARRAY_TASK_MIN: '3',
        SLURM_ARRAY_TASK_COUNT: '1',
      }),
    ).toContain('only task of its array');
  });

  it('refuses an array with gaps', () => {
    expect(
      refusal('auto', {
        SLURM_ARRAY_TASK_ID: '7',
        SLURM_ARRAY_TASK_MIN: '1',
        SLURM_ARRAY_TASK_COUNT: '3',
      }),
    ).toContain('without gaps');
  });

  it('refuses what is no number', () => {
    expect(refusal('auto', { JOB_COMPLETION_INDEX: '1', DAYDREAM_SHARD_COUNT: 'four' })).toContain(
      'DAYDREAM_SHARD_COUNT must be a whole number, not "four"',
    );
  });
});
