// The options that say what to build and how, read the same way by build, plan and watch. Runs nothing.
import type { PlanRequest } from '../../../engine/plan/plan.ts';
import type { FailureKind } from '../../../generation/trace.ts';
import { EXCLUDE, PROVIDER, VERIFY, type Invocation, type OptionSpec } from '../../call/command.ts';

export const REQUEST_OPTIONS: readonly OptionSpec[] = [
  EXCLUDE,
  {
    flags: '--force [what]',
    text: 'generate again what is selected, or only a stage or selector of it',
    many: true,
  },
  {
    flags: '--retry <what>',
    text: 'ask again after failures: `api`, `refused` (cut off, too short, unparsable, filtered) or `all`',
  },
  { flags: '--discard-edits', text: 'replace artifacts that were edited by hand' },
  PROVIDER,
  { flags: '--offline', text: 'the response cache or a clear failure, never the network' },
  { flags: '--max-cost <usd>', text: 'stop before more than this is spent' },
  { flags: '--concurrency <n>', text: 'calls at a time, for every pool' },
  VERIFY,
];

export const RETRIED: Readonly<Record<'api' | 'refused' | 'all', readonly FailureKind[]>> = {
  api: ['api'],
  refused: ['refused', 'truncated', 'too_short', 'unparsable'],
  all: ['api', 'refused', 'truncated', 'too_short', 'unparsable', 'render'],
};

/** Looks at every option, so that a mistake in one is found before anything is read or written. */
export function requestOf({ words, options }: Pick<Invocation, 'words' | 'options'>): PlanRequest {
  options.count('concurrency');
  options.number('max-cost');
  const retry = options.choice('retry', ['api', 'refused', 'all']);
  const force = options.list('force');
  return {
    select: words,
    exclude: options.list('exclude'),
    ...(options.flag('force') ? { force: force.length === 0 ? ('all' as const) : force } : {}),
    edits: options.flag('discard-edits') ? 'discard' : 'keep',
    retry: new Set(retry === undefined ? [] : RETRIED[retry]),
  };
}
