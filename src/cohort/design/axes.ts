// The axes while rules run over them: which there are, in which order, and how a row gets its columns back. Knows no files.
import { type Code } from '../../errors.ts';
import { problem, type Problem } from '../../problem.ts';
import { didYouMean } from '../../text/nearest.ts';
import { distinctLevels, isTuple, levelJson, levelKey, type Level } from '../spec/level.ts';
import type { Pair, Rule, Spec, Subset, Tie, Tuple } from '../spec/spec.ts';

export interface Axes {
  readonly levels: Map<string, readonly Level[]>;
  /** A rule named like an unrelated axis gives that name twice. */
  order: string[];
  /** A tied axis that is gone, and the axis that carries its value. */
  readonly absorbed: Map<string, string>;
}

/** Runs one rule; its problem when it cannot run. */
export function applyRule(rule: Rule, axes: Axes): Problem | undefined {
  switch (rule.kind) {
    case 'subset':
      return applySubset(rule, axes);
    case 'tie':
      return applyTie(rule, axes);
    case 'pair':
      return applyPair(rule, axes);
    case 'tuple':
      return applyTuple(rule, axes);
  }
}

export function startingAxes(spec: Spec): Axes {
  return {
    levels: new Map(spec.axes.map((axis) => [axis.name, axis.levels])),
    order: spec.axes.map((axis) => axis.name),
    absorbed: new Map(),
  };
}

/** The axis that carries a name's value now. */
export function carrierOf(name: string, axes: Axes): string {
  let carrier = name;
  for (let next = axes.absorbed.get(carrier); next !== undefined; next = axes.absorbed.get(carrier))
    carrier = next;
  return carrier;
}

function applySubset(rule: Subset, axes: Axes): Problem | undefined {
  const levels = axes.levels.get(rule.axis);
  if (levels === undefined) return unknownAxis(rule, rule.axis, axes);
  const keep = keysOf(rule.keep);
  const kept = levels.filter((level) => keep.has(levelKey(level)));
  axes.levels.set(rule.axis, kept);
  if (kept.length > 0) return undefined;
  const message = `The subset of "${rule.axis}" keeps none of its levels.`;
  return refuse(rule, { reason: 'subset_leaves_nothing', message, data: { axis: rule.axis } });
}

function applyTie(rule: Tie, axes: Axes): Problem | undefined {
  const absent = rule.axes.find((name) => !axes.levels.has(name));
  if (absent !== undefined) return unknownAxis(rule, absent, axes);
  const [first = [], ...others] = rule.axes.map((name) => axes.levels.get(name) ?? []);
  const keys = others.map(keysOf);
  const common = first.filter((level) => keys.every((other) => other.has(levelKey(level))));
  if (common.length === 0) {
    const message = `The tie "${rule.name}" finds no level that ${rule.axes.join(', ')} have in common.`;
    return refuse(rule, { reason: 'tie_no_common_level', message, data: { axes: rule.axes } });
  }
  const gone = rule.axes.filter((name) => name !== rule.name);
  if (axes.order.includes(rule.name)) axes.order = axes.order.filter((name) => !gone.includes(name));
  else replaceAxes(axes, gone, rule.name);
  for (const name of gone) {
    axes.levels.delete(name);
    axes.absorbed.set(name, rule.name);
  }
  axes.levels.set(rule.name, common);
  axes.absorbed.delete(rule.name);
  return undefined;
}

function applyPair(rule: Pair, axes: Axes): Problem | undefined {
  const sides = [rule.left, rule.right];
  const carriers = sides.map((name) => carrierOf(name, axes));
  const absent = carriers.findIndex((name) => !axes.levels.has(name));
  if (absent >= 0) return unknownAxis(rule, sides[absent] ?? '', axes);
  const keys = carriers.map((name) => keysOf(axes.levels.get(name) ?? []));
  const outside = rule.allowed.find((pair) =>
    pair.some((level, at) => keys[at]?.has(levelKey(level)) !== true),
  );
  if (outside !== undefined) {
    const pair = outside.map(levelJson);
    const message = `The pair "${rule.name}" allows ${JSON.stringify(pair)}, which are no levels of ${rule.left} and ${rule.right}.`;
    return refuse(rule, { reason: 'pair_value_unknown', message, data: { pair } });
  }
  const levels = distinctLevels(rule.allowed);
  const unbalanced = unbalancedSide(rule, levels);
  if (unbalanced !== undefined) return unbalanced;
  consume(axes, carriers, { name: rule.name, levels });
  return undefined;
}

