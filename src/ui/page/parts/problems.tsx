// What is wrong, with its cure. Texts are text.
import type { PageProblem } from '../frame/source.ts';

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
            <b>{code}</b> {message} <span class="muted">{cure}</span>
          </li>
        ))}
      </ul>
    </div>
  );
}
