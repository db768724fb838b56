// What Jinja2 works out before it renders: it shows where whether text is escaped is not known before.
import { TemplateFault } from '../syntax/fault.ts';
import { isTrue, Markup } from '../values/kinds.ts';
import { escaped, print } from '../values/printing.ts';
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
  return (scope, run) =>
    run.escapingAs({ on: () => escaping }, () => {
      const made = value(scope, run);
      return escaping ? escaped(made, run) : new Markup(print(made, run));
    });
}
