// A queue by priority, then by order of arrival. Knows nothing of what waits in it.

export interface Ranked {
  /** Lower goes first. */
  readonly priority: number;
  /** Order of arrival, among equals of priority. */
  readonly arrival: number;
}

/** A binary heap; what was taken out is passed over when it comes to the top. */
export class WaitList<T extends Ranked> {
  #heap: T[] = [];
  readonly #present = new Set<T>();

  get size(): number {
    return this.#present.size;
  }

  add(item: T): void {
    this.#present.add(item);
    this.#heap.push(item);
    this.#rise(this.#heap.length - 1);
  }

  remove(item: T): void {
    this.#present.delete(item);
  }

  first(): T | undefined {
    for (let top = this.#heap[0]; top !== undefined; top = this.#heap[0]) {
      if (this.#present.has(top)) return top;
      this.#drop();
    }
    return undefined;
  }

  take(): T | undefined {
    const top = this.first();
    if (top === undefined) return undefined;
    this.#present.delete(top);
    this.#drop();
    return top;
  }

  /** All that wait, in their order; the list is empty then. */
  drain(): T[] {
    const items = [...this.#present].sort((a, b) => (before(a, b) ? -1 : 1));
    this.#heap = [];
    this.#present.clear();
    return items;
  }

  #drop(): void {
    const last = this.#heap.pop();
    if (last === undefined || this.#heap.length === 0) return;
    this.#heap[0] = last;
    this.#sink(0);
  }

  #rise(from: number): void {
    for (let index = from; index > 0;) {
      const parent = (index - 1) >> 1;
      if (!this.#swapIfBefore(index, parent)) return;
      index = parent;
    }
  }

  #sink(from: number): void {
    for (let index = from; ;) {
      const [left, right] = [2 * index + 1, 2 * index + 2];
      const child = this.#isBefore(right, left) ? right : left;
      if (!this.#swapIfBefore(child, index)) return;
      index = child;
    }
  }

  #isBefore(index: number, other: number): boolean {
    const [a, b] = [this.#heap[index], this.#heap[other]];
    return a !== undefined && b !== undefined && before(a, b);
  }

  #swapIfBefore(index: number, other: number): boolean {
    const [a, b] = [this.#heap[index], this.#heap[other]];
    if (a === undefined || b === undefined || !before(a, b)) return false;
    this.#heap[index] = b;
    this.#heap[other] = a;
    return true;
  }
}

function before(a: Ranked, b: Ranked): boolean {
  return a.priority === b.priority ? a.arrival < b.arrival : a.priority < b.priority;
}
