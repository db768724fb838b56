// How things stand now: cohorts by stage and state, who builds, what it has cost, what failed last, and what to do next.
import { STATES } from '../../../generation/stage.ts';
import { addressOf } from '../frame/route.ts';
import { useDocument } from '../frame/source.ts';
import { BuildProgress, useBuild } from '../parts/build.tsx';
import { Head } from '../parts/head.tsx';
import { count, seconds, spentUsd, State, unknownOf, usd } from '../parts/numbers.tsx';
import { Problems, Told } from '../parts/problems.tsx';
import type { BatchReport } from '../../../engine/build/batching.ts';
import type { Status } from '../../../api/reading/status.ts';
import type { Underway } from '../../../store/runs/underway.ts';
import type { Costs } from '../../../api/reading/money.ts';

interface Holder {
  readonly command: string;
  readonly since: string;
  readonly pid: number;
}

interface Standing extends Status {
  readonly holder: Holder | null;
  /** How it goes on; null where it has said nothing yet. */
  readonly underway: Underway | null;
  /** Whether a provider's batch was ever sent. */
  readonly batched: boolean;
  readonly warnings: Parameters<typeof Problems>[0]['problems'];
}

export interface ListedRun {
  readonly id: string;
  readonly command: string;
  readonly started: string;
  readonly durationMs: number;
  readonly cost: number;
  /** How the cost is known; absent in records of older versions. */
  readonly spent?: { readonly unknown: number; readonly maybeBilled: number };
  readonly failed: number;
  readonly left: number;
  readonly tags: Readonly<Record<string, string>>;
  readonly built: Readonly<Record<string, number>>;
  readonly failures: readonly {
    readonly kind: string;
    readonly code?: string;
    readonly title: string;
    readonly message: string;
    readonly cure: string;
    readonly count: number;
    readonly genIds: readonly string[];
  }[];
}

export interface RunPage {
  readonly from: number;
  readonly total: number;
  readonly runs: readonly ListedRun[];
}

export function NowScreen(): preact.JSX.Element {
  const { data, problems, busy } = useDocument<Standing>('status', {}, 'any');
  const build = useBuild();
  const runs = useDocument<RunPage>('runs', {}, 'money').data;
  return (
    <section aria-busy={busy}>
      <h1>Now</h1>
      <Problems problems={problems} />
      {build === null ? undefined : <BuildProgress build={build} />}
      {data?.holder === null || data === undefined ? undefined : (
        <Running holder={data.holder} underway={data.underway} />
      )}
      {data === undefined ? undefined : <States data={data} />}
      {data === undefined ? undefined : <Next data={data} />}
      {data?.batched === true ? <Batches /> : undefined}
      {runs === undefined ? undefined : <LastBuild runs={runs} />}
      {runs === undefined ? undefined : <LastFailures runs={runs} />}
      <Problems problems={data?.warnings ?? []} />
    </section>
  );
}

/** What runs in this process or in another terminal. */
function Running({
  holder,
  underway,
}: {
  readonly holder: Holder;
  readonly underway: Underway | null;
}): preact.JSX.Element {
  const costs = useDocument<Costs>('costs', { by: 'model', since: holder.since }, 'money').data;
  return (
    <section>
      <h2>
        <span class="busy">{holder.command}</span>
      </h2>
      {underway === null ? undefined : <Course underway={underway} />}
      <p class="muted">
        since {holder.since.slice(0, 19).replace('T', ' ')} (UTC, pid {holder.pid})
        {costs === undefined
          ? ''
          : `; ${count(costs.total.attempts, 'call')} so far, ${spentUsd(costs.total)}`}
      </p>
    </section>
  );
}

function Course({ underway }: { readonly underway: Underway }): preact.JSX.Element {
  const { attempted, done, failed, inFlight, waiting, leftMs, pools, resting } = underway;
  return (
    <>
      <progress aria-label="done" max={Math.max(attempted, 1)} value={done} />
      <p>
        <b>
          {done.toLocaleString('en')} of {attempted.toLocaleString('en')}
        </b>{' '}
        done{failed > 0 ? <b class="bad">, {failed.toLocaleString('en')} failed</b> : ''},{' '}
        {count(inFlight, 'call')} in flight, {waiting.toLocaleString('en')} waiting
        {leftMs === undefined ? '' : `; about ${seconds(leftMs)} left`}
      </p>
      {pools.length < 2 && pools.every(({ pausedUntil }) => pausedUntil === undefined) ? undefined : (
        <ul class="reasons">
          {pools.map((pool) => (
            <li key={pool.name}>
              {pool.name}: {pool.inFlight} of {pool.limit} in flight, {pool.waiting.toLocaleString('en')}{' '}
              waiting
              {pool.pausedUntil === undefined ? '' : `, paused until ${timeOf(pool.pausedUntil)}`}
            </li>
          ))}
        </ul>
      )}
      {resting.map(({ provider, reason, until }) => (
        <p key={provider} class="bad">
          {provider} can not be reached ({reason}); it is asked again at {timeOf(until)}
        </p>
      ))}
    </>
  );
}

