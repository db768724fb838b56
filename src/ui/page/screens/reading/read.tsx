// Texts side by side, one to four of them, with what they scored; word by word where two differ; next and previous by key.
import { useMemo, useState } from 'preact/hooks';
import { defined } from '../../../../defined.ts';
import { addressOf, amend, route } from '../../frame/route.ts';
import { useKeys } from '../../frame/keys.ts';
import { isOffline, useDocument } from '../../frame/source.ts';
import { narrowing } from '../../parts/facets.tsx';
import { score, State } from '../../parts/numbers.tsx';
import { Problems } from '../../parts/problems.tsx';
import { differencesOf, TextView, useText, type Reading } from '../../parts/texts.tsx';
import type { GenerationReport } from '../../../../api/view/generation.ts';
import type { PairReport } from '../../../../scores/book/pairs.ts';
import type { EssayPage } from '../../../../scores/book/essays.ts';

export function ReadScreen(): preact.JSX.Element {
  const { words } = route.value;
  const ids = words.getAll('ids');
  const ofTwo = ids.length === 2 || (ids.length === 0 && words.has('facet'));
  // Known from the address alone, so the key is heard before the texts are there.
  useKeys(({ key }) => {
    if (key === 'd' && ofTwo) toggleDifferences();
  });
  if (ids.length > 0) return <Reader ids={ids.slice(0, 4)} />;
  return words.has('facet') ? <ReadPairs /> : <ReadEssays />;
}

/** Steps through the pairs of a comparison. */
function ReadPairs(): preact.JSX.Element {
  const { words } = route.value;
  const at = Number(words.get('at') ?? 0);
  const [facet, a, b] = ['facet', 'a', 'b'].map((name) => words.get(name) ?? '');
  const query = { ...narrowing(), facet, a, b };
  const { data, problems } = useDocument<PairReport>('pairs', { ...query, from: at, most: 1 });
  const pair = data?.pairs[0];
  if (pair === undefined) return <Waiting known={data !== undefined} problems={problems} />;
  return (
    <Reader
      ids={[pair.a, pair.b]}
      step={{ at, total: data?.total ?? 0, back: addressOf('pairs', query), what: 'pair' }}
    />
  );
}

/** Steps through the essays of a cell. */
function ReadEssays(): preact.JSX.Element {
  const { words } = route.value;
  const at = Number(words.get('at') ?? 0);
  const [order, find] = ['order', 'find'].map((name) => words.get(name) ?? undefined);
  const query = { ...narrowing(), order, find };
  const { data, problems } = useDocument<EssayPage>('essays', { ...query, from: at, most: 1 });
  const essay = data?.essays[0];
  if (essay === undefined) return <Waiting known={data !== undefined} problems={problems} />;
  return (
    <Reader
      ids={[essay.genId]}
      step={{ at, total: data?.total ?? 0, back: addressOf('texts', query), what: 'text' }}
    />
  );
}

function Waiting({
  known,
  problems,
}: {
  readonly known: boolean;
  readonly problems: Parameters<typeof Problems>[0]['problems'];
}): preact.JSX.Element {
  return (
    <section>
      <h1>Read</h1>
      <Problems problems={problems} />
      {known ? <p class="empty">Nothing to read here.</p> : undefined}
    </section>
  );
}

interface Step {
  readonly at: number;
  readonly total: number;
  /** The address of the list. */
  readonly back: string;
  readonly what: string;
}

function Reader({
  ids,
  step,
}: {
  readonly ids: readonly string[];
  readonly step?: Step;
}): preact.JSX.Element {
  const differ = ids.length === 2 && route.value.words.get('diff') === '1';
  useStepKeys(step);
  return (
    <section class="reader">
      <h1>Read</h1>
      <div class="fields">
        {step === undefined ? undefined : <Steps step={step} />}
        {ids.length === 2 ? (
          <button type="button" aria-pressed={differ} title="d" onClick={toggleDifferences}>
            mark differences
          </button>
        ) : undefined}
        <p class="muted key">
          {step === undefined ? '' : 'j next, k previous. '}
          {ids.length === 2 ? 'd marks differences. ' : ''}
          {isOffline() ? undefined : <a href={addressOf('rate')}>read blind</a>}
        </p>
      </div>
      {ids.length === 2 ? (
        <Two ids={[ids[0] ?? '', ids[1] ?? '']} differ={differ} />
      ) : (
        <div class={`texts of-${ids.length}`}>
          {ids.map((id) => (
            <One key={id} id={id} />
          ))}
        </div>
      )}
    </section>
  );
}

