// Scores drawn: means with their intervals, every judge's scores, one judge against another, and scores by length. Each picture has its
// numbers beside it, and needs no colour.
import { useMemo } from 'preact/hooks';
import { route } from '../frame/route.ts';
import { useDocument } from '../frame/source.ts';
import { narrowing, Narrow } from '../parts/facets.tsx';
import { Choice } from '../parts/fields.tsx';
import { Head } from '../parts/head.tsx';
import { count, interval, score } from '../parts/numbers.tsx';
import { Patience } from '../parts/patience.tsx';
import { PlotView, type Library } from '../parts/plot/plot.tsx';
import { roomFor } from '../parts/plot/room.ts';
import { Caution, Problems } from '../parts/problems.tsx';
import type { MatrixReport } from '../../../scores/book/matrixreport.ts';
import type { JudgesReport, LengthsReport } from '../../../scores/book/points.ts';
import type { ShownTable } from '../../documents/shown.ts';

const LINE = 22;
/** Pixels of a picture. */
const NARROW = 480;
/** Lines of a forest that are drawn; the table of statistics has all. */
const MOST = 40;

export function PlotsScreen(): preact.JSX.Element {
  const choices = useDocument<MatrixReport>('matrix', { most: 1 }).data;
  return (
    <section>
      <h1>Plots</h1>
      <form class="fields" onSubmit={(event) => event.preventDefault()}>
        <Narrow
          choices={choices?.choices}
          cohorts={choices?.cohorts ?? []}
          facets={['rubric', 'draft_template', 'essay_template', 'combo']}
        />
      </form>
      <Forest />
      <DotsByJudge />
      <JudgeAgainstJudge />
      <ScoreByLength />
    </section>
  );
}

interface Level {
  readonly name: string;
  readonly mean: number;
  readonly low: number | null;
  readonly high: number | null;
}

function Forest(): preact.JSX.Element {
  const cohort = route.value.words.get('cohort') ?? undefined;
  const { data, problems } = useDocument<{
    readonly caution?: string;
    readonly tables: readonly ShownTable[];
  }>('statistics', {
    cohort,
  });
  const table = data?.tables.find(({ name }) => name === 'ranking');
  const kinds = useMemo(() => kindsIn(table), [table]);
  const by = route.value.words.get('by') ?? kinds[0] ?? '';
  const levels = useMemo(() => levelsIn(table, by), [table, by]);
  const draw = useMemo(
    () => (plot: Library, width: number) => {
      const domain = levels.map(({ name }) => name);
      const { margin, tickFormat } = roomFor(domain, width * 0.43);
      return {
        height: LINE * levels.length + 50,
        marginLeft: margin,
        inset: 6,
        x: { label: 'mean score', grid: true },
        y: { label: null, domain, tickFormat },
        marks: [
          plot.ruleY(
            levels.filter(({ low }) => low !== null),
            { y: 'name', x1: 'low', x2: 'high', strokeWidth: 2 },
          ),
          plot.dot(levels, {
            x: 'mean',
            y: 'name',
            r: 4,
            stroke: 'currentColor',
            fill: ({ low }: Level) => (low === null ? 'none' : 'currentColor'),
          }),
        ],
      };
    },
    [levels],
  );
  if (data === undefined)
    return (
      <section>
        <h2>Means with their 95 % intervals</h2>
        <Problems problems={problems} />
        <Patience what="Every score is compared with every other" />
      </section>
    );
  return (
    <section>
      <h2>Means with their 95 % intervals</h2>
      <Problems problems={problems} />
      <Caution text={data.caution} />
      <Choice
        label="of"
        name="by"
        otherwise={kinds[0] ?? ''}
        options={kinds.map((kind) => [kind, kind.replaceAll('_', ' ')] as const)}
      />
      <div class="columns">
        <div>
          {levels.length === 0 ? undefined : (
            <PlotView
              label={`Means by ${by}, with their intervals; the table beside has the numbers`}
              draw={draw}
            />
          )}
          <p class="muted key">A hollow dot has no interval: too few to say.</p>
        </div>
        <Numbers
          title={`Means by ${by.replaceAll('_', ' ')}`}
          heads={[by.replaceAll('_', ' '), 'mean', '95 % interval']}
          lines={levels.map(({ name, mean, low, high }) => [
            name,
            score(mean),
            interval(low, high) || 'too few to say',
          ])}
        />
      </div>
    </section>
  );
}

