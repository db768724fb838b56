// Reads expressions as Jinja2 reads them, its precedences included. Knows no statement and no value but constants.
import type { Token } from './lexer.ts';
import { describe, type Stream } from './stream.ts';
import type {
  Arguments,
  Arithmetic,
  Comparison,
  Expression,
  FilterExpression,
  Position,
  Target,
} from './tree.ts';

const CONSTANTS: ReadonlyMap<string, boolean | null> = new Map([
  ['true', true],
  ['True', true],
  ['false', false],
  ['False', false],
  ['none', null],
  ['None', null],
]);
const COMPARISONS: ReadonlySet<string> = new Set<Comparison>(['==', '!=', '<', '<=', '>', '>=']);
const NO_ARGUMENTS: Arguments = { positional: [], named: [], more: undefined, moreNamed: undefined };

type Reader = (stream: Stream) => Expression;

interface TupleRules {
  readonly part?: Reader;
  readonly inBrackets?: true;
}

export function readExpression(stream: Stream): Expression {
  let value = readOr(stream);
  for (let at = stream.place(); stream.skipName('if'); at = stream.place()) {
    const test = readOr(stream);
    const otherwise = stream.skipName('else') ? readExpression(stream) : undefined;
    value = { kind: 'choice', at, test, value, otherwise };
  }
  return value;
}

/**
 * An expression, or several with commas between them, which are a tuple and end with their tag or bracket. As in Jinja2 no word ends
 * them: `{% for x, in y %}` gives values to `x` and `in`.
 */
export function readTuple(
  stream: Stream,
  { part = readExpression, inBrackets }: TupleRules = {},
): Expression {
  const at = stream.place();
  const items: Expression[] = [];
  let isTuple = false;
  const ended = (): boolean =>
    ['print end', 'tag end'].includes(stream.current().kind) || stream.isOperator(')');
  while (!ended()) {
    items.push(part(stream));
    if (!stream.skipOperator(',')) break;
    isTuple = true;
  }
  const [only] = items;
  if (!isTuple && only !== undefined) return only;
  if (!isTuple && inBrackets === undefined)
    throw stream.fault(
      `The template does not parse: an expression is missing before ${describe(stream.current())}`,
    );
  return { kind: 'tuple', at, items };
}

function logic(kind: 'and' | 'or', part: Reader): Reader {
  return (stream) => {
    let left = part(stream);
    for (let at = stream.place(); stream.skipName(kind); at = stream.place())
      left = { kind, at, left, right: part(stream) };
    return left;
  };
}

export const readOr: Reader = logic('or', logic('and', readNot));

function readNot(stream: Stream): Expression {
  const at = stream.place();
  return stream.skipName('not') ? { kind: 'not', at, of: readNot(stream) } : readComparison(stream);
}

function readComparison(stream: Stream): Expression {
  const at = stream.place();
  const first = readSum(stream);
  const rest: (readonly [Comparison, Expression])[] = [];
  for (;;) {
    const operator = comparisonAt(stream);
    if (operator === undefined) break;
    rest.push([operator, readSum(stream)]);
  }
  return rest.length === 0 ? first : { kind: 'comparison', at, first, rest };
}

function comparisonAt(stream: Stream): Comparison | undefined {
  const { kind, text } = stream.current();
  if (kind === 'operator' && COMPARISONS.has(text)) return stream.take().text as Comparison;
  if (stream.skipName('in')) return 'in';
  if (!stream.isName('not') || stream.ahead().kind !== 'name' || stream.ahead().text !== 'in')
    return undefined;
  stream.take();
  stream.take();
  return 'not in';
}

/** Operators of one level are taken from left to right. */
function chain(operators: readonly Arithmetic[], part: Reader): Reader {
  return (stream) => {
    let left = part(stream);
    for (let at = stream.place(); stream.isOperator(...operators); at = stream.place()) {
      const operator = stream.take().text as Arithmetic;
      left = { kind: 'arithmetic', at, operator, left, right: part(stream) };
    }
    return left;
  };
}

const readPower = chain(['**'], (stream) => readUnary(stream, true));
const readProduct = chain(['*', '/', '//', '%'], readPower);
const readSum = chain(['+', '-'], readJoined);

function readJoined(stream: Stream): Expression {
  const at = stream.place();
  const first = readProduct(stream);
  const items = [first];
  while (stream.skipOperator('~')) items.push(readProduct(stream));
  return items.length === 1 ? first : { kind: 'joined', at, items };
}

