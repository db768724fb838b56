// Statements made into functions of a scope, and a template into code. Loops, macros and other templates have files of their own.
import { syntaxFault } from '../syntax/fault.ts';
import {
  statementsIn,
  type BlockStatement,
  type Body,
  type ByKind,
  type FilterExpression,
  type NodeOf,
  type Statement,
} from '../syntax/tree.ts';
import { isTrue, Markup, MISSING, textOf, Thing, typeOf, Undefined } from '../values/kinds.ts';
import { captureText, escaped, print } from '../values/printing.ts';
import { taking } from '../methods/parameters.ts';
import type { Run } from '../values/run.ts';
import { compileNamespace, compileStore } from './assignments.ts';
import {
  compile,
  compileCall,
  compileOperation,
  escapes,
  innerFrame,
  isConstant,
  type Evaluate,
  type Execute,
  type Frame,
} from './expressions.ts';
import { escapedAs, truthOf } from './constants.ts';
import { LOADERS } from './loading.ts';
import { compileLoop } from './loops.ts';
import { compileMacro, usesName } from './macros.ts';
import { patternsIn, type Pattern } from './reachable.ts';
import { enter, enterWith, valuesOf, type BlockCode, type Code, type Context } from './scope.ts';
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
      const scope = enterWith(symbols, { context, parent: undefined });
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
    const scope = enterWith(symbols, { context, parent: undefined });
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
  const steps = body.map((statement) => COMPILERS[statement.kind](statement as never, frame));
  return (scope, run) => {
    run.work(1 + steps.length);
    for (const step of steps) step(scope, run);
  };
}

const COMPILERS: ByKind<Statement, [frame: Frame], Execute> = {
  text: ({ text }, frame) =>
    output(frame, (_scope, run) => {
      // As in Jinja2 this is looked at even for what is escaped as it is.
      escapes(frame, run);
      run.out += run.text(text);
    }),
  print: compilePrint,
  if(node, frame) {
    const soft = { ...frame, soft: true };
    const branches = [node, ...node.elifs].map(
      ({ test, body }) => [compile(test, soft), compileBody(body, soft)] as const,
    );
    const otherwise = compileBody(node.otherwise, soft);
    return (scope, run) =>
      (branches.find(([test]) => isTrue(test(scope, run), run))?.[1] ?? otherwise)(scope, run);
  },
  for: compileLoop,
  macro(node, frame) {
    const macro = compileMacro(node, frame);
    const store = compileStore({ kind: 'name', at: node.at, name: node.name }, frame);
    return (scope, run) => store(scope, macro(scope), run);
  },
  callblock(node, frame) {
    const call = compileCall(node.call, frame, ['caller', compileMacro(node, frame)]);
    return (scope, run) => writeText(call(scope, run), run);
  },
  block: compileBlock,
  ...LOADERS,
  filterblock({ body, filter }, frame) {
    const made = compileCapture(body, frame, filter);
    return (scope, run) => writeText(made(scope, run), run);
  },
  with: compileWith,
  autoescape: compileAutoescape,
  set(node, frame) {
    const value = compile(node.value, frame);
    const store = compileStore(node.target, frame);
    const namespaceAt = node.target.kind === 'member' ? compileNamespace(node.target, frame) : undefined;
    return (scope, run) => {
      // As in Jinja2 this is looked at before the value is made.
      namespaceAt?.(scope, run);
      store(scope, value(scope, run), run);
    };
  },
  setblock(node, frame) {
    const made = compileCapture(node.body, { ...frame, extending: false }, node.filter);
    const store = compileStore(node.target, frame);
    return (scope, run) => {
      const value = made(scope, run);
      store(scope, run.autoescape ? new Markup(print(value, run)) : value, run);
    };
  },
};

/** Not written where a template extends another, but for the blocks of both. */
function output(frame: Frame, write: Execute): Execute {
  if (!frame.extending) return write;
  return (scope, run) => {
    if (scope.activation.parent === undefined) write(scope, run);
  };
}

function compilePrint(node: NodeOf<Statement, 'print'>, frame: Frame): Execute {
  const values = node.values.map((node): Evaluate => {
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
  const inner = innerFrame(frame);
  inner.symbols.body(body);
  if (filter !== undefined) inner.symbols.expression(filter);
  const execute = compileBody(body, inner);
  const text: Evaluate = (scope, run) =>
    captureText(() => execute(scope, run), filter !== undefined && escapes(frame, run), run);
  const made = filter === undefined ? text : compileOperation(filter, inner, text);
  return (scope, run) => made(enter(inner, scope), run);
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

function compileWith(node: NodeOf<Statement, 'with'>, frame: Frame): Execute {
  const inner = innerFrame(frame);
  for (const target of node.targets) inner.symbols.giveTarget(target);
  inner.symbols.body(node.body);
  const values = node.values.map((value) => compile(value, frame));
  const stores = node.targets.map((target) => compileStore(target, inner));
  const execute = compileBody(node.body, inner);
  return (scope, run) => {
    const made = enter(inner, scope);
    for (const [at, value] of values.entries()) stores[at]?.(made, value(scope, run), run);
    execute(made, run);
  };
}

function compileAutoescape(node: NodeOf<Statement, 'autoescape'>, frame: Frame): Execute {
  const inner = innerFrame(frame);
  inner.symbols.expression(node.value);
  inner.symbols.body(node.body);
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
    const made = enter(inner, scope);
    const said = value(made, run);
    escaping.on = () => isTrue(said, run);
    execute(made, run);
    escaping.on = on;
  };
}
