// What a command is: its words for help, its options, and what it gets to work with. Knows no particular command.
import type { LoadOptions } from '../../engine/project/options.ts';
import type { BrokenCohort } from '../../cohort/cohort.ts';
import type { Clock } from '../../model/clock.ts';
import type { Console } from '../console.ts';
import type { Stopping } from './stopping.ts';
import { type ExitCode } from './exitcode.ts';

export interface OptionSpec {
  /** As cac writes them: `--max-cost <usd>`, `-n, --dry-run`. */
  readonly flags: string;
  readonly text: string;
  /** May be given several times. */
  readonly many?: true;
}

export interface CommandSpec {
  /** Words behind the command's name: `[...selectors]`. */
  readonly words: string;
  /** What the first word may be, where that is a fixed list. */
  readonly actions?: readonly string[];
  readonly options: readonly OptionSpec[];
  /** Each without the leading `daydream`. */
  readonly examples: readonly string[];
  readonly run: (call: Invocation) => Promise<ExitCode>;
}

/** Every command by name, loaded when it is called. */
export type CommandList = Readonly<Record<string, CommandEntry>>;

export interface CommandEntry {
  readonly summary: string;
  readonly load: () => Promise<{ readonly command: CommandSpec }>;
}

/** One call of a command, with the options read. */
export interface Invocation {
  /** Of which this one is, for the commands that speak of others. */
  readonly commands: CommandList;
  readonly words: readonly string[];
  readonly options: Options;
  readonly console: Console;
  readonly clock: Clock;
  readonly random: () => number;
  /** Absolute. */
  readonly directory: string;
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly stopping: Stopping;
  /** Where the project is and what the environment says; throws a ProblemError where there is none. */
  readonly load: () => Promise<LoadOptions>;
  /** Cohorts that can not be used, as they are met while the project is loaded, by id. */
  readonly broken: BrokenHere;
  /** Raw command line, for the record of a run. */
  readonly commandLine: string;
}

export interface BrokenHere {
  readonly met: Map<string, BrokenCohort>;
  /** Those that were spoken of in full. */
  readonly said: Set<string>;
}

export interface Options {
  flag(name: string): boolean;
  text(name: string): string | undefined;
  /** Every value of an option that may be given several times, as it was given. */
  texts(name: string): readonly string[];
  /** Every value of an option that may be given several times, split at spaces that stand in no double quotes. */
  list(name: string): readonly string[];
  /** Throws a ProblemError for what is not a number of 0 or more. */
  number(name: string): number | undefined;
  /** Throws a ProblemError for what is no whole number from `least` (1 where it is left out) to `most`. */
  /** `2h` in milliseconds; undefined where no value is given. */
  span(name: string): number | undefined;
  count(name: string, bounds?: { readonly least?: number; readonly most?: number }): number | undefined;
  /** One of the words, or a ProblemError. */
  choice<T extends string>(name: string, words: readonly T[]): T | undefined;
}

/** Options of every command. */
export const GLOBAL_OPTIONS: readonly OptionSpec[] = [
  { flags: '--root <dir>', text: 'the project' },
  { flags: '--data-root <dir>', text: 'the data root' },
  { flags: '--json', text: 'machine-readable output' },
  { flags: '-q, --quiet', text: 'fewer words' },
  { flags: '-v, --verbose', text: 'more words, and stack traces' },
  { flags: '--no-color', text: 'no colour' },
];

/** Options that several commands share. */
export const EXCLUDE: OptionSpec = { flags: '--exclude <selector>', text: 'leave these out', many: true };
export const PROVIDER: OptionSpec = {
  flags: '--provider <name>',
  text: 'who answers instead: `offline`, or a provider of the config',
};
export const VERIFY: OptionSpec = {
  flags: '--verify',
  text: 'read every file again instead of trusting size, time and inode',
};
export const WAIT: OptionSpec = { flags: '--wait', text: 'wait for another build or watch to end' };
export const ALLOW_MERGE: OptionSpec = {
  flags: '--allow-merge',
  text: 'go on with one of several generations that share an id: essays that differ in their model alone',
};
