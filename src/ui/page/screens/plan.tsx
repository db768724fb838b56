// What would run and why, by stage, reason, model and pool, with the price's two bounds; narrowed by selectors, and built from here.
import { useState } from 'preact/hooks';
import { addressOf, route } from '../frame/route.ts';
import { useDocument } from '../frame/source.ts';
import { BuildProgress, isOn, useBuild, useBuilding } from '../parts/build.tsx';
import { useComing } from '../parts/coming.tsx';
import { Choice, TextField } from '../parts/fields.tsx';
import { Head } from '../parts/head.tsx';
import { between, count, State, usd } from '../parts/numbers.tsx';
import { Problems, Told } from '../parts/problems.tsx';
import { filesText, reasonText } from '../../../plan/reasonwords.ts';
import type { PlanPage } from '../../../api/view/plan.ts';
import { Pager } from './matrix.tsx';

interface About {
  readonly maxCost: number | null;
  readonly remaining: number;
}

export function PlanScreen(): preact.JSX.Element {
  const { words } = route.value;
  const select = words.get('select') ?? '';
  const retry = words.get('retry') ?? undefined;
  const force = words.get('force') ?? undefined;
  const from = Number(words.get('from') ?? 0);
  const { data, problems, busy } = useDocument<PlanPage>('plan', { select, retry, force, from, most: 100 });
  const offers = useDocument<{ readonly words: readonly string[] }>('selectors', {}, 'nothing').data?.words;
  const build = useBuild();
  return (
    <section aria-busy={busy}>
      <h1>Plan</h1>
      <form class="fields" onSubmit={(event) => event.preventDefault()}>
        <TextField
          label="selectors"
          name="select"
          placeholder="all of it; or template:rolling-thread+ or cohort:first-light,stage:draft"
          offers={offers ?? []}
        />
        <Choice
          label="after failures"
          name="retry"
          otherwise=""
          options={[
            ['', 'as they are'],
            ['api', 'ask again: failed calls'],
            ['refused', 'ask again: refused replies'],
            ['all', 'ask again: all'],
          ]}
        />
        <Choice
          label="what is current"
          name="force"
          otherwise=""
          options={[
            ['', 'stays'],
            ['1', 'is generated again'],
          ]}
        />
      </form>
      <Problems problems={problems} />
      {build === null ? undefined : <BuildProgress build={build} />}
      {data === undefined ? undefined : <Planned data={data} />}
    </section>
  );
}

function Planned({ data }: { readonly data: PlanPage }): preact.JSX.Element {
  const { price, total, attempted, above, toRun } = data;
  return (
    <>
      <p class="lead">
        {toRun === 0
          ? 'Nothing is to run.'
          : `${attempted.toLocaleString('en')} of ${count(total, 'generation')} to run${above > 0 ? `, and ${above} above them` : ''}; ${cost(price)}.`}
      </p>
      {toRun === 0 ? undefined : <BuildButton data={data} />}
      <div class="columns">
        <Reasons data={data} />
        <Prices data={data} />
      </div>
      {toRun === 0 ? undefined : <List data={data} />}
    </>
  );
}

function cost({ lower, upper, unpriced, cached }: PlanPage['price']): string {
  const calls =
    lower.calls === upper.calls
      ? count(upper.calls, 'call')
      : `${lower.calls} to ${count(upper.calls, 'call')}`;
  const unknown = unpriced.length > 0 ? `, and what ${unpriced.join(', ')} cost is not known` : '';
  const kept = cached > 0 ? `, ${cached} out of the response cache` : '';
  return `${calls} for ${between(lower, upper)}${unknown}${kept}`;
}

function mostOf({ upper, unpriced }: PlanPage['price']): string {
  if (unpriced.length === 0) return `up to ${usd(upper.usd)}`;
  return upper.usd === 0 ? 'a sum that nobody knows' : `up to ${usd(upper.usd)} and what nobody knows`;
}

