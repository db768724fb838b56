// One command line from words to an exit code. Knows how commands are called, not what they do.
import { cac } from 'cac';
import { parse, resolve } from 'node:path';
import { environmentOf, findProject } from '../../config.ts';
import { diskProblem, problem, ProblemError } from '../../problem.ts';
import { CLOCK, loadOptionsFor, type LoadOptions } from '../../engine/project/options.ts';
import { didYouMean } from '../../text/nearest.ts';
import { TOOL_VERSION } from '../../version.ts';
import {
  GLOBAL_OPTIONS,
  type CommandEntry,
  type CommandSpec,
  type Invocation,
  type OptionSpec,
} from './command.ts';
import { UNANSWERED, type ExitCode } from './exitcode.ts';
import { COMMANDS, HOME } from './commandlist.ts';
import { createConsole, type Console } from '../console.ts';
import { optionsFrom } from './options.ts';
import { openOutlets } from './outlets.ts';
import { catchSignals, type Stopping } from './stopping.ts';

export async function runCommand(typed: readonly string[]): Promise<ExitCode> {
  const argv = commandFirst(typed);
  const name = argv[2] === undefined || argv[2].startsWith('-') ? undefined : argv[2];
  const entry = name === undefined ? HOME : Object.hasOwn(COMMANDS, name) ? COMMANDS[name] : undefined;
  const environmentIn = environments();
  const plain = consoleFor(argv, {}, environmentIn);
  tellLoss(plain);
  try {
    if (currentFolder() === undefined) throw gone();
    if (entry === undefined) throw unknownCommand(name ?? '');
    return await invoke({ name: name ?? '', entry, argv, plain, environmentIn });
  } catch (error) {
    return failure(error, plain, formOf(name));
  }
}

/** Undefined where somebody has removed it under the shell that stands in it. */
function currentFolder(): string | undefined {
  try {
    return process.cwd();
  } catch {
    return undefined;
  }
}

function gone(): ProblemError {
  return new ProblemError([
    problem('DD103', 'the folder that this was called in is not there any more', {
      cure: 'Go to a folder that is there: `cd` to the project.',
    }),
  ]);
}

/** Options of every command may stand before it, too. */
function commandFirst(argv: readonly string[]): readonly string[] {
  const [node = '', script = '', ...rest] = argv;
  const name = rest.findIndex((word, at) => {
    const { flags } = globalOption(rest[at - 1] ?? '') ?? {};
    const isValue = flags?.includes('<') === true;
    return !isValue && globalOption(word.replace(/=.*/s, '')) === undefined;
  });
  const command = rest[name];
  return command === undefined || command.startsWith('-')
    ? argv
    : [node, script, command, ...rest.slice(0, name), ...rest.slice(name + 1)];
}

function globalOption(word: string): OptionSpec | undefined {
  return GLOBAL_OPTIONS.find(({ flags }) => flags.split(/, | /).includes(word));
}

interface CommandLine {
  readonly name: string;
  readonly entry: CommandEntry;
  readonly argv: readonly string[];
  /** For what is said before the options are read. */
  readonly plain: Console;
  readonly environmentIn: EnvironmentIn;
}

/** By folder: the environment over its `.env`. */
type EnvironmentIn = (folder: string) => LoadOptions['environment'];

/** Each `.env` is read once a command line. */
function environments(): EnvironmentIn {
  const known = new Map<string, LoadOptions['environment']>();
  return (folder) => {
    const environment = known.get(folder) ?? environmentOf(folder);
    known.set(folder, environment);
    return environment;
  };
}

