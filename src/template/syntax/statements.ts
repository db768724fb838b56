// Reads a template into its tree: texts and tags, and which tag closes which. Knows no value.
import { BLANK } from '../../text/python.ts';
import { didYouMean } from '../../text/nearest.ts';
import { readExpression, readFilter, readName, readOr, readTarget, readTuple } from './expressions.ts';
import type { TemplateFault } from './fault.ts';
import type { Token } from './lexer.ts';
import { streamOf, type Stream } from './stream.ts';
import type {
  Body,
  Expression,
  FilterExpression,
  IfStatement,
  Position,
  Signature,
  Statement,
} from './tree.ts';

interface OpenTag {
  readonly name: string;
  readonly token: Token;
}

interface Reading {
  readonly stream: Stream;
  readonly open: OpenTag[];
}

type Reader = (reading: Reading, at: Position) => Statement;

/** Tags of Jinja2's extensions, which are off unless a program turns them on. */
const EXTENSIONS = new Set(['do', 'break', 'continue', 'debug', 'trans', 'pluralize']);
const MIDDLES = ['elif', 'else'];
const ONLY_BLANKS = new RegExp(`^[${BLANK}]*$`);

const READERS: Readonly<Record<string, Reader>> = {
  autoescape(reading, at) {
    const value = readExpression(reading.stream);
    return { kind: 'autoescape', at, value, body: readClosed(reading, 'endautoescape') };
  },
  block: readBlock,
  call: readCall,
  extends: ({ stream }, at) => ({ kind: 'extends', at, template: readExpression(stream) }),
  filter(reading, at) {
    const filter = readFilters(reading.stream, readFilter(reading.stream, undefined));
    return { kind: 'filterblock', at, filter, body: readClosed(reading, 'endfilter') };
  },
  for: readFor,
  from: readFrom,
  if: (reading, at) => readIf(reading, at),
  import({ stream }, at) {
    const template = readExpression(stream);
    stream.expect('name', 'as');
    return {
      kind: 'import',
      at,
      template,
      name: readName(stream),
      withContext: readContext(stream) ?? false,
    };
  },
  include({ stream }, at) {
    const template = readExpression(stream);
    const ignoreMissing = stream.isName('ignore') && stream.ahead().text === 'missing';
    if (ignoreMissing) take(stream, 2);
    return { kind: 'include', at, template, ignoreMissing, withContext: readContext(stream) ?? true };
  },
  macro(reading, at) {
    const name = readName(reading.stream);
    const signature = readSignature(reading.stream);
    return { kind: 'macro', at, name, signature, body: readClosed(reading, 'endmacro') };
  },
  print({ stream }, at) {
    const values: Expression[] = [];
    while (stream.current().kind !== 'tag end') {
      if (values.length > 0) stream.expect('operator', ',');
      values.push(readExpression(stream));
    }
    return { kind: 'print', at, values };
  },
  set: readSet,
  with: readWith,
};

export const TAGS: readonly string[] = [...Object.keys(READERS), 'raw'].sort();
const ENDS = ['autoescape', 'block', 'call', 'filter', 'for', 'if', 'macro', 'raw', 'set', 'with'].map(
  (name) => `end${name}`,
);

/** Throws a TemplateFault at the first thing that cannot be right; `file` is of one that another template loads. */
export function readTemplate(source: string, file?: string): Body {
  return readBody({ stream: streamOf(source, file), open: [] }, []);
}

/** Up to one of the tags in `ends`, whose name is then the current token; without any, to the end of the template. */
function readBody(reading: Reading, ends: readonly string[]): Body {
  const { stream } = reading;
  const body: Statement[] = [];
  for (;;) {
    const at = stream.place();
    const token = stream.current();
    if (token.kind === 'end') {
      const open = reading.open.at(-1);
      if (open === undefined) return body;
      throw stream.fault(`{% ${open.name} %} has no {% end${open.name} %}`, open.token);
    }
    stream.take();
    if (token.kind === 'text') body.push({ kind: 'text', at, text: token.text });
    else if (token.kind === 'print') {
      body.push({ kind: 'print', at, values: [readTuple(stream)] });
      stream.expect('print end');
    } else {
      if (stream.isName(...ends)) return body;
      body.push(readStatement(reading, token));
      stream.expect('tag end');
    }
  }
}

function readStatement(reading: Reading, token: Token): Statement {
  const { stream } = reading;
  const at = stream.positionOf(token);
  const name = stream.expect('name').text;
  const reader = Object.hasOwn(READERS, name) ? READERS[name] : undefined;
  if (reader === undefined) throw unknownTag(reading, name, token);
  reading.open.push({ name, token });
  const statement = reader(reading, at);
  reading.open.pop();
  return statement;
}

function unknownTag({ stream, open }: Reading, name: string, token: Token): TemplateFault {
  const cure = `Templates know these tags: ${TAGS.join(', ')}.`;
  if (EXTENSIONS.has(name))
    return stream.fault(
      `{% ${name} %} is a tag of one of Jinja2's extensions, and none of them is on`,
      token,
      cure,
    );
  if (![...ENDS, ...MIDDLES].includes(name)) {
    const near = didYouMean(name, [...TAGS, ...ENDS, ...MIDDLES]);
    return stream.fault(`There is no tag {% ${name} %}${near}`, token, cure);
  }
  const last = open.at(-1);
  const inside =
    last === undefined
      ? 'no block is open'
      : `the open block is {% ${last.name} %} of line ${stream.positionOf(last.token).line}`;
  return stream.fault(`{% ${name} %} does not belong here: ${inside}`, token);
}

