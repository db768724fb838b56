// The filters and tests by name, as Jinja2 has them. Knows no syntax.
import { table, taking } from '../methods/parameters.ts';
import { isLower, isUpper } from '../methods/texts.ts';
import type { Comparison } from '../syntax/tree.ts';
import { calculate } from '../values/arithmetic.ts';
import {
  Dict,
  isEmpty,
  itemsIn,
  numberOf,
  Range,
  textOf,
  Thing,
  Undefined,
  type Call,
} from '../values/kinds.ts';
import { equal, HOLDS, keyOf } from '../values/order.ts';
import { isSafe, print } from '../values/printing.ts';
import type { Run } from '../values/run.ts';
import { isIterable } from '../values/sequences.ts';
import { LIST_FILTERS, mapping, selecting, type ByName } from './lists.ts';
import { MARKUP_FILTERS } from './markup.ts';
import { PLAIN_FILTERS } from './plain.ts';

function byName(kind: 'filter' | 'test', known: () => ReadonlyMap<string, Call>): ByName {
  return (name, args, named, run) => {
    const call = known().get(textOf(name) ?? '');
    if (call === undefined) throw run.failed(`No ${kind} named '${print(name, run)}'.`);
    return call(args, named, run);
  };
}

const filterNamed = byName('filter', () => FILTERS);
const testNamed = byName('test', () => TESTS);

export const FILTERS: ReadonlyMap<string, Call> = table({
  ...PLAIN_FILTERS,
  ...LIST_FILTERS,
  ...MARKUP_FILTERS,
  map: mapping(filterNamed),
  select: selecting(testNamed, { byAttribute: false, keep: true }),
  reject: selecting(testNamed, { byAttribute: false, keep: false }),
  selectattr: selecting(testNamed, { byAttribute: true, keep: true }),
  rejectattr: selecting(testNamed, { byAttribute: true, keep: false }),
  random: (_args, _named, run) => {
    throw run.failed('"random" is refused: a template must make the same text each time');
  },
});

function asking(ask: (value: unknown, run: Run) => boolean): Call {
  return taking('value', ([value], run) => ask(value, run));
}

const rest = (value: unknown, divisor: unknown, run: Run): unknown => calculate('%', value, divisor, run);
const isSequence = (value: unknown): boolean =>
  isEmpty(value) ||
  textOf(value) !== undefined ||
  itemsIn(value) !== undefined ||
  value instanceof Dict ||
  value instanceof Range;

/** One test by several names. */
function comparing(names: string, operator: Comparison): Readonly<Record<string, Call>> {
  const call = taking('a b /', ([a, b], run) => HOLDS[operator](a, b, run));
  return Object.fromEntries(names.split(' ').map((name) => [name, call]));
}

export const TESTS: ReadonlyMap<string, Call> = table({
  boolean: asking((value) => typeof value === 'boolean'),
  callable: asking(
    (value) => value instanceof Undefined || (value instanceof Thing && value.parts.call !== undefined),
  ),
  defined: asking((value) => !(value instanceof Undefined)),
  divisibleby: taking('value num', ([value, num], run) => equal(rest(value, num, run), 0n, run)),
  escaped: asking(isSafe),
  even: asking((value, run) => equal(rest(value, 2n, run), 0n, run)),
  false: asking((value) => value === false),
  filter: asking((value, run) => isKnown(FILTERS, value, run)),
  float: asking((value) => typeof value === 'number'),
  in: taking('value seq', ([value, seq], run) => HOLDS.in(value, seq, run)),
  integer: asking((value) => typeof value === 'bigint'),
  iterable: asking(isIterable),
  lower: asking((value, run) => isLower(run.read(print(value, run)))),
  mapping: asking((value) => value instanceof Dict),
  none: asking((value) => value === null),
  number: asking((value) => numberOf(value) !== undefined),
  odd: asking((value, run) => equal(rest(value, 2n, run), 1n, run)),
  sameas: taking('value other', ([value, other]) => Object.is(value, other)),
  sequence: asking(isSequence),
  string: asking((value) => textOf(value) !== undefined),
  test: asking((value, run) => isKnown(TESTS, value, run)),
  true: asking((value) => value === true),
  undefined: asking((value) => value instanceof Undefined),
  upper: asking((value, run) => isUpper(run.read(print(value, run)))),
  ...comparing('== eq equalto', '=='),
  ...comparing('!= ne', '!='),
  ...comparing('< lt lessthan', '<'),
  ...comparing('<= le', '<='),
  ...comparing('> gt greaterthan', '>'),
  ...comparing('>= ge', '>='),
});

function isKnown(names: ReadonlyMap<string, Call>, value: unknown, run: Run): boolean {
  if (value instanceof Undefined) throw run.undefinedUsed(value);
  // What can be no key has no place in a table.
  keyOf(value, run);
  return names.has(textOf(value) ?? '');
}

/** What asks after a value that may have none: a template that uses these of a name copes without it. */
export const ASKING: ReadonlySet<string> = new Set(['default', 'd', 'defined', 'undefined']);
