// `2/8`, or what a scheduler's variables say, as a shard. Selects nothing.
import type { Shard } from '../../graph/shard.ts';
import { problem, ProblemError } from '../../problem.ts';

type Environment = Readonly<Record<string, string | undefined>>;

/** How one kind of scheduler tells a task of an array which one it is. */
interface Scheduler {
  readonly name: string;
  /** The variable with the task's number. */
  readonly task: string;
  /** The variable with the first task's number, or that number. */
  readonly first: string | number;
  /** The variable with the distance from one task to the next. */
  readonly step?: string;
  /** The variable with the number of tasks; the variable with the last task's number. */
  readonly count?: string;
  readonly last?: string;
}

/**
 * Variables as their schedulers' manuals name them: `sbatch` (job arrays), Kubernetes (indexed jobs), AWS Batch (array jobs), Grid
 * Engine's `qsub -t`, GitLab's and CircleCI's and Buildkite's parallel jobs.
 */
const SCHEDULERS: readonly Scheduler[] = [
  {
    name: 'SLURM',
    task: 'SLURM_ARRAY_TASK_ID',
    first: 'SLURM_ARRAY_TASK_MIN',
    step: 'SLURM_ARRAY_TASK_STEP',
    count: 'SLURM_ARRAY_TASK_COUNT',
  },
  { name: 'Kubernetes', task: 'JOB_COMPLETION_INDEX', first: 0 },
  { name: 'AWS Batch', task: 'AWS_BATCH_JOB_ARRAY_INDEX', first: 0, count: 'AWS_BATCH_JOB_ARRAY_SIZE' },
  {
    name: 'Grid Engine',
    task: 'SGE_TASK_ID',
    first: 'SGE_TASK_FIRST',
    step: 'SGE_TASK_STEPSIZE',
    last: 'SGE_TASK_LAST',
  },
  { name: 'GitLab', task: 'CI_NODE_INDEX', first: 1, count: 'CI_NODE_TOTAL' },
  { name: 'CircleCI', task: 'CIRCLE_NODE_INDEX', first: 0, count: 'CIRCLE_NODE_TOTAL' },
  { name: 'Buildkite', task: 'BUILDKITE_PARALLEL_JOB', first: 0, count: 'BUILDKITE_PARALLEL_JOB_COUNT' },
];

/** `2/8`, said by hand where a scheduler's own variables do not tell. */
const BY_HAND = 'DAYDREAM_SHARD';
/** How many shards there are, where a scheduler does not tell or tells only of the tasks that it runs again. */
const COUNT_BY_HAND = 'DAYDREAM_SHARD_COUNT';

/** `words`: `i/n`, or `auto` for what the environment says. Throws a ProblemError (DD102) where that is no shard. */
export function shardOf(words: string, environment: Environment): Shard {
  return words === 'auto' ? shardFrom(environment) : pair(words, '--shard');
}

function pair(words: string, field: string): Shard {
  const [, index, of] = /^(\d{1,7})\/(\d{1,7})$/.exec(words.trim()) ?? [];
  const shard = { index: Number(index), of: Number(of) };
  if (shard.index >= 1 && shard.index <= shard.of) return shard;
  throw misread(
    field,
    `must be i/n with i from 1 to n, or auto, not ${JSON.stringify(words)}`,
    'Of eight shards the second is `--shard 2/8`.',
  );
}

function shardFrom(environment: Environment): Shard {
  const given = (name: string): string | undefined => environment[name]?.trim() || undefined;
  const byHand = given(BY_HAND);
  if (byHand !== undefined) return pair(byHand, BY_HAND);
  const scheduler = SCHEDULERS.find(({ task }) => /^\d+$/.test(given(task) ?? ''));
  if (scheduler === undefined)
    throw misread(
      '--shard',
      `auto finds none of ${[BY_HAND, ...SCHEDULERS.map(({ task }) => task)].join(', ')} in the environment`,
      'Say it: `--shard 2/8`, or set DAYDREAM_SHARD=2/8.',
    );
  return taskOf(scheduler, (name) => numberIn(environment, name));
}

/** The whole number in a variable; undefined where it is not set. */
function numberIn(environment: Environment, name: string): number | undefined {
  const text = environment[name]?.trim() ?? '';
  if (text === '') return undefined;
  if (/^\d{1,9}$/.test(text)) return Number(text);
  throw misread(name, `must be a whole number, not ${JSON.stringify(text)}`, 'Say it: `--shard 2/8`.');
}

function taskOf(scheduler: Scheduler, number: (name: string) => number | undefined): Shard {
  const { name, task, first, step, count, last } = scheduler;
  const id = number(task) ?? 0;
  const byHand = number(COUNT_BY_HAND);
  const start = typeof first === 'number' ? first : byHand === undefined ? (number(first) ?? 1) : 1;
  const stride = (step === undefined ? undefined : number(step)) ?? 1;
  const end = last === undefined ? undefined : number(last);
  const told = count === undefined ? undefined : number(count);
  const of = byHand ?? told ?? (end === undefined ? undefined : Math.floor((end - start) / stride) + 1);
  if (of === undefined)
    throw misread(
      COUNT_BY_HAND,
      `is not set, and ${name} does not say how many tasks there are`,
      `Set ${COUNT_BY_HAND} to the number of shards.`,
    );
  // An array of one task is how a task of a larger one is run again: taken as it stands, it would be the whole.
  if (byHand === undefined && of === 1)
    throw misread(
      task,
      `is the only task of its array: which of how many shards it is does not stand there`,
      `Set ${COUNT_BY_HAND} to the number of shards (tasks are then counted from ${start === 0 ? '0' : '1'}), or say it: \`--shard 2/8\`.`,
    );
  const index = (id - start) / (byHand === undefined ? stride : 1) + 1;
  if (Number.isInteger(index) && index >= 1 && index <= of) return { index, of };
  throw misread(
    task,
    `is ${id}, which is none of ${of} tasks counted from ${start}`,
    'Use an array without gaps, such as 1-8, or say it: `--shard 2/8`.',
  );
}

function misread(field: string, message: string, cure: string): ProblemError {
  return new ProblemError([problem('DD102', `${field} ${message}`, { place: { field }, cure })]);
}
