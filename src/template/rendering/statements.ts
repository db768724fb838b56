// Statements made into functions of a scope, and a template into code. Loops, macros and other templates have files of their own.
import { syntaxFault } from '../syntax/fault.ts';
import {
  statementsIn,
  type BlockStatement,
  type Body,
  type Expression,
  type FilterExpression,
  type Statement,
} from '../syntax/tree.ts';
import { isTrue, Markup, MISSING, textOf, Thing, typeOf, Undefined } from '../values/kinds.ts';
import { captureText, escaped, print } from '../values/printing.ts';
import { taking } from '../methods/parameters.ts';
import type { Run } from '../values/run.ts';
import { compileStore, giveTarget } from './assignments.ts';
import {
  compile,
  compileFilter,
  escapes,
  innerFrame,
  isConstant,
  type Evaluate,
  type Execute,
  type Frame,
} from './expressions.ts';
import { escapedAs, truthOf } from './constants.ts';
import { compileLoad } from './loading.ts';
import { compileLoop } from './loops.ts';
import { compileCaller, compileMacro, usesName } from './macros.ts';
import { patternsIn, type Pattern } from './reachable.ts';
import { enter, valuesOf, type BlockCode, type Code, type Context } from './scope.ts';
import { Symbols, type Findings } from './symbols.ts';

export interface Compiled {
  readonly code: Code;
  readonly findings: Findings;
  /** The templates that it may load. */
  readonly loads: readonly Pattern[];
}

/** Throws a TemplateFault for what the parser lets through and Jinja2 does not. */
export function compileTemplateBody(name: string, body: Body): Compiled {
  const findings: Findings = { free: [], asked: new Set(), stored: new Set(), given: new Set() };
  const blocks = new Map<string, BlockStatement>();
  let extending = false;
  for (const statement of statementsIn(body)) {
    if (statement.kind === 'extends') extending = true;
    if (statement.kind !== 'block') continue;
    if (blocks.has(statement.name))
      throw syntaxFault(`block "${statement.name}" is defined twice`, statement.at);
    blocks.set(statement.name, statement);
  }
  const symbols = new Symbols(findings);
  const self = usesName(body, 'self') ? symbols.give('self') : undefined;
  symbols.body(body);
  const execute = compileBody(body, { ...OUTER, symbols, toplevel: true, extending });
  const code: Code = {
    name,
    root(context, run) {
      const scope = enter(symbols, undefined, { context, parent: undefined });
      if (self !== undefined) scope.slots[self] = selfOf(context);
      run.escapingAs(context.escaping, () => execute(scope, run));
      scope.activation.parent?.root(context, run);
    },
    blocks: new Map([...blocks].map(([blockName, block]) => [blockName, compileBlockCode(block, findings)])),
  };
  return { code, findings, loads: patternsIn(body, findings.given) };
}

const OUTER: Omit<Frame, 'symbols'> = {
  toplevel: false,
  soft: false,
  extending: false,
  escaping: false,
  escapingOpen: false,
  compileBody,
};

function compileBlockCode(block: BlockStatement, findings: Findings): BlockCode {
  const symbols = new Symbols(findings);
  const [self, parent] = ['self', 'super'].map((name) =>
    usesName(block.body, name) ? symbols.give(name) : undefined,
  );
  symbols.body(block.body);
  const execute = compileBody(block.body, { ...OUTER, symbols });
  const code: BlockCode = (context, run) => {
    const scope = enter(symbols, undefined, { context, parent: undefined });
    if (self !== undefined) scope.slots[self] = selfOf(context);
    if (parent !== undefined) {
      const stack = context.blocks.get(block.name) ?? [];
      scope.slots[parent] = blockOf({ name: block.name, context, depth: stack.indexOf(code) + 1 }, run);
    }
    run.escapingAs(context.escaping, () => execute(scope, run));
  };
  return code;
}

/** `self.name()` */
function selfOf(context: Context): Thing {
  return new Thing({
    type: 'jinja2.runtime.TemplateReference',
    shown: () => '<TemplateReference None>',
    attribute: (name, run) =>
      context.blocks.has(name) ? blockOf({ name, context, depth: 0 }, run) : MISSING,
  });
}

interface BlockReference {
  readonly name: string;
  readonly context: Context;
  readonly depth: number;
}

/** `super()`, and what stands behind it in turn. */
function blockOf({ name, context, depth }: BlockReference, run: Run): unknown {
  const code = context.blocks.get(name)?.[depth];
  if (code === undefined) return new Undefined(`there is no parent block called '${name}'.`, run.at);
  return new Thing({
    type: 'jinja2.runtime.BlockReference',
    call: taking('', (_given, inner) =>
      captureText(() => code(context, inner), context.escaping.on(), inner),
    ),
    attribute: (member, inner) =>
      member === 'super'
        ? blockOf({ name, context, depth: depth + 1 }, inner)
        : member === 'name'
          ? name
          : MISSING,
  });
}

function compileBody(body: Body, frame: Frame): Execute {
  const steps = body.map((statement) => compileStatement(statement, frame));
  return (scope, run) => {
    run.work(1 + steps.length);
    for (const step of steps) step(scope, run);
  };
}

