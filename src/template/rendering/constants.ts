// What Jinja2 works out before it renders: it shows where whether text is escaped is not known before.
import { TemplateFault } from '../syntax/fault.ts';
import { partsOf, type Expression } from '../syntax/tree.ts';
import { isTrue, Markup } from '../values/kinds.ts';
import { written } from '../values/printing.ts';
import { Run } from '../values/run.ts';
import type { Evaluate } from './expressions.ts';
import { Context, type Scope } from './scope.ts';

/** Where nothing is to be found. */
const NOWHERE: Scope = {
  slots: [],
  outer: undefined,
  activation: {
    context: new Context({ codes: new Map(), globals: new Map(), modules: new Map() }, new Map(), []),
    parent: undefined,
  },
};

/** Jinja2 works these out before it renders; filters and tests only where it is known whether text is escaped. */
export function isConstant(node: Expression, escapingOpen: boolean): boolean {
  if (node.kind === 'name' || node.kind === 'call') return false;
  if (escapingOpen && (node.kind === 'filter' || node.kind === 'test')) return false;
  const isWhole = node.kind !== 'choice' || node.otherwise !== undefined;
  return isWhole && partsOf(node).every((part) => isConstant(part, escapingOpen));
}

/** Of a constant; undefined where working it out fails. */
export function truthOf(value: Evaluate): boolean | undefined {
  const run = new Run();
  try {
    return isTrue(value(NOWHERE, run), run);
  } catch (error) {
    if (error instanceof TemplateFault) return undefined;
    throw error;
  }
}

/** A constant written as if text were escaped, or not. */
export function escapedAs(escaping: boolean, value: Evaluate): Evaluate {
  return (scope, run) => {
    const { autoescape } = run;
    run.autoescape = escaping;
    const text = written(value(scope, run), run);
    run.autoescape = autoescape;
    return new Markup(text);
  };
}
