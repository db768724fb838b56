// Reads the `rules:` of a spec and says what is malformed. Knows the shape of each rule, not what it does to a design.
import { type Code } from '../../errors.ts';
import { warning, problem, type Place, type Problem } from '../../problem.ts';
import { entryOf, textIn, type Entry, type Tree } from '../../inputs/yaml/tree.ts';
import { itemsOf, type IncludeScope, type ItemList } from './include.ts';
import { levelJson, levelText, type Level } from './level.ts';
import type { Pair, Rule, Subset, Tie, Tuple } from './spec.ts';

type ReadRule = (entry: RuleEntry, scope: IncludeScope) => Rule | undefined;

interface RuleEntry {
  readonly name: string;
  readonly value: Tree;
  readonly place: Place;
}

const SECTIONS: ReadonlyMap<string, ReadRule> = new Map<string, ReadRule>([
  ['subsets', readSubset],
  ['ties', readTie],
  ['pairs', readPair],
  ['tuples', readTuple],
]);

/** Rules in the order in which they are written: sections, and entries inside each. */
export function readRules(tree: Tree | undefined, scope: IncludeScope): readonly Rule[] {
  if (tree === undefined || (tree.kind === 'scalar' && tree.value === null)) return [];
  if (tree.kind !== 'mapping') {
    report(scope, tree.place, {
      reason: 'rules_not_mapping',
      message: 'The rules are no mapping of sections.',
    });
    return [];
  }
  return tree.entries.flatMap((entry) => readSection(entry, scope));
}

function readSection(section: Entry, scope: IncludeScope): readonly Rule[] {
  const name = levelText(section.key);
  const read = SECTIONS.get(name);
  if (read === undefined) {
    const message = `"${name}" is no section of rules: those are ${[...SECTIONS.keys()].join(', ')}.`;
    report(scope, section.place, { reason: 'rules_unknown_section', message, data: { section: name } });
    return [];
  }
  if (section.value.kind !== 'mapping') {
    report(scope, section.place, {
      reason: `${name}_not_mapping`,
      message: `The section "${name}" is no mapping.`,
    });
    return [];
  }
  return section.value.entries.flatMap(({ key, value, place }) => {
    if (typeof key === 'string' && key !== '') return read({ name: key, value, place }, scope) ?? [];
    const message = `A name under "${name}" is no text: ${JSON.stringify(levelJson(key))}.`;
    report(scope, place, { reason: 'rule_name_not_text', message });
    return [];
  });
}

function readSubset({ name, value, place }: RuleEntry, scope: IncludeScope): Subset | undefined {
  const list = itemsOf(value, scope);
  if (list.failed) return undefined;
  if (list.items === undefined) {
    const message = `The subset of "${name}" is no list of levels.`;
    return report(scope, place, { reason: 'subset_keep_not_list', message, data: { axis: name } });
  }
  return { kind: 'subset', axis: name, keep: levelsOf(list.items, list.rows, scope), place };
}

function readTie({ name, value, place }: RuleEntry, scope: IncludeScope): Tie | undefined {
  if (entryOf(value, 'to') !== undefined) {
    const message = `The tie "${name}" has the key "to", which is withdrawn.`;
    const cure = 'Name the tie as the axis should be named, and list the tied axes under `axes`.';
    return report(scope, place, { reason: 'tie_to_withdrawn', message, cure, data: { tie: name } });
  }
  if (value.kind === 'scalar')
    return report(scope, place, {
      reason: 'tie_wrong_type',
      message: `The tie "${name}" is no list of axes.`,
      data: { tie: name },
    });
  const axes = textsIn(value.kind === 'list' ? value : entryOf(value, 'axes')?.value);
  if (axes === undefined || axes.length === 0) {
    const message = `The tie "${name}" does not list the names of axes.`;
    return report(scope, place, { reason: 'tie_axes_invalid', message, data: { tie: name } });
  }
  return { kind: 'tie', name, axes, place };
}

