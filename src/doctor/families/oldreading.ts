// How the earlier tools read a column of a CSV: types guessed for the whole column, and some words taken for blanks. Knows no file.
import { formatFloat } from '../../text/python.ts';

const BLANKS = new Set(
  '#N/A|#N/A N/A|#NA|-1.#IND|-1.#QNAN|1.#IND|1.#QNAN|<NA>|N/A|NA|NULL|NaN|-NaN|nan|-nan|n/a|null|None'.split(
    '|',
  ),
);
const INTEGER = /^[+-]?\d+$/;
const NUMBER = /^[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?$/;
const FLAG = /^(?:true|false)$/i;

/** What each cell became, as text; undefined for a blank. Cells are trimmed. */
export function oldReading(cells: readonly string[]): readonly (string | undefined)[] {
  const present = cells.map((cell) => (cell === '' || BLANKS.has(cell) ? undefined : cell));
  const words = present.filter((cell) => cell !== undefined);
  if (words.length === 0) return present;
  const whole = words.length === present.length;
  if (words.every((cell) => INTEGER.test(cell)))
    return present.map((cell) =>
      cell === undefined ? cell : whole ? String(BigInt(cell)) : formatFloat(Number(cell)),
    );
  if (words.every((cell) => NUMBER.test(cell)))
    return present.map((cell) => (cell === undefined ? cell : formatFloat(Number(cell))));
  if (whole && words.every((cell) => FLAG.test(cell)))
    return present.map((cell) => (cell?.toLowerCase() === 'true' ? 'True' : 'False'));
  return present;
}
