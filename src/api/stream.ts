// Hands events on to whoever iterates: each iterator hears what is said from its making on, in order. Knows no event.

/** Said to the end, or broken off by an error, which every iterator throws. */
export class Stream<Event> implements AsyncIterable<Event> {
  readonly #listeners = new Set<Listener<Event>>();
  #end: { readonly error?: unknown } | undefined;

  say(event: Event): void {
    for (const listener of this.#listeners) listener.hear(event);
  }

  end(): void {
    this.#close({});
  }

  fail(error: unknown): void {
    this.#close({ error });
  }

  /** Leaving the loop only stops the hearing. */
  async *[Symbol.asyncIterator](): AsyncGenerator<Event, void, undefined> {
    const listener = new Listener<Event>();
    this.#listeners.add(listener);
    try {
      for (;;) {
        const event = listener.next();
        if (event !== undefined) yield event.value;
        else if (this.#end === undefined) await listener.more();
        else if ('error' in this.#end) throw this.#end.error;
        else return;
      }
    } finally {
      this.#listeners.delete(listener);
    }
  }

  #close(end: { readonly error?: unknown }): void {
    this.#end ??= end;
    for (const listener of this.#listeners) listener.wake();
  }
}

/** What one iterator has not taken yet. */
class Listener<Event> {
  #waiting: Event[] = [];
  #taken = 0;
  #wake: (() => void) | undefined;

  hear(event: Event): void {
    this.#waiting.push(event);
    this.wake();
  }

  next(): { readonly value: Event } | undefined {
    if (this.#taken === this.#waiting.length) {
      this.#waiting = [];
      this.#taken = 0;
      return undefined;
    }
    return { value: this.#waiting[this.#taken++] as Event };
  }

  /** Resolves when there may be more. */
  more(): Promise<void> {
    return new Promise((resolve) => {
      this.#wake = resolve;
    });
  }

  wake(): void {
    this.#wake?.();
    this.#wake = undefined;
  }
}
