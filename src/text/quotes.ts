// Double quotes around what must stay together, and single ones for a shell. Knows nothing of what texts are for.

/** Split at what stands in no pair of double quotes, which are kept; a mark without a second one is a letter. */
export function splitOutsideQuotes(text: string, separator: RegExp): readonly string[] {
  return text.split(new RegExp(`(?:${separator.source})(?=(?:[^"]*"[^"]*")*[^"]*$)`, 'u'));
}

/** As a shell takes it for one word. */
export function shellWord(text: string): string {
  return /^[\w.:,=@+*?/-]+$/.test(text) ? text : `'${text.replaceAll("'", `'\\''`)}'`;
}
