// What happened within the last minute: counts and sums that forget. Knows no clock: time is an argument and never goes back.

export interface WindowEvent {
  readonly at: number;
  weight: number;
  gone: boolean;
}

/** A class, since it lives as long as its pool. */
export class SlidingWindow {
  readonly #spanMs: number;
  #events: WindowEvent[] = [];
  /** Events before this index have left the window; they are dropped once they are the larger half, not one by one. */
  #first = 0;
  #total = 0;

  constructor(spanMs: number) {
    this.#spanMs = spanMs;
  }

  /** Returns the event, so that its weight can be corrected once it is known. */
  add(at: number, weight: number): WindowEvent {
    const event = { at, weight, gone: false };
    this.#events.push(event);
    this.#total = this.total(at) + weight;
    return event;
  }

  correct(event: WindowEvent, weight: number): void {
    if (event.gone) return;
    this.#total += weight - event.weight;
    event.weight = weight;
  }

  /** The weights of what lies within the span before `now`. */
  total(now: number): number {
    for (let event = this.#events[this.#first]; event !== undefined; event = this.#events[this.#first]) {
      if (event.at > now - this.#spanMs) break;
      event.gone = true;
      this.#total -= event.weight;
      this.#first += 1;
    }
    if (this.#first * 2 > this.#events.length) {
      this.#events = this.#events.slice(this.#first);
      this.#first = 0;
    }
    return this.#total;
  }

  /** The moment from which on `weight` more stays within the limit; `now` where it does already, or where nothing can be waited for. */
  freeAt(now: number, weight: number, limit: number): number {
    let total = this.total(now);
    let at = now;
    for (let index = this.#first; total + weight > limit; index += 1) {
      const event = this.#events[index];
      if (event === undefined) break;
      total -= event.weight;
      at = event.at + this.#spanMs;
    }
    return at;
  }
}
