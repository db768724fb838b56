// How the page's own build goes on, and what stops it. Knows no screen.
import { useState } from 'preact/hooks';
import { buildNews } from '../frame/live.ts';
import { addressOf } from '../frame/route.ts';
import { post, problemsIn, useDocument, type PageProblem } from '../frame/source.ts';
import { count, usd } from './numbers.tsx';
import { Problems, Told } from './problems.tsx';
import type { BuildNews, Wish } from '../../builds.ts';

/** The last that is known of it: heard, or asked for where nothing was heard yet. */
export function useBuild(): BuildNews | null {
  const asked = useDocument<{ readonly build: BuildNews | null }>('build', {}, 'nothing').data;
  return buildNews.value ?? asked?.build ?? null;
}

export function isOn(build: BuildNews | null): boolean {
  return build !== null && build.state !== 'ended';
}

interface Starter {
  readonly problems: readonly PageProblem[];
  readonly start: (wish: Wish) => void;
  readonly stop: () => void;
}

export function useBuilding(): Starter {
  const [problems, setProblems] = useState<readonly PageProblem[]>([]);
  const send = (name: string, body: object): void => {
    setProblems([]);
    post<{ readonly build: BuildNews | null }>(name, body).then(
      ({ build }) => {
        buildNews.value = build ?? undefined;
        return build;
      },
      (error: unknown) => setProblems(problemsIn(error)),
    );
  };
  return { problems, start: (wish) => send('build', wish), stop: () => send('stop', {}) };
}

const WORDS: Readonly<Record<string, string>> = {
  done: 'all that was selected is current',
  incomplete: 'something failed or is blocked',
  limited: 'a cap or a daily limit left something',
  interrupted: 'it was stopped',
  refused: 'it was refused',
};

export function BuildProgress({ build }: { readonly build: BuildNews }): preact.JSX.Element {
  const { stop, problems } = useBuilding();
  const { state, toRun, done, built, failed, left, cost, unknown, maybe, end, selectors, since } = build;
  const elapsed = (Date.now() - Date.parse(since)) / 1000;
  // The clock of whoever looks may be behind.
  const rest =
    state === 'running' && done > 0 && elapsed > 0
      ? Math.round((elapsed / done) * (toRun - done))
      : undefined;
  return (
    <section class="progress" aria-label="The build">
      <h2>
        {state === 'ended'
          ? `${end === 'done' ? 'Built' : 'Not all was built'}: ${WORDS[end ?? ''] ?? end ?? ''}`
          : state === 'handed over'
            ? 'The watch builds it'
            : state}
        {selectors.length > 0 ? <span class="muted"> {selectors.join(' ')}</span> : undefined}
      </h2>
      {toRun > 0 ? <progress max={toRun} value={done} aria-label="generations done" /> : undefined}
      <p class="line" role="status">
        {state === 'handed over' ? (
          <a href={addressOf('now')}>see how it goes on</a>
        ) : (
          <>
            {done} of {count(toRun, 'generation')}; {built} made
            {failed > 0 ? <strong class="bad">, {failed} failed</strong> : undefined}
            {left > 0 ? `, ${left} left` : ''}; {usd(cost, unknown)}
          </>
        )}
        {maybe > 0 ? `, and up to ${usd(maybe)} for calls that may be billed without a reply` : ''}
        {rest === undefined ? '' : `; about ${rest} s more`}
        {isOn(build) && state !== 'handed over' ? (
          <button type="button" class="act" onClick={stop}>
            {state === 'stopping' ? 'give up what is in flight' : 'stop'}
          </button>
        ) : undefined}
      </p>
      <Problems problems={[...problems, ...build.problems]} />
      {build.failures.length === 0 ? undefined : (
        <ul class="reasons">
          {build.failures.map((each, place) => (
            <li key={place}>
              <b class="bad">{each.code ?? each.title}</b> {count(each.genIds.length, 'generation')}:{' '}
              <Told text={each.message} />
              <br />
              <span class="muted">
                <Told text={each.cure} />
              </span>
            </li>
          ))}
        </ul>
      )}
    </section>
  );
}
