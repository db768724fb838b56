// What of a value a template can reach but for its methods: items by `[…]`, members by `.name`, and nothing of the host. Knows no
// syntax.
import {
  Dict,
  itemsIn,
  MISSING,
  Namespace,
  numberOf,
  Range,
  Slice,
  Thing,
  Tuple,
  typeOf,
  used,
  View,
} from '../values/kinds.ts';
import { getEntry } from '../values/order.ts';
import { repr } from '../values/printing.ts';
import type { Run } from '../values/run.ts';
import { isUnfound, itemAt } from '../values/sequences.ts';

/** `value[key]`; MISSING where Python raises and Jinja2 goes on looking. */
export function itemOf(value: unknown, key: unknown, run: Run): unknown {
  used(value, run);
  if (value instanceof Dict) {
    if (key instanceof Slice) throw run.failed("unhashable type: 'slice'");
    if (Array.isArray(key) || key instanceof Dict) return MISSING;
    const entry = getEntry(value, key, run);
    return entry === undefined ? MISSING : entry[1];
  }
  const item = itemAt(value, key, run);
  return isUnfound(item) ? MISSING : item;
}

/** MISSING where there is none. */
export function plainMember(value: unknown, name: string, run: Run): unknown {
  if (value instanceof Thing)
    return value.parts.attribute === undefined ? MISSING : value.parts.attribute(name, run);
  if (value instanceof Namespace) return value.members.has(name) ? value.members.get(name) : MISSING;
  const at = value instanceof Tuple ? value.names.indexOf(name) : -1;
  return at < 0 ? dataMember(value, name) : itemsIn(value)?.[at];
}

/** Of numbers, ranges and views. */
function dataMember(value: unknown, name: string): unknown {
  const number = numberOf(value);
  if (name === 'mapping' && value instanceof View && value.part !== 'set') return value.dict;
  const members: Readonly<Record<string, unknown>> =
    value instanceof Range
      ? { start: value.start, stop: value.stop, step: value.step }
      : typeof number === 'bigint'
        ? { real: number, imag: 0n, numerator: number, denominator: 1n }
        : number === undefined
          ? {}
          : { real: number, imag: 0 };
  return Object.hasOwn(members, name) ? members[name] : MISSING;
}

/** For formats, where nothing may be missing. */
export function needItem(value: unknown, key: unknown, run: Run): unknown {
  const item = itemOf(value, key, run);
  if (item === MISSING) throw run.failed(`there is no item ${repr(key, run)} in a '${typeOf(value)}'`);
  return item;
}

export function needMember(value: unknown, name: string, run: Run): unknown {
  const member = plainMember(used(value, run), name, run);
  if (member === MISSING) throw run.failed(`a format does not reach '${name}' of a '${typeOf(value)}'`);
  return member;
}
