// `{% extends %}`, `{% include %}`, `{% import %}` and `{% from %}`: other templates, by their names. Reads no file.
import { syntaxFault, TemplateFault } from '../syntax/fault.ts';
import type { ByKind, LoadStatement, NodeOf } from '../syntax/tree.ts';
import { isTrue, MISSING, textOf, Thing, Undefined, used } from '../values/kinds.ts';
import { keyOf } from '../values/order.ts';
import { print } from '../values/printing.ts';
import type { Run } from '../values/run.ts';
import { iterate } from '../values/sequences.ts';
import { compileStore } from './assignments.ts';
import { compile, type Execute, type Frame } from './expressions.ts';
import { Context, stacksOf, valuesOf, type Code, type Scope } from './scope.ts';

type Loading = (scope: Scope, run: Run) => Code;
type Importing = NodeOf<LoadStatement, 'import' | 'from'>;

export const LOADERS: ByKind<LoadStatement, [frame: Frame], Execute> = {
  extends: compileExtends,
  include: compileInclude,
  import: compileImport,
  from: compileImport,
};

function missing(names: readonly unknown[], run: Run): TemplateFault {
  const texts = names.map((name) => (name instanceof Undefined ? name.message : print(name, run)));
  const message =
    texts.length === 0
      ? 'There is no name of a template to load'
      : `There is no template ${texts.map((text) => `"${text}"`).join(' or ')}`;
  return new TemplateFault(message, { code: 'DD491', at: run.at, names: texts });
}

function loading(node: LoadStatement, frame: Frame): Loading {
  const template = compile(node.template, frame);
  return (scope, run) => {
    const name = used(template(scope, run), run);
    run.at = node.at;
    const code = codeNamed(name, scope, run);
    if (code === undefined) throw missing([name], run);
    return code;
  };
}

function codeNamed(name: unknown, scope: Scope, run: Run): Code | undefined {
  keyOf(name, run);
  return scope.activation.context.library.codes.get(textOf(name) ?? '');
}

function compileExtends(node: LoadStatement, frame: Frame): Execute {
  if (!frame.toplevel) throw syntaxFault('{% extends %} stands at the top level of a template', node.at);
  const load = loading(node, frame);
  return (scope, run) => {
    if (scope.activation.parent !== undefined) throw run.failed('extended multiple times');
    const code = load(scope, run);
    const { blocks } = scope.activation.context;
    for (const [name, block] of code.blocks) blocks.set(name, [...(blocks.get(name) ?? []), block]);
    scope.activation.parent = code;
  };
}

function compileInclude(node: NodeOf<LoadStatement, 'include'>, frame: Frame): Execute {
  const template = compile(node.template, frame);
  const names = frame.symbols.stored();
  return (scope, run) => {
    const value = used(template(scope, run), run);
    run.at = node.at;
    const { context } = scope.activation;
    const { library } = context;
    const wanted = wantedIn(value, run);
    const code = firstOf(wanted, scope, run);
    if (code === undefined) {
      if (node.ignoreMissing) return;
      throw missing(wanted, run);
    }
    if (node.withContext) {
      const given = new Map([...context.all(), ...valuesOf(scope, names)]);
      run.deeper(() => code.root(new Context(library, given, stacksOf(code)), run));
    } else run.out += run.text(moduleOf(code, context, run).parts.printed ?? '');
  };
}

/** A name, or any that is there of several. */
function wantedIn(value: unknown, run: Run): readonly unknown[] {
  if (textOf(value) !== undefined) return [value];
  return isTrue(value, run) ? [...iterate(value, run)] : [];
}

function firstOf(names: readonly unknown[], scope: Scope, run: Run): Code | undefined {
  for (const name of names) {
    const code = name instanceof Undefined ? undefined : codeNamed(name, scope, run);
    if (code !== undefined) return code;
  }
  return undefined;
}

function compileImport(node: Importing, frame: Frame): Execute {
  const module = compileModule(node, frame);
  const names = node.kind === 'import' ? [[undefined, node.name] as const] : node.names;
  const stores = names.map(([name, alias]) => {
    const store = compileStore({ kind: 'name', at: node.at, name: alias }, frame);
    return { name, alias, store };
  });
  return (scope, run) => {
    const made = module(scope, run);
    for (const { name, alias, store } of stores) {
      const value = name === undefined ? made : (made.parts.attribute?.(name, run) ?? null);
      const hint = `the template does not export the requested name '${name ?? ''}'`;
      store(scope, value === MISSING ? new Undefined(hint, node.at) : value, run);
      scope.activation.context.exported.delete(alias);
    }
  };
}

function compileModule(node: Importing, frame: Frame): (scope: Scope, run: Run) => Thing {
  const load = loading(node, frame);
  const names = frame.symbols.stored();
  return (scope, run) => {
    const code = load(scope, run);
    const { context } = scope.activation;
    if (!node.withContext) return moduleOf(code, context, run);
    const given = new Map([...context.all(), ...valuesOf(scope, names)]);
    return makeModule(code, new Context(context.library, given, stacksOf(code)), run);
  };
}

/** Without what the importing template is given it is the same each time, and made once. */
function moduleOf(code: Code, { library }: Context, run: Run): Thing {
  const known = library.modules.get(code.name);
  if (known !== undefined) return known;
  const made = makeModule(code, new Context(library, library.globals, stacksOf(code)), run);
  library.modules.set(code.name, made);
  return made;
}

function makeModule(code: Code, context: Context, run: Run): Thing {
  const printed = run.captured(() => run.deeper(() => code.root(context, run)));
  return new Thing({
    type: 'jinja2.environment.TemplateModule',
    printed,
    shown: () => `<TemplateModule '${code.name}'>`,
    attribute(name) {
      if (context.exported.has(name)) return context.vars.get(name);
      return name === '__name__' ? code.name : MISSING;
    },
  });
}
