// daydream cohort: which action does what with cohorts. Knows no action itself.
import { problem, ProblemError } from '../../../../problem.ts';
import { didYouMean } from '../../../../text/nearest.ts';
import { ALLOW_MERGE, type Invocation, type CommandSpec } from '../../../call/command.ts';
import type { ExitCode } from '../../../call/exitcode.ts';

interface Action {
  /** Names of the options that mean something to it. */
  readonly options: readonly string[];
  readonly run: (call: Invocation, words: readonly string[]) => Promise<ExitCode>;
}

const ACTIONS: Readonly<Record<string, Action>> = {
  new: {
    options: [],
    run: async (call, words) => (await import('./files.ts')).newCohort(call, words),
  },
  ls: { options: ['format'], run: async (call) => (await import('./files.ts')).listCohorts(call) },
  compile: {
    options: ['allow-merge'],
    run: async (call, words) => (await import('./files.ts')).compileNamed(call, words),
  },
  design: {
    options: ['format', 'seed', 'limit', 'out'],
    run: async (call, words) => (await import('./design.ts')).printDesign(call, words),
  },
  curate: {
    options: ['from', 'rubric', 'judges', 'replicates'],
    run: async (call, words) => (await import('./curate.ts')).curate(call, words),
  },
  combos: {
    options: ['format', 'level', 'k-max', 'all-subsets', 'from'],
    run: async (call, words) => (await import('./combos.ts')).combos(call, words),
  },
};

export const command: CommandSpec = {
  words: '<action> [...words]',
  actions: Object.keys(ACTIONS),
  options: [
    { ...ALLOW_MERGE, text: `compile: ${ALLOW_MERGE.text}` },
    { flags: '--format <format>', text: 'design: csv, json or jsonl; ls, combos ls: table, csv, json or md' },
    { flags: '--seed <number>', text: 'design: shuffle the rows, the same way for the same seed' },
    { flags: '--limit <number>', text: 'design: only the first rows' },
    { flags: '--out <file>', text: 'design: write there instead of to standard output' },
    {
      flags: '--from <list>',
      text: 'curate: the ticked rows of this list of candidates; combos add: a combo a line of this file',
    },
    {
      flags: '--all-subsets <n>',
      text: 'combos add: every choice of so many of the concepts, or of all there are',
    },
    { flags: '--rubric <names>', text: 'curate: what the essays are judged by', many: true },
    { flags: '--judges <names>', text: 'curate: who judges', many: true },
    { flags: '--replicates <number>', text: 'curate: how often; else as replication_config.csv says' },
    { flags: '--level <level>', text: 'combos add: sentence, paragraph (the default) or article' },
    {
      flags: '--k-max <number>',
      text: 'combos add: how many concepts a prompt may use; all of them by default',
    },
  ],
  examples: [
    'cohort new second-light',
    'cohort ls',
    'cohort compile first-light',
    'cohort design first-light --format json --limit 5',
    'cohort design path/to/spec/config.yaml --seed 42',
    'cohort combos add lighthouse tide-pool --level sentence',
    'cohort combos add lighthouse tide-pool murmuration --all-subsets 2',
    'cohort curate second-look --from data/curation/top_essay_candidates.csv --rubric candour --judges sonnet-4',
    'cohort combos ls',
  ],
  run: act,
};

async function act(call: Invocation): Promise<ExitCode> {
  const [name = '', ...words] = call.words;
  const action = Object.hasOwn(ACTIONS, name) ? ACTIONS[name] : undefined;
  if (action === undefined) {
    const known = Object.keys(ACTIONS);
    throw new ProblemError([
      problem('DD102', `cohort has no action ${name}${didYouMean(name, known)}`, {
        cure: `Use one of: ${known.join(', ')}.`,
      }),
    ]);
  }
  const all = new Set(Object.values(ACTIONS).flatMap(({ options }) => options));
  const idle = [...all].filter((each) => call.options.flag(each) && !action.options.includes(each));
  if (idle.length > 0) {
    const names = idle.map((each) => `--${each}`).join(', ');
    throw new ProblemError([problem('DD102', `cohort ${name} has no option ${names}`)]);
  }
  if (name === 'ls' && words.length > 0)
    throw new ProblemError([problem('DD102', `there is a word too many: ${words.join(' ')}`)]);
  return action.run(call, words);
}