async function invoke({
  name,
  entry: { summary, load },
  argv,
  plain,
  environmentIn,
}: CommandLine): Promise<ExitCode> {
  const { command } = await load();
  const cli = cac('daydream');
  const defined = cli.command(`${name} ${command.words}`.trim(), summary);
  for (const { flags, text } of [...command.options, ...GLOBAL_OPTIONS]) defined.option(flags, text);
  for (const example of command.examples) defined.example(`  daydream ${example}`.trimEnd());
  defined.action(() => {});
  cli.help((sections) => helpText(sections, `daydream ${name}`.trim(), summary));
  const parsed = printedBy(plain, () => cli.parse([...argv], { run: false }));
  if (parsed.options['help'] === true) return 0;
  const known = defined.options.flatMap((option) => option.names);
  checkOptions(parsed.options, known);
  const values = asTyped(parsed.options, argv, defined.options);
  checkWords(command, parsed.args);
  const console = consoleFor(argv, values, environmentIn);
  try {
    const words = parsed.args.map(String);
    const call = callOf({ argv, words, values, console, environmentIn });
    const code = await command.run(call);
    if (call.broken.met.size > 0) (await import('../words/reasons/broken.ts')).noteBroken(call);
    return code;
  } catch (error) {
    return failure(error, console, formOf(name));
  }
}

/** The parser writes its help where it likes; what becomes of it is to be known. */
function printedBy<T>(plain: Console, parse: () => T): T {
  const { info } = globalThis.console;
  globalThis.console.info = (text: unknown) => plain.print(String(text));
  try {
    return parse();
  } finally {
    globalThis.console.info = info;
  }
}

interface HelpSection {
  readonly title?: string;
  readonly body: string;
}

/** The parser's own help, with what the command is for at its head, and without the defaults that it invents for `--no-…`. */
function helpText(sections: readonly HelpSection[], name: string, summary: string): HelpSection[] {
  return [
    { body: `${name}: ${summary}` },
    ...sections.slice(1).map((section) => ({
      ...section,
      body: section.body.replaceAll(' (default: true)', '').replaceAll(/ +$/gm, ''),
    })),
  ];
}

function checkOptions(options: Readonly<Record<string, unknown>>, known: readonly string[]): void {
  const camel = new Set(
    known.map((each) => each.replaceAll(/-(.)/g, (_all, letter: string) => letter.toUpperCase())),
  );
  const unknown = Object.keys(options).filter(
    (each) => each !== '--' && each !== 'color' && !camel.has(each) && !known.includes(each),
  );
  if (unknown.length === 0) return;
  throw new ProblemError(
    unknown.map((each) =>
      problem(
        'DD102',
        `there is no option ${dashed(each)}${didYouMean(dashed(each), known.filter((one) => one.length > 1).map(dashed))}`,
      ),
    ),
  );
}

interface DefinedOption {
  readonly names: readonly string[];
  readonly required?: boolean | undefined;
}

/** Values as they were typed: a seed beyond 2^53, or an id of digits, is no number. An option without its value is bad usage. */
function asTyped(
  values: Readonly<Record<string, unknown>>,
  argv: readonly string[],
  defined: readonly DefinedOption[],
): Readonly<Record<string, unknown>> {
  const typed: Record<string, unknown> = { ...values };
  for (const { names, required } of defined) {
    const name = names.find((each) => values[each] !== undefined);
    if (name === undefined) continue;
    const given = [values[name]].flat();
    if (required === true && given.includes(true))
      throw new ProblemError([problem('DD102', `${dashed(name)} needs a value`)]);
    const texts = textsOf(argv, names);
    if (!given.some((each) => typeof each === 'number') || texts.length !== given.length) continue;
    for (const each of names) typed[each] = texts.length === 1 ? texts[0] : texts;
  }
  return typed;
}

function textsOf(argv: readonly string[], names: readonly string[]): readonly string[] {
  const flags = new Set(names.map(dashed));
  return argv.flatMap((word, at) => {
    const [flag = '', ...value] = word.split('=');
    if (!flags.has(flag)) return [];
    return value.length > 0 ? [value.join('=')] : argv.slice(at + 1, at + 2);
  });
}

function dashed(option: string): string {
  return option.length === 1
    ? `-${option}`
    : `--${option.replaceAll(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}`;
}

