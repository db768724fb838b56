// The options that say what to build and how, read the same way by build, plan and watch. Runs nothing.
import { createInterface } from 'node:readline/promises';
import type { PlanOptions, SpendOptions } from '../../../api/request.ts';
import {
  ALLOW_MERGE,
  EXCLUDE,
  PROVIDER,
  VERIFY,
  type Invocation,
  type OptionSpec,
} from '../../call/command.ts';

export const REQUEST_OPTIONS: readonly OptionSpec[] = [
  EXCLUDE,
  {
    flags: '--force [what]',
    text: 'generate again what is selected, or what the selector behind it selects; a stage, or a selector beside others: only that of it',
    many: true,
  },
  {
    flags: '--retry <what>',
    text: 'ask again after failures: `api`, `refused` (cut off, too short, unparsable, filtered) or `all`',
  },
  { flags: '--discard-edits', text: 'replace artifacts that were edited by hand' },
  PROVIDER,
  { flags: '--offline', text: 'the response cache or a clear failure, never the network' },
  {
    flags: '--no-calls',
    text: "the response cache, the team's remote cache and batches that have ended, or a clear failure: nothing is bought",
  },
  { flags: '--max-cost <usd>', text: 'stop before more than this is spent' },
  { flags: '--concurrency <n>', text: 'calls at a time, for every pool' },
  {
    flags: '--shard <i/n>',
    text: 'only part i of n, whole chains, with a part of each limit; `auto`: as the scheduler says',
  },
  { flags: '--shard-share <share>', text: '`full`: each part has keys, and so limits, of its own' },
  VERIFY,
  ALLOW_MERGE,
];

/** Of those that ask or say what would be asked; a watch sends no batch. */
export const BATCH_OPTIONS: readonly OptionSpec[] = [
  {
    flags: '--batch [prefer]',
    text: "put questions into the provider's batches; `prefer`: ask directly what failed in three",
  },
  { flags: '--now', text: 'ask directly, also what waits in a batch: that is then paid twice' },
];

export const REMOTE_WAIT: OptionSpec = {
  flags: '--remote-wait <s>',
  text: "seconds that answers on their way to the team's remote cache get at the end (10)",
};

/** Looks at every option, so that a mistake in one is found before anything is read or written. */
export function planOptionsOf({ words, options }: Pick<Invocation, 'words' | 'options'>): PlanOptions {
  const force = options.list('force');
  return {
    select: words,
    exclude: options.list('exclude'),
    force: options.flag('force') && force.length === 0 ? true : options.flag('force') ? force : undefined,
    retry: options.choice('retry', ['api', 'refused', 'all']),
    discardEdits: options.flag('discard-edits'),
    offline: options.flag('offline'),
    noCalls: !options.flag('calls'),
    concurrency: options.count('concurrency'),
    shard: options.text('shard'),
    shardShare: options.choice('shard-share', ['divided', 'full']),
    verify: options.flag('verify'),
    allowMerge: options.flag('allow-merge'),
    batch: options.choice('batch', ['prefer']) === undefined ? options.flag('batch') || undefined : 'prefer',
    now: options.flag('now') || undefined,
  };
}

/** `--max-cost` and `--yes`, and a terminal that can be asked. */
export function spendOptionsOf({ options, console }: Pick<Invocation, 'options' | 'console'>): SpendOptions {
  return {
    maxCost: options.number('max-cost'),
    approved: options.flag('yes'),
    confirm: console.interactive ? ({ words }) => isConfirmed(`Spend ${words}? [y/N] `) : undefined,
  };
}

const CLEAR_LINE = '\r\u001B[2K';

/** Anything but a yes is a no; so is the end of the input. */
async function isConfirmed(question: string): Promise<boolean> {
  const terminal = createInterface({ input: process.stdin, output: process.stderr });
  const closed = new AbortController();
  terminal.once('close', () => closed.abort());
  try {
    const answer = await terminal.question(question, { signal: closed.signal });
    return /^y(es)?$/i.test(answer.trim());
  } catch {
    // A question that nobody answers does not stay on the line where the shell writes next.
    process.stderr.write(CLEAR_LINE);
    return false;
  } finally {
    terminal.close();
  }
}
