// Checks that a plain value has the shape that is expected of it, key by key. Knows no particular shape.
import { problem, type Place, type Problem } from '../problem.ts';
import { isRecord } from '../defined.ts';
import { didYouMean } from '../text/nearest.ts';

/** What a value must be: a word for a simple kind, a list of allowed words, an object of fields, or a map of any keys to one shape. */
export type Shape =
  | 'text'
  | 'word'
  | 'number'
  | 'positive'
  | 'count'
  | 'whole'
  | 'flag'
  | 'nothing'
  | 'anything'
  | 'json'
  | 'function'
  | readonly string[]
  | { readonly fields: Readonly<Record<string, Shape>> }
  | { readonly each: Shape }
  | { readonly list: Shape }
  | { readonly either: readonly Shape[] };

/** All that is wrong with a value, every key included. `path` is the key's dotted name so far. */
export function checkShape(
  value: unknown,
  shape: Shape,
  at: { readonly path: string; readonly place: Place },
): readonly Problem[] {
  if (typeof shape === 'object' && 'fields' in shape) return checkKeys(value, shape.fields, at);
  if (typeof shape === 'object' && 'each' in shape) {
    if (!isPlain(value)) return [wrong(at, 'an object')];
    return Object.entries(value).flatMap(([key, inner]) => checkShape(inner, shape.each, below(at, key)));
  }
  if (typeof shape === 'object' && 'list' in shape) {
    if (!Array.isArray(value)) return [wrong(at, 'a list')];
    return value.flatMap((inner: unknown, index) => checkShape(inner, shape.list, below(at, String(index))));
  }
  if (typeof shape === 'object' && 'either' in shape) {
    const fits = shape.either.some((each) => checkShape(value, each, at).length === 0);
    return fits ? [] : [wrong(at, shape.either.map(describe).join(' or '))];
  }
  return fitsSimple(value, shape) ? [] : [wrong(at, describe(shape))];
}

function checkKeys(
  value: unknown,
  keys: Readonly<Record<string, Shape>>,
  at: { path: string; place: Place },
): readonly Problem[] {
  if (!isPlain(value)) return [wrong(at, 'an object')];
  return Object.entries(value).flatMap(([key, inner]) => {
    if (inner === undefined) return [];
    const shape = Object.hasOwn(keys, key) ? keys[key] : undefined;
    if (shape !== undefined) return checkShape(inner, shape, below(at, key));
    const known = Object.keys(keys);
    return [
      problem('DD105', `there is no config key ${below(at, key).path}${didYouMean(key, known)}`, {
        place: { ...at.place, field: below(at, key).path },
        data: { key, known },
      }),
    ];
  });
}

function fitsSimple(value: unknown, shape: Shape): boolean {
  switch (shape) {
    case 'text':
      return typeof value === 'string';
    case 'word':
      return typeof value === 'string' && /^\S+$/.test(value);
    case 'number':
      return typeof value === 'number' && Number.isFinite(value) && value >= 0;
    case 'positive':
      return typeof value === 'number' && Number.isFinite(value) && value > 0;
    case 'count':
      return typeof value === 'number' && Number.isInteger(value) && value > 0;
    case 'whole':
      return Number.isSafeInteger(value);
    case 'flag':
      return typeof value === 'boolean';
    case 'nothing':
      return value === null;
    case 'function':
      return typeof value === 'function';
    case 'anything':
      return true;
    case 'json':
      return isJson(value);
    default:
      return (
        Array.isArray(shape) && typeof value === 'string' && (shape as readonly string[]).includes(value)
      );
  }
}

function describe(shape: Shape): string {
  switch (shape) {
    case 'text':
      return 'a text';
    case 'word':
      return 'a word';
    case 'number':
      return 'a number of 0 or more';
    case 'positive':
      return 'a number above 0';
    case 'count':
      return 'a whole number of 1 or more';
    case 'whole':
      return 'a whole number';
    case 'flag':
      return 'true or false';
    case 'nothing':
      return 'null';
    case 'function':
      return 'a function';
    case 'json':
      return 'a text, a number, true, false or null, or a list or an object of such';
    default:
      return Array.isArray(shape)
        ? shape.map((word: string) => JSON.stringify(word)).join(' or ')
        : typeof shape === 'object' && 'list' in shape
          ? 'a list'
          : 'an object';
  }
}

/** Whether it can be sent as it stands: JSON would leave out a function, and make null of what is no number. */
function isJson(value: unknown): boolean {
  if (Array.isArray(value)) return value.every(isJson);
  if (isRecord(value)) return Object.values(value).every(isJson);
  return value === null || typeof value === 'string' || typeof value === 'boolean' || Number.isFinite(value);
}

function isPlain(value: unknown): value is Record<string, unknown> {
  return value !== null && typeof value === 'object' && !Array.isArray(value);
}

function below(at: { path: string; place: Place }, key: string): { path: string; place: Place } {
  return { ...at, path: at.path === '' ? key : `${at.path}.${key}` };
}

function wrong(at: { path: string; place: Place }, expected: string): Problem {
  return problem('DD106', `${at.path === '' ? 'the config' : at.path} must be ${expected}`, {
    place: { ...at.place, ...(at.path === '' ? {} : { field: at.path }) },
  });
}
