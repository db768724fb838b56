// A text as an absolute URL. Asks nobody.

/**
 * The URL that a text is, or undefined: relative to `base`, where there is one.
 *
 * Not by `URL.canParse`: compiled code of Node 20 says of every text with a letter of Latin-1, such as https://bücher.example, that
 * it is none, after some thousand calls.
 */
export function urlOf(text: string | URL, base?: string): URL | undefined {
  try {
    return new URL(text, base);
  } catch {
    return undefined;
  }
}
