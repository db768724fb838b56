// `{% extends %}`, `{% include %}`, `{% import %}` and `{% from %}`: other templates, by names that stand in the tag. Reads no file.
import { TemplateFault } from '../syntax/fault.ts';
import type { Expression, LoadStatement, Position } from '../syntax/tree.ts';
import { itemsIn, MISSING, textOf, Thing, typeOf, Undefined, used } from '../values/kinds.ts';
import type { Run } from '../values/run.ts';
import { compileStore } from './assignments.ts';
import { compile, type Evaluate, type Execute, type Frame } from './expressions.ts';
import { Context, stacksOf, valuesOf, type Code, type Scope } from './scope.ts';

type Loading = (scope: Scope, run: Run) => Code;
type Importing = Extract<LoadStatement, { readonly kind: 'import' | 'from' }>;

export function compileLoad(node: LoadStatement, frame: Frame): Execute {
  for (const name of namesIn(node.template)) frame.symbols.loaded(name);
  const template = compile(node.template, frame);
  switch (node.kind) {
    case 'extends':
      return compileExtends(node, loading(template, node.at), frame);
    case 'include':
      return compileInclude(node, template, frame);
    case 'import':
    case 'from':
      return compileImport(node, compileModule(node, loading(template, node.at), frame), frame);
    default:
      return node satisfies never;
  }
}

/** Every name that may be loaded is written out, for what a text is made from must be known before it is made. */
function namesIn(node: Expression): readonly string[] {
  if (node.kind === 'constant' && typeof node.value === 'string') return [node.value];
  if (node.kind === 'list' || node.kind === 'tuple') return node.items.flatMap(namesIn);
  if (node.kind === 'choice')
    return [node.value, node.otherwise].flatMap((each) => (each === undefined ? [] : namesIn(each)));
  const message =
    'The name of a template to load is not written out, so what a prompt is made from is not known';
  const cure =
    "Write it as in {% include 'parts/style.txt' %}; a list and an `if … else` of such names will do.";
  throw new TemplateFault(message, { code: 'DD403', at: node.at, cure });
}

function missing(names: readonly string[], at: Position): TemplateFault {
  const shown = names.map((name) => `"${name}"`).join(' or ');
  return new TemplateFault(`There is no template ${shown}`, { code: 'DD491', at });
}

function loading(template: Evaluate, at: Position): Loading {
  return (scope, run) => {
    const name = textOf(used(template(scope, run), run)) ?? '';
    run.at = at;
    const code = scope.activation.context.library.codes.get(name);
    if (code === undefined) throw missing([name], at);
    return code;
  };
}

function compileExtends(node: LoadStatement, load: Loading, frame: Frame): Execute {
  if (!frame.toplevel)
    throw new TemplateFault('{% extends %} stands at the top level of a template', {
      code: 'DD401',
      at: node.at,
    });
  return (scope, run) => {
    if (scope.activation.parent !== undefined) throw run.failed('extended multiple times');
    const code = load(scope, run);
    const { blocks } = scope.activation.context;
    for (const [name, block] of code.blocks) blocks.set(name, [...(blocks.get(name) ?? []), block]);
    scope.activation.parent = code;
  };
}

function compileInclude(
  node: Extract<LoadStatement, { readonly kind: 'include' }>,
  template: Evaluate,
  frame: Frame,
): Execute {
  const names = frame.symbols.stored();
  return (scope, run) => {
    const value = used(template(scope, run), run);
    run.at = node.at;
    const wanted = (itemsIn(value) ?? [value]).map((each) => textOf(each) ?? typeOf(each));
    const { context } = scope.activation;
    const { library } = context;
    const code = wanted.map((name) => library.codes.get(name)).find((each) => each !== undefined);
    if (code === undefined) {
      if (node.ignoreMissing) return;
      throw missing(wanted, node.at);
    }
    if (node.withContext) {
      const given = new Map([...context.all(), ...valuesOf(scope, names)]);
      runPlainly(code, new Context(library, given, stacksOf(code)), run);
    } else run.out += run.text(moduleOf(code, context, run).parts.printed ?? '');
  };
}

/** Another template escapes nothing but what it says itself. */
function runPlainly(code: Code, context: Context, run: Run): void {
  const { autoescape } = run;
  run.autoescape = false;
  run.deeper(() => code.root(context, run));
  run.autoescape = autoescape;
}

function compileImport(node: Importing, module: (scope: Scope, run: Run) => Thing, frame: Frame): Execute {
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

function compileModule(node: Importing, load: Loading, frame: Frame): (scope: Scope, run: Run) => Thing {
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
  const printed = run.captured(() => runPlainly(code, context, run));
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
