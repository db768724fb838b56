// The nodes of nunjucks' parser, which has no types for them, and the safe way into their fields. Knows nothing of what they mean.
import { syntaxFault } from './fault.ts';
import type { Position } from './syntaxtree.ts';

/** A node of the parser: lines and columns from 0, fields by kind. */
export interface ParsedNode {
  readonly typename: string;
  readonly lineno: number;
  readonly colno: number;
  readonly [field: string]: unknown;
}

/** What reading needs besides the nodes: the texts between tags in order, and the masked template line by line. */
export interface Reading {
  readonly texts: readonly string[];
  readonly lines: readonly string[];
  taken: number;
}

export function isNode(value: unknown): value is ParsedNode {
  return typeof value === 'object' && value !== null && 'typename' in value;
}

export function child(node: ParsedNode, field: string): ParsedNode {
  const found = node[field];
  if (!isNode(found)) throw syntaxFault('An expression is missing here', positionOf(node));
  return found;
}

export function childrenOf(node: ParsedNode, field = 'children'): readonly ParsedNode[] {
  const found = node[field];
  return Array.isArray(found) ? found.filter(isNode) : [];
}

export function positionOf(node: ParsedNode): Position {
  return { line: node.lineno + 1, column: node.colno + 1 };
}

export function refused(node: ParsedNode, what: string, cure?: string): Error {
  return syntaxFault(what, positionOf(node), cure);
}
