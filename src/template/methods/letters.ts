// What Unicode says of letters and JavaScript does not: title case, case folding, which letters are numbers. Knows no method.
import { lowerCase } from '../../text/python.ts';

const TITLE: ReadonlyMap<string, string> = new Map(
  ['ǄǅǆǅǅǅǇǈǉǈǈǈǊǋǌǋǋǋǱǲǳǲǲǲ'.match(/.{6}/gu) ?? []].flat().flatMap((six) => {
    const [upper = '', title = '', lower = ''] = six;
    return [upper, title, lower].map((letter) => [letter, title] as const);
  }),
);
const LOWER = /\p{Lowercase}/u;
const UPPER = /\p{Uppercase}/u;
const CASED = /[\p{Lt}\p{Uppercase}\p{Lowercase}]/u;

function titleOf(char: string): string {
  const known = TITLE.get(char);
  if (known !== undefined) return known;
  const code = char.codePointAt(0) ?? 0;
  if (code >= 0x10d0 && code <= 0x10ff) return char;
  if (code >= 0x1f80 && code <= 0x1faf) return String.fromCodePoint(code | 8);
  if (code === 0x149) return char.toUpperCase();
  const upper = char.toUpperCase();
  // An iota that stands below stays there.
  if (/^[\u1fb2-\u1fbc\u1fc2-\u1fcc\u1ff2-\u1ffc]$/.test(char) && upper.endsWith('Ι')) {
    const title = `${upper.slice(0, -1)}\u0345`;
    return title.length === 2 ? title.normalize() : title;
  }
  const [first = '', ...rest] = upper;
  return first + lowerCase(rest.join(''));
}

/** Digits that are no decimal ones: raised, circled and the like. */
export const DIGITS = [
  String.raw`\xb2-\xb3\xb9\u1369-\u1371\u19da\u2070\u2074-\u2079\u2080-\u2089\u2460-\u2468\u2474-\u247c`,
  String.raw`\u2488-\u2490\u24ea\u24f5-\u24fd\u24ff\u2776-\u277e\u2780-\u2788\u278a-\u2792\u{10a40}-\u{10a43}`,
  String.raw`\u{10e60}-\u{10e68}\u{11052}-\u{1105a}\u{1f100}-\u{1f10a}`,
].join('');
/** Letters that are numbers. */
export const NUMERALS = [
  '㐅㒃㠪㭍一七万三九二五亖亿什仟仨伍佰億兆兩八六十千卄卅卌叁参參叄四壱壹幺廾廿弌弍弎弐拾捌柒漆玖百肆萬貮貳贰阡陆陌陸零',
  String.raw`\uf96b\uf973\uf978\uf9b2\uf9d1\uf9d3\uf9fd\u{20001}\u{20064}\u{200e2}\u{20121}\u{2092a}\u{20983}`,
  String.raw`\u{2098c}\u{2099c}\u{20aea}\u{20afd}\u{20b19}\u{22390}\u{22998}\u{23b1b}\u{2626d}\u{2f890}`,
].join('');

/** A capital sigma at the end of a word. */
const FINAL_SIGMA = /(?<=\p{Cased}\p{Case_Ignorable}*)Σ(?!\p{Case_Ignorable}*\p{Cased})/gu;

/** Each character in lower case, as it is where it stands. */
function lowered(text: string): readonly string[] {
  return Array.from(text.replace(FINAL_SIGMA, 'ς'), lowerCase);
}

/** Python's `capitalize()`. */
export function capitalized(text: string): string {
  const [head = ''] = text;
  return titleOf(head) + lowered(text).slice(1).join('');
}

/** Python's `title()`: a word begins at each letter behind something else. */
export function titled(text: string): string {
  const small = lowered(text);
  let inside = false;
  return Array.from(text, (char, at) => {
    const made = inside ? small[at] : titleOf(char);
    inside = CASED.test(char);
    return made;
  }).join('');
}

const OUT_OF_TITLE = new RegExp(
  String.raw`(?<!${CASED.source})\p{Lowercase}|(?<=${CASED.source})[\p{Uppercase}\p{Lt}]`,
  'u',
);

/** Python's `istitle()`. */
export function isTitled(text: string): boolean {
  return CASED.test(text) && !OUT_OF_TITLE.test(text);
}

/** Python's `swapcase()`. */
export function swapped(text: string): string {
  const small = lowered(text);
  return Array.from(text, (char, at) =>
    LOWER.test(char) ? char.toUpperCase() : UPPER.test(char) ? small[at] : char,
  ).join('');
}

/** Python's `casefold()`. */
export function casefolded(text: string): string {
  return Array.from(text, foldedLetter).join('');
}

function foldedLetter(char: string): string {
  if (char === 'ı') return char;
  const upper = lowerCase(char).toUpperCase();
  return /\p{Script=Cherokee}/u.test(char) ? upper : lowerCase(upper);
}
