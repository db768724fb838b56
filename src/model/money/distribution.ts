// Numbers that were seen, and below which of them a share of all lies. Knows not what they measure.

export class Distribution {
  readonly #values: number[] = [];
  #sorted = true;

  get size(): number {
    return this.#values.length;
  }

  add(value: number): void {
    this.#values.push(value);
    this.#sorted = false;
  }

  /** The smallest value that the share of all does not pass; 0 where none was seen. */
  quantile(share: number): number {
    // Thousands are added between two questions.
    if (!this.#sorted) this.#values.sort((a, b) => a - b);
    this.#sorted = true;
    return this.#values[Math.max(0, Math.ceil(share * this.#values.length) - 1)] ?? 0;
  }
}

/** The distribution of a key; an empty one if it is new. */
export function distributionOf<Key>(all: Map<Key, Distribution>, key: Key): Distribution {
  const known = all.get(key);
  if (known !== undefined) return known;
  const made = new Distribution();
  all.set(key, made);
  return made;
}
