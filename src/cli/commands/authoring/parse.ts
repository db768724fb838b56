// daydream parse: runs one parser on one text, for working on parsers and templates. Needs no project and writes nothing.
import { loadProject } from '../../../config.ts';
import { hasErrors, problem, ProblemError } from '../../../problem.ts';
import type { Parser } from '../../../generation/parsers/parser.ts';
import {
  createParserRegistry,
  unknownParser,
  type Customs,
  type ParserRegistry,
} from '../../../generation/parsers/registry.ts';
import { preview } from '../../../generation/reply.ts';
import { STAGES, type Stage } from '../../../generation/stage.ts';
import { normalizeNewlines } from '../../../text/python.ts';
import { decodeReply, readReply } from '../../../inputs/disk/diskreader.ts';
import type { Invocation, CommandSpec } from '../../call/command.ts';
import type { ExitCode } from '../../call/exitcode.ts';
import { resolve } from 'node:path';

export const command: CommandSpec = {
  words: '[file]',
  options: [
    {
      flags: '--stage <stage>',
      text: 'draft, essay or evaluation; the first that has the parser without it',
    },
    { flags: '--parser <name>', text: 'a built-in parser, or one of the config' },
    { flags: '--list', text: 'the names of the parsers, by stage' },
  ],
  examples: [
    'parse --stage evaluation --parser in_last_line reply.txt',
    'parse --parser essay_block < data/gens/draft/d_5dpejqnni3lflpgx/raw.txt',
    'parse --list',
  ],
  run: parse,
};

async function parse(call: Invocation): Promise<ExitCode> {
  const { console, options, words } = call;
  const stage = options.choice('stage', STAGES);
  const registry = await parsers(call);
  if (options.flag('list')) return listParsers(call, registry, stage);
  const parser = parserOf(call, registry, stage);
  const text = words[0] === undefined ? await readInput(call) : readFile(resolve(call.directory, words[0]));
  const result = parser.parse(normalizeNewlines(text));
  if (console.json) {
    console.printJson({ version: 1, parser: parser.name, parserVersion: parser.version, ...result });
    return result.ok ? 0 : 1;
  }
  if (result.ok) {
    console.write(result.text);
    return 0;
  }
  const data = Object.entries(result.data ?? {}).map(([name, value]) => `${name}: ${JSON.stringify(value)}`);
  console.note(`${parser.name} found nothing: ${[result.reason, ...data].join(', ')}`);
  const end = preview(text);
  if (end !== '') console.note(console.paint('dim', `  the text ends: ${end}`));
  return 1;
}

/** The built-in parsers, and those of the project's config where there is a project. */
async function parsers(call: Invocation): Promise<ParserRegistry> {
  const { value, problems } = createParserRegistry(await customsOf(call));
  if (hasErrors(problems)) throw new ProblemError(problems);
  return value;
}

async function customsOf({ load, options }: Invocation): Promise<Customs> {
  try {
    const { value: project, problems } = await loadProject(await load());
    if (hasErrors(problems)) throw new ProblemError(problems);
    return project;
  } catch (error) {
    const none = error instanceof ProblemError && error.problems.every(({ code }) => code === 'DD103');
    if (none && options.text('root') === undefined) return {};
    throw error;
  }
}

function parserOf({ options }: Invocation, registry: ParserRegistry, stage: Stage | undefined): Parser {
  const name = options.text('parser');
  if (name === undefined)
    throw new ProblemError([
      problem('DD102', '--parser is missing', { cure: '`daydream parse --list` names the parsers.' }),
    ]);
  for (const each of stage === undefined ? STAGES : [stage]) {
    const parser = registry.find(each, name);
    if (parser !== undefined) return parser;
  }
  throw new ProblemError([unknownParser(registry, stage ?? 'draft', name, { field: '--parser' })]);
}

function readFile(path: string): string {
  const { value, problems } = readReply(path);
  if (hasErrors(problems)) throw new ProblemError(problems);
  if (value !== undefined) return value;
  throw new ProblemError([
    problem('DD203', `${path} is not there`, { place: { file: path }, cure: 'Name a file that exists.' }),
  ]);
}

async function readInput({ console }: Invocation): Promise<string> {
  if (process.stdin.isTTY) console.note('reading standard input; Ctrl-D ends it');
  const chunks: Buffer[] = [];
  for await (const chunk of process.stdin) chunks.push(Buffer.from(chunk as Uint8Array));
  const { value, problems } = decodeReply(Buffer.concat(chunks), 'standard input');
  if (value === undefined) throw new ProblemError(problems);
  return value;
}

function listParsers({ console }: Invocation, registry: ParserRegistry, stage: Stage | undefined): ExitCode {
  const stages = stage === undefined ? STAGES : [stage];
  if (console.json) {
    const names = Object.fromEntries(stages.map((each) => [each, registry.names(each)]));
    console.printJson({ version: 1, parsers: names });
    return 0;
  }
  for (const each of stages) {
    for (const name of registry.names(each)) console.print(`${each.padEnd(10)}  ${name}`);
  }
  return 0;
}
