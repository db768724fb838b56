// One spelling for equal values: JSON with object keys sorted at every depth; and a short name for it. Knows nothing of what it
// spells, and loads no hash but Node's own: it is on the way of commands that find nothing to do.
import { hash } from 'node:crypto';

export function canonicalJson(value: unknown): string {
  return JSON.stringify(value, (_key, inner: unknown) => {
    if (inner === null || typeof inner !== 'object' || Array.isArray(inner)) return inner;
    return Object.fromEntries(Object.entries(inner).sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0)));
  });
}

/** 16 hexadecimal characters of the SHA-256 of a value's canonical JSON. */
export function shortName(value: unknown): string {
  return hash('sha256', canonicalJson(value)).slice(0, 16);
}
