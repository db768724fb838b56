// The essays behind a cell, best or worst first, with every score; from here they are read, alone or side by side.
import { useState } from 'preact/hooks';
import { addressOf, amend, go, route } from '../../frame/route.ts';
import { useDocument } from '../../frame/source.ts';
import { useComing } from '../../parts/coming.tsx';
import { FACET_NAMES, Narrow, narrowing } from '../../parts/facets.tsx';
import { Choice, TextField } from '../../parts/fields.tsx';
import { count, score, State } from '../../parts/numbers.tsx';
import { Problems } from '../../parts/problems.tsx';
import { Pager } from '../matrix.tsx';
import { groupedBy } from '../../../../scores/book/scoretable.ts';
import type { EssayOrder, EssayPage, EssayRecord } from '../../../../scores/book/essays.ts';
import type { MatrixReport } from '../../../../scores/book/matrixreport.ts';

export function TextsScreen(): preact.JSX.Element {
  const { words } = route.value;
  const order = words.get('order') ?? 'best';
  const from = Number(words.get('from') ?? 0);
  const find = words.get('find') ?? undefined;
  const query = { ...narrowing(), order, find, from, most: 100 };
  const { data, problems, busy } = useDocument<EssayPage>('essays', query);
  const choices = useDocument<MatrixReport>('matrix', {
    most: 1,
    cohort: words.get('cohort') ?? undefined,
  }).data;
  const [marked, mark] = useState<readonly string[]>([]);
  return (
    <section aria-busy={busy}>
      <h1>Texts</h1>
      <form class="fields" onSubmit={(event) => event.preventDefault()}>
        <Choice
          label="order"
          name="order"
          otherwise="best"
          options={[
            ['best', 'best mean first'],
            ['worst', 'worst mean first'],
            ['rows', 'as they were designed'],
            ['draft', 'by draft'],
            ['essay', 'by essay template and model'],
            ['combo', 'by combo'],
          ]}
        />
        <TextField label="find" name="find" placeholder="words of a template, model, combo or id" />
        <Narrow choices={choices?.choices} cohorts={choices?.cohorts ?? []} facets={FACET_NAMES} />
      </form>
      <Problems problems={problems} />
      {data?.total === 0 ? (
        <p class="empty">No text is meant by this.</p>
      ) : (
        <>
          <p class="line">
            {data === undefined ? '' : count(data.total, 'essay')}
            <button
              type="button"
              class="act"
              disabled={marked.length < 2}
              onClick={() => go('read', { ids: marked })}
            >
              {marked.length < 2
                ? 'mark two to four to read them side by side'
                : `read the ${marked.length} side by side`}
            </button>
          </p>
          {data === undefined ? undefined : <EssayTable data={data} marked={marked} mark={mark} />}
          {data === undefined ? undefined : (
            <Pager from={data.from} shown={data.essays.length} total={data.total} />
          )}
        </>
      )}
    </section>
  );
}

/** As many as a window shows are drawn at once. */
const AT_ONCE = 20;

interface TableInput {
  readonly data: EssayPage;
  readonly marked: readonly string[];
  readonly mark: (ids: readonly string[]) => void;
}

function EssayTable({ data, marked, mark }: TableInput): preact.JSX.Element {
  const { shown, end } = useComing(data.essays, AT_ONCE);
  const toggle = (id: string): void =>
    mark(marked.includes(id) ? marked.filter((each) => each !== id) : [...marked, id].slice(-4));
  return (
    <div class="frame" tabIndex={0} role="region" aria-label="Essays">
      <table class="plain" aria-rowcount={data.essays.length + 1}>
        <thead>
          <tr>
            <th scope="col">read</th>
            <Head title="mean" order="best" reverse="worst" />
            <th scope="col">scores by rubric and judge</th>
            <Head title="draft" order="draft" />
            <Head title="essay" order="essay" />
            <Head title="combo" order="combo" />
            <th scope="col">state</th>
          </tr>
        </thead>
        <tbody>
          {shown.map((essay, place) => (
            <tr key={essay.genId}>
              <th scope="row" class="whole" ref={place === shown.length - 1 ? end : null}>
                <input
                  type="checkbox"
                  checked={marked.includes(essay.genId)}
                  onChange={() => toggle(essay.genId)}
                  aria-label={`mark ${essay.genId}`}
                />{' '}
                <a
                  href={addressOf('read', {
                    ...narrowing(),
                    order: route.value.words.get('order') ?? 'best',
                    find: route.value.words.get('find') ?? undefined,
                    at: data.from + place,
                  })}
                >
                  {essay.genId}
                </a>
              </th>
              <td class="number">
                <b>{score(essay.mean)}</b>
              </td>
              <td>
                <Scores essay={essay} />
              </td>
              <td>
                {essay.draftTemplate} <span class="muted">{essay.draftModel}</span>
              </td>
              <td>
                {essay.essayTemplate} <span class="muted">{essay.essayModel}</span>
              </td>
              <td>{essay.combo}</td>
              <td>
                <State state={essay.state} />
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

interface HeadInput {
  readonly title: string;
  readonly order: EssayOrder;
  /** What a second click brings. */
  readonly reverse?: EssayOrder;
}

/** A column's head, which sorts by it. */
function Head({ title, order, reverse = order }: HeadInput): preact.JSX.Element {
  const now = route.value.words.get('order') ?? 'best';
  const sort = (): void => {
    const next = now === order ? reverse : order;
    amend({ order: next === 'best' ? undefined : next, from: undefined });
  };
  const down = now === 'best' ? 'descending' : 'ascending';
  return (
    <th
      scope="col"
      class={title === 'mean' ? 'number' : undefined}
      aria-sort={now === order || now === reverse ? down : undefined}
    >
      <button type="button" class="head" onClick={sort}>
        {title}
      </button>
    </th>
  );
}

function Scores({ essay }: { readonly essay: EssayRecord }): preact.JSX.Element {
  const groups = groupedBy(essay.scores, ({ rubric, judge }) => `${rubric} · ${judge}`);
  return (
    <span class="scores">
      {[...groups].map(([name, scores]) => (
        <span key={name} title={name}>
          <span class="muted">{name}</span>{' '}
          {scores.map((each, place) => (
            <a key={each.genId} href={addressOf('generation', { id: each.genId })}>
              {place === 0 ? '' : ' '}
              {score(each.score)}
            </a>
          ))}
        </span>
      ))}
    </span>
  );
}
