// Reads the golden cases of test/fixtures. Knows nothing of what they are for.
import { readFileSync } from 'node:fs';

/** The cases of a fixture file, in its order. */
export function cases<T>(file: string): T[] {
  const text = readFileSync(new URL(`../fixtures/${file}`, import.meta.url), 'utf8');
  return (JSON.parse(text) as { cases: T[] }).cases;
}
