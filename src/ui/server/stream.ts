// Server-sent events: one stream a page, news put together so that at most five go out in a second. Knows no news.
import type { ServerResponse } from 'node:http';

/** Milliseconds between two sendings to one page. */
const LEAST = 200;
/** Milliseconds between two signs of life. */
const BEAT = 15_000;

export class Streams<News> {
  readonly #merge: (before: News, now: News) => News;
  readonly #listeners = new Set<Listener<News>>();

  /** `merge` puts two pieces of news that were not sent yet into one. */
  constructor(merge: (before: News, now: News) => News) {
    this.#merge = merge;
  }

  get size(): number {
    return this.#listeners.size;
  }

  /** Sends `first` at once, and then what is said, until the page lets go. */
  open(response: ServerResponse, first: News): void {
    const listener: Listener<News> = {
      response,
      waiting: first,
      timer: undefined,
      beat: undefined,
      last: -Infinity,
      id: 0,
    };
    response.writeHead(200, {
      'content-type': 'text/event-stream; charset=utf-8',
      'cache-control': 'no-store',
    });
    response.write('retry: 1000\n\n');
    listener.beat = setInterval(() => response.write(': here\n\n'), BEAT);
    this.#listeners.add(listener);
    response.on('close', () => this.#forget(listener));
    send(listener);
  }

  say(news: News): void {
    for (const listener of this.#listeners) {
      listener.waiting = listener.waiting === undefined ? news : this.#merge(listener.waiting, news);
      // At once after a pause: what comes soon after that is put together.
      listener.timer ??= setTimeout(
        () => send(listener),
        Math.max(0, listener.last + LEAST - performance.now()),
      );
    }
  }

  close(): void {
    for (const listener of this.#listeners) {
      this.#forget(listener);
      listener.response.end();
    }
  }

  #forget(listener: Listener<News>): void {
    clearTimeout(listener.timer);
    clearInterval(listener.beat);
    this.#listeners.delete(listener);
  }
}

interface Listener<News> {
  readonly response: ServerResponse;
  waiting: News | undefined;
  timer: NodeJS.Timeout | undefined;
  beat: NodeJS.Timeout | undefined;
  /** When it was sent something last, in milliseconds of the process. */
  last: number;
  id: number;
}

function send<News>(listener: Listener<News>): void {
  listener.timer = undefined;
  listener.last = performance.now();
  if (listener.waiting === undefined) return;
  listener.response.write(`id: ${++listener.id}\ndata: ${JSON.stringify(listener.waiting)}\n\n`);
  listener.waiting = undefined;
}
