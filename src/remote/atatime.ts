// Many things of one kind, some of them at a time, in the order in which they were asked for. Knows nothing of what is done.

/** Runs work when one of so many places is free. */
export class Places {
  #free: number;
  readonly #waiting: (() => void)[] = [];

  constructor(places: number) {
    this.#free = places;
  }

  async run<T>(work: () => Promise<T>): Promise<T> {
    if (this.#free > 0) this.#free--;
    else await new Promise<void>((resolve) => void this.#waiting.push(resolve));
    try {
      return await work();
    } finally {
      const next = this.#waiting.shift();
      if (next === undefined) this.#free++;
      else next();
    }
  }
}

/** Does something with each of many, so many at a time, until all are done or the signal says that it is enough. */
export async function forEach<T>(
  all: Iterable<T>,
  places: number,
  signal: AbortSignal,
  work: (each: T) => Promise<void>,
): Promise<void> {
  const rest = all[Symbol.iterator]();
  const worker = async (): Promise<void> => {
    for (;;) {
      if (signal.aborted) return;
      const next = rest.next();
      if (next.done === true) return;
      await work(next.value);
    }
  };
  await Promise.all(Array.from({ length: places }, worker));
}
