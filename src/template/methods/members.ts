// `value.name` and `value[key]` as Jinja2 looks them up, methods included. Knows no syntax.
import { Markup, MISSING, textOf, typeOf, Undefined, used, type Call } from '../values/kinds.ts';
import { repr } from '../values/printing.ts';
import type { Run } from '../values/run.ts';
import {
  DICT_METHODS,
  FLOAT_METHODS,
  LIST_METHODS,
  RANGE_METHODS,
  TUPLE_METHODS,
  VIEW_METHODS,
  WHOLE_METHODS,
} from './collections.ts';
import { bound } from './parameters.ts';
import { itemOf, plainMember } from './reach.ts';
import { SAFE_METHODS } from './safe.ts';
import { TEXT_METHODS } from './texts.ts';

/** By Python's names of their types. */
const METHODS: ReadonlyMap<string, ReadonlyMap<string, Call>> = new Map(
  Object.entries({
    str: TEXT_METHODS,
    'markupsafe.Markup': SAFE_METHODS,
    list: LIST_METHODS,
    tuple: TUPLE_METHODS,
    'jinja2.filters._GroupTuple': TUPLE_METHODS,
    dict: DICT_METHODS,
    range: RANGE_METHODS,
    dict_keys: VIEW_METHODS,
    dict_items: VIEW_METHODS,
    set: VIEW_METHODS,
    int: WHOLE_METHODS,
    bool: WHOLE_METHODS,
    float: FLOAT_METHODS,
  }),
);

/** A member or a method; MISSING where there is none. */
export function attributeOf(value: unknown, name: string, run: Run): unknown {
  used(value, run);
  const member = plainMember(value, name, run);
  return member === MISSING ? bound(METHODS.get(typeOf(value)), value, name) : member;
}

/** `value.name`: members before items. */
export function memberByName(value: unknown, name: string, run: Run): unknown {
  const member = attributeOf(value, name, run);
  if (member !== MISSING) return member;
  const item = itemOf(value, name, run);
  return item === MISSING ? undefinedMember(value, name, run) : item;
}

/** `value[key]`: items before members. */
export function memberByKey(value: unknown, key: unknown, run: Run): unknown {
  const item = itemOf(value, key, run);
  if (item !== MISSING) return item;
  const name = textOf(key);
  const member = name === undefined ? MISSING : attributeOf(value, name, run);
  return member === MISSING ? undefinedMember(value, key, run) : member;
}

/** `a.b.0` goes down three levels, as the filters' `attribute` does. */
export function memberByPath(value: unknown, path: unknown, run: Run, otherwise: unknown = null): unknown {
  let found = value;
  for (const part of pathOf(path)) {
    found = memberByKey(found, part, run);
    if (otherwise !== null && found instanceof Undefined) found = otherwise;
  }
  return found;
}

function pathOf(path: unknown): readonly unknown[] {
  if ((path ?? null) === null) return [];
  const text = textOf(path);
  if (text === undefined) return [path];
  return text.split('.').map((part) => (/^\p{Nd}+$/u.test(part) ? BigInt(part) : part));
}

export function undefinedMember(value: unknown, key: unknown, run: Run): Undefined {
  const owner =
    value === null ? 'None' : `${value instanceof Markup ? 'markupsafe.Markup' : typeOf(value)} object`;
  return new Undefined(
    typeof key === 'string'
      ? `'${owner}' has no attribute ${repr(key, run)}`
      : `${owner} has no element ${repr(key, run)}`,
    run.at,
  );
}