function unbalancedSide(rule: Pair, pairs: readonly Level[]): Problem | undefined {
  for (const [at, side] of (['left', 'right'] as const).entries()) {
    if (rule.balance !== side && rule.balance !== 'both') continue;
    const counts = new Map<string, [Level, number]>();
    for (const pair of pairs) {
      const level = isTuple(pair) ? (pair[at] ?? null) : pair;
      const [, count] = counts.get(levelKey(level)) ?? [level, 0];
      counts.set(levelKey(level), [level, count + 1]);
    }
    if (new Set([...counts.values()].map(([, count]) => count)).size <= 1) continue;
    const list = [...counts.values()].map(([level, count]) => [levelJson(level), count]);
    const message = `The pair "${rule.name}" is not balanced on its ${side}: ${list.map(([level, count]) => `${String(level)} ×${String(count)}`).join(', ')}.`;
    return refuse(rule, {
      code: 'DD310',
      reason: `pair_unbalanced_${side}`,
      message,
      data: { counts: list },
    });
  }
  return undefined;
}

function applyTuple(rule: Tuple, axes: Axes): Problem | undefined {
  const carriers = rule.axes.map((name) => carrierOf(name, axes));
  const absent = carriers.findIndex((name) => !axes.levels.has(name));
  if (absent >= 0) return unknownAxis(rule, rule.axes[absent] ?? '', axes);
  const keys = carriers.map((name) => keysOf(axes.levels.get(name) ?? []));
  for (const item of rule.items) {
    const at = item.findIndex((level, index) => keys[index]?.has(levelKey(level)) !== true);
    if (at < 0) continue;
    const value = levelJson(item[at] ?? null);
    const message = `The tuple "${rule.name}" has ${JSON.stringify(value)}, which is no level of ${rule.axes[at] ?? ''} any more.`;
    return refuse(rule, { reason: 'tuple_value_unknown', message, data: { axis: rule.axes[at], value } });
  }
  consume(axes, carriers, { name: rule.name, levels: distinctLevels(rule.items) });
  return undefined;
}

interface MadeAxis {
  readonly name: string;
  readonly levels: readonly Level[];
}

/** The axes make way for one that stands where the first of them stood. */
function consume(axes: Axes, consumed: readonly string[], made: MadeAxis): void {
  replaceAxes(axes, consumed, made.name);
  for (const name of consumed) axes.levels.delete(name);
  axes.levels.set(made.name, made.levels);
  axes.absorbed.delete(made.name);
}

function replaceAxes(axes: Axes, gone: readonly string[], made: string): void {
  const first = axes.order.findIndex((name) => gone.includes(name));
  const before = axes.order.slice(0, first);
  const after = axes.order.slice(first).filter((name) => !gone.includes(name));
  axes.order = [...before, made, ...after];
}

function keysOf(levels: readonly Level[]): ReadonlySet<string> {
  return new Set(levels.map(levelKey));
}

function unknownAxis(rule: Rule, axis: string, axes: Axes): Problem {
  const gone = axes.absorbed.has(axis)
    ? `: it is tied to "${carrierOf(axis, axes)}"`
    : didYouMean(axis, axes.levels.keys());
  const what =
    rule.kind === 'subset'
      ? `A subset is taken of "${axis}"`
      : `The ${rule.kind} "${rule.name}" names "${axis}"`;
  const message = `${what}, which is no axis at that point${gone}.`;
  return refuse(rule, { code: 'DD308', reason: `${rule.kind}_axis_unknown`, message, data: { axis } });
}

interface Refusal {
  readonly code?: Code;
  readonly reason: string;
  readonly message: string;
  readonly data: Readonly<Record<string, unknown>>;
}

function refuse(rule: Rule, { code = 'DD309', message, ...details }: Refusal): Problem {
  return problem(code, message, { place: rule.place, ...details });
}
