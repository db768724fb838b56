// Texts as whole numbers, so that rows are grouped by arithmetic. Knows nothing of what the rows are.
import { compareCodePoints } from '../../text/python.ts';

/** A number for each row, the same for rows that belong together: from 0 on, below `size`. */
export interface Codes {
  /** -1 for a row that belongs nowhere. */
  readonly of: Int32Array;
  readonly size: number;
}

/** Numbers that stand for names, in the code point order of these. */
export interface Names extends Codes {
  /** By number. */
  readonly names: readonly string[];
}

/** Rows with the same text get the same number, in the order in which texts first come. */
export function numbered(count: number, textAt: (at: number) => string): Names {
  const numbers = new Map<string, number>();
  const of = new Int32Array(count);
  // Mostly a row has what the one before it has.
  let last: string | undefined;
  let number = 0;
  for (let at = 0; at < count; at++) {
    const text = textAt(at);
    if (text !== last) {
      const known = numbers.get(text);
      number = known ?? numbers.size;
      if (known === undefined) numbers.set(text, number);
      last = text;
    }
    of[at] = number;
  }
  return { of, size: numbers.size, names: [...numbers.keys()] };
}

/** The same in code point order. */
export function namesOf(count: number, textAt: (at: number) => string): Names {
  const found = numbered(count, textAt);
  const order = Array.from(found.names, (name, at) => ({ name, at }));
  // Without surrogates the order of UTF-16 is that of code points.
  const plain = !found.names.some((name) => SURROGATE.test(name));
  order.sort(plain ? byUnits : (a, b) => compareCodePoints(a.name, b.name));
  const ranks = new Int32Array(order.length);
  for (const [rank, { at }] of order.entries()) ranks[at] = rank;
  return { of: recoded(found.of, ranks), size: found.size, names: order.map(({ name }) => name) };
}

const SURROGATE = /[\uD800-\uDFFF]/;

function byUnits(a: { readonly name: string }, b: { readonly name: string }): number {
  return a.name < b.name ? -1 : 1;
}

/** What a column has at some places. */
export function numbersAt(column: Float64Array, places: Int32Array): Float64Array {
  const found = new Float64Array(places.length);
  for (let at = 0; at < places.length; at++) found[at] = column[places[at] ?? 0] ?? 0;
  return found;
}

/** The same of numbers that stand for something; -1 for a place that is none. */
export function codesAt(of: Int32Array, places: Int32Array): Int32Array {
  const found = new Int32Array(places.length);
  for (let at = 0; at < places.length; at++) found[at] = of[places[at] ?? -1] ?? -1;
  return found;
}

/** Each number replaced by what a table has in its place. */
export function recoded(of: Int32Array, table: ArrayLike<number>): Int32Array {
  const found = new Int32Array(of.length);
  for (let at = 0; at < of.length; at++) found[at] = table[of[at] ?? 0] ?? 0;
  return found;
}

/** Names without the blank one: rows that bear it belong nowhere. */
export function withoutBlank({ of, size, names }: Names): Names {
  if (names[0] !== '') return { of, size, names };
  return { of: of.map((each) => each - 1), size: size - 1, names: names.slice(1) };
}

/** The same number for rows that agree in all of these. */
export function combined([first, ...rest]: readonly [Codes, ...Codes[]]): Codes {
  return rest.reduce(pairs, first);
}

/** Up to so many combinations stand in a table of their own. */
const MOST_DIRECT = 1 << 20;

function pairs(a: Codes, b: Codes): Codes {
  if (b.size <= 1) return a;
  if (a.size <= 1) return b;
  return a.size * b.size <= MOST_DIRECT ? pairsByTable(a, b) : pairsByHash(a, b);
}

function pairsByTable(a: Codes, b: Codes): Codes {
  const table = new Int32Array(a.size * b.size);
  const of = new Int32Array(a.of.length);
  let size = 0;
  for (let at = 0; at < of.length; at++) {
    const place = (a.of[at] ?? 0) * b.size + (b.of[at] ?? 0);
    let known = table[place] ?? 0;
    if (known === 0) table[place] = known = ++size;
    of[at] = known - 1;
  }
  return { of, size };
}

/** Open addressing: each slot holds 1 more than the row that first had the pair. */
function pairsByHash(a: Codes, b: Codes): Codes {
  const count = a.of.length;
  const bits = Math.max(4, 33 - Math.clz32(count));
  const slots = new Int32Array(1 << bits);
  const of = new Int32Array(count);
  let size = 0;
  for (let at = 0; at < count; at++) {
    const [one, other] = [a.of[at] ?? 0, b.of[at] ?? 0];
    let slot = (Math.imul(Math.imul(one, 0x9e_37_79_b1) ^ other, 0x85_eb_ca_6b) >>> (32 - bits)) | 0;
    for (;;) {
      const row = (slots[slot] ?? 0) - 1;
      if (row < 0) {
        slots[slot] = at + 1;
        of[at] = size++;
        break;
      }
      if (a.of[row] === one && b.of[row] === other) {
        of[at] = of[row] ?? 0;
        break;
      }
      slot = (slot + 1) & (slots.length - 1);
    }
  }
  return { of, size };
}

/** The places of rows, those of each number together. */
export interface Segments {
  /** Of each number where its places begin; one more than there are numbers. */
  readonly starts: Int32Array;
  readonly places: Int32Array;
}

/** By number, and within one in the order that is given: that of the rows where nothing is said. */
export function segmentsOf({ of, size }: Codes, order?: Int32Array): Segments {
  const starts = new Int32Array(size + 1);
  const count = order?.length ?? of.length;
  for (let at = 0; at < count; at++) {
    const code = of[order === undefined ? at : (order[at] ?? 0)] ?? -1;
    if (code >= 0) starts[code + 1] = (starts[code + 1] ?? 0) + 1;
  }
  for (let code = 0; code < size; code++) starts[code + 1] = (starts[code + 1] ?? 0) + (starts[code] ?? 0);
  const next = starts.slice();
  const places = new Int32Array(starts[size] ?? 0);
  for (let at = 0; at < count; at++) {
    const place = order === undefined ? at : (order[at] ?? 0);
    const code = of[place] ?? -1;
    if (code < 0) continue;
    const to = next[code] ?? 0;
    places[to] = place;
    next[code] = to + 1;
  }
  return { starts, places };
}

/** Those of one number. */
export function segmentAt({ starts, places }: Segments, code: number): Int32Array {
  return places.subarray(starts[code] ?? 0, starts[code + 1] ?? 0);
}

/** Counts how many different numbers there are in a list; kept from one list to the next, it makes no new one each time. */
export class Distinct {
  readonly #codes: Codes;
  readonly #marks: Int32Array;
  #round = 0;

  constructor(codes: Codes) {
    this.#codes = codes;
    this.#marks = new Int32Array(codes.size);
  }

  /** Calls back for the first of each number. */
  each(places: Int32Array, first: (code: number, place: number) => void): void {
    const round = ++this.#round;
    const marks = this.#marks;
    const { of } = this.#codes;
    for (let at = 0; at < places.length; at++) {
      const place = places[at] ?? 0;
      const code = of[place] ?? -1;
      if (code < 0 || marks[code] === round) continue;
      marks[code] = round;
      first(code, place);
    }
  }

  count(places: Int32Array): number {
    let found = 0;
    this.each(places, () => found++);
    return found;
  }
}