/** A body after the rest of its tag (a colon may stand there, as in Python) and up to one of the ends. */
function readInner(reading: Reading, ...ends: readonly string[]): Body {
  reading.stream.skipOperator(':');
  reading.stream.expect('tag end');
  return readBody(reading, ends);
}

function readClosed(reading: Reading, end: string): Body {
  const body = readInner(reading, end);
  reading.stream.take();
  return body;
}

function take(stream: Stream, count: number): void {
  for (let taken = 0; taken < count; taken += 1) stream.take();
}

function readContext(stream: Stream): boolean | undefined {
  if (!stream.isName('with', 'without') || stream.ahead().text !== 'context') return undefined;
  const withContext = stream.take().text === 'with';
  stream.take();
  return withContext;
}

function readFilters(stream: Stream, first: FilterExpression): FilterExpression {
  let filter = first;
  while (stream.skipOperator('|')) filter = readFilter(stream, filter);
  return filter;
}

function readIf(reading: Reading, at: Position): IfStatement {
  const { stream } = reading;
  const readPart = (place: Position): IfStatement => {
    const test = readTuple(stream, { part: readOr });
    const body = readInner(reading, 'elif', 'else', 'endif');
    return { kind: 'if', at: place, test, body, elifs: [], otherwise: [] };
  };
  const first = readPart(at);
  const elifs: IfStatement[] = [];
  for (;;) {
    const place = stream.place();
    const word = stream.take().text;
    if (word === 'elif') elifs.push(readPart(place));
    else return { ...first, elifs, otherwise: word === 'else' ? readClosed(reading, 'endif') : [] };
  }
}

function readFor(reading: Reading, at: Position): Statement {
  const { stream } = reading;
  const target = readTarget(stream);
  stream.expect('name', 'in');
  const source = readTuple(stream, { part: readOr });
  const test = stream.skipName('if') ? readExpression(stream) : undefined;
  const recursive = stream.skipName('recursive');
  const body = readInner(reading, 'endfor', 'else');
  const otherwise = stream.take().text === 'else' ? readClosed(reading, 'endfor') : [];
  return { kind: 'for', at, target, source, test, recursive, body, otherwise };
}

function readSet(reading: Reading, at: Position): Statement {
  const { stream } = reading;
  const target = readTarget(stream, { members: true });
  if (stream.skipOperator('=')) return { kind: 'set', at, target, value: readTuple(stream) };
  const filter = stream.skipOperator('|') ? readFilters(stream, readFilter(stream, undefined)) : undefined;
  return { kind: 'setblock', at, target, filter, body: readClosed(reading, 'endset') };
}

function readWith(reading: Reading, at: Position): Statement {
  const { stream } = reading;
  const given: { readonly target: ReturnType<typeof readTarget>; readonly value: Expression }[] = [];
  while (stream.current().kind !== 'tag end') {
    if (given.length > 0) stream.expect('operator', ',');
    const target = readTarget(stream);
    stream.expect('operator', '=');
    given.push({ target, value: readExpression(stream) });
  }
  const body = readClosed(reading, 'endwith');
  return {
    kind: 'with',
    at,
    targets: given.map(({ target }) => target),
    values: given.map(({ value }) => value),
    body,
  };
}

function readSignature(stream: Stream): Signature {
  const params: (readonly [string, Expression | undefined])[] = [];
  stream.expect('operator', '(');
  while (!stream.isOperator(')')) {
    if (params.length > 0) stream.expect('operator', ',');
    const name = readName(stream);
    if (params.some(([other]) => other === name)) throw stream.fault(`"${name}" is given twice`);
    const value = stream.skipOperator('=') ? readExpression(stream) : undefined;
    if (value === undefined && params.at(-1)?.[1] !== undefined)
      throw stream.fault(`"${name}" needs a default, as what stands before it has one`);
    params.push([name, value]);
  }
  stream.expect('operator', ')');
  return { params };
}

function readCall(reading: Reading, at: Position): Statement {
  const { stream } = reading;
  const signature = stream.isOperator('(') ? readSignature(stream) : { params: [] };
  const call = readExpression(stream);
  if (call.kind !== 'call') throw stream.fault('{% call %} needs a call, as in {% call name() %}');
  return { kind: 'callblock', at, call, signature, body: readClosed(reading, 'endcall') };
}

function readBlock(reading: Reading, at: Position): Statement {
  const { stream } = reading;
  const name = stream.expect('name').text;
  const scoped = stream.skipName('scoped');
  const required = stream.skipName('required');
  if (stream.isOperator('-')) throw stream.fault('The name of a block has no hyphens; write an underscore');
  const body = readClosed(reading, 'endblock');
  if (required && !body.every((each) => each.kind === 'text' && ONLY_BLANKS.test(each.text)))
    throw stream.fault('A required block holds nothing but blanks and comments');
  stream.skipName(name);
  return { kind: 'block', at, name, scoped, required, body };
}

function readFrom({ stream }: Reading, at: Position): Statement {
  const template = readExpression(stream);
  stream.expect('name', 'import');
  const names: (readonly [string, string])[] = [];
  let withContext: boolean | undefined;
  for (;;) {
    if (names.length > 0) stream.expect('operator', ',');
    withContext = readContext(stream);
    if (withContext !== undefined) break;
    const name = readName(stream);
    if (name.startsWith('_')) throw stream.fault('Names that begin with an underscore cannot be imported');
    names.push([name, stream.skipName('as') ? readName(stream) : name]);
    withContext = readContext(stream);
    if (withContext !== undefined || !stream.isOperator(',')) break;
  }
  return { kind: 'from', at, template, names, withContext: withContext ?? false };
}
