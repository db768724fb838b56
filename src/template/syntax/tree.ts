// The tree that a template is read into: Jinja2's statements and expressions, each with its place. Knows no values and does nothing.

export interface Position {
  /** Where it is not the file of the template itself. */
  readonly file?: string;
  readonly line: number;
  readonly column: number;
}

export interface Arguments {
  readonly positional: readonly Expression[];
  readonly named: readonly (readonly [string, Expression])[];
  /** `*list` */
  readonly more: Expression | undefined;
  /** `**mapping` */
  readonly moreNamed: Expression | undefined;
}

export type Arithmetic = '+' | '-' | '*' | '/' | '//' | '%' | '**';
export type Comparison = '==' | '!=' | '<' | '<=' | '>' | '>=' | 'in' | 'not in';

type Node<Kind extends string, Fields = unknown> = Kind extends string
  ? { readonly kind: Kind; readonly at: Position } & Readonly<Fields>
  : never;

/** None, a truth value, a text, a whole number (bigint) or a float (number). */
export type Constant = null | boolean | string | bigint | number;

export type FilterExpression = Node<
  'filter',
  /** Of nothing in front of a block: its text comes in. */
  { of: Expression | undefined; name: string; args: Arguments }
>;

export type CallExpression = Node<'call', { of: Expression; args: Arguments }>;

export type Expression =
  | Node<'constant', { value: Constant }>
  | Node<'name', { name: string }>
  | Node<'tuple' | 'list', { items: readonly Expression[] }>
  | Node<'mapping', { entries: readonly (readonly [Expression, Expression])[] }>
  | Node<'attribute', { of: Expression; name: string }>
  | Node<'item', { of: Expression; key: Expression }>
  | Node<
      'slice',
      { start: Expression | undefined; stop: Expression | undefined; step: Expression | undefined }
    >
  | CallExpression
  | FilterExpression
  | Node<'test', { of: Expression; name: string; args: Arguments }>
  | Node<'not' | 'negative' | 'positive', { of: Expression }>
  | Node<'arithmetic', { operator: Arithmetic; left: Expression; right: Expression }>
  | Node<'and' | 'or', { left: Expression; right: Expression }>
  | Node<'joined', { items: readonly Expression[] }>
  | Node<'comparison', { first: Expression; rest: readonly (readonly [Comparison, Expression])[] }>
  | Node<'choice', { test: Expression; value: Expression; otherwise: Expression | undefined }>;

export type Target =
  | Node<'name', { name: string }>
  | Node<'tuple', { items: readonly Target[] }>
  /** `namespace.name` */
  | Node<'member', { namespace: string; name: string }>;

export type Body = readonly Statement[];

export interface Signature {
  readonly params: readonly (readonly [string, Expression | undefined])[];
}

export type IfStatement = Node<
  'if',
  { test: Expression; body: Body; elifs: readonly IfStatement[]; otherwise: Body }
>;

export type ForStatement = Node<
  'for',
  {
    target: Target;
    source: Expression;
    test: Expression | undefined;
    recursive: boolean;
    body: Body;
    otherwise: Body;
  }
>;

export type MacroStatement = Node<'macro', { name: string; signature: Signature; body: Body }>;
export type CallStatement = Node<'callblock', { call: CallExpression; signature: Signature; body: Body }>;
export type BlockStatement = Node<'block', { name: string; scoped: boolean; required: boolean; body: Body }>;

/** What another template is read by. */
export type LoadStatement =
  | Node<'extends', { template: Expression }>
  | Node<'include', { template: Expression; ignoreMissing: boolean; withContext: boolean }>
  | Node<'import', { template: Expression; name: string; withContext: boolean }>
  | Node<
      'from',
      { template: Expression; names: readonly (readonly [string, string])[]; withContext: boolean }
    >;

export type Statement =
  | Node<'text', { text: string }>
  | Node<'print', { values: readonly Expression[] }>
  | IfStatement
  | ForStatement
  | MacroStatement
  | CallStatement
  | BlockStatement
  | LoadStatement
  | Node<'filterblock', { filter: FilterExpression; body: Body }>
  | Node<'with', { targets: readonly Target[]; values: readonly Expression[]; body: Body }>
  | Node<'autoescape', { value: Expression; body: Body }>
  | Node<'set', { target: Target; value: Expression }>
  | Node<'setblock', { target: Target; filter: FilterExpression | undefined; body: Body }>;

const STATEMENTS: ReadonlySet<string> = new Set<Statement['kind']>([
  ...(['text', 'print', 'if', 'for', 'macro', 'callblock', 'block', 'extends', 'include', 'import'] as const),
  ...(['from', 'filterblock', 'with', 'autoescape', 'set', 'setblock'] as const),
]);

type AnyNode = Expression | Statement | Target;

/** Those of one kind. */
export type NodeOf<Any extends AnyNode, Kind extends Any['kind']> = Extract<Any, { readonly kind: Kind }>;

/** What is done with each kind. */
export type ByKind<Any extends AnyNode, More extends readonly unknown[], Made> = {
  readonly [Kind in Any['kind']]: (node: NodeOf<Any, Kind>, ...more: More) => Made;
};

/** The nodes right inside one: those among its fields, and in lists of them. */
function* nodesIn(value: unknown): Generator<AnyNode> {
  if (typeof value !== 'object' || value === null) return;
  for (const inner of Object.values(value) as readonly unknown[])
    if (typeof inner === 'object' && inner !== null && 'kind' in inner) yield inner as AnyNode;
    else yield* nodesIn(inner);
}

function isStatement(node: AnyNode): node is Statement {
  return STATEMENTS.has(node.kind);
}

/** The statements right inside one. */
export function bodyOf(node: Statement): Body {
  return [...nodesIn(node)].filter(isStatement);
}

/** A node's expressions and targets, inner ones too, but not what is in the statements inside it. */
export function inside(node: AnyNode): readonly AnyNode[] {
  const all = [node];
  for (const each of all) for (const inner of nodesIn(each)) if (!isStatement(inner)) all.push(inner);
  return all.slice(1);
}

/** Whether a name stands in the expressions of a statement, but not in the statements inside it. */
export function mentions(node: Statement, name: string): boolean {
  return inside(node).some((inner) => inner.kind === 'name' && inner.name === name);
}

/** The expressions right inside one. */
export function partsOf(node: Expression): readonly Expression[] {
  return [...nodesIn(node)] as Expression[];
}

/** The names that an assignment gives values to. */
export function namesOf(target: Target): readonly string[] {
  if (target.kind === 'tuple') return target.items.flatMap(namesOf);
  return target.kind === 'name' ? [target.name] : [];
}

/** All statements of a body, inner ones too. */
export function* statementsIn(body: Body): Generator<Statement> {
  for (const statement of body) {
    yield statement;
    yield* statementsIn(bodyOf(statement));
  }
}