function checkWords(command: CommandSpec, words: readonly string[]): void {
  const required = command.words.match(/<[^>]+>/g) ?? [];
  if (words.length < required.length)
    throw new ProblemError([problem('DD102', `${required[words.length] ?? 'a word'} is missing`)]);
  const optional = command.words.match(/\[[^\]]+\]/g) ?? [];
  if (command.words.includes('...') || words.length <= required.length + optional.length) return;
  throw new ProblemError([
    problem('DD102', `there is a word too many: ${words.slice(required.length + optional.length).join(' ')}`),
  ]);
}

interface Parsed {
  readonly argv: readonly string[];
  readonly words: readonly string[];
  readonly values: Readonly<Record<string, unknown>>;
  readonly console: Console;
  readonly environmentIn: EnvironmentIn;
}

function callOf({ argv, words, values, console, environmentIn }: Parsed): Invocation {
  const options = optionsFrom(values);
  const directory = process.cwd();
  const root = options.text('root');
  const project = root === undefined ? findProject(directory) : resolve(root);
  const broken: Invocation['broken'] = { met: new Map(), said: new Set() };
  return {
    commands: COMMANDS,
    words,
    options,
    console,
    clock: CLOCK,
    random: Math.random,
    directory,
    environment: environmentIn(project ?? directory),
    stopping: stoppingOf(),
    commandLine: ['daydream', ...argv.slice(2)].join(' '),
    broken,
    load: async () => ({
      ...loadOptionsFor({
        directory,
        root,
        dataRoot: options.text('data-root'),
        provider: options.text('provider'),
        environmentIn,
      }),
      onBroken: (met) => {
        for (const each of met) broken.met.set(each.id, each);
      },
    }),
  };
}

/** Who can not say any more what is done stops, as at Ctrl-C: what is in flight is paid for, and kept. */
function stoppingOf(): Stopping {
  const { stopping, ask } = catchSignals(process);
  openOutlets().onLoss(ask);
  return stopping;
}

function tellLoss(console: Console): void {
  openOutlets().onLoss(({ outlet, code, message }) => {
    // A reader who has read enough need not be told.
    if (code === 'EPIPE') return;
    console.problems([
      problem('DD585', `${outlet} can not be written: ${message}`, { reason: code, data: { outlet } }),
    ]);
  });
}

function consoleFor(
  argv: readonly string[],
  values: Readonly<Record<string, unknown>>,
  environmentIn: EnvironmentIn,
): Console {
  const has = (...flags: readonly string[]): boolean => flags.some((flag) => argv.includes(flag));
  const directory = currentFolder() ?? parse(process.execPath).root;
  return createConsole(
    { ...openOutlets(), in: process.stdin },
    {
      json: values['json'] === true || has('--json'),
      verbosity:
        values['quiet'] === true || has('-q', '--quiet')
          ? 'quiet'
          : values['verbose'] === true || has('-v', '--verbose')
            ? 'verbose'
            : 'normal',
      colour: has('--no-color') ? 'never' : 'auto',
      environment: environmentIn(directory),
      directory,
    },
  );
}

function unknownCommand(name: string): ProblemError {
  return new ProblemError([
    problem('DD101', `there is no command ${name}${didYouMean(name, Object.keys(COMMANDS))}`),
  ]);
}

/** Some commands' JSON is one event a line. */
function formOf(command: string | undefined): 'document' | 'line' {
  return command === 'build' || command === 'watch' || command === 'ui' ? 'line' : 'document';
}

/** Says what went wrong, and gives the exit code for "can not be answered". */
function failure(error: unknown, console: Console, form: 'document' | 'line'): ExitCode {
  const problems = error instanceof ProblemError ? error.problems : [unexpected(error)];
  if (console.json) console.printJson({ version: 1, type: 'problems', problems }, form);
  console.problems(problems);
  if (console.verbosity === 'verbose' && error instanceof Error && !(error instanceof ProblemError))
    console.note(error.stack);
  return UNANSWERED;
}

function unexpected(error: unknown): ProblemError['problems'][number] {
  const message = error instanceof Error ? error.message : String(error);
  return diskProblem(error) ?? problem('DD199', `${message} (daydream ${TOOL_VERSION}; -v shows where)`);
}
