// HTML's references to characters, as Python's `html.unescape` reads them.
import { characterEntities } from 'character-entities';
import { characterEntitiesLegacy } from 'character-entities-legacy';

/** Those that need no semicolon. */
const LEGACY = new Set(characterEntitiesLegacy);

export function unescaped(text: string): string {
  return text.replace(
    /&(?:#(?:(\d+)|[xX]([\da-fA-F]+));?|([^\t\n\f <&#;]{1,32};?))/g,
    (_all: string, decimal?: string, hex?: string, name?: string) =>
      name === undefined ? numbered(Number(decimal ?? `0x${hex}`)) : named(name),
  );
}

/** The whole name, or the longest that it begins with. */
function named(name: string): string {
  for (let length = name.length; length > 1; length -= 1) {
    const said = name.slice(0, length).replace(/;$/, '');
    const isWhole = said.length < length || LEGACY.has(said);
    if (isWhole && Object.hasOwn(characterEntities, said))
      return characterEntities[said] + name.slice(length);
  }
  return `&${name}`;
}

/** What browsers take the numbers from 0x80 on for. */
const WINDOWS = '€\x81‚ƒ„…†‡ˆ‰Š‹Œ\x8dŽ\x8f\x90‘’“”•–—˜™š›œ\x9džŸ';

function numbered(code: number): string {
  if (code === 0 || code > 0x10ffff || (code >= 0xd800 && code <= 0xdfff)) return '\ufffd';
  if (code >= 0x80 && code <= 0x9f) return WINDOWS[code - 0x80] ?? '';
  const character = String.fromCodePoint(code);
  return /[\t\n\f\r]|[^\p{Cc}\p{Noncharacter_Code_Point}]/u.test(character) ? character : '';
}
