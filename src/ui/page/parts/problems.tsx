// What is wrong, with its cure. Texts are text.
import type { PageProblem } from '../frame/source.ts';

/** Words of ours, in which what one types stands between backticks. */
export function Told({ text = '' }: { readonly text?: string | undefined }): preact.JSX.Element {
  const parts = text.split('`');
  // One that is alone is a backtick.
  if (parts.length % 2 === 0) return <>{text}</>;
  return <>{parts.map((part, place) => (place % 2 === 0 ? part : <code key={place}>{part}</code>))}</>;
}

export function Problems({
  problems,
}: {
  readonly problems: readonly PageProblem[];
}): preact.JSX.Element | null {
  if (problems.length === 0) return null;
  return (
    <div class="problems" role="alert">
      <ul>
        {problems.map(({ code, severity, message, cure }, place) => (
          <li key={place} class={severity}>
            <b>{code}</b> <Told text={message} />{' '}
            <span class="muted">
              <Told text={cure} />
            </span>
          </li>
        ))}
      </ul>
    </div>
  );
}

/** What has to be known of what is shown; nothing where there is no text. */
export function Caution({ text }: { readonly text: string | undefined }): preact.JSX.Element | null {
  if (text === undefined) return null;
  return <Problems problems={[{ code: 'Caution:', severity: 'warning', message: text, cure: '' }]} />;
}