function readPair({ name, value, place }: RuleEntry, scope: IncludeScope): Pair | undefined {
  const refuse = (reason: string, message: string): undefined =>
    report(scope, place, { reason, message, data: { pair: name } });
  if (value.kind !== 'mapping') return refuse('pair_not_mapping', `The pair "${name}" is no mapping.`);
  const left = textIn(entryOf(value, 'left')?.value);
  const right = textIn(entryOf(value, 'right')?.value);
  if (left === undefined || right === undefined)
    return refuse(
      'pair_sides_missing',
      `The pair "${name}" does not name its axes as \`left\` and \`right\`.`,
    );
  if (left === right)
    return report(scope, place, {
      reason: 'pair_sides_equal',
      message: `The pair "${name}" has the axis "${left}" on both sides.`,
      data: { pair: name, axis: left },
    });
  if (name === left || name === right) return namedLikeAxis('pair', { name, value, place }, scope);
  const balance = readBalance(name, entryOf(value, 'balance')?.value, { scope, place });
  const allowed = entryOf(value, 'allowed');
  const list = allowed === undefined ? undefined : itemsOf(allowed.value, scope);
  if (list?.failed === true) return undefined;
  if (list?.items === undefined)
    return refuse('pair_allowed_not_list', `The pair "${name}" has no list \`allowed\`.`);
  if (list.items.length === 0) return refuse('pair_allowed_empty', `The pair "${name}" allows nothing.`);
  const pairs = list.items.map((item) => twoLevels(item));
  const broken = pairs.indexOf(undefined);
  if (broken >= 0)
    return report(scope, list.items[broken]?.place ?? place, {
      reason: 'pair_entry_not_two',
      message: `The pair "${name}" allows something that is no list of two values: entry ${broken + 1}.`,
      data: { pair: name },
    });
  if (balance === undefined) return undefined;
  return {
    kind: 'pair',
    name,
    left,
    right,
    allowed: pairs.filter((pair) => pair !== undefined),
    balance,
    place,
  };
}

interface Spot {
  readonly scope: IncludeScope;
  readonly place: Place;
}

function readBalance(
  pair: string,
  tree: Tree | undefined,
  { scope, place }: Spot,
): Pair['balance'] | undefined {
  if (tree === undefined || (tree.kind === 'scalar' && tree.value === null)) return 'none';
  const text = textIn(tree);
  const data = { pair };
  if (text === undefined)
    return report(scope, place, {
      reason: 'pair_balance_not_text',
      message: `The balance of the pair "${pair}" is no text.`,
      data,
    });
  if (text === '') return 'none';
  if (text === 'left' || text === 'right' || text === 'both') return text;
  const message = `The pair "${pair}" has the balance "${text}"; there are left, right and both.`;
  return report(scope, place, { reason: 'pair_balance_unknown', message, data });
}

function readTuple({ name, value, place }: RuleEntry, scope: IncludeScope): Tuple | undefined {
  const refuse = (reason: string, message: string): undefined =>
    report(scope, place, { reason, message, data: { tuple: name } });
  if (value.kind !== 'mapping') return refuse('tuple_not_mapping', `The tuple "${name}" is no mapping.`);
  if (entryOf(value, 'expand') !== undefined)
    return refuse('tuple_expand_withdrawn', `The tuple "${name}" has the key "expand", which is withdrawn.`);
  const axes = textsIn(entryOf(value, 'axes')?.value);
  if (axes === undefined) return refuse('tuple_axes_invalid', `The tuple "${name}" does not list its axes.`);
  if (axes.length === 0) return refuse('tuple_axes_empty', `The tuple "${name}" names no axes.`);
  if (new Set(axes).size < axes.length)
    return refuse('tuple_axes_repeated', `The tuple "${name}" names an axis twice.`);
  if (axes.includes(name)) return namedLikeAxis('tuple', { name, value, place }, scope);
  const items = entryOf(value, 'items');
  const list = items === undefined ? undefined : itemsOf(items.value, scope);
  if (list?.failed === true) return undefined;
  if (list?.items === undefined)
    return refuse('tuple_items_not_list', `The tuple "${name}" has no list \`items\`.`);
  if (list.items.length === 0) return refuse('tuple_items_empty', `The tuple "${name}" has no items.`);
  sayOtherOrder(axes, list, { name, place, scope });
  const rows: (readonly Level[])[] = [];
  for (const item of list.items) {
    const levels = item.kind === 'list' ? levelsOf(item.items, false, scope) : undefined;
    if (item.kind === 'list' && levels?.length === axes.length && levels.length === item.items.length)
      rows.push(levels);
    else if (item.kind !== 'list' || item.items.length !== axes.length)
      return wrongLength({ name, value: item, place: item.place }, axes, scope);
  }
  return rows.length === list.items.length ? { kind: 'tuple', name, axes, items: rows, place } : undefined;
}

interface Ordering {
  /** The tuple's. */
  readonly name: string;
  readonly place: Place;
  readonly scope: IncludeScope;
}