function compileStatement(node: Statement, frame: Frame): Execute {
  switch (node.kind) {
    case 'text':
      return output(frame, (_scope, run) => {
        // As in Jinja2 this is looked at even for what is escaped as it is.
        escapes(frame, run);
        run.out += run.text(node.text);
      });
    case 'print':
      return compilePrint(node.values, frame);
    case 'if': {
      const soft = { ...frame, soft: true };
      const branches = [node, ...node.elifs].map(
        (each) => [compile(each.test, soft), compileBody(each.body, soft)] as const,
      );
      const otherwise = compileBody(node.otherwise, soft);
      return (scope, run) =>
        (branches.find(([test]) => isTrue(test(scope, run), run))?.[1] ?? otherwise)(scope, run);
    }
    case 'for':
      return compileLoop(node, frame);
    case 'macro': {
      const macro = compileMacro(node, frame);
      const store = compileStore({ kind: 'name', at: node.at, name: node.name }, frame);
      return (scope, run) => store(scope, macro(scope), run);
    }
    case 'callblock':
      return compileCallBlock(node, frame);
    case 'block':
      return compileBlock(node, frame);
    case 'extends':
    case 'include':
    case 'import':
    case 'from':
      return compileLoad(node, frame);
    case 'filterblock': {
      const apply = compileCapture(node.body, frame, node.filter);
      return (scope, run) => writeText(apply(scope, run), run);
    }
    case 'with':
      return compileWith(node, frame);
    case 'autoescape':
      return compileAutoescape(node, frame);
    case 'set': {
      const value = compile(node.value, frame);
      const store = compileStore(node.target, frame);
      return (scope, run) => store(scope, value(scope, run), run);
    }
    case 'setblock': {
      const made = compileCapture(node.body, { ...frame, extending: false }, node.filter);
      const store = compileStore(node.target, frame);
      return (scope, run) => {
        const value = made(scope, run);
        store(scope, run.autoescape ? new Markup(print(value, run)) : value, run);
      };
    }
    default:
      return node satisfies never;
  }
}

/** Not written where a template extends another, but for the blocks of both. */
function output(frame: Frame, write: Execute): Execute {
  if (!frame.extending) return write;
  return (scope, run) => {
    if (scope.activation.parent === undefined) write(scope, run);
  };
}

function compilePrint(nodes: readonly Expression[], frame: Frame): Execute {
  const values = nodes.map((node): Evaluate => {
    const evaluate = compile(node, frame);
    if (isConstant(node, frame.escapingOpen)) return escapedAs(frame.escaping, evaluate);
    return (scope, run) => {
      const value = evaluate(scope, run);
      return escapes(frame, run) ? escaped(value, run) : print(value, run);
    };
  });
  return output(frame, (scope, run) => {
    for (const value of values) run.out += run.text(textOf(value(scope, run)) ?? '');
  });
}

/** What a body writes, through a filter or as it is. */
function compileCapture(body: Body, frame: Frame, filter: FilterExpression | undefined): Evaluate {
  const symbols = frame.symbols.inner();
  symbols.body(body);
  if (filter !== undefined) symbols.expression(filter);
  const inner = innerFrame(frame, symbols);
  const execute = compileBody(body, inner);
  const text: Evaluate = (scope, run) =>
    captureText(() => execute(scope, run), filter !== undefined && escapes(frame, run), run);
  const made = filter === undefined ? text : compileFilter(filter, inner, text);
  return (scope, run) => made(enter(symbols, scope, scope.activation), run);
}

function compileCallBlock(node: Extract<Statement, { readonly kind: 'callblock' }>, frame: Frame): Execute {
  const call = compileCaller(node, frame);
  return (scope, run) => writeText(call(scope, run), run);
}

/** As it is, which only a text can be. */
function writeText(value: unknown, run: Run): void {
  const text = textOf(value);
  if (text === undefined) throw run.failed(`{% call %} and {% filter %} write texts, not '${typeOf(value)}'`);
  run.out += run.text(text);
}

function compileBlock(node: BlockStatement, frame: Frame): Execute {
  const names = node.scoped ? frame.symbols.stored() : undefined;
  const run: Execute = (scope, run) => {
    const { context } = scope.activation;
    const stack = context.blocks.get(node.name) ?? [];
    run.at = node.at;
    if (node.required && stack.length <= 1) throw run.failed(`Required block '${node.name}' not found`);
    const given = names === undefined ? context : context.derived(valuesOf(scope, names));
    run.deeper(() => stack[0]?.(given, run));
  };
  return frame.toplevel ? output(frame, run) : run;
}

function compileWith(node: Extract<Statement, { readonly kind: 'with' }>, frame: Frame): Execute {
  const symbols = frame.symbols.inner();
  for (const target of node.targets) giveTarget(symbols, target);
  symbols.body(node.body);
  const inner = innerFrame(frame, symbols);
  const values = node.values.map((value) => compile(value, frame));
  const stores = node.targets.map((target) => compileStore(target, inner));
  const execute = compileBody(node.body, inner);
  return (scope, run) => {
    const made = enter(symbols, scope, scope.activation);
    for (const [at, value] of values.entries()) stores[at]?.(made, value(scope, run), run);
    execute(made, run);
  };
}

function compileAutoescape(node: Extract<Statement, { readonly kind: 'autoescape' }>, frame: Frame): Execute {
  const symbols = frame.symbols.inner();
  symbols.expression(node.value);
  symbols.body(node.body);
  const inner = innerFrame(frame, symbols);
  const value = compile(node.value, inner);
  const known = isConstant(node.value, inner.escapingOpen) ? truthOf(value) : undefined;
  const execute = compileBody(node.body, {
    ...inner,
    escaping: known ?? inner.escaping,
    escapingOpen: inner.escapingOpen || known === undefined,
  });
  return (scope, run) => {
    const { escaping } = scope.activation.context;
    const { on } = escaping;
    const made = enter(symbols, scope, scope.activation);
    const said = value(made, run);
    escaping.on = () => isTrue(said, run);
    execute(made, run);
    escaping.on = on;
  };
}
