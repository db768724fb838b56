// Every build, newest first, and what was spent by day, model, stage and cohort.
import { useState } from 'preact/hooks';
import { go, route } from '../../frame/route.ts';
import { useDocument } from '../../frame/source.ts';
import { Choice } from '../../parts/fields.tsx';
import { Head } from '../../parts/head.tsx';
import { count, seconds, unknownOf, usd } from '../../parts/numbers.tsx';
import { Problems } from '../../parts/problems.tsx';
import { Spent } from './spent.tsx';
import type { Costs } from '../../../../api/reading/money.ts';
import type { RunPage } from '../now.tsx';
import { Pager } from '../matrix.tsx';

const SINCE: readonly (readonly [string, string])[] = [
  ['', 'all of it'],
  ['1d', 'the last day'],
  ['7d', 'the last 7 days'],
  ['30d', 'the last 30 days'],
];

export function RunsScreen(): preact.JSX.Element {
  const { words } = route.value;
  const by = words.get('by') ?? 'model';
  const since = words.get('since') ?? undefined;
  const from = Number(words.get('from') ?? 0);
  const costs = useDocument<Costs>('costs', { by, since }, 'money');
  const daily = useDocument<Costs>('costs', { by: [by, 'day'], since }, 'money').data;
  const runs = useDocument<RunPage>('runs', { from }, 'money');
  return (
    <section aria-busy={costs.busy || runs.busy}>
      <h1>Runs and cost</h1>
      <form class="fields" onSubmit={(event) => event.preventDefault()}>
        <Choice label="spent by" name="by" otherwise="model" options={['model', 'stage', 'day', 'cohort']} />
        <Choice label="since" name="since" otherwise="" options={SINCE} />
      </form>
      <Problems problems={[...costs.problems, ...runs.problems]} />
      {costs.data === undefined ? undefined : <Spent costs={costs.data} daily={daily} by={by} />}
      {runs.data === undefined ? undefined : <Runs data={runs.data} />}
    </section>
  );
}

function Runs({ data }: { readonly data: RunPage }): preact.JSX.Element {
  const [chosen, choose] = useState<readonly string[]>([]);
  if (data.total === 0) return <p>Nothing was built yet.</p>;
  const toggle = (id: string): void =>
    choose(chosen.includes(id) ? chosen.filter((each) => each !== id) : [...chosen, id].slice(-2));
  // The earlier one first, wherever it was marked.
  const [a, b] = chosen.toSorted();
  return (
    <>
      <h2>Builds</h2>
      <p>
        <button type="button" disabled={b === undefined} onClick={() => go('runpair', { a, b })}>
          {b === undefined ? 'mark two builds to compare them' : 'compare the two'}
        </button>
      </p>
      <div class="frame" tabIndex={0} role="region" aria-label="Builds">
        <table class="plain">
          <Head
            titles={[
              'started',
              'command',
              ['took', 'number'],
              'made',
              ['failed', 'number'],
              ['left', 'number'],
              ['USD', 'number'],
              'tags',
            ]}
          />
          <tbody>
            {data.runs.map((run) => (
              <tr key={run.id}>
                <th scope="row">
                  <label>
                    <input
                      type="checkbox"
                      checked={chosen.includes(run.id)}
                      onChange={() => toggle(run.id)}
                      aria-label={`compare ${run.id}`}
                    />
                    {run.started.slice(0, 19).replace('T', ' ')}
                  </label>
                </th>
                <td>
                  <code>{run.command}</code>
                </td>
                <td class="number">{seconds(run.durationMs)}</td>
                <td>
                  {Object.entries(run.built)
                    .filter(([, many]) => many > 0)
                    .map(([stage, many]) => count(many, stage))
                    .join(', ')}
                </td>
                <td class="number">{run.failed > 0 ? <b class="bad">{run.failed}</b> : 0}</td>
                <td class="number">{run.left}</td>
                <td class="number">{usd(run.cost, unknownOf(run.spent))}</td>
                <td>
                  {Object.entries(run.tags)
                    .map(([key, value]) => `${key}=${value}`)
                    .join(' ')}
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
      <Pager from={data.from} shown={data.runs.length} total={data.total} />
    </>
  );
}
