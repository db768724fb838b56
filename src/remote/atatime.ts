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

/** Work that goes on beside whoever begins it, so much of it at a time. */
export class Beside {
  readonly #most: number;
  readonly #underWay = new Set<Promise<void>>();
  #failed: { readonly error: unknown } | undefined;

  constructor(most: number) {
    this.#most = most;
  }

  /** Resolves once it is begun; rejects where some that was begun before has failed. */
  async begin(work: () => Promise<void>): Promise<void> {
    while (this.#underWay.size >= this.#most) await Promise.race(this.#underWay);
    if (this.#failed !== undefined) throw this.#failed.error;
    const begun: Promise<void> = work()
      .catch((error: unknown) => void (this.#failed ??= { error }))
      .finally(() => this.#underWay.delete(begun));
    this.#underWay.add(begun);
  }

  /** Resolves once all is done; rejects where some of it has failed. */
  async end(): Promise<void> {
    await Promise.all(this.#underWay);
    if (this.#failed !== undefined) throw this.#failed.error;
  }
}

/** Lets a few go on in each turn of the event loop, so that what came from elsewhere in the meantime is not held up by all of them. */
export class Turns {
  readonly #each: number;
  #waiting: (() => void)[] = [];

  constructor(each: number) {
    this.#each = each;
  }

  /** Resolves when it is one's turn. */
  next(): Promise<void> {
    return new Promise((resolve) => {
      if (this.#waiting.push(resolve) === 1) setImmediate(this.#go);
    });
  }

  readonly #go = (): void => {
    const rest = this.#waiting.splice(this.#each);
    const now = this.#waiting;
    this.#waiting = rest;
    if (rest.length > 0) setImmediate(this.#go);
    for (const each of now) each();
  };
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
