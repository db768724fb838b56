// What is wrong with the data root and what cures it, as doctor finds it; the cures that are safe are a click away.
import { useState } from 'preact/hooks';
import { addressOf } from '../../frame/route.ts';
import { post, problemsIn, useDocument, type PageProblem } from '../../frame/source.ts';
import { count } from '../../parts/numbers.tsx';
import { Patience } from '../../parts/patience.tsx';
import { Problems, Told } from '../../parts/problems.tsx';
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
      <h1>Doctor</h1>
      <Problems problems={[...problems, ...failed]} />
      {data === undefined ? (
        <Patience what="Every file of the data root is looked at" of="health" />
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
        {kindsOf(findings).map(([code, kind]) => (
          <Kind key={code} kind={kind} />
        ))}
      </ul>
    </section>
  );
}

type Finding = Health['findings'][number];

/** What has the same code, in the order of the first of each. */
function kindsOf(
  findings: readonly Finding[],
): readonly (readonly [code: string, findings: readonly Finding[]])[] {
  const kinds = new Map<string, Finding[]>();
  for (const each of findings) kinds.set(each.code, [...(kinds.get(each.code) ?? []), each]);
  return [...kinds];
}

/** Lines of a kind that are shown at once, and at most. */
const [FEW, MOST] = [8, 200];

/** What they have in common is said once. */
function Kind({ kind }: { readonly kind: readonly Finding[] }): preact.JSX.Element {
  const [{ code = '', title = '', why = '', cure = '' } = {}] = kind;
  const cures = new Set(kind.map((each) => each.cure));
  return (
    <li>
      <b>{title}</b> <code class="muted">{code}</code> {kind.length > 1 ? count(kind.length, 'time') : ''}
      <br />
      <span class="muted">
        <Told text={why} /> {cures.size === 1 ? <Told text={cure} /> : ''}
      </span>
      <Lines findings={kind.slice(0, FEW)} withCure={cures.size > 1} />
      {kind.length > FEW ? (
        <details>
          <summary>{count(kind.length - FEW, 'more', 'more')}</summary>
          <Lines findings={kind.slice(FEW, MOST)} withCure={cures.size > 1} />
        </details>
      ) : undefined}
    </li>
  );
}

function Lines({
  findings,
  withCure,
}: {
  readonly findings: readonly Finding[];
  readonly withCure: boolean;
}): preact.JSX.Element {
  return (
    <ul class="reasons">
      {findings.map(({ message, genId, offered, cure }, place) => (
        <li key={place}>
          <Told text={message} />{' '}
          {genId === undefined ? undefined : <a href={addressOf('generation', { id: genId })}>{genId}</a>}{' '}
          <span class="muted">
            {withCure ? <Told text={cure} /> : ''}
            {offered === null ? '' : ` Safe: ${offered}.`}
          </span>
        </li>
      ))}
    </ul>
  );
}
