// How many columns of a terminal a text takes: two for a character as wide as it is high, none for marks. The only door to the
// widths of East Asian characters; knows nothing of what is shown.
import { eastAsianWidth } from 'get-east-asian-width';

/** ASCII, and the lines of which plots are drawn. */
const PLAIN = /^[\u0020-\u007e\u2500-\u257f\u25cf]*$/;
const UNSEEN = /^[\p{Mark}\p{Format}\p{Control}]/u;
const AS_EMOJI = '\ufe0f';
const clusters = new Intl.Segmenter();

export function widthOf(text: string): number {
  if (PLAIN.test(text)) return text.length;
  let width = 0;
  for (const { segment } of clusters.segment(text)) width += clusterWidth(segment);
  return width;
}

/** What joins into one picture or one letter is as wide as it begins. */
function clusterWidth(cluster: string): number {
  if (UNSEEN.test(cluster)) return 0;
  return cluster.includes(AS_EMOJI) ? 2 : eastAsianWidth(cluster.codePointAt(0) ?? 0);
}

/** The text, or its beginning and its end with … between, in so many columns. */
export function shortenedTo(text: string, columns: number): string {
  if (widthOf(text) <= columns) return text;
  const letters = Array.from(clusters.segment(text), ({ segment }) => segment);
  const [head, tail]: [string[], string[]] = [[], []];
  let left = columns - 1;
  for (let at = 0; letters.length > 0; at++) {
    const [letter, side] = at % 2 === 0 ? [letters.shift(), head] : [letters.pop(), tail];
    left -= widthOf(letter ?? '');
    if (left < 0) break;
    side.push(letter ?? '');
  }
  return `${head.join('')}…${tail.reverse().join('')}`;
}

/** The text with blanks behind it, up to so many columns. */
export function padded(text: string, columns: number): string {
  return text + ' '.repeat(Math.max(0, columns - widthOf(text)));
}