/** Cells go to axes by their place, whatever a header says: where it says otherwise, the values change places. */
function sayOtherOrder(
  axes: readonly string[],
  { columns }: ItemList,
  { name, place, scope }: Ordering,
): void {
  const places = axes.map((axis) => columns?.indexOf(axis) ?? -1);
  const sameNames = columns?.length === axes.length && !places.includes(-1);
  if (!sameNames || places.every((from, to) => from === to)) return;
  const message = `The tuple "${name}" has the axes ${axes.join(', ')}, and its file the columns ${columns.join(', ')}: cells go by place, so ${columns[0] ?? ''} becomes ${axes[0] ?? ''}.`;
  scope.problems.push(
    warning('DD385', message, { place, reason: 'tuple_columns_differ', data: { axes, columns } }),
  );
}

function wrongLength(
  { name, value, place }: RuleEntry,
  axes: readonly string[],
  scope: IncludeScope,
): undefined {
  const item = value.kind === 'list' ? value.items.map(shown) : shown(value);
  return report(scope, place, {
    reason: 'tuple_item_length',
    message: `The tuple "${name}" has ${axes.length} axes (${axes.join(', ')}), but one of its items is ${JSON.stringify(item)}.`,
    data: { tuple_axes: axes, item },
  });
}

function namedLikeAxis(kind: 'pair' | 'tuple', { name, place }: RuleEntry, scope: IncludeScope): undefined {
  const message = `The ${kind} "${name}" has the name of one of its own axes.`;
  return report(scope, place, {
    code: 'DD311',
    reason: `${kind}_named_like_axis`,
    message,
    data: { axis: name },
  });
}

/** Scalars, and rows of a CSV include; any other list or mapping is refused. */
export function levelsOf(items: readonly Tree[], rows: boolean, scope: IncludeScope): readonly Level[] {
  return items.flatMap((item): readonly Level[] => {
    if (item.kind === 'scalar') return [levelOf(item, scope)];
    if (item.kind === 'list' && rows) return [nested(item) ?? []];
    const what = item.kind === 'list' ? 'A list' : 'A mapping';
    report(scope, item.place, {
      code: 'DD312',
      reason: 'level_not_scalar',
      message: `${what} stands where a level should: ${JSON.stringify(shown(item)).slice(0, 80)}.`,
    });
    return [];
  });
}

/** Says where the letters of a name would be lost: 1.10 is the number 1.1, and no is False. */
function levelOf(item: Extract<Tree, { kind: 'scalar' }>, scope: IncludeScope): Level {
  const { value, source, place } = item;
  if (source === undefined || levelText(value) === source) return value;
  const message = `${source} is read as ${levelText(value)}, since it is not in quotes.`;
  const details = { place, reason: 'level_read_otherwise', data: { source, level: levelJson(value) } };
  scope.problems.push(warning('DD384', message, details));
  return value;
}

/** An entry of `allowed`; a list inside it names a row of a tuple. */
function twoLevels(item: Tree): readonly [Level, Level] | undefined {
  const levels = nested(item);
  if (levels === undefined || levels.length !== 2) return undefined;
  const [left = null, right = null] = levels;
  return [left, right];
}

function nested(item: Tree): readonly Level[] | undefined {
  if (item.kind !== 'list') return undefined;
  const levels = item.items.map((inner) => (inner.kind === 'scalar' ? inner.value : nested(inner)));
  return levels.every((level) => level !== undefined) ? levels : undefined;
}

function shown(tree: Tree): unknown {
  if (tree.kind === 'scalar') return levelJson(tree.value);
  return tree.kind === 'list'
    ? tree.items.slice(0, 10).map(shown)
    : Object.fromEntries(tree.entries.slice(0, 10).map(({ key, value }) => [levelText(key), shown(value)]));
}

function textsIn(tree: Tree | undefined): readonly string[] | undefined {
  if (tree?.kind !== 'list') return undefined;
  const texts = tree.items.map((item) => textIn(item));
  return texts.every((text) => text !== undefined) ? texts : undefined;
}

interface Finding {
  readonly code?: Code;
  readonly reason: string;
  readonly message: string;
  readonly cure?: string;
  readonly data?: Readonly<Record<string, unknown>>;
}

function report(
  scope: { readonly problems: Problem[] },
  place: Place,
  { code = 'DD307', message, ...details }: Finding,
): undefined {
  scope.problems.push(problem(code, message, { place, ...details }));
}
