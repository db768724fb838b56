// The room that names take beside a plot. Knows no plot.

/** Letters of a name beside a plot; the pixels of one, and those between it and the plot. */
const LONGEST = 32;
const LETTER = 7.6;
const GAP = 16;

interface Room {
  /** Pixels. */
  readonly margin: number;
  /** The table beside it has the whole name. */
  readonly tickFormat: (name: string) => string;
}

/** No more than the longest of them takes, and at most so many pixels: what is longer is cut in the middle, as on a terminal. */
export function roomFor(names: readonly string[], most: number): Room {
  const longest = names.reduce((length, name) => Math.max(length, name.length), 1);
  const letters = Math.min(LONGEST, longest, Math.floor((most - GAP) / LETTER));
  const head = Math.ceil((letters - 1) / 2);
  const tail = letters - 1 - head;
  return {
    margin: Math.ceil(letters * LETTER) + GAP,
    tickFormat: (name) =>
      name.length > letters ? `${name.slice(0, head)}…${name.slice(name.length - tail)}` : name,
  };
}
