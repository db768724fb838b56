// The score in an evaluation's parsed.txt. Knows no parser and no file.
import { parseFloatText, reprText, splitLines, trim } from '../text/python.ts';

/**
 * The score in the text of an evaluation's parsed.txt (undefined when there is no file): the number on its last line, whatever its
 * range. `nan` is neither a score nor an error.
 */
export function scoreOfParsed(text: string | undefined): {
  readonly score?: number;
  readonly error?: string;
} {
  const line = splitLines(trim(text ?? '')).at(-1);
  if (line === undefined) return { error: 'missing parsed.txt' };
  const score = parseFloatText(line);
  if (score === undefined)
    return { error: `Invalid parsed.txt: could not convert string to float: ${reprText(line)}` };
  return Number.isNaN(score) ? {} : { score };
}
