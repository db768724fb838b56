// What stands in place of an answer that can take long where there is much. Knows no answer.
import { asideNews } from '../frame/live.ts';

interface PatienceInput {
  readonly what: string;
  /** Whose progress is shown, where it is told. */
  readonly of?: string;
}

export function Patience({ what, of }: PatienceInput): preact.JSX.Element {
  const news = asideNews.value;
  const far = news !== undefined && news.name === of && news.done < news.total ? news : undefined;
  return (
    <>
      <p class="muted" role="status">
        {what}: with tens of thousands of generations that takes a while, and minutes where the files were not
        read lately. No other screen waits for it.
      </p>
      {far === undefined ? undefined : (
        <p>
          <progress max={far.total} value={far.done} aria-label="how far it is" />{' '}
          {far.done.toLocaleString('en')} of {far.total.toLocaleString('en')} generations and kept answers
        </p>
      )}
    </>
  );
}
