// The names that a template uses and nobody gives, also in branches that a rendering would not take. Knows nothing of stages.
import type { Arguments, Body, Expression, Position, Statement } from './syntaxtree.ts';
import { FILTERS, TESTS } from './filters.ts';

export interface FreeName {
  readonly name: string;
  readonly at: Position;
  /** The names that are known there. */
  readonly known: readonly string[];
}

interface Search {
  readonly found: FreeName[];
  /** Names that the template itself asks after: `is defined`, `default`. It copes without them. */
  readonly asked: Set<string>;
}

/** In the order of the template. */
export function freeNames(body: Body, given: readonly string[]): readonly FreeName[] {
  const search: Search = { found: [], asked: new Set() };
  searchBody(search, body, new Set(given));
  return search.found.filter(({ name }) => !search.asked.has(name));
}

/** What a body sets is known to the rest of its scope, whichever branch sets it. */
function searchBody(search: Search, body: Body, known: Set<string>): void {
  for (const statement of body) searchStatement(search, statement, known);
}

function searchStatement(search: Search, statement: Statement, known: Set<string>): void {
  switch (statement.kind) {
    case 'text':
      return;
    case 'print':
      return searchExpression(search, statement.value, known);
    case 'if':
      searchExpression(search, statement.condition, known);
      searchBody(search, statement.body, known);
      return searchBody(search, statement.otherwise, known);
    case 'for': {
      searchExpression(search, statement.source, known);
      const inner = new Set([...known, ...statement.names]);
      if (statement.filter !== undefined) searchExpression(search, statement.filter, inner);
      searchBody(search, statement.body, new Set([...inner, 'loop']));
      return searchBody(search, statement.otherwise, new Set(known));
    }
    case 'set':
      searchExpression(search, statement.value, known);
      return void known.add(statement.name);
    case 'capture':
      searchBody(search, statement.body, new Set(known));
      return void known.add(statement.name);
    case 'filtered':
      searchArguments(search, statement.args, known);
      return searchBody(search, statement.body, new Set(known));
    default:
      return statement satisfies never;
  }
}

function searchExpression(search: Search, expression: Expression, known: ReadonlySet<string>): void {
  if (expression.kind === 'name') {
    if (!known.has(expression.name))
      search.found.push({ name: expression.name, at: expression.at, known: [...known] });
    return;
  }
  if (expression.kind === 'filter' || expression.kind === 'test') {
    const operation = (expression.kind === 'filter' ? FILTERS : TESTS).get(expression.name);
    if (operation?.takesUndefined && expression.input.kind === 'name')
      search.asked.add(expression.input.name);
    searchArguments(search, expression.args, known);
  }
  for (const part of partsOf(expression)) searchExpression(search, part, known);
}

function searchArguments(search: Search, args: Arguments, known: ReadonlySet<string>): void {
  for (const value of [...args.positional, ...args.named.map(([, named]) => named)])
    searchExpression(search, value, known);
}

function partsOf(expression: Exclude<Expression, { readonly kind: 'name' }>): readonly Expression[] {
  switch (expression.kind) {
    case 'constant':
      return [];
    case 'member':
      return [expression.target, expression.key];
    case 'range':
      return expression.args;
    case 'list':
      return expression.items;
    case 'mapping':
      return expression.entries.map(([, value]) => value);
    case 'filter':
    case 'test':
      return [expression.input];
    case 'not':
    case 'sign':
      return [expression.operand];
    case 'and':
    case 'or':
    case 'arithmetic':
      return [expression.left, expression.right];
    case 'comparison':
      return [expression.first, ...expression.rest.map(({ right }) => right)];
    case 'conditional': {
      const { condition, value, otherwise } = expression;
      return otherwise === undefined ? [condition, value] : [condition, value, otherwise];
    }
    default:
      return expression satisfies never;
  }
}
