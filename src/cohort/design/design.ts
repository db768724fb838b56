// Compiles a spec into design rows: every combination that its rules leave. Knows nothing of catalogs or generations.
import { hasErrors, problem, warning, type Loaded, type Problem } from '../../problem.ts';
import { applyRule, carrierOf, startingAxes, type Axes } from './axes.ts';
import { isTuple, type Level } from '../spec/level.ts';
import { parseSeed, shuffle } from './shuffle.ts';
import type { Rule, Spec } from '../spec/spec.ts';

export interface Design {
  readonly columns: readonly string[];
  /** Each as long as `columns`. */
  readonly rows: readonly (readonly Level[])[];
}

export interface DesignOptions {
  /** Shuffles the rows as Python would with this seed. Text for seeds beyond 2^53. */
  readonly seed?: string | number | bigint | undefined;
  /** The most rows that are made; 5,000,000 by default. */
  readonly largest?: number;
}

const EMPTY: Design = { columns: [], rows: [] };
const LARGEST = 5_000_000;

export function compileDesign(spec: Spec, { seed, largest = LARGEST }: DesignOptions = {}): Loaded<Design> {
  const parsedSeed = seed === undefined ? undefined : parseSeed(seed);
  const problems: Problem[] = [];
  if (seed !== undefined && parsedSeed === undefined)
    problems.push(
      problem('DD314', `The seed "${String(seed)}" is no whole number.`, {
        reason: 'invalid_seed',
        data: { seed: String(seed) },
      }),
    );
  const axes = startingAxes(spec);
  for (const rule of spec.rules) {
    const found = applyRule(rule, axes);
    if (found === undefined) continue;
    problems.push(found);
    // After a failed subset the axes are as the later rules expect; after any other rule they would all fail too.
    if (rule.kind !== 'subset') break;
  }
  if (hasErrors(problems)) return { value: EMPTY, problems };
  const sources = restoredColumns(spec, axes);
  problems.push(...sources.problems, ...tooLarge(spec, axes, largest));
  if (hasErrors(problems)) return { value: EMPTY, problems };
  const columns = [
    ...new Set([...spec.fieldOrder.filter((name) => sources.value.has(name)), ...sources.value.keys()]),
  ];
  const rows = product(
    axes,
    columns.map((name) => sources.value.get(name) ?? NOWHERE),
  );
  if (parsedSeed !== undefined) shuffle(rows, parsedSeed);
  return { value: rows.length === 0 ? EMPTY : { columns, rows }, problems };
}

/** Where a column's value comes from: the axis at a position, and the way into its levels where a rule made them of several. */
interface Source {
  readonly axis: number;
  readonly path: readonly number[];
}

const NOWHERE: Source = { axis: -1, path: [] };

/** Takes pairs apart, then tuples, then gives tied axes their value back: once, for all rows. */
function restoredColumns(spec: Spec, axes: Axes): Loaded<ReadonlyMap<string, Source>> {
  const row = new Map<string, Source>(axes.order.map((name, axis) => [name, { axis, path: [] }]));
  const problems: Problem[] = [];
  for (const kind of ['pair', 'tuple'] as const)
    for (const rule of spec.rules) if (rule.kind === kind) takeApart(rule, row);
  for (const name of axes.absorbed.keys()) {
    const source = row.get(carrierOf(name, axes));
    if (source !== undefined && !row.has(name)) row.set(name, source);
  }
  for (const { name, place } of spec.axes) {
    if (row.has(name)) continue;
    const namesake = spec.rules.find(
      (rule) => (rule.kind === 'pair' || rule.kind === 'tuple') && rule.name === name,
    );
    const details = { place: namesake?.place ?? place, reason: 'column_lost', data: { axis: name } };
    if (namesake === undefined)
      problems.push(
        problem(
          'DD311',
          `The rules leave no column for the axis "${name}": a pair or tuple uses what it is tied to.`,
          details,
        ),
      );
    else
      problems.push(
        warning(
          'DD311',
          `The ${namesake.kind} "${name}" has the name of an axis, whose column is replaced by it.`,
          details,
        ),
      );
  }
  return { value: row, problems };
}

function takeApart(rule: Rule, row: Map<string, Source>): void {
  if (rule.kind !== 'pair' && rule.kind !== 'tuple') return;
  const source = row.get(rule.name);
  if (source === undefined) return;
  const names = rule.kind === 'pair' ? [rule.left, rule.right] : rule.axes;
  for (const [at, name] of names.entries()) row.set(name, { axis: source.axis, path: [...source.path, at] });
  row.delete(rule.name);
}

function tooLarge(spec: Spec, axes: Axes, largest: number): Problem[] {
  const sizes = axes.order.map((name) => [name, axes.levels.get(name)?.length ?? 0] as const);
  const count = sizes.reduce((product, [, size]) => product * size, 1);
  if (count <= largest) return [];
  const biggest = sizes.toSorted(([, a], [, b]) => b - a).filter(([, size]) => size > 1);
  const list = biggest.slice(0, 5).map(([name, size]) => `${name} (${size.toLocaleString('en-US')})`);
  const rows = count < Number.MAX_SAFE_INTEGER ? count.toLocaleString('en-US') : count.toExponential(1);
  const message = `The design would have ${rows} rows, more than ${largest.toLocaleString('en-US')}: the largest axes are ${list.join(', ')}.`;
  const data = { rows: count, largest, axes: Object.fromEntries(biggest) };
  return [problem('DD313', message, { place: { file: spec.file }, reason: 'design_too_large', data })];
}

/** Every combination of levels, the last axis moving fastest, each cut into its columns. */
function product(axes: Axes, sources: readonly Source[]): (readonly Level[])[] {
  const levels = axes.order.map((name) => axes.levels.get(name) ?? []);
  if (levels.some((each) => each.length === 0)) return [];
  const fillers = levels.map((each, axis) => fillersOf(each, axis, sources));
  const digits = levels.map(() => 0);
  const row: Level[] = sources.map(() => null);
  const rows: (readonly Level[])[] = [];
  for (const axis of levels.keys()) fillers[axis]?.[0]?.(row);
  for (;;) {
    rows.push(row.slice());
    let axis = levels.length - 1;
    while (axis >= 0 && (digits[axis] ?? 0) + 1 === levels[axis]?.length) {
      digits[axis] = 0;
      fillers[axis]?.[0]?.(row);
      axis -= 1;
    }
    if (axis < 0) return rows;
    const digit = (digits[axis] ?? 0) + 1;
    digits[axis] = digit;
    fillers[axis]?.[digit]?.(row);
  }
}

/** For each level of an axis, what writes it into the columns that it gives. */
function fillersOf(
  levels: readonly Level[],
  axis: number,
  sources: readonly Source[],
): readonly ((row: Level[]) => void)[] {
  const columns = sources.flatMap((source, column) =>
    source.axis === axis ? [{ column, path: source.path }] : [],
  );
  return levels.map((level) => {
    const cells = columns.map(({ column, path }) => [column, inside(level, path)] as const);
    return (row) => {
      for (const [column, value] of cells) row[column] = value;
    };
  });
}

function inside(level: Level, path: readonly number[]): Level {
  return path.reduce((value: Level, at) => (isTuple(value) ? (value[at] ?? null) : value), level);
}
