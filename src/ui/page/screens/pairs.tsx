// Two names of a facet side by side: which is better and by how much, by rubric and by judge, and the pairs of texts that differ most.
import { addressOf, route } from '../frame/route.ts';
import { useDocument } from '../frame/source.ts';
import { FACET_TITLES, narrowing } from '../parts/facets.tsx';
import { count, interval, score, signed } from '../parts/numbers.tsx';
import { Problems } from '../parts/problems.tsx';
import type { Difference, PairReport } from '../../../scores/book/pairs.ts';

export function PairsScreen(): preact.JSX.Element {
  const { words } = route.value;
  const { facet = '', a = '', b = '' } = Object.fromEntries(words);
  if (a !== '' && b !== '') return <Pairs facet={facet} a={a} b={b} />;
  return (
    <section>
      <h1>Compare</h1>
      <p class="empty">
        Nothing is compared yet: mark two rows of <a href={addressOf('matrix')}>the matrix</a>.
      </p>
    </section>
  );
}

interface Compared {
  readonly facet: string;
  readonly a: string;
  readonly b: string;
}

function Pairs({ facet, a, b }: Compared): preact.JSX.Element {
  const { data, problems, busy } = useDocument<PairReport>('pairs', { ...narrowing(), facet, a, b });
  return (
    <section aria-busy={busy}>
      <h1>
        <span class="side-a">{a}</span> <span class="muted">and</span> <span class="side-b">{b}</span>
      </h1>
      <Problems problems={problems} />
      {data === undefined ? undefined : <Report data={data} />}
    </section>
  );
}

function Report({ data }: { readonly data: PairReport }): preact.JSX.Element {
  const { difference, a, b, facet } = data;
  return (
    <>
      <p class="lead">{verdict(data)}</p>
      {data.apart.length === 0 ? undefined : (
        <p>
          Each of them comes with its own {data.apart.map((each) => FACET_TITLES[each]).join(' and its own ')}
          : what differs is of both together.
        </p>
      )}
      {data.meanA === null || data.meanB === null ? undefined : (
        <p class="muted">
          Compared where everything but the{' '}
          {[facet, ...data.apart].map((each) => FACET_TITLES[each]).join(' and the ')} is the same, replicates
          averaged: {count(difference.blocks, 'block')} of {count(difference.combos, 'combo')}. Over all its
          scores {a} has a mean of {score(data.meanA)}, {b} of {score(data.meanB)}.
        </p>
      )}
      <div class="columns">
        <Differences title="by rubric" lines={data.byRubric} />
        <Differences title="by judge" lines={data.byJudge} />
      </div>
      {data.pairs.length === 0 ? undefined : <PairTable data={data} />}
    </>
  );
}

/** What the difference bears out, in words. */
function verdict({ a, b, meanA, meanB, difference: { mean, low, high, combos } }: PairReport): string {
  if (meanA === null || meanB === null) return `There is no score of ${meanA === null ? a : b} here.`;
  if (mean === null) return 'Nothing can be paired: no two of their scores agree in everything else.';
  const [better, worse] = mean >= 0 ? [a, b] : [b, a];
  const by = Math.abs(mean).toFixed(2);
  if (low === null || high === null)
    return `${better} is ahead of ${worse} by ${by}, on ${count(combos, 'combo')} only: too few to say whether that holds for others.`;
  const range = `95 % interval of ${a} less ${b}: ${signed(low)} to ${signed(high)}`;
  return low <= 0 && high >= 0
    ? `Not told apart: ${better} is ahead by ${by}, and chance alone may do that (${range}).`
    : `${better} is better than ${worse}, by ${by} (${range}).`;
}

function Differences({
  title,
  lines,
}: {
  readonly title: string;
  readonly lines: readonly ({ readonly name: string } & Difference)[];
}): preact.JSX.Element | null {
  if (lines.length === 0) return null;
  const widest = Math.max(
    ...lines.flatMap(({ mean, low, high }) => [mean, low, high].map((each) => Math.abs(each ?? 0))),
    0.01,
  );
  return (
    <div tabIndex={0} role="region" aria-label={`Difference ${title}`}>
      <table class="plain">
        <caption>Difference {title}</caption>
        <thead>
          <tr>
            <th scope="col">{title.replace('by ', '')}</th>
            <th scope="col" class="number">
              difference
            </th>
            <th scope="col">95 % interval</th>
            <th scope="col" class="number">
              blocks
            </th>
            <th scope="col">
              <span class="hidden">drawn</span>
            </th>
          </tr>
        </thead>
        <tbody>
          {lines.map((line) => (
            <tr key={line.name}>
              <th scope="row">{line.name}</th>
              <td class="number">
                <b>{signed(line.mean)}</b>
              </td>
              <td>{interval(line.low, line.high) || 'too few to say'}</td>
              <td class="number">{line.blocks}</td>
              <td>
                <Whisker line={line} widest={widest} />
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

const HALF = 60;

/** A line of a forest plot: the interval around the mean, over a line for no difference. The numbers stand beside it. */
function Whisker({
  line,
  widest,
}: {
  readonly line: Difference;
  readonly widest: number;
}): preact.JSX.Element | null {
  const { mean, low, high } = line;
  if (mean === null) return null;
  const x = (value: number): number => HALF + (value / widest) * (HALF - 4);
  return (
    <svg class="whisker" viewBox={`0 0 ${2 * HALF} 16`} width={2 * HALF} height={16} aria-hidden="true">
      <line class="zero" x1={HALF} x2={HALF} y1={0} y2={16} />
      {low === null || high === null ? undefined : <line x1={x(low)} x2={x(high)} y1={8} y2={8} />}
      <circle cx={x(mean)} cy={8} r={3.5} />
    </svg>
  );
}

function PairTable({ data }: { readonly data: PairReport }): preact.JSX.Element {
  const { facet, a, b, pairs, total } = data;
  return (
    <div class="frame" tabIndex={0} role="region" aria-label="Pairs of texts">
      <table class="plain">
        <caption>
          {count(total, 'pair')} of texts that were made alike but for this; those that differ most come first
          {total > pairs.length ? ` (the first ${pairs.length})` : ''}
        </caption>
        <thead>
          <tr>
            <th scope="col">read</th>
            <th scope="col" class="number">
              {a}
            </th>
            <th scope="col" class="number">
              {b}
            </th>
            <th scope="col" class="number">
              difference
            </th>
            <th scope="col">combo</th>
            <th scope="col">alike in</th>
          </tr>
        </thead>
        <tbody>
          {pairs.map((pair, place) => (
            <tr key={`${pair.a} ${pair.b}`}>
              <th scope="row">
                <a href={addressOf('read', { ...narrowing(), facet, a, b, at: place })}>read both</a>
              </th>
              <td class="number">{score(pair.meanA)}</td>
              <td class="number">{score(pair.meanB)}</td>
              <td class="number">
                <b>{signed(pair.meanA - pair.meanB)}</b>
              </td>
              <td>{pair.combo}</td>
              <td class="muted">{pair.alike.join(' · ')}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}
