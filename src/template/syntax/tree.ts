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

type Node<Kind extends string, Fields = unknown> = {
  readonly kind: Kind;
  readonly at: Position;
} & Readonly<Fields>;

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

/** The expressions right inside one, in the order in which Jinja2 looks at them. */
export function partsOf(node: Expression): readonly Expression[] {
  switch (node.kind) {
    case 'constant':
    case 'name':
      return [];
    case 'tuple':
    case 'list':
    case 'joined':
      return node.items;
    case 'mapping':
      return node.entries.flat();
    case 'item':
      return [node.of, node.key];
    case 'slice':
      return present([node.start, node.stop, node.step]);
    case 'call':
    case 'filter':
    case 'test':
      return [...present([node.of]), ...argumentsOf(node.args)];
    case 'attribute':
    case 'not':
    case 'negative':
    case 'positive':
      return [node.of];
    case 'arithmetic':
    case 'and':
    case 'or':
      return [node.left, node.right];
    case 'comparison':
      return [node.first, ...node.rest.map(([, right]) => right)];
    case 'choice':
      return present([node.test, node.value, node.otherwise]);
    default:
      return node satisfies never;
  }
}

function argumentsOf({ positional, named, more, moreNamed }: Arguments): readonly Expression[] {
  return [...positional, ...named.map(([, value]) => value), ...present([more, moreNamed])];
}

function present(parts: readonly (Expression | undefined)[]): readonly Expression[] {
  return parts.filter((part) => part !== undefined);
}

/** The names that an assignment gives values to. */
export function namesOf(target: Target): readonly string[] {
  if (target.kind === 'tuple') return target.items.flatMap(namesOf);
  return target.kind === 'name' ? [target.name] : [];
}

export interface Inside {
  readonly stored: readonly string[];
  readonly expressions: readonly Expression[];
  readonly bodies: readonly Body[];
}

/** What is right inside a statement. */
export function insideOf(node: Statement): Inside {
  const inside = (
    expressions: Inside['expressions'],
    bodies: Inside['bodies'] = [],
    stored: Inside['stored'] = [],
  ): Inside => ({ stored, expressions, bodies });
  switch (node.kind) {
    case 'text':
      return inside([]);
    case 'print':
      return inside(node.values);
    case 'if':
      return inside([node.test], [node.body, node.elifs, node.otherwise]);
    case 'for':
      return inside(present([node.source, node.test]), [node.body, node.otherwise], namesOf(node.target));
    case 'macro':
      return inside(defaultsOf(node.signature), [node.body], paramsOf(node.signature));
    case 'callblock':
      return inside([node.call, ...defaultsOf(node.signature)], [node.body], paramsOf(node.signature));
    case 'block':
      return inside([], [node.body]);
    case 'extends':
    case 'include':
      return inside([node.template]);
    case 'import':
      return inside([node.template], [], [node.name]);
    case 'from':
      return inside(
        [node.template],
        [],
        node.names.map(([, alias]) => alias),
      );
    case 'filterblock':
      return inside([node.filter], [node.body]);
    case 'with':
      return inside(node.values, [node.body], node.targets.flatMap(namesOf));
    case 'autoescape':
      return inside([node.value], [node.body]);
    case 'set':
      return inside([node.value], [], namesOf(node.target));
    case 'setblock':
      return inside(present([node.filter]), [node.body], namesOf(node.target));
    default:
      return node satisfies never;
  }
}

function paramsOf({ params }: Signature): readonly string[] {
  return params.map(([name]) => name);
}

function defaultsOf({ params }: Signature): readonly Expression[] {
  return present(params.map(([, value]) => value));
}

/** All statements of a body, inner ones too. */
export function* statementsIn(body: Body): Generator<Statement> {
  for (const statement of body) {
    yield statement;
    for (const inner of insideOf(statement).bodies) yield* statementsIn(inner);
  }
}
