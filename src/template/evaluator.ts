// Renders a tree: once into closures, then as often as wanted. Nothing of the host can be reached, every use of an undefined value
// is an error, and work and text are counted. Knows nothing of how the tree was read.
import type { Scope } from './expressions.ts';
import { compileDefined, compileExpression, compileOperation, filterNamed, scopeIn } from './expressions.ts';
import type { Mapping, Run } from './pythonvalue.ts';
import { bounded, failed, isTrue, isUndefined, itemsOf, print, spend } from './pythonvalue.ts';
import type { Body, Statement } from './syntaxtree.ts';

type Execute = (scope: Scope, run: Run) => void;

export interface Program {
  readonly execute: Execute;
}

const MAX_STEPS = 5_000_000;
const MAX_TEXT = 64 * 1024 * 1024;

export function compileBody(body: Body): Program {
  return { execute: compileStatements(body) };
}

/** The rendered text. Throws a TemplateFault. */
export function runProgram(program: Program, variables: Mapping): string {
  const run: Run = { steps: MAX_STEPS, room: MAX_TEXT, out: '', at: { line: 1, column: 1 } };
  program.execute(scopeIn(null, Object.entries(variables)), run);
  return run.out;
}

function compileStatements(body: Body): Execute {
  const steps = body.map((statement) => ({ at: statement.at, execute: compileStatement(statement) }));
  return (scope, run) => {
    spend(run, 1 + steps.length);
    for (const step of steps) {
      run.at = step.at;
      step.execute(scope, run);
    }
  };
}

function compileStatement(statement: Statement): Execute {
  switch (statement.kind) {
    case 'text':
      return (_scope, run) => emit(run, statement.text);
    case 'print': {
      const value = compileDefined(statement.value);
      return (scope, run) => emit(run, print(value(scope, run), run));
    }
    case 'if':
      return compileIf(statement);
    case 'for':
      return compileFor(statement);
    case 'set': {
      const value = compileExpression(statement.value);
      return (scope, run) => void (scope[statement.name] = value(scope, run));
    }
    case 'capture': {
      const body = compileCapture(statement.body);
      return (scope, run) => void (scope[statement.name] = body(scope, run));
    }
    case 'filtered': {
      const body = compileCapture(statement.body);
      const apply = compileOperation(filterNamed(statement.name), statement.name, {
        args: statement.args,
        at: statement.at,
      });
      return (scope, run) => emit(run, print(apply(body(scope, run), scope, run), run));
    }
    default:
      return statement satisfies never;
  }
}

function emit(run: Run, text: string): void {
  run.out += bounded(text, run);
}

function compileIf(statement: Extract<Statement, { readonly kind: 'if' }>): Execute {
  const condition = compileDefined(statement.condition);
  const body = compileStatements(statement.body);
  const otherwise = compileStatements(statement.otherwise);
  return (scope, run) => (isTrue(condition(scope, run)) ? body : otherwise)(scope, run);
}

function compileCapture(body: Body): (scope: Scope, run: Run) => string {
  const execute = compileStatements(body);
  return (scope, run) => {
    const outer = run.out;
    run.out = '';
    execute(scopeIn(scope, []), run);
    const text = run.out;
    run.out = outer;
    return text;
  };
}

/** Every round has a scope of its own, so what it sets is gone in the next. */
function compileFor(statement: Extract<Statement, { readonly kind: 'for' }>): Execute {
  const source = compileDefined(statement.source);
  const filter = statement.filter === undefined ? undefined : compileDefined(statement.filter);
  const body = compileStatements(statement.body);
  const otherwise = compileStatements(statement.otherwise);
  const bind = (scope: Scope, item: unknown, run: Run): Scope =>
    scopeIn(scope, namesOf(statement.names, item, run));
  return (scope, run) => {
    const all = itemsOf(source(scope, run), run);
    spend(run, all.length);
    const items =
      filter === undefined ? all : all.filter((item) => isTrue(filter(bind(scope, item, run), run)));
    for (const [index, item] of items.entries()) {
      const inner = bind(scope, item, run);
      inner['loop'] = loopAt(index, items);
      run.at = statement.at;
      body(inner, run);
    }
    if (items.length === 0) otherwise(scopeIn(scope, []), run);
  };
}

function namesOf(names: readonly string[], item: unknown, run: Run): readonly (readonly [string, unknown])[] {
  const [only] = names;
  if (names.length === 1 && only !== undefined) return [[only, item]];
  const values = isUndefined(item) ? [] : itemsOf(item, run);
  if (values.length !== names.length)
    throw failed(run, `${names.length} names cannot be given ${values.length} values`);
  return names.map((name, at) => [name, values[at]]);
}

function loopAt(index: number, items: readonly unknown[]): Mapping {
  const { length } = items;
  return {
    index: index + 1,
    index0: index,
    revindex: length - index,
    revindex0: length - index - 1,
    first: index === 0,
    last: index === length - 1,
    length,
    ...(index > 0 ? { previtem: items[index - 1] } : {}),
    ...(index < length - 1 ? { nextitem: items[index + 1] } : {}),
  };
}