/** Asked twice where it may cost something: money is not spent by one click. */
function BuildButton({ data: { price } }: { readonly data: PlanPage }): preact.JSX.Element {
  const { words } = route.value;
  const about = useDocument<About>('about', {}, 'any').data;
  const { start, problems } = useBuilding();
  const build = useBuild();
  const [sure, setSure] = useState(false);
  const paid = price.upper.usd > 0 || price.unpriced.length > 0;
  const begin = (): void => {
    if (paid && !sure) return setSure(true);
    setSure(false);
    const [select, retry, force] = ['select', 'retry', 'force'].map((name) => words.get(name) ?? '');
    start({
      ...(select === '' ? {} : { select: select?.split(/\s+/) }),
      ...(retry === 'api' || retry === 'refused' || retry === 'all' ? { retry } : {}),
      ...(force === '1' ? { force: true } : {}),
    });
  };
  return (
    <>
      <p>
        <button type="button" class="primary" disabled={isOn(build)} onClick={begin}>
          {paid && sure ? `yes, build it for ${mostOf(price)}` : 'build it'}
        </button>{' '}
        {paid && sure ? (
          <button type="button" onClick={() => setSure(false)}>
            no
          </button>
        ) : undefined}{' '}
        <span class="muted">
          {about === undefined ? undefined : about.maxCost === null ? (
            <Told text="Only what costs nothing: `daydream ui --max-cost USD` allows more." />
          ) : (
            `${usd(about.remaining)} of ${usd(about.maxCost)} may still be spent from here.`
          )}
        </span>
      </p>
      <Problems problems={problems} />
    </>
  );
}

function Reasons({ data: { stages, templateFiles } }: { readonly data: PlanPage }): preact.JSX.Element {
  const lines = stages.filter(({ states }) => Object.keys(states).length > 0);
  if (lines.length === 0)
    return (
      <p>
        All that is meant is current: <a href={addressOf('matrix')}>see its scores</a>, or have what is
        current generated again.
      </p>
    );
  return (
    <>
      <table class="plain">
        <caption>By stage and reason</caption>
        <Head titles={['stage', 'states', 'reasons']} />
        <tbody>
          {lines.map(({ stage, states, reasons }) => (
            <tr key={stage}>
              <th scope="row">{stage}</th>
              <td>
                {Object.entries(states).map(([state, many]) => (
                  <div key={state}>
                    {many} <State state={state} />
                  </div>
                ))}
              </td>
              <td>
                {Object.entries(reasons).map(([reason, many]) => (
                  <div key={reason}>
                    {many} {reason}
                  </div>
                ))}
              </td>
            </tr>
          ))}
        </tbody>
      </table>
      {templateFiles === undefined ? undefined : <p>Of the templates changed: {filesText(templateFiles)}</p>}
    </>
  );
}

function Prices({ data: { price } }: { readonly data: PlanPage }): preact.JSX.Element | null {
  if (price.lines.length === 0) return null;
  return (
    <table class="plain">
      <caption>
        Price by stage, model and pool, early cutoff wherever it can happen, and nowhere
        {price.duration === undefined ? '' : `; about ${Math.ceil(price.duration.ms / 1000)} s`}
      </caption>
      <Head titles={['by', 'name', ['calls', 'number'], ['at least', 'number'], ['at most', 'number']]} />
      <tbody>
        {price.lines.map(({ by, name, lower, upper }) => (
          <tr key={`${by} ${name}`}>
            <td class="muted">{by}</td>
            <th scope="row">{name}</th>
            <td class="number">
              {lower.calls === upper.calls ? upper.calls : `${lower.calls}–${upper.calls}`}
            </td>
            <td class="number">{usd(lower.usd, lower.unpriced)}</td>
            <td class="number">{upper.unpriced > 0 ? 'not known' : usd(upper.usd)}</td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}

/** Lines that are drawn at once. */
const AT_ONCE = 25;

function List({ data }: { readonly data: PlanPage }): preact.JSX.Element {
  const { shown, end } = useComing(data.generations, AT_ONCE);
  return (
    <>
      <div class="frame" tabIndex={0} role="region" aria-label="Generations to run">
        <table class="plain" aria-rowcount={data.generations.length + 1}>
          <Head titles={['generation', 'stage', 'state', 'template', 'model', 'why']} />
          <tbody>
            {shown.map((each, at) => (
              <tr key={each.genId}>
                <th scope="row" ref={at === shown.length - 1 ? end : null}>
                  <a class="id" href={addressOf('generation', { id: each.genId })}>
                    {each.genId}
                  </a>
                </th>
                <td>{each.stage}</td>
                <td>
                  <State state={each.state} />
                </td>
                <td>{each.template}</td>
                <td>{each.model}</td>
                <td class="muted">
                  {each.reasons.map(reasonText).join('; ')}
                  {each.cause === undefined ? '' : ` below ${each.cause}`}
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
      <Pager from={data.from} shown={data.generations.length} total={data.toRun} />
    </>
  );
}