/** A sign binds closer than a power, and a filter behind it takes both. */
function readUnary(stream: Stream, filtered: boolean): Expression {
  const at = stream.place();
  let node: Expression;
  if (stream.skipOperator('-')) node = { kind: 'negative', at, of: readUnary(stream, false) };
  else if (stream.skipOperator('+')) node = { kind: 'positive', at, of: readUnary(stream, false) };
  else node = readPrimary(stream);
  node = readPostfix(stream, node);
  return filtered ? readFiltered(stream, node) : node;
}

function readPrimary(stream: Stream): Expression {
  const at = stream.place();
  const token = stream.current();
  const { kind, text } = token;
  if (kind === 'name') {
    stream.take();
    const value = CONSTANTS.get(text);
    return value === undefined ? { kind: 'name', at, name: text } : { kind: 'constant', at, value };
  }
  if (kind === 'string') {
    let value = '';
    while (stream.current().kind === 'string') value += stream.take().text;
    return { kind: 'constant', at, value };
  }
  if (kind === 'integer' || kind === 'float') {
    const digits = stream.take().text.replaceAll('_', '');
    return { kind: 'constant', at, value: kind === 'float' ? Number(digits) : BigInt(digits) };
  }
  if (stream.skipOperator('(')) {
    const inner = readTuple(stream, { inBrackets: true });
    stream.expect('operator', ')');
    return inner;
  }
  if (stream.skipOperator('[')) return { kind: 'list', at, items: readUntil(stream, ']', readExpression) };
  if (stream.skipOperator('{')) return { kind: 'mapping', at, entries: readUntil(stream, '}', readEntry) };
  throw stream.fault(`The template does not parse: unexpected ${describe(token)}`);
}

/** Parts with commas between them; one may stand at the end. */
function readUntil<T>(stream: Stream, closer: string, part: (stream: Stream) => T): readonly T[] {
  const parts: T[] = [];
  while (!stream.isOperator(closer)) {
    if (parts.length > 0) stream.expect('operator', ',');
    if (stream.isOperator(closer)) break;
    parts.push(part(stream));
  }
  stream.expect('operator', closer);
  return parts;
}

function readEntry(stream: Stream): readonly [Expression, Expression] {
  const key = readExpression(stream);
  stream.expect('operator', ':');
  return [key, readExpression(stream)];
}

function readPostfix(stream: Stream, primary: Expression): Expression {
  let node = primary;
  for (;;) {
    const at = stream.place();
    if (stream.skipOperator('.')) node = readMember(stream, node, at);
    else if (stream.skipOperator('[')) node = { kind: 'item', at, of: node, key: readKey(stream) };
    else if (stream.isOperator('(')) node = { kind: 'call', at, of: node, args: readArguments(stream) };
    else return node;
  }
}

function readFiltered(stream: Stream, input: Expression): Expression {
  let node = input;
  for (;;) {
    const at = stream.place();
    if (stream.skipOperator('|')) node = readFilter(stream, node);
    else if (stream.skipName('is')) node = readTest(stream, node);
    else if (stream.isOperator('(')) node = { kind: 'call', at, of: node, args: readArguments(stream) };
    else return node;
  }
}

function readMember(stream: Stream, of: Expression, at: Position): Expression {
  const { kind, text } = stream.current();
  if (kind !== 'name' && kind !== 'integer')
    throw stream.fault('A name or a number is expected behind the dot');
  stream.take();
  if (kind === 'name') return { kind: 'attribute', at, of, name: text };
  return { kind: 'item', at, of, key: { kind: 'constant', at, value: BigInt(text.replaceAll('_', '')) } };
}

function readKey(stream: Stream): Expression {
  const at = stream.place();
  const items: Expression[] = [];
  while (!stream.isOperator(']')) {
    if (items.length > 0) stream.expect('operator', ',');
    items.push(readSubscript(stream));
  }
  stream.expect('operator', ']');
  const [only] = items;
  if (items.length === 1 && only !== undefined) return only;
  if (items.some(({ kind }) => kind === 'slice')) throw stream.fault('A slice stands alone in its brackets');
  return { kind: 'tuple', at, items };
}

function readSubscript(stream: Stream): Expression {
  const at = stream.place();
  const part = (): Expression | undefined =>
    stream.isOperator(':', ']', ',') ? undefined : readExpression(stream);
  const start = part();
  if (!stream.skipOperator(':')) {
    if (start === undefined) return readExpression(stream);
    return start;
  }
  const stop = part();
  const step = stream.skipOperator(':') ? part() : undefined;
  return { kind: 'slice', at, start, stop, step };
}

