// What is wrong with the data root and what cures it, as doctor finds it; the cures that are safe are a click away.
import { useState } from 'preact/hooks';
import { addressOf } from '../../frame/route.ts';
import { post, problemsIn, useDocument, type PageProblem } from '../../frame/source.ts';
import { count } from '../../parts/numbers.tsx';
import { Patience } from '../../parts/patience.tsx';
import { Problems } from '../../parts/problems.tsx';
import type { Health } from '../../../../api/reading/health.ts';

const LEVELS = ['error', 'warning', 'note'] as const;

export function DoctorScreen(): preact.JSX.Element {
  const [turn, again] = useState(0);
  const { data, problems, busy } = useDocument<Health>('health', { turn }, 'nothing');
  const [failed, setFailed] = useState<readonly PageProblem[]>([]);
  const mend = (): void => {
    setFailed([]);
    post('mend', {}).then(
      () => again(turn + 1),
      (error: unknown) => setFailed(problemsIn(error)),
    );
  };
  return (
    <section aria-busy={busy}>
      <h1 class="quiet">Doctor</h1>
      <Problems problems={[...problems, ...failed]} />
      {data === undefined ? (
        <Patience what="Every file of the data root is looked at" />
      ) : (
        <>
          <p class="lead">
            {data.findings.length === 0 ? 'Nothing is wrong.' : count(data.findings.length, 'finding')}{' '}
            <button type="button" onClick={() => again(turn + 1)}>
              look again
            </button>
          </p>
          {data.fixes.length === 0 ? undefined : (
            <section>
              <h2>What is safe to do</h2>
              <ul class="reasons">
                {data.fixes.map((each) => (
                  <li key={each}>{each}</li>
                ))}
              </ul>
              <p>
                <button type="button" class="primary" onClick={mend}>
                  do it
                </button>{' '}
                <span class="muted">What is replaced goes to the trash.</span>
              </p>
            </section>
          )}
          {LEVELS.map((level) => (
            <Findings
              key={level}
              level={level}
              findings={data.findings.filter((each) => each.level === level)}
            />
          ))}
        </>
      )}
    </section>
  );
}

function Findings({
  level,
  findings,
}: {
  readonly level: string;
  readonly findings: Health['findings'];
}): preact.JSX.Element | null {
  if (findings.length === 0) return null;
  return (
    <section>
      <h2>{count(findings.length, level)}</h2>
      <ul class="findings">
        {findings.slice(0, 200).map(({ code, title, message, why, cure, genId, offered }, place) => (
          <li key={place}>
            <b>{title}</b> <code class="muted">{code}</code>
            <br />
            {message}{' '}
            {genId === undefined ? undefined : <a href={addressOf('generation', { id: genId })}>{genId}</a>}
            <br />
            <span class="muted">
              {why} {cure}
              {offered === null ? '' : ` Safe: ${offered}.`}
            </span>
          </li>
        ))}
      </ul>
    </section>
  );
}
