// `{% extends %}`, `{% include %}`, `{% import %}` and `{% from %}`: other templates.
import { TemplateFault } from '../syntax/fault.ts';
import type { LoadStatement } from '../syntax/tree.ts';
import type { Execute, Frame } from './expressions.ts';

export function compileLoad(node: LoadStatement, _frame: Frame): Execute {
  throw new TemplateFault(`{% ${node.kind} %}: no other templates can be loaded`, {
    code: 'DD403',
    at: node.at,
  });
}