function Steps({ step: { at, total, back, what } }: { readonly step: Step }): preact.JSX.Element {
  return (
    <p class="pager">
      <a href={back}>to the list</a>
      <button type="button" disabled={at === 0} onClick={() => amend({ at: at - 1 })}>
        previous
      </button>
      <span role="status">
        {what} {at + 1} of {total}
      </span>
      <button type="button" disabled={at + 1 >= total} onClick={() => amend({ at: at + 1 })}>
        next
      </button>
    </p>
  );
}

function Two({
  ids: [a, b],
  differ,
}: {
  readonly ids: readonly [string, string];
  readonly differ: boolean;
}): preact.JSX.Element {
  const [first, second] = [useText(a, 'parsed'), useText(b, 'parsed')];
  const changes = useMemo(
    () =>
      differ && typeof first.text === 'string' && typeof second.text === 'string'
        ? differencesOf(first.text, second.text)
        : undefined,
    [differ, first.text, second.text],
  );
  return (
    <div class="texts of-2">
      <Column id={a} reading={first} changes={changes} side="before" />
      <Column id={b} reading={second} changes={changes} side="after" />
    </div>
  );
}

function One({ id }: { readonly id: string }): preact.JSX.Element {
  return <Column id={id} reading={useText(id, 'parsed')} />;
}

interface ColumnInput {
  readonly id: string;
  readonly reading: Reading;
  readonly changes?: ReturnType<typeof differencesOf> | undefined;
  readonly side?: 'before' | 'after';
}

function Column({ id, reading, changes, side }: ColumnInput): preact.JSX.Element {
  const { data, problems } = useDocument<GenerationReport>('generation', { id });
  const [shown, show] = useState(false);
  return (
    <article>
      <header>
        <h2>
          <a href={addressOf('generation', { id })}>{id}</a>
        </h2>
        {data === undefined ? undefined : (
          <p class="muted">
            <State state={data.dossier.state} /> ·{' '}
            {data.chain.map(({ template, model }) => `${template} (${model})`).join(' → ')}
            {data.dossier.combo === null ? '' : ` · ${data.dossier.combo}`}
          </p>
        )}
        <Scored data={data} shown={shown} show={show} />
      </header>
      <Problems problems={problems} />
      <TextView reading={reading} label={`text of ${id}`} as="prose" {...defined({ changes, side })} />
    </article>
  );
}

interface ScoredInput {
  readonly data: GenerationReport | undefined;
  readonly shown: boolean;
  readonly show: (shown: boolean) => void;
}

function Scored({ data, shown, show }: ScoredInput): preact.JSX.Element | null {
  const scored = data?.children.filter(({ stage }) => stage === 'evaluation') ?? [];
  if (scored.length === 0) return null;
  const known = scored.flatMap((each) => each.score ?? []);
  const mean = known.length === 0 ? null : known.reduce((sum, each) => sum + each, 0) / known.length;
  return (
    <p>
      <b>{score(mean)}</b> <span class="muted">mean of {known.length}</span>{' '}
      <button type="button" aria-expanded={shown} onClick={() => show(!shown)}>
        by judge
      </button>
      {shown ? (
        <span class="scores">
          {scored.map((each) => (
            <a key={each.genId} href={addressOf('generation', { id: each.genId })}>
              <span class="muted">
                {each.template} · {each.model}
              </span>{' '}
              {score(each.score)}
            </a>
          ))}
        </span>
      ) : undefined}
    </p>
  );
}

function toggleDifferences(): void {
  amend({ diff: route.value.words.get('diff') === '1' ? undefined : '1' });
}

function useStepKeys(step: Step | undefined): void {
  const { at, total } = step ?? { at: 0, total: 0 };
  useKeys(({ key }) => {
    if (key === 'j' && at + 1 < total) amend({ at: at + 1 });
    else if (key === 'k' && at > 0) amend({ at: at - 1 });
  });
}
