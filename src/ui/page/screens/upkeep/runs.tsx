// Every build, newest first, and what was spent by day, model, stage and cohort.
import { useState } from 'preact/hooks';
import { go, route } from '../../frame/route.ts';
import { useDocument } from '../../frame/source.ts';
import { Choice } from '../../parts/fields.tsx';
import { count, usd } from '../../parts/numbers.tsx';
import { Problems } from '../../parts/problems.tsx';
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
  const runs = useDocument<RunPage>('runs', { from }, 'money');
  return (
    <section aria-busy={costs.busy || runs.busy}>
      <h1 class="quiet">Runs and cost</h1>
      <form class="fields" onSubmit={(event) => event.preventDefault()}>
        <Choice label="spent by" name="by" otherwise="model" options={['model', 'stage', 'day', 'cohort']} />
        <Choice label="since" name="since" otherwise="" options={SINCE} />
      </form>
      <Problems problems={[...costs.problems, ...runs.problems]} />
      {costs.data === undefined ? undefined : <Spent costs={costs.data} by={by} />}
      {runs.data === undefined ? undefined : <Runs data={runs.data} />}
    </section>
  );
}

function Spent({
  costs: { total, lines },
  by,
}: {
  readonly costs: Costs;
  readonly by: string;
}): preact.JSX.Element {
  if (total.attempts === 0) return <p>No call to a provider is on record.</p>;
  const most = Math.max(...lines.map(({ cost }) => cost), 1e-9);
  return (
    <table class="plain">
      <caption>
        {usd(total.cost, total.unpriced)} for {count(total.attempts, 'call')}
        {total.unpriced > 0 ? `, ${total.unpriced} of a price that nobody knows` : ''}
      </caption>
      <thead>
        <tr>
          <th scope="col">{by}</th>
          <th scope="col" class="number">
            USD
          </th>
          <th scope="col">
            <span class="hidden">drawn</span>
          </th>
          <th scope="col" class="number">
            calls
          </th>
          <th scope="col" class="number">
            answered
          </th>
          <th scope="col" class="number">
            tokens in
          </th>
          <th scope="col" class="number">
            tokens out
          </th>
        </tr>
      </thead>
      <tbody>
        {lines.map((line) => (
          <tr key={line.key}>
            <th scope="row">{line.key === '' ? 'not named' : line.key}</th>
            <td class="number">{usd(line.cost, line.unpriced)}</td>
            <td class="bar">
              <span style={{ width: `${Math.round((line.cost / most) * 100)}%` }} aria-hidden="true" />
            </td>
            <td class="number">{line.attempts.toLocaleString('en')}</td>
            <td class="number">{line.replies.toLocaleString('en')}</td>
            <td class="number">{line.promptTokens.toLocaleString('en')}</td>
            <td class="number">{line.completionTokens.toLocaleString('en')}</td>
          </tr>
        ))}
      </tbody>
    </table>
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
          <thead>
            <tr>
              <th scope="col">started</th>
              <th scope="col">command</th>
              <th scope="col" class="number">
                took
              </th>
              <th scope="col">made</th>
              <th scope="col" class="number">
                failed
              </th>
              <th scope="col" class="number">
                left
              </th>
              <th scope="col" class="number">
                USD
              </th>
              <th scope="col">tags</th>
            </tr>
          </thead>
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
                <td class="number">{(run.durationMs / 1000).toFixed(1)} s</td>
                <td>
                  {Object.entries(run.built)
                    .filter(([, many]) => many > 0)
                    .map(([stage, many]) => count(many, stage))
                    .join(', ')}
                </td>
                <td class="number">{run.failed > 0 ? <b class="bad">{run.failed}</b> : 0}</td>
                <td class="number">{run.left}</td>
                <td class="number">{usd(run.cost, run.spent?.unknown)}</td>
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
