// What a string in a tag says: Python's escapes. Knows nothing of templates.

const ESCAPE = /\\(?:\n|[0-7]{1,3}|x[^]{0,2}|u[^]{0,4}|U[^]{0,8}|N(?:\{[^}]*\})?|[^])/g;
const LETTERS: Readonly<Record<string, string>> = {
  '\n': '',
  '\\': '\\',
  "'": "'",
  '"': '"',
  a: '\u0007',
  b: '\b',
  f: '\f',
  n: '\n',
  r: '\r',
  t: '\t',
  v: '\v',
};

/** The Unicode names that texts are written with; JavaScript knows none of them. */
const NAMED: Readonly<Record<string, string>> = {
  'NO-BREAK SPACE': '\u00a0',
  'SOFT HYPHEN': '\u00ad',
  'SECTION SIGN': '§',
  'COPYRIGHT SIGN': '©',
  'DEGREE SIGN': '°',
  'PLUS-MINUS SIGN': '±',
  'MIDDLE DOT': '·',
  'MULTIPLICATION SIGN': '×',
  'LEFT-POINTING DOUBLE ANGLE QUOTATION MARK': '«',
  'RIGHT-POINTING DOUBLE ANGLE QUOTATION MARK': '»',
  'EN SPACE': '\u2002',
  'EM SPACE': '\u2003',
  'THIN SPACE': '\u2009',
  'ZERO WIDTH SPACE': '\u200b',
  'ZERO WIDTH JOINER': '\u200d',
  HYPHEN: '\u2010',
  'EN DASH': '–',
  'EM DASH': '—',
  'HORIZONTAL BAR': '―',
  'LEFT SINGLE QUOTATION MARK': '‘',
  'RIGHT SINGLE QUOTATION MARK': '’',
  'LEFT DOUBLE QUOTATION MARK': '“',
  'RIGHT DOUBLE QUOTATION MARK': '”',
  BULLET: '•',
  'HORIZONTAL ELLIPSIS': '…',
  'EURO SIGN': '€',
  'LEFTWARDS ARROW': '←',
  'UPWARDS ARROW': '↑',
  'RIGHTWARDS ARROW': '→',
  'DOWNWARDS ARROW': '↓',
  'MINUS SIGN': '−',
  'NOT EQUAL TO': '≠',
  'BLACK SQUARE': '■',
  'CHECK MARK': '✓',
};

type Resolved = { readonly text: string } | { readonly wrong: string };

/** Of what stands between the quotes. Python leaves an escape that it does not know as it is. */
export function stringValue(inner: string): Resolved {
  if (!inner.includes('\\')) return { text: inner };
  let wrong: string | undefined;
  const text = inner.replace(ESCAPE, (escape) => {
    const meant = meaningOf(escape);
    if (meant === undefined) wrong ??= `"${escape}" ${WRONG[escape.charAt(1)] ?? HEXADECIMAL}`;
    return meant ?? '';
  });
  return wrong === undefined ? { text } : { wrong };
}

const DIGITS: Readonly<Record<string, number>> = { x: 2, u: 4, U: 8 };
const HEXADECIMAL = 'is no character: \\x takes two hexadecimal digits, \\u four and \\U eight';
const WRONG: Readonly<Record<string, string>> = {
  N: 'is not among the characters that are known by name; write it as it is, or as \\u and four digits',
};

/** Undefined for what is no character. */
function meaningOf(escape: string): string | undefined {
  const said = escape.slice(1);
  const letter = said.charAt(0);
  const digits = DIGITS[letter];
  if (digits !== undefined) {
    const hex = said.slice(1);
    const code = hex.length === digits && /^[0-9a-f]+$/i.test(hex) ? Number.parseInt(hex, 16) : Infinity;
    return code <= 0x10ffff ? String.fromCodePoint(code) : undefined;
  }
  if (letter === 'N') return NAMED[said.slice(2, -1).toUpperCase()];
  return LETTERS[said] ?? (/^[0-7]/.test(said) ? String.fromCodePoint(Number.parseInt(said, 8)) : escape);
}
