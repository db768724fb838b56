// Compiles expressions into closures over scopes. An undefined value may be asked whether it is defined, and any other use of it is
// an error at its place. Knows nothing of statements or of how the tree was read.
import { TemplateFault } from './fault.ts';
import type { Run } from './pythonvalue.ts';
import {
  bounded,
  compare,
  contains,
  equal,
  failed,
  isList,
  isTrue,
  isUndefined,
  memberOf,
  plainNumber,
  print,
  spend,
  spendText,
  typeName,
  undefinedOf,
} from './pythonvalue.ts';
import type { Arguments, Arithmetic, Comparison, Expression, Position } from './syntaxtree.ts';
import type { Operation } from './filters.ts';
import { FILTERS, TESTS } from './filters.ts';

/** Names in reach: own ones, then the enclosing scope's through the prototype chain, which ends in nothing. */
export type Scope = Record<string, unknown>;
export type Evaluate = (scope: Scope, run: Run) => unknown;

const MAX_RANGE = 100_000;

export function scopeIn(parent: Scope | null, entries: readonly (readonly [string, unknown])[]): Scope {
  const scope: Scope = Object.create(parent) as Scope;
  for (const [name, value] of entries) scope[name] = value;
  return scope;
}

/** An expression whose value is used: that it is undefined is an error at its place. */
export function compileDefined(expression: Expression): Evaluate {
  const evaluate = compileExpression(expression);
  return (scope, run) => {
    spend(run, 1);
    const value = evaluate(scope, run);
    if (isUndefined(value)) throw new TemplateFault(value.undefined, { code: 'DD402', at: expression.at });
    return value;
  };
}

export function compileExpression(expression: Expression): Evaluate {
  switch (expression.kind) {
    case 'constant':
      return () => expression.value;
    case 'name':
      return compileName(expression.name);
    case 'member':
      return compileMember(expression);
    case 'range':
      return compileRange(expression);
    case 'list': {
      const items = expression.items.map(compileDefined);
      return (scope, run) => items.map((item) => item(scope, run));
    }
    case 'mapping': {
      const entries = expression.entries.map(([key, value]) => [key, compileDefined(value)] as const);
      return (scope, run) =>
        scopeIn(
          null,
          entries.map(([key, value]) => [key, value(scope, run)]),
        );
    }
    case 'filter':
    case 'test':
      return compileOperationOn(expression);
    case 'not': {
      const operand = compileDefined(expression.operand);
      return (scope, run) => !isTrue(operand(scope, run));
    }
    case 'sign':
      return compileSign(expression);
    case 'and':
    case 'or':
      return compileLogic(expression);
    case 'arithmetic':
      return compileArithmetic(expression);
    case 'comparison':
      return compileComparison(expression);
    case 'conditional':
      return compileConditional(expression);
    default:
      return expression satisfies never;
  }
}

type Of<Kind extends Expression['kind']> = Extract<Expression, { readonly kind: Kind }>;

function compileName(name: string): Evaluate {
  const missing = undefinedOf(`'${name}' is undefined`);
  return (scope) => (name in scope ? (scope[name] ?? (scope[name] === null ? null : missing)) : missing);
}

function compileMember(expression: Of<'member'>): Evaluate {
  const target = compileDefined(expression.target);
  const key = compileDefined(expression.key);
  return (scope, run) => {
    run.at = expression.at;
    return memberOf(target(scope, run), key(scope, run), run);
  };
}

function compileRange(expression: Of<'range'>): Evaluate {
  const args = expression.args.map(compileDefined);
  return (scope, run) => {
    const numbers = args.map((arg) => arg(scope, run));
    const [first = 0, second, step = 1] = numbers;
    const [from, to] = second === undefined ? [0, first] : [first, second];
    if (
      typeof from !== 'number' ||
      typeof to !== 'number' ||
      typeof step !== 'number' ||
      step === 0 ||
      !numbers.every(Number.isInteger)
    ) {
      throw failed(run, 'range() takes whole numbers, and a step other than zero');
    }
    const length = Math.max(0, Math.ceil((to - from) / step));
    if (length > MAX_RANGE) {
      throw new TemplateFault(`range() is longer than ${MAX_RANGE}`, { code: 'DD404', at: expression.at });
    }
    spend(run, length);
    return Array.from({ length }, (_, index) => from + index * step);
  };
}

export function filterNamed(name: string): Operation<unknown> {
  return FILTERS.get(name) ?? { params: [], apply: (input) => input };
}

function compileOperationOn(expression: Of<'filter' | 'test'>): Evaluate {
  const { name, args, at } = expression;
  const operation = expression.kind === 'filter' ? filterNamed(name) : TESTS.get(name);
  if (operation === undefined) throw new TemplateFault(`There is no test "${name}"`, { code: 'DD401', at });
  const input = operation.takesUndefined
    ? compileExpression(expression.input)
    : compileDefined(expression.input);
  const apply = compileOperation(operation, name, { args, at });
  return (scope, run) => {
    const value = input(scope, run);
    run.at = at;
    return apply(value, scope, run);
  };
}

interface Call {
  readonly args: Arguments;
  readonly at: Position;
}

