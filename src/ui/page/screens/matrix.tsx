// The matrix: scores by any two facets. A cell leads to its texts, two rows to what sets them apart.
import { useState } from 'preact/hooks';
import { addressOf, amend, go, route } from '../frame/route.ts';
import { useDocument } from '../frame/source.ts';
import { useComing } from '../parts/coming.tsx';
import { facetsIn, FACET_TITLES, Narrow, narrowing } from '../parts/facets.tsx';
import { Choice } from '../parts/fields.tsx';
import { count, Dots, interval, score } from '../parts/numbers.tsx';
import { Problems } from '../parts/problems.tsx';
import type { MatrixReport } from '../../../scores/book/matrixreport.ts';
import type { MatrixCell } from '../../../scores/book/matrix.ts';

const PAGE = 100;
/** As many rows and columns as a window of 1280 by 800 pixels shows are drawn at once. */
const AT_ONCE = { rows: 10, columns: 8 } as const;

export function MatrixScreen(): preact.JSX.Element {
  const { words } = route.value;
  const rows = words.get('rows') ?? 'draft_template';
  const columns = words.get('columns') ?? 'draft_model';
  const from = Number(words.get('from') ?? 0);
  const { data, problems, busy } = useDocument<MatrixReport>('matrix', {
    ...narrowing(),
    rows,
    columns,
    order: words.get('order') ?? undefined,
    by: words.get('by') ?? undefined,
    from,
    most: PAGE,
  });
  const facets = facetsIn(data?.choices);
  return (
    <section aria-busy={busy}>
      <h1>
        Mean scores by {FACET_TITLES[rows] ?? rows} and {FACET_TITLES[columns] ?? columns}
      </h1>
      <form class="fields" onSubmit={(event) => event.preventDefault()}>
        <Choice label="rows" name="rows" otherwise="draft_template" options={facets} />
        <Choice label="columns" name="columns" otherwise="draft_model" options={facets} />
        <Choice
          label="order"
          name="order"
          otherwise="mean"
          options={[
            ['mean', 'best mean first'],
            ['name', 'by name'],
          ]}
        />
        <Narrow
          choices={data?.choices}
          cohorts={data?.cohorts ?? []}
          facets={['rubric', 'judge', 'combo', 'essay_template', 'essay_model']}
        />
      </form>
      <Problems problems={problems} />
      {data === undefined ? undefined : <MatrixTable key={`${rows} ${columns}`} data={data} />}
    </section>
  );
}

