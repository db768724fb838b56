// Turns the parser's nodes for expressions into our own tree: where the parser differs from Jinja2, Jinja2 wins, and what cannot be
// told apart is refused at its place. Knows the nodes of nunjucks by their names only.
import { didYouMean } from '../text/nearest.ts';
import { syntaxFault } from './fault.ts';
import type { ParsedNode, Reading } from './parsednode.ts';
import { child, childrenOf, isNode, positionOf, refused } from './parsednode.ts';
import type { Arguments, Arithmetic, Compared, Comparison, Expression } from './syntaxtree.ts';
import { FILTERS, TESTS } from './filters.ts';

const IDENTIFIER = /^[\p{L}_][\p{L}\p{N}_]*$/u;
const CONSTANTS: ReadonlyMap<string, boolean | null> = new Map([
  ['True', true],
  ['False', false],
  ['None', null],
]);
const TIGHT: Readonly<Record<string, Arithmetic>> = { Mul: '*', Div: '/', FloorDiv: '//', Mod: '%' };
const LOOSE: Readonly<Record<string, Arithmetic>> = { Add: '+', Sub: '-', Concat: '~' };
const COMPARISONS: ReadonlySet<string> = new Set(['==', '!=', '<', '>', '<=', '>=']);
/** Jinja2 binds tests tighter than these and the parser looser: brackets must say which is meant. */
const LOOSER_THAN_TESTS = new Set([
  'Compare',
  'Neg',
  'Pos',
  'Pow',
  ...Object.keys(TIGHT),
  ...Object.keys(LOOSE),
]);

export function readName(node: ParsedNode): string {
  const name = node['value'];
  if (node.typename === 'Symbol' && typeof name === 'string' && IDENTIFIER.test(name) && !CONSTANTS.has(name))
    return name;
  throw refused(node, 'A plain name is expected here');
}

export function readExpression(reading: Reading, node: ParsedNode): Expression {
  const at = positionOf(node);
  const read = (field: string): Expression => readExpression(reading, child(node, field));
  switch (node.typename) {
    case 'Literal':
      return readLiteral(reading, node);
    case 'Symbol':
      return readSymbol(node);
    case 'Group':
      return readGroup(reading, node);
    case 'LookupVal':
      return { kind: 'member', at, target: read('target'), key: read('val') };
    case 'Array':
      return { kind: 'list', at, items: childrenOf(node).map((each) => readExpression(reading, each)) };
    case 'Dict':
      return { kind: 'mapping', at, entries: childrenOf(node).map((each) => readEntry(reading, each)) };
    case 'Filter':
      return readFilter(reading, node);
    case 'Is':
      return readTest(reading, node);
    case 'FunCall':
      return readCall(reading, node);
    case 'Not':
      return { kind: 'not', at, operand: read('target') };
    case 'Neg':
      return { kind: 'sign', at, sign: -1, operand: read('target') };
    case 'Pos':
      return { kind: 'sign', at, sign: 1, operand: read('target') };
    case 'And':
      return { kind: 'and', at, left: read('left'), right: read('right') };
    case 'Or':
      return { kind: 'or', at, left: read('left'), right: read('right') };
    case 'Pow':
      return { kind: 'arithmetic', at, operator: '**', left: read('left'), right: read('right') };
    case 'In':
      return readIn(reading, node);
    case 'Compare':
      return readComparison(reading, node);
    case 'InlineIf': {
      const otherwise = isNode(node['else_']) ? read('else_') : undefined;
      return { kind: 'conditional', at, condition: read('cond'), value: read('body'), otherwise };
    }
    default:
      if (node.typename in TIGHT) return readChain(reading, node, TIGHT);
      if (node.typename in LOOSE) return readChain(reading, node, LOOSE);
      throw syntaxFault(`"${node.typename}" cannot be used in an expression`, at);
  }
}

