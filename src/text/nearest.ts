// The names that a mistyped one may have meant. Knows nothing of what the names stand for.
import { compareCodePoints, lowerCase } from './python.ts';

/** Names longer than this are not compared: nobody mistypes them, and comparing costs the product of the lengths. */
const LONGEST = 100;

/** The closest candidates by edit distance, letter case ignored, nearest first; none that differs by more than a third. */
export function nearest(name: string, candidates: Iterable<string>, limit = 3): readonly string[] {
  const wanted = lowerCase(name);
  if (wanted.length > LONGEST) return [];
  const close: { readonly candidate: string; readonly distance: number }[] = [];
  for (const candidate of new Set(candidates)) {
    const allowed = Math.max(1, Math.floor(Math.max(wanted.length, candidate.length) / 3));
    if (Math.abs(wanted.length - candidate.length) > allowed || candidate.length > LONGEST) continue;
    const distance = editDistance(wanted, lowerCase(candidate));
    if (distance <= allowed) close.push({ candidate, distance });
  }
  close.sort((a, b) => a.distance - b.distance || compareCodePoints(a.candidate, b.candidate));
  return close.slice(0, limit).map((each) => each.candidate);
}

/** One for names that look the same: accents written in one letter or in two, letter case. */
export function loosely(name: string): string {
  return name.normalize('NFC').toLowerCase();
}

/** Letters of an id that its beginning must have: `d_`. */
const LEAST = 2;

/** The one name that begins so; undefined where none does or several do, and for beginnings that are hardly one. */
export function onlyBeginning(names: Iterable<string>, beginning: string): string | undefined {
  const [found, other] = beginningSo(names, beginning);
  return other === undefined ? found : undefined;
}

/** The names that begin so; none for what is hardly a beginning. */
export function beginningSo(names: Iterable<string>, beginning: string): readonly string[] {
  return beginning.length < LEAST ? [] : [...names].filter((name) => name.startsWith(beginning));
}

/** ` (did you mean "a" or "b"?)` to put behind a name in a message, or nothing. */
export function didYouMean(name: string, candidates: Iterable<string>): string {
  const names = nearest(name, candidates);
  return names.length === 0 ? '' : ` (did you mean ${names.map((each) => `"${each}"`).join(' or ')}?)`;
}

/** Insertions, deletions, replacements and swaps of neighbours that turn one text into the other. */
function editDistance(a: string, b: string): number {
  let beforeLast: number[] = [];
  let last = Array.from({ length: b.length + 1 }, (_, at) => at);
  for (let row = 1; row <= a.length; row += 1) {
    const current = [row];
    for (let column = 1; column <= b.length; column += 1) {
      const replaced = (last[column - 1] ?? 0) + (a[row - 1] === b[column - 1] ? 0 : 1);
      let best = Math.min(replaced, (last[column] ?? 0) + 1, (current[column - 1] ?? 0) + 1);
      const swapped = a[row - 1] === b[column - 2] && a[row - 2] === b[column - 1];
      if (row > 1 && column > 1 && swapped) best = Math.min(best, (beforeLast[column - 2] ?? 0) + 1);
      current.push(best);
    }
    beforeLast = last;
    last = current;
  }
  return last[b.length] ?? 0;
}
