// All parsers by name: ours, and those of the user's configuration made safe. Knows nothing of where parsers are asked for.
import { type Loaded, type Place, type Problem, problem } from '../../problem.ts';
import { didYouMean } from '../../text/nearest.ts';
import { type Custom, type CustomParser, type CustomScorer, workOf, wrap } from './custom.ts';
import type { Parser } from './parser.ts';
import { essayBlock, essayBlockLenient } from './essayblock.ts';
import { essayIdeaLast } from './ideablock.ts';
import { identity } from './identity.ts';
import { JSON_SCORE, JSON_SCORES, jsonScoreNamed } from './jsonscore.ts';
import { inLastLine } from './scoreline.ts';
import { TEXT_SCORES, textScoreNamed } from './textscores.ts';
import type { Stage } from '../stage.ts';
import { compareCodePoints, trim } from '../../text/python.ts';

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
  JSON_SCORES,
  identity,
];

/** The parsers and scorers of a configuration, and the code that they may call. */
export interface Customs {
  readonly parsers?: readonly CustomParser[];
  readonly scorers?: readonly CustomScorer[];
  readonly code?: string;
}

/** The built-in parsers and the user's. A user's parser with a bad or taken name is left out and reported. */
export function createParserRegistry({
  parsers: own = [],
  scorers = [],
  code = '',
}: Customs): Loaded<ParserRegistry> {
  const parsers = new Map(BUILT_IN.map((parser) => [parser.name, parser]));
  const problems: Problem[] = [];
  for (const each of [...own, ...scorers]) {
    const found = problemOf(each, parsers);
    if (found === undefined) parsers.set(trim(each.name), wrap(each, code));
    else problems.push(found);
  }
  const value: ParserRegistry = {
    find(stage, name) {
      const parser = parsers.get(trim(name)) ?? named(trim(name));
      return parser?.stages.includes(stage) ? parser : undefined;
    },
    names: (stage) =>
      [...parsers.values()]
        .filter((parser) => parser.stages.includes(stage))
        .map((parser) => parser.name)
        .concat(stage === 'evaluation' ? TEXT_SCORES : [])
        .sort(compareCodePoints),
  };
  return { value, problems };
}

/** The parser of a name that says what it reads or counts. */
function named(name: string): Parser | undefined {
  return jsonScoreNamed(name) ?? textScoreNamed(name);
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
    cure: `Use one of: ${known.join(', ')}; or add a parser of that name to \`parsers\` in daydream.config.ts, or a scorer to \`scorers\`.`,
    data: { stage, parser: trim(name), known },
  });
}

function problemOf(custom: Custom, taken: ReadonlyMap<string, Parser>): Problem | undefined {
  const { name } = custom;
  if (typeof name !== 'string' || trim(name) === '' || typeof workOf(custom) !== 'function') {
    return problem('DD412', 'A parser or scorer of the configuration lacks a name or a function', {
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
