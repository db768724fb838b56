// What was spent, drawn and as a table: by the day, in the colours of what it is told apart by, and in all. Never by colour alone: the
// table beside it names every part.
import { useMemo } from 'preact/hooks';
import { Head } from '../../parts/head.tsx';
import { count, spentUsd } from '../../parts/numbers.tsx';
import { PlotView, type Library } from '../../parts/plot/plot.tsx';
import type { Costs } from '../../../../api/reading/money.ts';

/** Parts with a colour of their own; the rest is one. */
const COLOURS = 7;
const REST = 'the rest';

interface SpentInput {
  readonly costs: Costs;
  /** The same by the day too; undefined while it is on its way. */
  readonly daily: Costs | undefined;
  readonly by: string;
}

export function Spent({ costs: { total, lines }, daily, by }: SpentInput): preact.JSX.Element {
  const names = useMemo(
    () =>
      lines
        .toSorted((a, b) => b.cost - a.cost)
        .slice(0, COLOURS)
        .map(({ key }) => nameOf(key)),
    [lines],
  );
  if (total.attempts === 0) return <p>No call to a provider is on record.</p>;
  const colourOf = (key: string): number => (by === 'day' ? 0 : names.indexOf(nameOf(key)));
  return (
    <>
      <p class="lead">
        {spentUsd(total)} for {count(total.attempts, 'call')}
        {total.unpriced > 0 ? `, ${total.unpriced} of a price that nobody knows` : ''}
        {total.maybeBilled > 0 ? `, ${total.maybeBilled} lost on the way, which may have been billed` : ''}
      </p>
      <div class="columns">
        {daily === undefined || total.cost === 0 ? undefined : <ByDay daily={daily} by={by} names={names} />}
        <div>
          <table class="plain">
            <Head
              titles={[
                by,
                ['USD', 'number'],
                ['share', 'number'],
                ['calls', 'number'],
                ['answered', 'number'],
                ['tokens in', 'number'],
                ['tokens out', 'number'],
              ]}
            />
            <tbody>
              {lines.map((line) => (
                <tr key={line.key}>
                  <th scope="row">
                    <span class={`swatch c${colourOf(line.key)}`} aria-hidden="true" /> {nameOf(line.key)}
                  </th>
                  <td class="number">{spentUsd(line)}</td>
                  <td class="number">
                    {total.cost === 0 ? '' : `${Math.round((line.cost / total.cost) * 100)} %`}
                  </td>
                  <td class="number">{line.attempts.toLocaleString('en')}</td>
                  <td class="number">{line.replies.toLocaleString('en')}</td>
                  <td class="number">{line.promptTokens.toLocaleString('en')}</td>
                  <td class="number">{line.completionTokens.toLocaleString('en')}</td>
                </tr>
              ))}
            </tbody>
          </table>
        </div>
      </div>
    </>
  );
}

function nameOf(key: string): string {
  return key === '' ? 'not named' : key;
}

interface Portion {
  readonly day: Date;
  readonly name: string;
  readonly cost: number;
}

interface ByDayInput {
  readonly daily: Costs;
  readonly by: string;
  /** Those with a colour of their own. */
  readonly names: readonly string[];
}

function ByDay({ daily, by, names }: ByDayInput): preact.JSX.Element {
  const portions = useMemo(() => portionsOf(daily, names), [daily, names]);
  const parts = by === 'day' ? ['spent'] : [...names, REST];
  const draw = useMemo(
    () => (plot: Library) => ({
      height: 240,
      marginLeft: 56,
      x: { type: 'utc' as const, label: null },
      y: { label: 'USD', grid: true, zero: true },
      color: {
        domain: parts,
        range: [...parts.slice(0, COLOURS).map((_, at) => `var(--c${at})`), 'var(--c-1)'],
      },
      marks: [
        plot.rectY(portions, {
          x: 'day',
          y: 'cost',
          fill: 'name',
          interval: 'day',
          order: parts,
          inset: 0.5,
        }),
        plot.ruleY([0]),
      ],
    }),
    [portions, parts.join()],
  );
  const what = by === 'day' ? 'USD spent on each day (UTC)' : `USD spent on each day (UTC), by ${by}`;
  return (
    <figure class="drawn">
      <figcaption>{what}</figcaption>
      <PlotView label={what} draw={draw} />
    </figure>
  );
}

/** Of each day and each part that has a colour, what was spent. */
function portionsOf({ by, lines }: Costs, names: readonly string[]): readonly Portion[] {
  const sums = new Map<string, Portion>();
  for (const { key, cost } of lines) {
    const values = key.split('\n');
    const day = values[by.indexOf('day')] ?? '';
    const other = by.findIndex((each) => each !== 'day');
    const own = nameOf(values[other] ?? '');
    const name = other < 0 ? 'spent' : names.includes(own) ? own : REST;
    const at = `${day} ${name}`;
    sums.set(at, { day: new Date(`${day}T00:00:00Z`), name, cost: cost + (sums.get(at)?.cost ?? 0) });
  }
  return [...sums.values()].filter(({ day }) => !Number.isNaN(day.getTime()));
}
