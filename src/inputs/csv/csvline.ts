// A row as a line of CSV, as Python's csv module writes it. Loads no reader.

/** One line without its end: cells are quoted only where they must be. */
export function csvLine(cells: readonly string[]): string {
  const line = cells.join(',');
  // Mostly there is nothing to quote, and one look at all of them says so.
  if (line !== '' && !SPECIAL.test(line) && commasIn(line) === cells.length - 1) return line;
  return cells.length === 1 && cells[0] === '' ? '""' : cells.map(quoted).join(',');
}

const SPECIAL = /["\r\n]/;

function commasIn(line: string): number {
  let count = 0;
  for (let at = line.indexOf(','); at >= 0; at = line.indexOf(',', at + 1)) count++;
  return count;
}

function quoted(cell: string): string {
  return /[",\r\n]/.test(cell) ? `"${cell.replaceAll('"', '""')}"` : cell;
}