function readLiteral(reading: Reading, node: ParsedNode): Expression {
  const { value } = node;
  const at = positionOf(node);
  if (typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean')
    return { kind: 'constant', at, value };
  if (value !== null) throw refused(node, 'Regular expressions cannot be used in a template');
  const word = reading.lines[node.lineno]?.startsWith('null', node.colno) ?? false;
  return word ? { kind: 'name', at, name: 'null' } : { kind: 'constant', at, value: null };
}

function readSymbol(node: ParsedNode): Expression {
  const name = String(node['value']);
  const at = positionOf(node);
  const constant = CONSTANTS.get(name);
  if (constant !== undefined) return { kind: 'constant', at, value: constant };
  if (!IDENTIFIER.test(name)) throw refused(node, `"${name}" is not a name`);
  return { kind: 'name', at, name };
}

function readGroup(reading: Reading, node: ParsedNode): Expression {
  const [only, second] = childrenOf(node);
  if (only === undefined || second !== undefined)
    throw refused(node, 'Brackets hold one expression', 'Write a list as [a, b].');
  return readExpression(reading, only);
}

function readEntry(reading: Reading, node: ParsedNode): readonly [string, Expression] {
  const key = child(node, 'key');
  if (key.typename !== 'Literal' || typeof key['value'] !== 'string')
    throw refused(key, 'A key of a mapping is a quoted text');
  return [key['value'], readExpression(reading, child(node, 'value'))];
}

export function readArguments(reading: Reading, nodes: readonly ParsedNode[]): Arguments {
  const positional = nodes
    .filter((node) => node.typename !== 'KeywordArgs')
    .map((node) => readExpression(reading, node));
  const named = nodes
    .filter((node) => node.typename === 'KeywordArgs')
    .flatMap((node) => childrenOf(node))
    .map((pair) => [readName(child(pair, 'key')), readExpression(reading, child(pair, 'value'))] as const);
  return { positional, named };
}

function readFilter(reading: Reading, node: ParsedNode): Expression {
  const [input, ...args] = childrenOf(child(node, 'args'));
  if (input === undefined) throw refused(node, 'A filter needs something to filter');
  const name = operationName(node, child(node, 'name'), 'filter');
  return {
    kind: 'filter',
    at: positionOf(node),
    name,
    input: readExpression(reading, input),
    args: readArguments(reading, args),
  };
}

function readTest(reading: Reading, node: ParsedNode): Expression {
  const left = child(node, 'left');
  if (LOOSER_THAN_TESTS.has(left.typename)) {
    throw refused(
      node,
      'It is not clear what "is" asks about here',
      'Put brackets around what comes before "is".',
    );
  }
  const right = child(node, 'right');
  const call = right.typename === 'FunCall';
  const args = readArguments(reading, call ? childrenOf(child(right, 'args')) : []);
  const name = operationName(node, call ? child(right, 'name') : right, 'test');
  return { kind: 'test', at: positionOf(node), name, input: readExpression(reading, left), args };
}

export function operationName(node: ParsedNode, nameNode: ParsedNode, kind: 'filter' | 'test'): string {
  const known = kind === 'filter' ? FILTERS : TESTS;
  const name = nameNode['value'] === null ? 'none' : String(nameNode['value']);
  if (known.has(name)) return name;
  const cure = `Use one of: ${[...known.keys()].sort().join(', ')}.`;
  throw refused(node, `There is no ${kind} "${name}"${didYouMean(name, known.keys())}`, cure);
}

function readCall(reading: Reading, node: ParsedNode): Expression {
  const called = child(node, 'name');
  if (called.typename !== 'Symbol' || called['value'] !== 'range') {
    throw refused(
      node,
      'Nothing but range() can be called in a template',
      'Use a filter, as in {{ concept.name|upper }}.',
    );
  }
  const { positional, named } = readArguments(reading, childrenOf(child(node, 'args')));
  if (named.length > 0 || positional.length < 1 || positional.length > 3)
    throw refused(node, 'range() takes one to three numbers');
  return { kind: 'range', at: positionOf(node), args: positional };
}

function readIn(reading: Reading, node: ParsedNode): Expression {
  const left = child(node, 'left');
  if (left.typename === 'Compare' || left.typename === 'In') {
    throw refused(node, 'Comparisons cannot be chained with "in"', 'Put brackets around one of them.');
  }
  const rest: readonly Compared[] = [
    { operator: 'in', right: readExpression(reading, child(node, 'right')) },
  ];
  return { kind: 'comparison', at: positionOf(node), first: readExpression(reading, left), rest };
}

function readComparison(reading: Reading, node: ParsedNode): Expression {
  const rest = childrenOf(node, 'ops').map((each): Compared => {
    const operator = String(each['type']);
    if (!COMPARISONS.has(operator)) throw refused(each, `"${operator}" is not a comparison`, 'Use == or !=.');
    return { operator: operator as Comparison, right: readExpression(reading, child(each, 'expr')) };
  });
  return {
    kind: 'comparison',
    at: positionOf(node),
    first: readExpression(reading, child(node, 'expr')),
    rest,
  };
}

interface Link {
  readonly node: ParsedNode;
  /** What stands before the operand; none before the first. */
  readonly operator: Arithmetic | undefined;
}

/**
 * A run of operators of one level. The parser nests them in an order of its own; Jinja2 takes them from left to right, `~` before
 * `+` and `-`. Brackets are nodes of their own, so the run is flattened and folded anew.
 */
function readChain(
  reading: Reading,
  node: ParsedNode,
  level: Readonly<Record<string, Arithmetic>>,
): Expression {
  const folded: { value: Expression; readonly operator: Arithmetic | undefined }[] = [];
  for (const { node: operand, operator } of flatten(node, undefined, level)) {
    const right = readExpression(reading, operand);
    const last = folded.at(-1);
    if (operator === '~' && last !== undefined)
      last.value = { kind: 'arithmetic', at: right.at, operator, left: last.value, right };
    else folded.push({ value: right, operator });
  }
  const [first, ...rest] = folded;
  if (first === undefined) throw refused(node, 'An expression is missing here');
  return rest.reduce(
    (left, { value: right, operator = '+' }): Expression => ({
      kind: 'arithmetic',
      at: right.at,
      operator,
      left,
      right,
    }),
    first.value,
  );
}

function flatten(
  node: ParsedNode,
  before: Arithmetic | undefined,
  level: Readonly<Record<string, Arithmetic>>,
): readonly Link[] {
  const operator = level[node.typename];
  if (operator === undefined) return [{ node, operator: before }];
  return [...flatten(child(node, 'left'), before, level), ...flatten(child(node, 'right'), operator, level)];
}
