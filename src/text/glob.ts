// Names with `*` (any text) and `?` (one character), matched without regular expressions: linear in practice, and never worse than
// the product of the lengths. Knows nothing of what is named.

export function isGlob(pattern: string): boolean {
  return pattern.includes('*') || pattern.includes('?');
}

/** Whether the pattern covers the whole name. A character is a code point; letter case counts. */
export function globMatches(pattern: string, name: string): boolean {
  let at = 0;
  let star = -1;
  let retry = 0;
  let place = 0;
  while (place < name.length) {
    const wanted = pattern.codePointAt(at);
    const found = name.codePointAt(place);
    if (wanted === STAR) {
      star = at++;
      retry = place;
    } else if (wanted !== undefined && (wanted === QUESTION || wanted === found)) {
      at += width(wanted);
      place += width(found);
    } else if (star >= 0) {
      at = star + 1;
      retry += width(name.codePointAt(retry));
      place = retry;
    } else {
      return false;
    }
  }
  while (pattern.codePointAt(at) === STAR) at++;
  return at === pattern.length;
}

const STAR = 42;
const QUESTION = 63;

function width(codePoint: number | undefined): number {
  return codePoint !== undefined && codePoint > 0xffff ? 2 : 1;
}
