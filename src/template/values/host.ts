// What the program hands to a template, as values of templates: plain data and nothing else. Knows no other kind.
import { Dict, Thing } from './kinds.ts';

/** Texts, numbers, truth values, null, lists and plain objects; anything else is a thing without members. */
export function valueOf(value: unknown): unknown {
  if (value === null || typeof value === 'string' || typeof value === 'boolean' || typeof value === 'bigint')
    return value;
  if (typeof value === 'number') return Number.isInteger(value) ? BigInt(value) : value;
  if (Array.isArray(value)) return value.map(valueOf);
  if (typeof value !== 'object') return new Thing({ type: 'object' });
  const prototype: unknown = Object.getPrototypeOf(value);
  if (prototype !== null && prototype !== Object.prototype) return new Thing({ type: 'object' });
  return Dict.of(Object.entries(value).map(([key, item]) => [key, valueOf(item)]));
}