function MatrixTable({ data }: { readonly data: MatrixReport }): preact.JSX.Element {
  const [chosen, choose] = useState<readonly string[]>([]);
  const by = route.value.words.get('by');
  if (data.rowCount === 0) return <p class="empty">No evaluation is meant by this.</p>;
  const [rowFacet, columnFacet] = data.by;
  const means = meansIn(data);
  const toggle = (name: string): void =>
    choose(chosen.includes(name) ? chosen.filter((each) => each !== name) : [...chosen, name].slice(-2));
  const more = data.columnCount - data.columns.length;
  const columns = useComing(data.columns, AT_ONCE.columns);
  const rows = useComing(data.rows, AT_ONCE.rows);
  return (
    <>
      <p class="line">
        <b>{score(data.all.mean)}</b> mean of {count(data.all.count, 'score')} of{' '}
        {count(data.all.essays, 'essay')}
        {data.all.low === null ? '' : `, 95 % interval ${interval(data.all.low, data.all.high)}`}
        {data.all.open > 0 ? `; ${count(data.all.open, 'evaluation')} not current` : ''}
        {more > 0 ? `; ${count(more, 'column')} more than are shown` : ''}
        <CompareButton facet={rowFacet} chosen={chosen} />
      </p>
      <div class="frame" tabIndex={0} role="region" aria-label="Matrix">
        <table
          class="matrix"
          aria-rowcount={data.rows.length + 1}
          aria-colcount={data.columns.length + 2}
          onKeyDown={moveInGrid}
        >
          <thead>
            <tr>
              <th scope="col">
                {FACET_TITLES[rowFacet]} <span class="muted">\ {FACET_TITLES[columnFacet]}</span>
              </th>
              <th scope="col" class="all">
                all
              </th>
              {columns.shown.map(({ name }, at) => (
                <th
                  key={name}
                  ref={at === columns.shown.length - 1 ? columns.end : null}
                  scope="col"
                  aria-sort={by === name ? 'descending' : undefined}
                >
                  <button
                    type="button"
                    class="head"
                    title="rows by this column, the best first"
                    onClick={() => amend({ by: by === name ? undefined : name, from: undefined })}
                  >
                    {name}
                  </button>
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {rows.shown.map(({ name, all }, place) => (
              <tr key={name}>
                <th scope="row" ref={place === rows.shown.length - 1 ? rows.end : null}>
                  <label>
                    <input
                      type="checkbox"
                      checked={chosen.includes(name)}
                      onChange={() => toggle(name)}
                      aria-label={`compare ${name}`}
                    />
                    {name}
                  </label>
                </th>
                <Cell cell={all} data={data} means={means} names={[name, undefined]} />
                {columns.shown.map((column, at) => (
                  <Cell
                    key={column.name}
                    cell={data.cells[place]?.[at] ?? null}
                    data={data}
                    means={means}
                    names={[name, column.name]}
                  />
                ))}
              </tr>
            ))}
          </tbody>
        </table>
      </div>
      <Pager from={data.from} shown={data.rows.length} total={data.rowCount} />
      <p class="muted key">
        In a cell: the mean, its 95 % interval (over combos; none where they are too few), how many scores
        there are, and each as a dot between {score(data.range?.[0])} and {score(data.range?.[1])}; ◐ where
        some of its evaluations are not current. The stronger the ground, the higher the mean, from{' '}
        {score(means?.[0])} to {score(means?.[1])}. Arrow keys move, Enter opens the texts.
      </p>
    </>
  );
}

function CompareButton({
  facet,
  chosen,
}: {
  readonly facet: string;
  readonly chosen: readonly string[];
}): preact.JSX.Element {
  const [a, b] = chosen;
  const compare = (): void => go('pairs', { ...narrowing(), facet, a, b });
  return (
    <button type="button" class="act" disabled={b === undefined} onClick={compare}>
      {b === undefined ? 'mark two rows to compare them' : 'compare the two'}
    </button>
  );
}

interface CellInput {
  readonly cell: MatrixCell | null;
  readonly data: MatrixReport;
  /** The least and the greatest mean that are shown. */
  readonly means: MatrixReport['range'];
  readonly names: readonly [row: string, column: string | undefined];
}

function Cell({ cell, data, means, names }: CellInput): preact.JSX.Element {
  if (cell === null) return <td class="none">·</td>;
  const [row, column] = names;
  const [rowFacet, columnFacet] = data.by;
  const where = {
    ...narrowing(),
    [rowFacet]: row,
    ...(column === undefined ? {} : { [columnFacet]: column }),
  };
  const missing = cell.open > 0 ? ` ${count(cell.open, 'evaluation')} not current.` : '';
  return (
    <td class={column === undefined ? 'all' : undefined}>
      <a
        href={addressOf('texts', where)}
        style={{ '--t': share(cell.mean, means) }}
        class={cell.mean === null ? 'unscored' : 'scored'}
      >
        <span class="mean">
          <span class="hidden">{[row, column].filter(Boolean).join(', ')}: mean </span>
          {score(cell.mean)}
        </span>
        <span class="count">
          {cell.open > 0 ? <span title={missing}>◐ </span> : undefined}
          {cell.count}
          <span class="hidden"> scores.{missing}</span>
        </span>
        <span class="interval">{interval(cell.low, cell.high)}</span>
        <Dots {...cell} range={data.range} />
      </a>
    </td>
  );
}

function meansIn({ rows, cells }: MatrixReport): MatrixReport['range'] {
  const means = [...rows.map(({ all }) => all), ...cells.flat()].flatMap((cell) => cell?.mean ?? []);
  return means.length === 0 ? null : [Math.min(...means), Math.max(...means)];
}

/** Where a mean lies in the range, in percent. */
function share(mean: number | null, range: MatrixReport['range']): string {
  if (mean === null || range === null) return '0';
  const [least, greatest] = range;
  return greatest === least ? '50' : String(Math.round(((mean - least) / (greatest - least)) * 100));
}

const to = (place: number) => (): void => amend({ from: place === 0 ? undefined : place });

export function Pager({
  from,
  shown,
  total,
}: {
  readonly from: number;
  readonly shown: number;
  readonly total: number;
}): preact.JSX.Element | null {
  if (shown >= total) return null;
  return (
    <p class="pager">
      <button type="button" disabled={from === 0} onClick={to(Math.max(0, from - PAGE))}>
        earlier
      </button>
      {from + 1} to {from + shown} of {total.toLocaleString('en')}
      <button type="button" disabled={from + shown >= total} onClick={to(from + PAGE)}>
        later
      </button>
    </p>
  );
}

/** Arrow keys go from cell to cell. */
function moveInGrid(event: KeyboardEvent): void {
  const steps: Readonly<Record<string, readonly [number, number]>> = {
    ArrowLeft: [0, -1],
    ArrowRight: [0, 1],
    ArrowUp: [-1, 0],
    ArrowDown: [1, 0],
  };
  const step = steps[event.key];
  const cell = (event.target as Element).closest('td, th');
  const line = cell?.parentElement;
  if (step === undefined || !(cell instanceof HTMLTableCellElement) || line === null || line === undefined)
    return;
  const next = step[0] === 0 ? line : step[0] > 0 ? line.nextElementSibling : line.previousElementSibling;
  const target = next?.children[cell.cellIndex + step[1]]?.querySelector<HTMLElement>('a, input');
  if (target === null || target === undefined) return;
  event.preventDefault();
  target.focus();
}
