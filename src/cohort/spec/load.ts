// Reads a spec file and everything that it includes, and says all that is wrong with it. Compiles nothing.
import { extname } from 'node:path';
import { hasErrors, problem, type Loaded, type Place, type Problem } from '../../problem.ts';
import { didYouMean } from '../../text/nearest.ts';
import type { InputReader } from '../../inputs/disk/reader.ts';
import { entryOf, parseJson, type Tree } from '../../inputs/yaml/tree.ts';
import { parseYaml } from '../../inputs/yaml/yaml.ts';
import { itemsOf, type IncludeScope } from './include.ts';
import { distinctLevels, levelText, type Level } from './level.ts';
import { levelsOf, readRules } from './rules.ts';
import type { Axis, Rule, Spec } from './spec.ts';

export interface SpecSource {
  /** The path of the spec: .yaml, .yml or .json. */
  readonly specFile: string;
  /** No include leads out of this folder. */
  readonly projectRoot: string;
}

export function loadSpec(reader: InputReader, { specFile, projectRoot }: SpecSource): Loaded<Spec> {
  const problems: Problem[] = [];
  const scope: IncludeScope = { reader, specFile, projectRoot, problems };
  const nothing: Spec = { file: specFile, axes: [], rules: [], fieldOrder: [] };
  const tree = readDocument(scope);
  if (tree === undefined) return { value: nothing, problems };
  const declared = readAxes(entryOf(tree, 'axes')?.value, scope);
  const rules = readRules(entryOf(tree, 'rules')?.value, scope);
  checkNesting(rules, problems);
  const fed = hasErrors(problems) ? [] : fedAxes(declared, rules, problems);
  const axes = [...declared, ...fed];
  const fieldOrder = readFieldOrder(tree, axes, scope);
  return { value: hasErrors(problems) ? nothing : { file: specFile, axes, rules, fieldOrder }, problems };
}

/** The top-level mapping; undefined with a problem where there is none. */
function readDocument({ reader, specFile, problems }: IncludeScope): Tree | undefined {
  const place = { file: specFile };
  const extension = extname(specFile).toLowerCase();
  if (!['.yaml', '.yml', '.json'].includes(extension)) {
    const message = `${specFile} is no .yaml, .yml or .json file.`;
    problems.push(problem('DD302', message, { place, reason: 'unsupported_spec_extension' }));
    return undefined;
  }
  const { value: text, problems: unreadable } = reader.text(specFile);
  problems.push(...unreadable);
  if (text === undefined) {
    if (unreadable.length === 0)
      problems.push(problem('DD301', `${specFile} is missing.`, { place, reason: 'cohort_spec_required' }));
    return undefined;
  }
  const { value: tree, problems: malformed } =
    extension === '.json' ? parseJson(text, specFile) : parseYaml(text, specFile);
  problems.push(...malformed);
  if (malformed.length > 0) return undefined;
  if (tree.kind === 'mapping') return tree;
  const empty = tree.kind === 'scalar' && tree.value === null && extension !== '.json';
  if (!empty)
    problems.push(
      wrongShape('top_level_not_mapping', `${specFile} holds no mapping at its top level.`, tree.place),
    );
  return empty ? { kind: 'mapping', entries: [], place: tree.place, size: 0 } : undefined;
}

function readAxes(tree: Tree | undefined, scope: IncludeScope): readonly Axis[] {
  if (tree === undefined || (tree.kind === 'scalar' && tree.value === null)) return [];
  if (tree.kind !== 'mapping') {
    scope.problems.push(
      wrongShape('axes_not_mapping', 'The axes are no mapping from names to levels.', tree.place),
    );
    return [];
  }
  return tree.entries.map(({ key, value, place }) => {
    const name = levelText(key);
    const { items, rows, failed, included } = itemsOf(value, scope);
    if (items !== undefined) return { name, levels: distinctLevels(levelsOf(items, rows, scope)), place };
    const reason = included ? 'axis_include_not_list' : 'axis_wrong_type';
    const what = included
      ? 'includes a file that holds no list'
      : 'is neither a list of levels nor an include';
    if (!failed) {
      const details = { place: { ...place, field: name }, reason, data: { axis: name } };
      scope.problems.push(problem('DD303', `The axis "${name}" ${what}.`, details));
    }
    return { name, levels: [], place };
  });
}

