// The filters and tests by name, as Jinja2 has them. Knows no syntax.
import { taking } from '../methods/parameters.ts';
import { isLower, isUpper } from '../methods/texts.ts';
import { calculate } from '../values/arithmetic.ts';
import {
  Dict,
  isEmpty,
  itemsIn,
  Markup,
  numberOf,
  Range,
  textOf,
  Thing,
  Undefined,
  type Call,
} from '../values/kinds.ts';
import { compare, contains, equal, keyOf } from '../values/order.ts';
import { print } from '../values/printing.ts';
import type { Run } from '../values/run.ts';
import { isIterable } from '../values/sequences.ts';
import { LIST_FILTERS, mapping, selecting, type ByName } from './lists.ts';
import { MARKUP_FILTERS } from './markup.ts';
import { PLAIN_FILTERS } from './plain.ts';

function byName(kind: 'filter' | 'test', table: () => ReadonlyMap<string, Call>): ByName {
  return (name, args, named, run) => {
    const call = table().get(textOf(name) ?? '');
    if (call === undefined) throw run.failed(`No ${kind} named '${print(name, run)}'.`);
    return call(args, named, run);
  };
}

const filterNamed = byName('filter', () => FILTERS);
const testNamed = byName('test', () => TESTS);

export const FILTERS: ReadonlyMap<string, Call> = new Map<string, Call>([
  ...PLAIN_FILTERS,
  ...LIST_FILTERS,
  ...MARKUP_FILTERS,
  ['map', mapping(filterNamed)],
  ['select', selecting(testNamed, { byAttribute: false, keep: true })],
  ['reject', selecting(testNamed, { byAttribute: false, keep: false })],
  ['selectattr', selecting(testNamed, { byAttribute: true, keep: true })],
  ['rejectattr', selecting(testNamed, { byAttribute: true, keep: false })],
  [
    'random',
    (_args, _named, run) => {
      throw run.failed('"random" is refused: a template must make the same text each time');
    },
  ],
]);

function asking(ask: (value: unknown, run: Run) => boolean): Call {
  return taking('value', ([value], run) => ask(value, run));
}

function comparing(compares: (a: unknown, b: unknown, run: Run) => boolean): Call {
  return taking('a b /', ([a, b], run) => compares(a, b, run));
}

const rest = (value: unknown, divisor: unknown, run: Run): unknown => calculate('%', value, divisor, run);
const isSequence = (value: unknown): boolean =>
  isEmpty(value) ||
  textOf(value) !== undefined ||
  itemsIn(value) !== undefined ||
  value instanceof Dict ||
  value instanceof Range;

const eq = comparing(equal);
const ne = comparing((a, b, run) => !equal(a, b, run));
const lt = comparing((a, b, run) => compare(a, b, run) < 0);
const le = comparing((a, b, run) => compare(a, b, run) <= 0);
const gt = comparing((a, b, run) => compare(a, b, run) > 0);
const ge = comparing((a, b, run) => compare(a, b, run) >= 0);

export const TESTS: ReadonlyMap<string, Call> = new Map<string, Call>([
  ['boolean', asking((value) => typeof value === 'boolean')],
  [
    'callable',
    asking(
      (value) => value instanceof Undefined || (value instanceof Thing && value.parts.call !== undefined),
    ),
  ],
  ['defined', asking((value) => !(value instanceof Undefined))],
  ['divisibleby', taking('value num', ([value, num], run) => equal(rest(value, num, run), 0n, run))],
  ['escaped', asking((value) => value instanceof Markup)],
  ['even', asking((value, run) => equal(rest(value, 2n, run), 0n, run))],
  ['false', asking((value) => value === false)],
  ['filter', asking((value, run) => isKnown(FILTERS, value, run))],
  ['float', asking((value) => typeof value === 'number')],
  ['in', taking('value seq', ([value, seq], run) => contains(seq, value, run))],
  ['integer', asking((value) => typeof value === 'bigint')],
  ['iterable', asking(isIterable)],
  ['lower', asking((value, run) => isLower(print(value, run)))],
  ['mapping', asking((value) => value instanceof Dict)],
  ['none', asking((value) => value === null)],
  ['number', asking((value) => numberOf(value) !== undefined)],
  ['odd', asking((value, run) => equal(rest(value, 2n, run), 1n, run))],
  ['sameas', taking('value other', ([value, other]) => Object.is(value, other))],
  ['sequence', asking(isSequence)],
  ['string', asking((value) => textOf(value) !== undefined)],
  ['test', asking((value, run) => isKnown(TESTS, value, run))],
  ['true', asking((value) => value === true)],
  ['undefined', asking((value) => value instanceof Undefined)],
  ['upper', asking((value, run) => isUpper(print(value, run)))],
  ...['==', 'eq', 'equalto'].map((name) => [name, eq] as const),
  ...['!=', 'ne'].map((name) => [name, ne] as const),
  ...['<', 'lt', 'lessthan'].map((name) => [name, lt] as const),
  ...['<=', 'le'].map((name) => [name, le] as const),
  ...['>', 'gt', 'greaterthan'].map((name) => [name, gt] as const),
  ...['>=', 'ge'].map((name) => [name, ge] as const),
]);

function isKnown(table: ReadonlyMap<string, Call>, value: unknown, run: Run): boolean {
  if (value instanceof Undefined) throw run.undefinedUsed(value);
  // What can be no key has no place in a table.
  keyOf(value, run);
  return table.has(textOf(value) ?? '');
}

/** What asks after a value that may have none: a template that uses these of a name copes without it. */
export const ASKING: ReadonlySet<string> = new Set(['default', 'd', 'defined', 'undefined']);
