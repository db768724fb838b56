// The door to templates: their text in, prompts out, as Jinja2 with strict undefined values makes them. Of nunjucks it takes the
// parser only: its compiler turns a template into a program of the host. Knows nothing of files, catalogs or what prompts are for.
import nunjucks from 'nunjucks';
import type { Loaded, Place, Problem } from '../problem.ts';
import { problem } from '../problem.ts';
import type { Program } from './evaluator.ts';
import { compileBody, runProgram } from './evaluator.ts';
import type { FaultDetails } from './fault.ts';
import { TemplateFault } from './fault.ts';
import { freeNames } from './freenames.ts';
import type { Body, Position } from './syntaxtree.ts';
import { scanTags } from './tagscan.ts';
import type { ParsedNode } from './parsednode.ts';
import { readTree } from './treereader.ts';
import { didYouMean } from '../text/nearest.ts';
import { normalizeNewlines } from '../text/python.ts';

export interface CompiledTemplate {
  readonly file: string;
  readonly body: Body;
  readonly program: Program;
}

export type Rendering =
  | { readonly ok: true; readonly text: string }
  | { readonly ok: false; readonly problem: Problem };

const REASONS: Readonly<Record<FaultDetails['code'], string>> = {
  DD401: 'template_syntax',
  DD402: 'template_variable_undefined',
  DD403: 'template_loads_template',
  DD404: 'template_too_large',
  DD405: 'template_failed',
};
const MAX_LENGTH = 4 * 1024 * 1024;

interface TokenSource {
  readonly lineno: number;
  readonly colno: number;
}

/** The parts of nunjucks that its types leave out. */
interface Syntax {
  readonly lexer: { readonly lex: (text: string) => TokenSource };
  readonly parser: { readonly Parser: new (tokens: TokenSource) => { parseAsRoot: () => ParsedNode } };
}
const syntax = nunjucks as unknown as Syntax;

/** Undefined, with a located problem, when the template does not parse or uses what templates may not. */
export function compileTemplate(
  text: string,
  { file }: { readonly file: string },
): Loaded<CompiledTemplate | undefined> {
  const source = normalizeNewlines(text).replace(/\n$/, '');
  if (source.length > MAX_LENGTH) {
    const message = `The template has ${source.length} characters; ${MAX_LENGTH} are allowed`;
    const fault = new TemplateFault(message, { code: 'DD404', at: undefined });
    return { value: undefined, problems: [problemOf(fault, file)] };
  }
  try {
    const scan = scanTags(source);
    const body = readTree(parse(scan.masked), scan);
    return { value: { file, body, program: compileBody(body) }, problems: [] };
  } catch (error) {
    return { value: undefined, problems: [problemOf(error, file)] };
  }
}

/** Takes about ten microseconds; the compiled template is the caller's to keep. */
export function render(compiled: CompiledTemplate, variables: Readonly<Record<string, unknown>>): Rendering {
  try {
    return { ok: true, text: runProgram(compiled.program, variables) };
  } catch (error) {
    return { ok: false, problem: problemOf(error, compiled.file) };
  }
}

/** What it says of a name that nobody gives it: the cure, and what programs read besides the name. */
export interface NameDetails {
  readonly cure: string;
  readonly data: Readonly<Record<string, unknown>>;
}

/** The names in any branch that are not given, a problem each. */
export function unknownNames(
  compiled: CompiledTemplate,
  given: readonly string[],
  { cure, data }: NameDetails,
): readonly Problem[] {
  return freeNames(compiled.body, given).map(({ name, at, known }) =>
    problem('DD402', `'${name}' is undefined${didYouMean(name, known)}`, {
      reason: REASONS.DD402,
      place: placeOf(compiled.file, at),
      cure,
      data: { name, ...data },
    }),
  );
}

function parse(masked: string): ParsedNode {
  const tokens = syntax.lexer.lex(masked);
  try {
    return new syntax.parser.Parser(tokens).parseAsRoot();
  } catch (error) {
    if (error instanceof RangeError) throw error;
    throw new TemplateFault(`The template does not parse: ${parserMessage(error)}`, {
      code: 'DD401',
      at: positionIn(error) ?? { line: tokens.lineno + 1, column: tokens.colno + 1 },
    });
  }
}

/** Without the parser's function names; its own slips, on tags that end too early, are not for users to read. */
function parserMessage(error: unknown): string {
  if (!(error instanceof Error) || error instanceof TypeError) return 'the tag is not complete';
  return error.message
    .replace(/^\w+: /, '')
    .replace('variable end', '}}')
    .replace('block end', '%}');
}

function positionIn(error: unknown): Position | undefined {
  if (typeof error !== 'object' || error === null) return undefined;
  const { lineno, colno } = error as { readonly lineno?: unknown; readonly colno?: unknown };
  return typeof lineno === 'number' && typeof colno === 'number'
    ? { line: lineno, column: colno }
    : undefined;
}

function problemOf(error: unknown, file: string): Problem {
  const tooDeep = { code: 'DD404', at: undefined } as const;
  const fault =
    error instanceof RangeError ? new TemplateFault('The template is nested too deeply', tooDeep) : error;
  if (!(fault instanceof TemplateFault)) throw error;
  const { code, at, cure } = fault.details;
  const details = { reason: REASONS[code], place: placeOf(file, at) };
  return problem(code, fault.message, cure === undefined ? details : { ...details, cure });
}

function placeOf(file: string, at: Position | undefined): Place {
  return at === undefined ? { file } : { file, line: at.line, column: at.column };
}
