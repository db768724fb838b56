// The filters and tests that templates may use, as Jinja2 defines them. Knows values, not syntax.
import { lowerCase, parseFloatText, parseInteger, trim } from '../text/python.ts';
import type { Run } from './pythonvalue.ts';
import {
  bounded,
  failed,
  isList,
  isMapping,
  isTrue,
  isUndefined,
  itemsOf,
  lengthOf,
  memberOf,
  plainNumber,
  present,
  print,
  spendSearch,
  spendText,
  typeName,
  undefinedOf,
} from './pythonvalue.ts';

/** Arguments come in the order of `params`, undefined where the template gives none. */
type Apply<T> = (input: unknown, args: readonly unknown[], run: Run) => T;

export interface Operation<T> {
  readonly params: readonly string[];
  /** Also for an input without a value. */
  readonly takesUndefined?: true;
  readonly apply: Apply<T>;
}

const lengthFilter: Operation<unknown> = { params: [], apply: (input, _args, run) => lengthOf(input, run) };

const defaultFilter: Operation<unknown> = {
  params: ['default_value', 'boolean'],
  takesUndefined: true,
  apply(input, [fallback = '', boolean = false]) {
    return isUndefined(input) || (isTrue(boolean) && !isTrue(input)) ? fallback : input;
  },
};

const texts: Readonly<Record<string, (text: string) => string>> = {
  upper: (text) => text.toUpperCase(),
  lower: lowerCase,
  trim,
  capitalize(text) {
    const [head = ''] = text;
    return head.toUpperCase() + lowerCase(text.slice(head.length));
  },
  string: (text) => text,
};

export const FILTERS: ReadonlyMap<string, Operation<unknown>> = new Map<string, Operation<unknown>>([
  ...Object.entries(texts).map(([name, change]): [string, Operation<unknown>] => [
    name,
    { params: [], apply: (input, _args, run) => bounded(change(print(input, run)), run) },
  ]),
  ['default', defaultFilter],
  ['d', defaultFilter],
  ['length', lengthFilter],
  ['count', lengthFilter],
  ['first', { params: [], apply: (input, _args, run) => endOf(itemsOf(input, run), 0) }],
  ['last', { params: [], apply: (input, _args, run) => endOf(itemsOf(input, run), -1) }],
  ['list', { params: [], apply: (input, _args, run) => itemsOf(input, run) }],
  ['reverse', { params: [], apply: (input, _args, run) => reversed(input, run) }],
  ['join', { params: ['d', 'attribute'], apply: joined }],
  ['map', { params: ['filter', 'attribute'], apply: mapped }],
  ['replace', { params: ['old', 'new'], apply: replaced }],
  ['int', { params: ['default'], apply: (input, [fallback = 0]) => integer(input) ?? fallback }],
]);

export const TESTS: ReadonlyMap<string, Operation<boolean>> = new Map<string, Operation<boolean>>([
  ['defined', { params: [], takesUndefined: true, apply: (input) => !isUndefined(input) }],
  ['undefined', { params: [], takesUndefined: true, apply: isUndefined }],
  ['none', { params: [], apply: (input) => input === null }],
  ['true', { params: [], apply: (input) => input === true }],
  ['false', { params: [], apply: (input) => input === false }],
  ['string', { params: [], apply: (input) => typeof input === 'string' }],
  ['number', { params: [], apply: (input) => typeof plainNumber(input) === 'number' }],
  ['mapping', { params: [], apply: isMapping }],
  [
    'sequence',
    { params: [], apply: (input) => isList(input) || isMapping(input) || typeof input === 'string' },
  ],
  ['odd', { params: [], apply: (input, _args, run) => remainder(input, 2, run) === 1 }],
  ['even', { params: [], apply: (input, _args, run) => remainder(input, 2, run) === 0 }],
  [
    'divisibleby',
    { params: ['num'], apply: (input, [divisor], run) => remainder(input, divisor, run) === 0 },
  ],
]);

function endOf(items: readonly unknown[], at: 0 | -1): unknown {
  return items.length === 0 ? undefinedOf('the sequence is empty') : items.at(at);
}

function reversed(input: unknown, run: Run): unknown {
  const items = itemsOf(input, run);
  spendText(run, items.length);
  return typeof input === 'string' ? items.toReversed().join('') : items.toReversed();
}

function joined(input: unknown, args: readonly unknown[], run: Run): string {
  const [between = '', attribute] = args;
  const separator = print(between, run);
  const parts = itemsOf(input, run).map((item) => {
    const part = print(present(attribute === undefined ? item : attributeOf(item, attribute, run), run), run);
    spendText(run, part.length + separator.length);
    return part;
  });
  return parts.join(separator);
}

function mapped(input: unknown, args: readonly unknown[], run: Run): readonly unknown[] {
  const [filter, attribute] = args;
  const items = itemsOf(input, run);
  spendText(run, items.length);
  if (attribute !== undefined) return items.map((item) => attributeOf(item, attribute, run));
  const operation = FILTERS.get(typeof filter === 'string' ? filter : '');
  if (operation === undefined)
    throw failed(run, 'the filter "map" needs attribute="name" or the name of a filter');
  return items.map((item) => operation.apply(item, [], run));
}

/** `a.b.0` goes down three levels. */
function attributeOf(item: unknown, attribute: unknown, run: Run): unknown {
  if (typeof attribute === 'number') return memberOf(item, attribute, run);
  let value = item;
  for (const part of print(attribute, run).split('.')) {
    value = memberOf(present(value, run), /^\d+$/.test(part) ? Number(part) : part, run);
  }
  return value;
}

function replaced(input: unknown, args: readonly unknown[], run: Run): string {
  const [text, old, fresh] = [input, args[0], args[1]].map((value) =>
    value === undefined ? undefined : print(value, run),
  );
  if (text === undefined || old === undefined || fresh === undefined)
    throw failed(run, 'the filter "replace" needs two texts');
  spendText(run, text.length);
  spendSearch(run, text, old);
  const pieces = old === '' ? [...text] : text.split(old);
  spendText(run, text.length + pieces.length * fresh.length);
  return old === '' ? fresh + pieces.join(fresh) + (text === '' ? '' : fresh) : pieces.join(fresh);
}

function integer(input: unknown): number | undefined {
  const whole = parseInteger(input);
  if (whole !== undefined || typeof input !== 'string') return whole;
  return parseInteger(parseFloatText(input));
}

function remainder(input: unknown, divisor: unknown, run: Run): number {
  const [left, right] = [plainNumber(input), plainNumber(divisor)];
  if (typeof left !== 'number' || typeof right !== 'number' || right === 0) {
    throw failed(run, `${typeName(input)} cannot be divided by ${right === 0 ? 'zero' : typeName(divisor)}`);
  }
  return ((left % right) + right) % right;
}