/** A pair or tuple of a pair, and a tuple of a tuple, cannot be taken apart again; a pair of a tuple can. */
function checkNesting(rules: readonly Rule[], problems: Problem[]): void {
  const made = new Map<string, 'pair' | 'tuple'>();
  for (const rule of rules) {
    if (rule.kind !== 'pair' && rule.kind !== 'tuple') continue;
    const axes = rule.kind === 'pair' ? [rule.left, rule.right] : rule.axes;
    for (const axis of axes) {
      const inner = made.get(axis);
      if (inner === undefined || (inner === 'tuple' && rule.kind === 'pair')) continue;
      const message = `The ${rule.kind} "${rule.name}" is made of the ${inner} "${axis}", whose columns would be lost.`;
      const data = { rule: rule.name, axis };
      problems.push(problem('DD311', message, { place: rule.place, reason: 'rule_of_a_rule', data }));
    }
    made.set(rule.name, rule.kind);
  }
}

/** Axes that only tuples name: their levels are what the items hold. */
function fedAxes(declared: readonly Axis[], rules: readonly Rule[], problems: Problem[]): readonly Axis[] {
  const names = new Set(declared.map((axis) => axis.name));
  const fed = new Map<string, { levels: Level[]; place: Place }>();
  for (const rule of rules) {
    if (rule.kind !== 'tuple') continue;
    for (const [at, axis] of rule.axes.entries()) {
      if (names.has(axis)) {
        const message = `The axis "${axis}" is declared under \`axes\` and fed by the tuple "${rule.name}".`;
        const cure = 'Remove it from `axes`: the tuple gives its levels.';
        const details = { place: rule.place, reason: 'tuple_axis_also_declared', data: { axis }, cure };
        problems.push(problem('DD307', message, details));
        continue;
      }
      const known = fed.get(axis) ?? { levels: [], place: rule.place };
      for (const item of rule.items) known.levels.push(item[at] ?? null);
      fed.set(axis, known);
    }
  }
  return [...fed].map(([name, { levels, place }]) => ({ name, levels: distinctLevels(levels), place }));
}

function readFieldOrder(tree: Tree, axes: readonly Axis[], scope: IncludeScope): readonly string[] {
  const output = entryOf(tree, 'output')?.value;
  if (
    output !== undefined &&
    output.kind !== 'mapping' &&
    !(output.kind === 'scalar' && output.value === null)
  ) {
    scope.problems.push(wrongShape('output_not_mapping', 'The output is no mapping.', output.place));
    return [];
  }
  const order = output === undefined ? undefined : entryOf(output, 'field_order')?.value;
  if (order?.kind !== 'list') {
    const place = order?.place ?? output?.place ?? { file: scope.specFile };
    const message = 'The spec has no list `output: {field_order: [...]}`.';
    scope.problems.push(problem('DD304', message, { place, reason: 'field_order_missing' }));
    return [];
  }
  const names = order.items.map((item) =>
    item.kind === 'scalar' ? levelText(item.value) : `(${item.kind})`,
  );
  const known = new Set(axes.map((axis) => axis.name));
  const missing = [...new Set(names)].filter((name) => !known.has(name));
  // With other errors axes may be missing only because what gives them is broken.
  if (missing.length > 0 && !hasErrors(scope.problems)) {
    const texts = missing.map((name) => `"${name}"${didYouMean(name, known)}`).join(', ');
    const message = `field_order names what is no axis: ${texts}.`;
    const details = { place: order.place, reason: 'field_order_unknown_name', data: { missing } };
    scope.problems.push(problem('DD304', message, details));
  }
  return [...new Set(names)];
}

function wrongShape(reason: string, message: string, place: Place): Problem {
  return problem('DD303', message, { place, reason });
}