function columnOf(table: ShownTable, name: string): number {
  return table.columns.findIndex((column) => column.name === name);
}

function kindsIn(table: ShownTable | undefined): readonly string[] {
  if (table === undefined) return [];
  const at = columnOf(table, 'by');
  return [...new Set(table.rows.map((row) => String(row[at])))].filter((kind) => kind !== 'all');
}

function number(cell: string | number | null | undefined): number | null {
  return typeof cell === 'number' ? cell : null;
}

function levelsIn(table: ShownTable | undefined, by: string): readonly Level[] {
  if (table === undefined) return [];
  const [kind, name, mean, low, high] = ['by', 'name', 'mean', 'low', 'high'].map((each) =>
    columnOf(table, each),
  ) as [number, number, number, number, number];
  return table.rows
    .filter((row) => row[kind] === by)
    .map((row) => ({
      name: String(row[name]),
      mean: number(row[mean]) ?? 0,
      low: number(row[low]),
      high: number(row[high]),
    }))
    .sort((a, b) => b.mean - a.mean)
    .slice(0, MOST);
}

interface Dot {
  readonly judge: string;
  readonly rubric: string;
  readonly score: number;
  readonly count: number;
}

function DotsByJudge(): preact.JSX.Element | null {
  const { data } = useDocument<MatrixReport>('matrix', {
    ...narrowing(),
    rows: 'judge',
    columns: 'rubric',
    order: 'name',
  });
  const draw = useMemo(() => {
    const cells = (data?.rows ?? []).flatMap(({ name: judge }, row) =>
      (data?.columns ?? []).map(({ name: rubric }, at) => ({
        judge,
        rubric,
        cell: data?.cells[row]?.[at] ?? null,
      })),
    );
    const dots = cells.flatMap(({ judge, rubric, cell }): Dot[] =>
      (cell?.dots ?? []).map(([value, many]) => ({ judge, rubric, score: value, count: many })),
    );
    const means = cells.flatMap(({ judge, rubric, cell }) =>
      typeof cell?.mean !== 'number' ? [] : [{ judge, rubric, mean: cell.mean }],
    );
    return (plot: Library, width: number) => {
      // Names on both sides leave the dots half of a narrow screen.
      const isNarrow = width < NARROW;
      const judges = roomFor(
        cells.map(({ judge }) => judge),
        width * (isNarrow ? 0.25 : 0.3),
      );
      const rubrics = roomFor(
        cells.map(({ rubric }) => rubric),
        width * (isNarrow ? 0.27 : 0.4),
      );
      return {
        height: LINE * (data?.rows.length ?? 1) * (data?.columns.length ?? 1) + 90,
        marginLeft: judges.margin,
        marginRight: rubrics.margin,
        insetLeft: 8,
        insetRight: 8,
        x: { label: 'score', grid: true, tickSpacing: 50 },
        y: { label: null, tickFormat: judges.tickFormat },
        fy: { label: null, tickFormat: rubrics.tickFormat },
        r: { range: [1.5, 7] as [number, number] },
        marks: [
          plot.dot(dots, {
            x: 'score',
            y: 'judge',
            fy: 'rubric',
            r: 'count',
            fill: 'currentColor',
            fillOpacity: 0.45,
          }),
          plot.tickX(means, { x: 'mean', y: 'judge', fy: 'rubric', strokeWidth: 2 }),
        ],
      };
    };
  }, [data]);
  if (data === undefined || data.all.count === 0) return null;
  return (
    <section>
      <h2>Every score, by judge and rubric</h2>
      <div class="columns">
        <div>
          <PlotView
            label="Scores by judge and rubric as dots; the table beside has means and counts"
            draw={draw}
          />
          <p class="muted key">A dot is as large as there are scores; the stroke is the mean.</p>
        </div>
        <Numbers
          title="Means by judge and rubric"
          heads={['judge', 'rubric', 'mean', 'scores']}
          words={2}
          lines={data.rows.flatMap(({ name }, row) =>
            data.columns.flatMap((column, at) => {
              const cell = data.cells[row]?.[at];
              return cell === null || cell === undefined
                ? []
                : [[name, column.name, score(cell.mean), String(cell.count)]];
            }),
          )}
        />
      </div>
    </section>
  );
}

