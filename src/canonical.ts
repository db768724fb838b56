// One spelling for equal values: JSON with object keys sorted at every depth; and a short name for it. Knows nothing of what it
// spells, and loads no hash but Node's own: it is on the way of commands that find nothing to do.
import { hash } from 'node:crypto';

export function canonicalJson(value: unknown): string {
  // Most are a handful of texts, which need nobody to look into each.
  if (isTexts(value)) return JSON.stringify(sorted(value));
  return JSON.stringify(value, (_key, inner: unknown) => {
    if (inner === null || typeof inner !== 'object' || Array.isArray(inner)) return inner;
    return sorted(inner);
  });
}

function sorted(fields: object): object {
  return Object.fromEntries(Object.entries(fields).sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0)));
}

function isTexts(value: unknown): value is object {
  if (value === null || typeof value !== 'object' || Array.isArray(value)) return false;
  for (const each of Object.values(value)) if (typeof each !== 'string') return false;
  return true;
}

/** 16 hexadecimal characters of the SHA-256 of a value's canonical JSON. */
export function shortName(value: unknown): string {
  return hash('sha256', canonicalJson(value)).slice(0, 16);
}
