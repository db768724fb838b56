// What changes on the server, heard by one stream for all pages of a browser: of those that are seen one listens and tells the others, so
// that a seventh page still loads. A page that is hidden lets go. Knows no screen.
import { signal } from '@preact/signals';
import type { AsideProgress } from '../../aside/aside.ts';
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
  readonly aside?: AsideProgress;
}

/** What a document is made of: it is asked for again when that changes. */
export type Interest = 'generations' | 'money' | 'any' | 'nothing';

/** `lost`: nobody answers, which the browser tries again; `refused`: another server answers, which does not know this page. */
type Connection = 'open' | 'lost' | 'refused';

export const connection = signal<Connection>('open');
/** Milliseconds until who refused is asked again: its own page may have been opened beside this one meanwhile. */
const AGAIN = 2000;
/** Counts of changes, by what changed. */
const turns = { generations: signal(0), money: signal(0), any: signal(0) };

export function asked(interest: Interest): number {
  return interest === 'nothing' ? 0 : turns[interest].value;
}

/** How the page's own build stands, as it was heard last. */
export const buildNews = signal<BuildNews | undefined>(undefined);
/** The same of an answer that takes long. */
export const asideNews = signal<AsideProgress | undefined>(undefined);

let at = 0;

/** The version of an answer: where the stream begins with another one, what came before is asked for anew. */
export function answeredAt(version: number): void {
  if (at === 0) at = version;
}

function hear({ first, ...news }: News): void {
  const before = at;
  at = news.at;
  if (news.build !== undefined) buildNews.value = news.build;
  if (news.aside !== undefined) asideNews.value = news.aside;
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
  channel.addEventListener('message', ({ data }: MessageEvent<{ news?: News; now: Connection }>) => {
    if (data.news !== undefined) hear(data.news);
    connection.value = data.now;
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
    let stream = open();
    let again: ReturnType<typeof setTimeout> | undefined;
    function open(): EventSource {
      const opened = new EventSource('/api/events');
      opened.addEventListener('open', () => tell(channel, 'open'));
      opened.addEventListener('message', ({ data }: MessageEvent<string>) => {
        const news = JSON.parse(data) as News;
        hear(news);
        channel.postMessage({ news, now: 'open' });
      });
      opened.addEventListener('error', () => {
        const isRefused = opened.readyState === EventSource.CLOSED;
        tell(channel, isRefused ? 'refused' : 'lost');
        if (!isRefused) return;
        again = setTimeout(() => {
          stream = open();
        }, AGAIN);
      });
      return opened;
    }
    signal.addEventListener('abort', () => {
      stream.close();
      clearTimeout(again);
      resolve();
    });
  });
}

function tell(channel: BroadcastChannel, now: Connection): void {
  connection.value = now;
  channel.postMessage({ now });
}