function readArguments(stream: Stream): Arguments {
  const open = stream.expect('operator', '(');
  const positional: Expression[] = [];
  const named: (readonly [string, Expression])[] = [];
  let more: Expression | undefined;
  let moreNamed: Expression | undefined;
  const ensure = (fits: boolean): void => {
    if (!fits) throw stream.fault('The arguments of this call are not in order', open);
  };
  const readArgument = (): void => {
    if (stream.skipOperator('*')) {
      ensure(more === undefined && moreNamed === undefined);
      more = readExpression(stream);
    } else if (stream.skipOperator('**')) {
      ensure(moreNamed === undefined);
      moreNamed = readExpression(stream);
    } else if (
      stream.current().kind === 'name' &&
      stream.ahead().kind === 'operator' &&
      stream.ahead().text === '='
    ) {
      ensure(moreNamed === undefined);
      const name = stream.take().text;
      if (named.some(([other]) => other === name)) throw stream.fault(`"${name}" is given twice`);
      stream.take();
      named.push([name, readExpression(stream)]);
    } else {
      ensure(more === undefined && moreNamed === undefined && named.length === 0);
      positional.push(readExpression(stream));
    }
  };
  readUntil(stream, ')', readArgument);
  return { positional, named, more, moreNamed };
}

function readOperationName(stream: Stream): string {
  let name = stream.expect('name').text;
  while (stream.skipOperator('.')) name += `.${stream.expect('name').text}`;
  return name;
}

/** One filter, whose bar is behind. */
export function readFilter(stream: Stream, of: Expression | undefined): FilterExpression {
  const at = stream.place();
  const name = readOperationName(stream);
  return {
    kind: 'filter',
    at,
    of,
    name,
    args: stream.isOperator('(') ? readArguments(stream) : NO_ARGUMENTS,
  };
}

function readTest(stream: Stream, of: Expression): Expression {
  const at = stream.place();
  const negated = stream.skipName('not');
  const name = readOperationName(stream);
  const test: Expression = { kind: 'test', at, of, name, args: readTestArguments(stream) };
  return negated ? { kind: 'not', at, of: test } : test;
}

/** In brackets, or one without. */
function readTestArguments(stream: Stream): Arguments {
  if (stream.isOperator('(')) return readArguments(stream);
  const { kind } = stream.current();
  const begins =
    kind === 'name' ||
    kind === 'string' ||
    kind === 'integer' ||
    kind === 'float' ||
    stream.isOperator('[', '{');
  if (!begins || stream.isName('else', 'or', 'and')) return NO_ARGUMENTS;
  if (stream.isName('is')) throw stream.fault('Tests cannot be chained with "is"');
  return { ...NO_ARGUMENTS, positional: [readPostfix(stream, readPrimary(stream))] };
}

/** What an assignment gives a value to; members of namespaces only where they stand in no brackets. */
export function readTarget(stream: Stream, { members = false }: { readonly members?: boolean } = {}): Target {
  const found = new Map<Expression, Target>();
  const readPart = (): Expression => {
    const { kind } = stream.current();
    if (!members || kind !== 'name' || !isDot(stream.ahead())) return readPrimary(stream);
    const at = stream.place();
    const name = stream.take().text;
    const node: Expression = { kind: 'name', at, name };
    stream.take();
    found.set(node, { kind: 'member', at, namespace: name, name: stream.expect('name').text });
    return node;
  };
  return targetOf(stream, readTuple(stream, { part: readPart }), found);
}

function isDot({ kind, text }: Token): boolean {
  return kind === 'operator' && text === '.';
}

function targetOf(stream: Stream, node: Expression, members: ReadonlyMap<Expression, Target>): Target {
  const member = members.get(node);
  if (member !== undefined) return member;
  if (node.kind === 'name') return { kind: 'name', at: node.at, name: node.name };
  if (node.kind !== 'tuple') throw stream.fault(`Nothing can be assigned to a ${node.kind}`);
  return { kind: 'tuple', at: node.at, items: node.items.map((item) => targetOf(stream, item, members)) };
}

export function readName(stream: Stream): string {
  const token = stream.expect('name');
  if (CONSTANTS.has(token.text)) throw stream.fault(`"${token.text}" is no name`, token);
  return token.text;
}