function JudgeAgainstJudge(): preact.JSX.Element | null {
  const { words } = route.value;
  const [a, b] = ['a', 'b'].map((name) => words.get(name) ?? undefined);
  const { data } = useDocument<JudgesReport>('judgepairs', { ...narrowing(), judge: undefined, a, b });
  const draw = useMemo(() => {
    const points = data?.points ?? [];
    const values = points.flatMap(({ x, y }) => [x, y]);
    const ends = [Math.min(...values), Math.max(...values)];
    return (plot: Library, width: number) => ({
      height: width * 0.8,
      marginLeft: 50,
      grid: true,
      x: { label: data?.a ?? '' },
      y: { label: data?.b ?? '' },
      r: { range: [2, 8] as [number, number] },
      marks: [
        plot.line(
          ends.map((end) => [end, end] as const),
          { strokeDasharray: '4 4', strokeOpacity: 0.6 },
        ),
        plot.dot(points, { x: 'x', y: 'y', r: 'count', fill: 'currentColor', fillOpacity: 0.45 }),
      ],
    });
  }, [data]);
  if (data === undefined || data.judges.length < 2) return null;
  return (
    <section>
      <h2>One judge against another</h2>
      <div class="fields">
        <Choice label="across" name="a" otherwise={data.a} options={data.judges} />
        <Choice label="up" name="b" otherwise={data.b} options={data.judges} />
      </div>
      <div class="columns">
        <div>
          {data.count === 0 ? (
            <p>They have no text in common.</p>
          ) : (
            <PlotView label={`Mean scores of the same essays by ${data.a} and by ${data.b}`} draw={draw} />
          )}
          <p class="muted key">On the dashed line both give the same.</p>
        </div>
        <Numbers
          title="What both have scored"
          heads={['', 'value']}
          lines={[
            ['essays by rubric', data.count.toLocaleString('en')],
            [`mean of ${data.a}`, score(data.meanA)],
            [`mean of ${data.b}`, score(data.meanB)],
            ['correlation', score(data.correlation)],
          ]}
        />
      </div>
    </section>
  );
}

function ScoreByLength(): preact.JSX.Element | null {
  const { data } = useDocument<LengthsReport>('lengths', narrowing());
  const draw = useMemo(
    () => (plot: Library, width: number) => ({
      height: width * 0.6,
      grid: true,
      x: { label: 'bytes of the text' },
      y: { label: 'mean score' },
      r: { range: [2, 8] as [number, number] },
      marks: [
        plot.dot(data?.points ?? [], { x: 'x', y: 'y', r: 'count', fill: 'currentColor', fillOpacity: 0.45 }),
      ],
    }),
    [data],
  );
  if (data === undefined || data.count === 0) return null;
  return (
    <section>
      <h2>Score by length</h2>
      <div class="columns">
        <div>
          <PlotView
            label="Mean score of an essay by the length of its text; the table beside has four groups"
            draw={draw}
          />
          <p class="muted key">
            {count(data.count, 'essay')}; correlation {score(data.correlation)}.
          </p>
        </div>
        <Numbers
          title="In four groups of as many essays"
          heads={['bytes', 'essays', 'mean']}
          lines={data.quarters.map(({ shortest, longest, essays, mean }) => [
            `${shortest.toLocaleString('en')} to ${longest.toLocaleString('en')}`,
            String(essays),
            score(mean),
          ])}
        />
      </div>
    </section>
  );
}

interface NumbersInput {
  readonly title: string;
  readonly heads: readonly string[];
  readonly lines: readonly (readonly string[])[];
  /** Of the columns, so many hold words; the others hold numbers. */
  readonly words?: number;
}

function Numbers({ title, heads, lines, words = 1 }: NumbersInput): preact.JSX.Element {
  return (
    <div class="frame short" tabIndex={0} role="region" aria-label={title}>
      <table class="plain">
        <caption>{title}</caption>
        <Head
          titles={heads.map((head, at) =>
            head === '' ? (['what', 'hidden'] as const) : at < words ? head : ([head, 'number'] as const),
          )}
        />
        <tbody>
          {lines.map((line, place) => (
            <tr key={place}>
              {line.map((cell, at) =>
                at === 0 ? (
                  <th key={at} scope="row">
                    {cell}
                  </th>
                ) : (
                  <td key={at} class={at < words ? undefined : 'number'}>
                    {cell}
                  </td>
                ),
              )}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}
