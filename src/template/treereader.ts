// Turns the parser's nodes for tags into our own tree, and refuses at its place whatever templates may not use. Knows the nodes of
// nunjucks by their names only.
import { operationName, readArguments, readExpression, readName } from './expressionreader.ts';
import { syntaxFault } from './fault.ts';
import type { ParsedNode, Reading } from './parsednode.ts';
import { child, childrenOf, isNode, positionOf, refused } from './parsednode.ts';
import type { Body, Expression, Statement } from './syntaxtree.ts';

export function readTree(
  root: ParsedNode,
  scan: { readonly masked: string; readonly texts: readonly string[] },
): Body {
  return readBody({ texts: scan.texts, lines: scan.masked.split('\n'), taken: 0 }, root);
}

function readBody(reading: Reading, node: unknown): Body {
  if (!isNode(node)) return [];
  if (node.typename === 'If') return [readIf(reading, node)];
  return childrenOf(node).flatMap((each) => readStatement(reading, each));
}

function readStatement(reading: Reading, node: ParsedNode): Body {
  const at = positionOf(node);
  switch (node.typename) {
    case 'Output':
      return childrenOf(node).map((each) => readOutput(reading, each));
    case 'If':
      return [readIf(reading, node)];
    case 'For':
      return [readFor(reading, node)];
    case 'Set':
      return [readSet(reading, node)];
    default:
      throw syntaxFault(`"${node.typename}" cannot be used in a template`, at);
  }
}

function readOutput(reading: Reading, node: ParsedNode): Statement {
  const at = positionOf(node);
  if (node.typename === 'TemplateData') {
    reading.taken += 1;
    return { kind: 'text', at, text: reading.texts[reading.taken - 1] ?? '' };
  }
  const [input, ...args] = node.typename === 'Filter' ? childrenOf(child(node, 'args')) : [];
  if (input?.typename !== 'Capture') return { kind: 'print', at, value: readExpression(reading, node) };
  const name = operationName(node, child(node, 'name'), 'filter');
  return {
    kind: 'filtered',
    at,
    name,
    args: readArguments(reading, args),
    body: readBody(reading, input['body']),
  };
}

function readIf(reading: Reading, node: ParsedNode): Statement {
  const condition = readExpression(reading, child(node, 'cond'));
  const body = readBody(reading, node['body']);
  return { kind: 'if', at: positionOf(node), condition, body, otherwise: readBody(reading, node['else_']) };
}

/** The parser takes a loop's filter for a conditional expression without an else. */
function readFor(reading: Reading, node: ParsedNode): Statement {
  const target = child(node, 'name');
  const names = (target.typename === 'Array' ? childrenOf(target) : [target]).map((each) => readName(each));
  let source = child(node, 'arr');
  let filter: Expression | undefined;
  if (source.typename === 'InlineIf') {
    if (isNode(source['else_']))
      throw refused(source, 'The condition of a loop has no else', 'Put brackets around the expression.');
    filter = readExpression(reading, child(source, 'cond'));
    source = child(source, 'body');
  }
  const body = readBody(reading, node['body']);
  const otherwise = readBody(reading, node['else_']);
  return {
    kind: 'for',
    at: positionOf(node),
    names,
    source: readExpression(reading, source),
    filter,
    body,
    otherwise,
  };
}

function readSet(reading: Reading, node: ParsedNode): Statement {
  const at = positionOf(node);
  const [target, second] = childrenOf(node, 'targets');
  if (target === undefined || second !== undefined) throw syntaxFault('{% set %} takes one name', at);
  const name = readName(target);
  if (isNode(node['value'])) return { kind: 'set', at, name, value: readExpression(reading, node['value']) };
  return { kind: 'capture', at, name, body: readBody(reading, child(node, 'body')['body']) };
}
