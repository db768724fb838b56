// What changes on the server, heard by one stream for all pages of a browser: of those that are seen one listens and tells the others, so
// that a seventh page still loads. A page that is hidden lets go. Knows no screen.
import { signal } from '@preact/signals';
import type { BuildNews } from '../../builds.ts';

export interface News {
  /** The version of the view, which grows with every change. */
  readonly at: number;
  /** True for what a stream begins with. */
  readonly first?: boolean;
  readonly files: readonly string[];
  readonly generations: boolean;
  readonly money: boolean;
  readonly build?: BuildNews;
}

/** What a document is made of: it is asked for again when that changes. */
export type Interest = 'generations' | 'money' | 'any' | 'nothing';

export const connection = signal<'open' | 'lost'>('open');
/** Counts of changes, by what changed. */
const turns = { generations: signal(0), money: signal(0), any: signal(0) };

export function asked(interest: Interest): number {
  return interest === 'nothing' ? 0 : turns[interest].value;
}

/** How the page's own build stands, as it was heard last. */
export const buildNews = signal<BuildNews | undefined>(undefined);

let at = 0;

/** The version of an answer: where the stream begins with another one, what came before is asked for anew. */
export function answeredAt(version: number): void {
  if (at === 0) at = version;
}

function hear({ first, ...news }: News): void {
  const before = at;
  at = news.at;
  if (news.build !== undefined) buildNews.value = news.build;
  if (first === true) {
    // After a pause nobody knows what was missed.
    if (before !== 0 && before !== at) askAll();
    return;
  }
  if (news.generations) turns.generations.value++;
  if (news.money) turns.money.value++;
  if (before !== at || news.build?.state === 'ended') turns.any.value++;
}

function askAll(): void {
  for (const turn of Object.values(turns)) turn.value++;
}

const CHANNEL = 'daydream';

/** From now on changes are heard, as long as the page is seen. */
export function followChanges(): void {
  const channel = new BroadcastChannel(CHANNEL);
  channel.addEventListener('message', ({ data }: MessageEvent<{ news?: News; lost?: boolean }>) => {
    if (data.news !== undefined) hear(data.news);
    connection.value = data.lost === true ? 'lost' : 'open';
  });
  let letGo: AbortController | undefined;
  const turn = (): void => {
    if (document.hidden) {
      letGo?.abort();
      letGo = undefined;
    } else if (letGo === undefined) {
      letGo = new AbortController();
      void listen(channel, letGo.signal);
      if (at !== 0) askAll();
    }
  };
  document.addEventListener('visibilitychange', turn);
  turn();
}

/** Waits for its turn among the pages, then holds the stream until it lets go. */
async function listen(channel: BroadcastChannel, signal: AbortSignal): Promise<void> {
  try {
    await navigator.locks.request(CHANNEL, { signal }, () => held(channel, signal));
  } catch {
    // It was let go before its turn came.
  }
}

function held(channel: BroadcastChannel, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const stream = new EventSource('/api/events');
    stream.addEventListener('open', () => {
      connection.value = 'open';
    });
    stream.addEventListener('message', ({ data }: MessageEvent<string>) => {
      const news = JSON.parse(data) as News;
      connection.value = 'open';
      hear(news);
      channel.postMessage({ news });
    });
    stream.addEventListener('error', () => {
      connection.value = 'lost';
      channel.postMessage({ lost: true });
    });
    signal.addEventListener('abort', () => {
      stream.close();
      resolve();
    });
  });
}
