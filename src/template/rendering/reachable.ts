// Which templates a template may load, as far as its text tells: whole names, and beginnings and ends of names that are worked out
// while it renders. Says rather too many than too few, and renders nothing.
import {
  inside,
  namesOf,
  statementsIn,
  type Body,
  type Expression,
  type LoadStatement,
  type Statement,
  type Target,
} from '../syntax/tree.ts';

/** The parts of a name that are written out, in order, with anything between them: a single part is the whole name. */
export type Pattern = readonly string[];

const ANY: readonly Pattern[] = [['', '']];
/** What has more of them may be anything. */
const MAX_PATTERNS = 100;
/** By these a list comes to have items that do not stand where it is made. */
const GROWING = new Set(['append', 'extend', 'insert']);
const PERCENT_DIRECTIVE = /%(?:\(\w*\))?[-+ #0-9.*]*[a-zA-Z%]/;
const BRACE_DIRECTIVE = /\{[^{}]*\}/;

/** `given`: the names whose values may come from elsewhere. */
export function patternsIn(body: Body, given: ReadonlySet<string>): readonly Pattern[] {
  const all = [...statementsIn(body)];
  const loads = all.filter((node): node is LoadStatement => 'template' in node);
  if (loads.length === 0) return [];
  const values = new Values(all, given);
  return limited(loads.flatMap(({ template }) => values.texts(template)));
}

function limited(patterns: readonly Pattern[]): readonly Pattern[] {
  return patterns.length > MAX_PATTERNS ? ANY : patterns;
}

class Values {
  /** What a name may be, of each place that gives it a value. */
  private readonly sources = new Map<string, (() => readonly Pattern[])[]>();
  /** The values that a name is set to. */
  private readonly set = new Map<string, Expression[]>();
  private readonly given: ReadonlySet<string>;
  private readonly growing: boolean;
  /** Names that are being told. */
  private readonly open = new Set<string>();

  constructor(all: readonly Statement[], given: ReadonlySet<string>) {
    this.given = given;
    this.growing = all.some((node) =>
      inside(node).some((each) => each.kind === 'attribute' && GROWING.has(each.name)),
    );
    for (const node of all) this.note(node);
  }

  /** The texts that a value may be, or may list. */
  texts(node: Expression): readonly Pattern[] {
    switch (node.kind) {
      case 'constant':
        return typeof node.value === 'string' || typeof node.value === 'bigint'
          ? [[String(node.value)]]
          : ANY;
      case 'list':
      case 'tuple':
        return limited(node.items.flatMap((item) => this.texts(item)));
      case 'choice':
        return [
          ...this.texts(node.value),
          ...(node.otherwise === undefined ? [['']] : this.texts(node.otherwise)),
        ];
      case 'and':
      case 'or':
        return [...this.texts(node.left), ...this.texts(node.right)];
      case 'joined':
        return this.joined(node.items);
      case 'arithmetic':
        return this.calculated(node);
      case 'filter':
        return node.name === 'format' && node.of !== undefined ? formatted(node.of, PERCENT_DIRECTIVE) : ANY;
      case 'call':
        return node.of.kind === 'attribute' && node.of.name === 'format'
          ? formatted(node.of.of, BRACE_DIRECTIVE)
          : ANY;
      case 'name':
        return this.ofName(node.name);
      default:
        return ANY;
    }
  }

  private joined(items: readonly Expression[]): readonly Pattern[] {
    const parts = items.map((item) => (isList(item) ? ANY : this.texts(item)));
    return parts.reduce(
      (before, after) =>
        before.length * after.length > MAX_PATTERNS
          ? ANY
          : before.flatMap((left) => after.map((right) => behind(left, right))),
      [['']],
    );
  }

  private calculated(node: Extract<Expression, { readonly kind: 'arithmetic' }>): readonly Pattern[] {
    const { operator, left, right } = node;
    if (operator === '%') return formatted(left, PERCENT_DIRECTIVE);
    if (operator !== '+') return ANY;
    if (isList(left) || isList(right)) return [...this.texts(left), ...this.texts(right)];
    return isText(left) || isText(right) ? this.joined([left, right]) : ANY;
  }

  private ofName(name: string): readonly Pattern[] {
    if (this.growing || this.given.has(name) || this.open.has(name)) return ANY;
    this.open.add(name);
    const texts = this.sources.get(name)?.flatMap((source) => source()) ?? ANY;
    this.open.delete(name);
    return limited(texts);
  }

  /** What a loop goes over. */
  private items(node: Expression): readonly Pattern[] {
    if (isList(node)) return this.texts(node);
    if (node.kind !== 'name') return ANY;
    const lists = this.set.get(node.name) ?? [];
    return lists.length === this.sources.get(node.name)?.length && lists.every(isList)
      ? this.ofName(node.name)
      : ANY;
  }

  private note(node: Statement): void {
    switch (node.kind) {
      case 'set':
        return this.value(node.target, node.value);
      case 'with':
        return node.targets.forEach((target, at) => this.value(target, node.values[at]));
      case 'for':
        return this.source(node.target, () => this.items(node.source));
      case 'setblock':
        return this.source(node.target, () => ANY);
      case 'macro':
      case 'callblock':
        return node.signature.params.forEach(([name]) => this.add(name, () => ANY));
      case 'import':
        return this.add(node.name, () => ANY);
      case 'from':
        return node.names.forEach(([, alias]) => this.add(alias, () => ANY));
      default:
        return undefined;
    }
  }

  private value(target: Target, value: Expression | undefined): void {
    if (value === undefined || target.kind !== 'name') return this.source(target, () => ANY);
    this.set.set(target.name, [...(this.set.get(target.name) ?? []), value]);
    return this.add(target.name, () => this.texts(value));
  }

  private source(target: Target, texts: () => readonly Pattern[]): void {
    for (const name of namesOf(target)) this.add(name, target.kind === 'name' ? texts : () => ANY);
  }

  private add(name: string, texts: () => readonly Pattern[]): void {
    this.sources.set(name, [...(this.sources.get(name) ?? []), texts]);
  }
}

function isList(node: Expression): boolean {
  return node.kind === 'list' || node.kind === 'tuple';
}

function isText(node: Expression): boolean {
  return node.kind === 'joined' || (node.kind === 'constant' && typeof node.value === 'string');
}

function formatted(node: Expression, directive: RegExp): readonly Pattern[] {
  if (node.kind !== 'constant' || typeof node.value !== 'string') return ANY;
  return /\{\{|\}\}/.test(node.value) ? ANY : [node.value.split(directive)];
}

function behind(left: Pattern, right: Pattern): Pattern {
  return [...left.slice(0, -1), `${left.at(-1)}${right[0]}`, ...right.slice(1)];
}

/** Whether a name may be one of a pattern. */
export function isFit(name: string, [beginning = '', ...rest]: Pattern): boolean {
  const end = rest.pop();
  if (end === undefined) return name === beginning;
  let from = beginning.length;
  for (const part of rest) {
    const found = name.indexOf(part, from);
    if (found < 0) return false;
    from = found + part.length;
  }
  return name.startsWith(beginning) && name.endsWith(end) && name.length - end.length >= from;
}
