// All parsers by name: ours, and those of the user's configuration made safe. Knows nothing of where parsers are asked for.
import { digest } from '../../digest.ts';
import { type Loaded, type Place, type Problem, problem } from '../../problem.ts';
import { didYouMean } from '../../text/nearest.ts';
import type { Parser, ParseResult } from './parser.ts';
import { essayBlock, essayBlockLenient } from './essayblock.ts';
import { essayIdeaLast } from './ideablock.ts';
import { identity } from './identity.ts';
import { JSON_SCORE, jsonScoreNamed } from './jsonscore.ts';
import { inLastLine } from './scoreline.ts';
import { type Stage, STAGES } from '../stage.ts';
import { compareCodePoints, trim } from '../../text/python.ts';

/** A parser as the user's configuration gives it. */
export interface CustomParser {
  readonly name: string;
  /** Where it may be used; all stages when absent. */
  readonly stages?: readonly Stage[];
  /** Raised by the user when the parser's results change; without it its source text and the code beside it stand for it. */
  readonly version?: string;
  /** The parsed text, or why there is none. Must be a function of the text alone. */
  readonly parse: (raw: string) => string | { readonly error: string };
}

export interface ParserRegistry {
  /** By trimmed name; undefined when the stage has no such parser. */
  readonly find: (stage: Stage, name: string) => Parser | undefined;
  /** Sorted. */
  readonly names: (stage: Stage) => readonly string[];
}

const BUILT_IN: readonly Parser[] = [
  essayIdeaLast,
  essayBlock,
  essayBlockLenient,
  inLastLine,
  JSON_SCORE,
  identity,
];

/** The built-in parsers and the user's. A user's parser with a bad or taken name is left out and reported. */
export function createParserRegistry(
  custom: readonly CustomParser[],
  /** What the parsers may call. */
  code = '',
): Loaded<ParserRegistry> {
  const parsers = new Map(BUILT_IN.map((parser) => [parser.name, parser]));
  const problems: Problem[] = [];
  for (const each of custom) {
    const found = problemOf(each, parsers);
    if (found === undefined) parsers.set(trim(each.name), wrap(each, code));
    else problems.push(found);
  }
  const value: ParserRegistry = {
    find(stage, name) {
      const parser = parsers.get(trim(name)) ?? jsonScoreNamed(trim(name));
      return parser?.stages.includes(stage) ? parser : undefined;
    },
    names: (stage) =>
      [...parsers.values()]
        .filter((parser) => parser.stages.includes(stage))
        .map((parser) => parser.name)
        .sort(compareCodePoints),
  };
  return { value, problems };
}

/** Part of a parse step's fingerprint: what the result depends on besides the text. */
export function parserFingerprint(parser: Parser): string {
  return `${parser.name}@${parser.version}`;
}

/** The same as an earlier version recorded it, which looked at less; undefined where it is the same. */
export function formerFingerprint({ name, formerly }: Parser): string | undefined {
  return formerly === undefined ? undefined : `${name}@${formerly}`;
}

/** For whoever finds a name that `find` does not know. */
export function unknownParser(registry: ParserRegistry, stage: Stage, name: string, place: Place): Problem {
  const known = registry.names(stage);
  const message = `No parser for stage ${stage} is called "${trim(name)}"${didYouMean(trim(name), known)}`;
  return problem('DD410', message, {
    reason: 'missing_parser',
    place,
    cure: `Use one of: ${known.join(', ')}; or add a parser of that name to \`parsers\` in daydream.config.ts.`,
    data: { stage, parser: trim(name), known },
  });
}

function problemOf(custom: CustomParser, taken: ReadonlyMap<string, Parser>): Problem | undefined {
  const { name, parse } = custom;
  if (typeof name !== 'string' || trim(name) === '' || typeof parse !== 'function') {
    return problem('DD412', 'A parser of the configuration lacks a name or a parse function', {
      data: { name },
    });
  }
  if (!taken.has(trim(name))) return undefined;
  const builtIn = BUILT_IN.some((parser) => parser.name === trim(name));
  const owner = builtIn ? 'a built-in parser' : 'another parser of the configuration';
  return problem('DD411', `The parser "${trim(name)}" has the name of ${owner}`, {
    data: { name: trim(name), builtIn },
  });
}

function wrap(custom: CustomParser, code: string): Parser {
  const source = Function.prototype.toString.call(custom.parse);
  return {
    name: trim(custom.name),
    stages: custom.stages ?? STAGES,
    ...(custom.version === undefined
      ? { version: `source:${digest(`${source}\0${code}`)}`, formerly: `source:${digest(source)}` }
      : { version: custom.version }),
    parse(raw) {
      try {
        return resultOf(custom.parse(raw));
      } catch (error) {
        return { ok: false, reason: 'parser_threw', data: { message: messageOf(error) } };
      }
    },
  };
}

/** The user's function may return anything at all, whatever its type says. */
function resultOf(returned: unknown): ParseResult {
  if (typeof returned === 'string') return { ok: true, text: returned };
  const error =
    typeof returned === 'object' && returned !== null && 'error' in returned ? returned.error : undefined;
  if (typeof error === 'string') return { ok: false, reason: 'parser_refused', data: { message: error } };
  const type = returned instanceof Promise ? 'a promise' : returned === null ? 'null' : typeof returned;
  return { ok: false, reason: 'parser_returned_no_text', data: { returned: type } };
}

function messageOf(thrown: unknown): string {
  try {
    return thrown instanceof Error ? thrown.message : String(thrown);
  } catch {
    return 'something that cannot be shown';
  }
}