/** Puts positional and named arguments into the order of the operation's parameters. */
export function compileOperation(
  operation: Operation<unknown>,
  name: string,
  { args, at }: Call,
): (input: unknown, scope: Scope, run: Run) => unknown {
  const slots: (Evaluate | undefined)[] = args.positional.map(compileDefined);
  const tooMany = (): TemplateFault =>
    new TemplateFault(`"${name}" takes no such argument`, { code: 'DD401', at });
  if (slots.length > operation.params.length) throw tooMany();
  for (const [param, value] of args.named) {
    const slot = operation.params.indexOf(param);
    if (slot < 0 || slots[slot] !== undefined) throw tooMany();
    slots[slot] = compileDefined(value);
  }
  const ordered = Array.from(slots);
  return (input, scope, run) =>
    operation.apply(
      input,
      ordered.map((slot) => slot?.(scope, run)),
      run,
    );
}

function compileSign(expression: Of<'sign'>): Evaluate {
  const operand = compileDefined(expression.operand);
  return (scope, run) => {
    const value = plainNumber(operand(scope, run));
    if (typeof value !== 'number') throw failed(run, `${typeName(value)} has no sign`);
    return expression.sign * value;
  };
}

/** The value of either side, not its truth. */
function compileLogic(expression: Of<'and' | 'or'>): Evaluate {
  const left = compileDefined(expression.left);
  const right = compileExpression(expression.right);
  const goOn = expression.kind === 'and';
  return (scope, run) => {
    const value = left(scope, run);
    return isTrue(value) === goOn ? right(scope, run) : value;
  };
}

function compileConditional(expression: Of<'conditional'>): Evaluate {
  const condition = compileDefined(expression.condition);
  const value = compileExpression(expression.value);
  const nothing = undefinedOf('the condition is false and there is no else');
  const otherwise =
    expression.otherwise === undefined ? () => nothing : compileExpression(expression.otherwise);
  return (scope, run) => (isTrue(condition(scope, run)) ? value : otherwise)(scope, run);
}

function compileArithmetic(expression: Of<'arithmetic'>): Evaluate {
  const left = compileDefined(expression.left);
  const right = compileDefined(expression.right);
  const { operator, at } = expression;
  return (scope, run) => {
    const [a, b] = [left(scope, run), right(scope, run)];
    run.at = at;
    if (operator === '~') return bounded(print(a, run) + print(b, run), run);
    const [x, y] = [plainNumber(a), plainNumber(b)];
    if (typeof x === 'number' && typeof y === 'number') return calculate(operator, [x, y], run);
    return combine(operator, [a, b], run);
  };
}

function calculate(operator: Exclude<Arithmetic, '~'>, [x, y]: readonly [number, number], run: Run): number {
  if (y === 0 && (operator === '/' || operator === '//' || operator === '%'))
    throw failed(run, 'division by zero');
  const result = numberOf(operator, x, y);
  if (Number.isNaN(result) || Math.abs(result) > Number.MAX_SAFE_INTEGER)
    throw failed(run, 'the number is too large');
  return result;
}

function numberOf(operator: Exclude<Arithmetic, '~'>, x: number, y: number): number {
  switch (operator) {
    case '+':
      return x + y;
    case '-':
      return x - y;
    case '*':
      return x * y;
    case '/':
      return x / y;
    case '//':
      return Math.floor(x / y);
    case '%':
      return ((x % y) + y) % y;
    case '**':
      return x ** y;
  }
}

/** `+` joins texts and lists; `*` repeats a text. */
function combine(operator: Exclude<Arithmetic, '~'>, [a, b]: readonly [unknown, unknown], run: Run): unknown {
  if (operator === '+' && typeof a === 'string' && typeof b === 'string') return bounded(a + b, run);
  if (operator === '+' && isList(a) && isList(b)) {
    spendText(run, a.length + b.length);
    return [...a, ...b];
  }
  const [text, count] = typeof a === 'string' ? [a, b] : [b, a];
  if (operator === '*' && typeof text === 'string' && typeof count === 'number' && Number.isInteger(count)) {
    spendText(run, text.length * Math.max(0, count));
    return text.repeat(Math.max(0, count));
  }
  throw failed(run, `"${operator}" does not fit ${typeName(a)} and ${typeName(b)}`);
}

function compileComparison(expression: Of<'comparison'>): Evaluate {
  const first = compileDefined(expression.first);
  const rest = expression.rest.map(({ operator, right }) => ({ operator, right: compileDefined(right) }));
  return (scope, run) => {
    let left = first(scope, run);
    for (const { operator, right } of rest) {
      const value = right(scope, run);
      run.at = expression.at;
      if (!holds(operator, [left, value], run)) return false;
      left = value;
    }
    return true;
  };
}

function holds(operator: Comparison, [a, b]: readonly [unknown, unknown], run: Run): boolean {
  switch (operator) {
    case '==':
      return equal(a, b, run);
    case '!=':
      return !equal(a, b, run);
    case '<':
      return compare(a, b, run) < 0;
    case '>':
      return compare(a, b, run) > 0;
    case '<=':
      return compare(a, b, run) <= 0;
    case '>=':
      return compare(a, b, run) >= 0;
    case 'in':
      return contains(b, a, run);
  }
}
