// What `{% set %}`, loops and `{% with %}` give values to: names, tuples of them, members of a namespace. Knows no statement.
import type { NodeOf, Target } from '../syntax/tree.ts';
import { MISSING, Namespace } from '../values/kinds.ts';
import type { Run } from '../values/run.ts';
import { listOf } from '../values/sequences.ts';
import type { Frame } from './expressions.ts';
import { setValueAt, valueAt, type Scope } from './scope.ts';

type NamespaceAt = (scope: Scope, run: Run) => Namespace;

export type Store = (scope: Scope, value: unknown, run: Run) => void;

/** What a member is to be set of. */
export function compileNamespace(target: NodeOf<Target, 'member'>, frame: Frame): NamespaceAt {
  const place = frame.symbols.find(target.namespace);
  return (scope, run) => {
    const namespace = place === undefined ? MISSING : valueAt(scope, place);
    run.at = target.at;
    if (namespace instanceof Namespace) return namespace;
    throw run.failed('cannot assign attribute on non-namespace object');
  };
}

export function compileStore(target: Target, frame: Frame): Store {
  if (target.kind === 'tuple') {
    const stores = target.items.map((item) => compileStore(item, frame));
    return (scope, value, run) => {
      run.at = target.at;
      const values = listOf(value, run);
      if (values.length !== stores.length)
        throw run.failed(`${stores.length} names cannot be given ${values.length} values`);
      for (const [at, store] of stores.entries()) store(scope, values[at], run);
    };
  }
  if (target.kind === 'member') {
    const namespaceAt = compileNamespace(target, frame);
    return (scope, value, run) => {
      const { members } = namespaceAt(scope, run);
      run.made(16);
      members.set(target.name, value);
    };
  }
  const { name } = target;
  const place = frame.symbols.find(name);
  return (scope, value) => {
    if (place !== undefined) setValueAt(scope, place, value);
    if (!frame.toplevel) return;
    const { context } = scope.activation;
    context.vars.set(name, value);
    if (!name.startsWith('_')) context.exported.add(name);
  };
}
