// Title case as Unicode has it, which JavaScript has not: the first letter of a word need not be its upper case. Knows no method.
import { lowerCase } from '../../text/python.ts';

const TITLE: ReadonlyMap<string, string> = new Map(
  ['ǄǅǆǅǅǅǇǈǉǈǈǈǊǋǌǋǋǋǱǲǳǲǲǲ'.match(/.{6}/gu) ?? []].flat().flatMap((six) => {
    const [upper = '', title = '', lower = ''] = six;
    return [upper, title, lower].map((letter) => [letter, title] as const);
  }),
);
const CASED = /[\p{Lu}\p{Ll}\p{Lt}\p{Uppercase}\p{Lowercase}]/u;

function titleOf(char: string): string {
  const known = TITLE.get(char);
  if (known !== undefined) return known;
  const code = char.codePointAt(0) ?? 0;
  if (code >= 0x10d0 && code <= 0x10ff) return char;
  if (code >= 0x1f80 && code <= 0x1faf) return String.fromCodePoint(code | 8);
  if (code === 0x149) return char.toUpperCase();
  const [first = '', ...rest] = char.toUpperCase();
  return first + lowerCase(rest.join(''));
}

/** Python's `capitalize()`. */
export function capitalized(text: string): string {
  const [head = ''] = text;
  return titleOf(head) + lowerCase(text.slice(head.length));
}

/** Python's `title()`: a word begins at each letter behind something else. */
export function titled(text: string): string {
  let inside = false;
  let made = '';
  for (const char of text) {
    made += inside ? lowerCase(char) : titleOf(char);
    inside = CASED.test(char);
  }
  return made;
}

/** Python's `swapcase()`. */
export function swapped(text: string): string {
  return Array.from(text, (char) =>
    /\p{Lowercase}/u.test(char) ? char.toUpperCase() : /\p{Uppercase}/u.test(char) ? lowerCase(char) : char,
  ).join('');
}