function timeOf(ms: number): string {
  return `${new Date(ms).toISOString().slice(11, 19)} (UTC)`;
}

function States({ data }: { readonly data: Standing }): preact.JSX.Element {
  const shown = STATES.filter((state) => state === 'current' || data.states[state] > 0);
  return (
    <div class="frame" tabIndex={0} role="region" aria-label="States by cohort and stage">
      <table class="plain">
        <thead>
          <tr>
            <th scope="col">cohort</th>
            <th scope="col">stage</th>
            {shown.map((state) => (
              <th key={state} scope="col" class="number">
                <State state={state} />
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {data.lines.map(({ cohort, stage, states }) => (
            <tr key={`${cohort} ${stage}`}>
              <th scope="row">{cohort}</th>
              <td>{stage}</td>
              {shown.map((state) => (
                <td key={state} class="number">
                  {states[state] === 0 ? (
                    <span class="muted">·</span>
                  ) : (
                    <a
                      href={addressOf('generations', {
                        select: `cohort:${cohort},stage:${stage},state:${state}`,
                      })}
                      aria-label={`${states[state]} ${state} of ${stage} in ${cohort}`}
                    >
                      {states[state].toLocaleString('en')}
                    </a>
                  )}
                </td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

function Next({ data: { states, held } }: { readonly data: Standing }): preact.JSX.Element {
  const open = states.stale + states.missing + states.pending + states.blocked + states.failed - held;
  if (open === 0 && held === 0 && states.submitted > 0)
    return <p>What is submitted comes with its batch; a build takes what has ended.</p>;
  if (open === 0 && held === 0)
    return (
      <p>
        Everything is current. <a href={addressOf('matrix')}>See the scores</a>, or edit a template, and see
        here what becomes of it.
      </p>
    );
  return (
    <p>
      {open > 0 ? <a href={addressOf('plan')}>See what would run, and at what price</a> : undefined}
      {open > 0 && held > 0 ? '; ' : ''}
      {held > 0 ? (
        <a href={addressOf('plan', { retry: 'all' })}>
          see what asking the {held} failed ones again would take
        </a>
      ) : undefined}
    </p>
  );
}

function Batches(): preact.JSX.Element | null {
  const all = useDocument<{ readonly batches: readonly BatchReport[] }>('batches', {}, 'any').data?.batches;
  if (all === undefined) return null;
  return (
    <div class="frame short" tabIndex={0} role="region" aria-label="Batches">
      <table class="plain">
        <caption>Batches, the newest first</caption>
        <Head
          titles={[
            'batch',
            'state',
            'model',
            ['questions', 'number'],
            ['kept', 'number'],
            ['failed', 'number'],
            ['USD', 'number'],
            'sent',
          ]}
        />
        <tbody>
          {all.map(({ id, state, remote, model, rows, ends, cost, reserved, unpriced, created }) => (
            <tr key={id}>
              <th scope="row">{remote?.id ?? id.slice(0, 8)}</th>
              <td>{remote?.status === undefined ? state : `${state} (${remote.status})`}</td>
              <td>{model}</td>
              <td class="number">{rows}</td>
              <td class="number">{ends?.kept ?? '–'}</td>
              <td class="number">{ends?.failed ?? '–'}</td>
              <td class="number">
                {cost !== undefined
                  ? usd(cost, ends?.unpriced)
                  : unpriced === undefined
                    ? `up to ${usd(reserved)}`
                    : 'unknown'}
              </td>
              <td>{created.slice(0, 19).replace('T', ' ')}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

function LastBuild({ runs: { runs } }: { readonly runs: RunPage }): preact.JSX.Element | null {
  const last = runs[0];
  if (last === undefined) return null;
  const made = Object.values(last.built).reduce((sum, many) => sum + many, 0);
  return (
    <p class="muted">
      The last build, <code>{last.command}</code>, began on {last.started.slice(0, 19).replace('T', ' ')}{' '}
      (UTC), made {count(made, 'generation')} in {seconds(last.durationMs)} and cost{' '}
      {usd(last.cost, unknownOf(last.spent))}. <a href={addressOf('runs')}>All builds</a>
    </p>
  );
}

function LastFailures({ runs: { runs } }: { readonly runs: RunPage }): preact.JSX.Element | null {
  const last = runs[0];
  if (last === undefined || last.failures.length === 0) return null;
  return (
    <section>
      <h2>Failures of the last build</h2>
      <ul class="reasons">
        {last.failures.map(({ code, title, message, cure, count: many, genIds }, place) => (
          <li key={place}>
            <b class="bad">{title}</b> {code === undefined ? undefined : <code class="muted">{code}</code>}{' '}
            <Told text={message} /> <span class="muted">({count(many, 'generation')})</span>{' '}
            {genIds.slice(0, 3).map((id) => (
              <a key={id} href={addressOf('generation', { id })}>
                {id}{' '}
              </a>
            ))}
            <br />
            <span class="muted">
              <Told text={cure} />
            </span>
          </li>
        ))}
      </ul>
    </section>
  );
}
