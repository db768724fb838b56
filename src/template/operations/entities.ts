// HTML's references to characters, as Python's `html.unescape` reads them. Of HTML 5's two thousand names those of HTML 4 are known.

/** From U+00A0 to U+00FF. */
const LATIN =
  'nbsp iexcl cent pound curren yen brvbar sect uml copy ordf laquo not shy reg macr deg plusmn sup2 sup3 acute micro para middot ' +
  'cedil sup1 ordm raquo frac14 frac12 frac34 iquest Agrave Aacute Acirc Atilde Auml Aring AElig Ccedil Egrave Eacute Ecirc Euml ' +
  'Igrave Iacute Icirc Iuml ETH Ntilde Ograve Oacute Ocirc Otilde Ouml times Oslash Ugrave Uacute Ucirc Uuml Yacute THORN szlig ' +
  'agrave aacute acirc atilde auml aring aelig ccedil egrave eacute ecirc euml igrave iacute icirc iuml eth ntilde ograve oacute ' +
  'ocirc otilde ouml divide oslash ugrave uacute ucirc uuml yacute thorn yuml';
const OTHERS =
  'quot amp apos lt gt OElig oelig Scaron scaron Yuml fnof circ tilde Alpha Beta Gamma Delta Epsilon Zeta Eta Theta Iota Kappa ' +
  'Lambda Mu Nu Xi Omicron Pi Rho Sigma Tau Upsilon Phi Chi Psi Omega alpha beta gamma delta epsilon zeta eta theta iota kappa ' +
  'lambda mu nu xi omicron pi rho sigmaf sigma tau upsilon phi chi psi omega thetasym upsih piv ensp emsp thinsp zwnj zwj lrm rlm ' +
  'ndash mdash lsquo rsquo sbquo ldquo rdquo bdquo dagger Dagger bull hellip permil prime Prime lsaquo rsaquo oline frasl euro ' +
  'image weierp real trade alefsym larr uarr rarr darr harr crarr lArr uArr rArr dArr hArr forall part exist empty nabla isin notin ' +
  'ni prod sum minus lowast radic prop infin ang and or cap cup int there4 sim cong asymp ne equiv le ge sub sup nsub sube supe ' +
  'oplus otimes perp sdot lceil rceil lfloor rfloor loz spades clubs hearts diams lang rang';
/** What they stand for, one character each. */
const CHARACTERS =
  '"&\u0027<>ŒœŠšŸƒˆ˜ΑΒΓΔΕΖΗΘΙΚΛΜΝΞΟΠΡΣΤΥΦΧΨΩαβγδεζηθικλμνξοπρςστυφχψωϑϒϖ\u2002\u2003\u2009\u200c\u200d\u200e\u200f–—‘’‚“”„†‡•…‰′″‹›‾⁄€ℑ℘ℜ™ℵ←↑→↓↔↵⇐⇑⇒⇓⇔∀∂∃∅∇∈∉∋∏∑−∗√∝∞∠∧∨∩∪∫∴∼≅≈≠≡≤≥⊂⊃⊄⊆⊇⊕⊗⊥⋅⌈⌉⌊⌋◊♠♣♥♦⟨⟩';
/** They need no semicolon, nor do those of LATIN. */
const OLD = 'amp lt gt quot'.split(' ');

const NAMED: ReadonlyMap<string, string> = namedCharacters();

function namedCharacters(): ReadonlyMap<string, string> {
  const others = OTHERS.split(' ').map((name, at): [string, string] => [name, CHARACTERS[at] ?? '']);
  const latin = LATIN.split(' ').map((name, at): [string, string] => [name, String.fromCodePoint(0xa0 + at)]);
  const old = [...latin, ...others.filter(([name]) => OLD.includes(name))];
  const loud = old.flatMap(([name, char]): [string, string][] =>
    [...OLD, 'copy', 'reg'].includes(name) ? [[name.toUpperCase(), char]] : [],
  );
  const plain = [...old, ...loud];
  return new Map([
    ...plain,
    ...[...plain, ...others].map(([name, char]): [string, string] => [`${name};`, char]),
  ]);
}

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
    const character = NAMED.get(name.slice(0, length));
    if (character !== undefined) return character + name.slice(length);
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
