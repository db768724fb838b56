// The names that every template is given: Jinja2's functions. Knows no syntax.
import { DICT_METHODS, fill } from '../methods/collections.ts';
import { bound, table, taking } from '../methods/parameters.ts';
import { Dict, MISSING, Namespace, Range, Thing, Tuple, type Call, type Parts } from '../values/kinds.ts';
import { print } from '../values/printing.ts';
import type { Run } from '../values/run.ts';
import { wholeOf } from '../values/sequences.ts';

const range = taking('start stop? step? /', ([first, second, third], run) => {
  const whole = (value: unknown): bigint => wholeOf(value, run);
  const step = third === undefined ? 1n : whole(third);
  if (step === 0n) throw run.failed('range() arg 3 must not be zero');
  return second === undefined
    ? new Range(0n, whole(first), 1n)
    : new Range(whole(first), whole(second), step);
});

function dictOf(args: readonly unknown[], named: ReadonlyMap<string, unknown>, run: Run): Dict {
  if (args.length > 1) throw run.failed(`dict expected at most 1 argument, got ${args.length}`);
  const dict = new Dict();
  fill(dict, args[0], named, run);
  return dict;
}

function cyclerOf(items: readonly unknown[], named: ReadonlyMap<string, unknown>, run: Run): Thing {
  if (items.length === 0 || named.size > 0) throw run.failed('cycler needs items, and no names');
  let at = 0;
  const methods = table({
    next: taking('self', () => {
      const item = items[at];
      at = (at + 1) % items.length;
      return item;
    }),
    reset: taking('self', () => {
      at = 0;
      return null;
    }),
  });
  return new Thing({
    type: 'jinja2.utils.Cycler',
    attribute(name) {
      const members = new Map<string, unknown>([
        ['current', items[at]],
        ['items', new Tuple(items)],
        ['pos', BigInt(at)],
      ]);
      return members.has(name) ? members.get(name) : bound(methods, items, name);
    },
  });
}

const joinerOf = taking('sep?', ([separator = ', ']) => {
  let used = false;
  const next = taking('', () => {
    const text = used ? separator : '';
    used = true;
    return text;
  });
  return new Thing({
    type: 'jinja2.utils.Joiner',
    call: next,
    attribute: (name) => (name === 'sep' ? separator : name === 'used' ? used : MISSING),
  });
});

function namespaceOf(args: readonly unknown[], named: ReadonlyMap<string, unknown>, run: Run): Namespace {
  const namespace = new Namespace();
  for (const [key, value] of dictOf(args, named, run).entries.values())
    namespace.members.set(print(key, run), value);
  return namespace;
}

export function functionOf(type: string, call: Call, more: Partial<Parts> = {}): Thing {
  return new Thing({ type, call, ...more });
}

const DICT_CLASS_METHODS = new Map([...DICT_METHODS].filter(([name]) => name === 'fromkeys'));

const classOf = (shown: string, call: Call, attribute: (name: string) => unknown = () => MISSING): Thing =>
  functionOf('type', call, { shown: () => `<class '${shown}'>`, attribute });

export const GLOBALS: ReadonlyMap<string, unknown> = new Map(
  Object.entries({
    range: classOf('range', range),
    dict: classOf('dict', dictOf, (name) => bound(DICT_CLASS_METHODS, new Dict(), name)),
    cycler: classOf('jinja2.utils.Cycler', cyclerOf),
    joiner: classOf('jinja2.utils.Joiner', joinerOf),
    namespace: classOf('jinja2.utils.Namespace', namespaceOf),
    lipsum: functionOf('function', (_args, _named, run) => {
      throw run.failed('lipsum() is refused: a template must make the same text each time');
    }),
  }),
);
