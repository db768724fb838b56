// The report as one page: data in, text out. It fetches nothing, which its own policy forbids, and opens from disk.
import { hash } from 'node:crypto';
import type { LedgerTotal } from '../../store/ledger/totals.ts';
import type { ScoreRow } from '../../scores/rows.ts';
import type { Ranked } from '../../scores/levels/ranking.ts';
import type { PeopleStatistics } from '../../scores/people/people.ts';
import type { SeparatedPair } from '../../scores/separation/pairs.ts';
import type { ScoreStatistics } from '../../scores/statistics.ts';
import type { JudgingTables } from '../tables/judging.ts';
import { statisticsTables } from '../tables/statistics.ts';
import { roundOrBlank } from '../../statistics/summary.ts';
import {
  type Cell,
  type ColumnOf,
  floatColumn,
  integerColumn,
  type Table,
  tableOf,
  textColumn,
} from '../tables/table.ts';
import { type EssayTexts, essaySection, readableEssays } from './essaysection.ts';
import { html, jsonIsland, type Markup } from './markup.ts';
import { matrixSection } from './matrixsection.ts';
import { SCRIPT } from './pagescript.ts';
import { STYLE } from './pagestyle.ts';
import { tableMarkup } from './tablemarkup.ts';

/** How many generations of a cohort's stage there are and how they stand. */
export interface MemberCount {
  readonly cohort: string;
  readonly stage: string;
  readonly members: number;
  readonly current: number;
}

export interface PageInput {
  /** A cohort's name, or what stands for all of them. */
  readonly title: string;
  readonly rows: readonly ScoreRow[];
  readonly statistics: ScoreStatistics;
  readonly pairs: readonly SeparatedPair[];
  readonly people?: PeopleStatistics | undefined;
  readonly judging?: JudgingTables | undefined;
  readonly variance: Table;
  /** What making these generations has cost. */
  readonly cost: {
    readonly total: LedgerTotal;
    readonly byStage: readonly LedgerTotal[];
    readonly byModel: readonly LedgerTotal[];
  };
  readonly members: readonly MemberCount[];
  /** The settings that decide what is asked, by name. */
  readonly settings: readonly (readonly [string, string])[];
  /** Files that the cohort came from, by path below the project. */
  readonly sources: readonly { readonly path: string; readonly text: string }[];
  readonly texts: EssayTexts;
}

/** The whole document. The same input gives the same text. */
export function reportPage(input: PageInput): string {
  const { title, rows, statistics } = input;
  const essays = statistics.rankings.find(({ dimension }) => dimension === 'essay');
  const ranked: Ranked = essays ?? {
    dimension: 'essay',
    clustering: 'evaluation',
    contenders: [],
    pairs: [],
    family: 0,
  };
  const data = jsonIsland('data', { version: 1, essays: readableEssays(ranked, rows, input.texts) });
  const { markup } = html`<!doctype html>
    <html lang="en">
      <head>
        <meta charset="utf-8" />
        <meta http-equiv="Content-Security-Policy" content="${POLICY}" />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <meta name="referrer" content="no-referrer" />
        <title>${title} · daydream report</title>
        ${raw('style', STYLE)}
      </head>
      <body>
        <header>
          <h1>${title}</h1>
          ${overview(input)}
          <nav aria-label="Sections">
            <a href="#matrix">Matrix</a><a href="#essays">Essays</a><a href="#statistics">Statistics</a
            ><a href="#cost">Cost</a><a href="#origin">Origin</a>
          </nav>
        </header>
        <main>
          ${matrixSection(rows)}${essaySection(ranked, input.texts)}${statisticsSection(input)}${costSection(input)}${originSection(input)}
        </main>
        ${data} ${raw('script', SCRIPT)}
      </body>
    </html> `;
  return markup;
}

/** Only the page's own style and script, by their digests; no address at all. */
const POLICY = [
  "default-src 'none'",
  `style-src 'sha256-${hash('sha256', STYLE, 'base64')}'`,
  `script-src 'sha256-${hash('sha256', SCRIPT, 'base64')}'`,
  "base-uri 'none'",
  "form-action 'none'",
].join('; ');

/** A text of this program, to the letter: the policy holds its digest. */
function raw(element: 'style' | 'script', text: string): Markup {
  return { markup: `<${element}>${text}</${element}>` };
}

function overview({ statistics, members }: PageInput): Markup {
  const { evaluations, scored, essays, overall } = statistics;
  const open = members.reduce((count, each) => count + each.members - each.current, 0);
  const mean =
    overall === undefined
      ? 'no scores yet'
      : `mean ${overall.mean.toFixed(2)}${overall.interval === undefined ? '' : `, 95 % interval ${overall.interval.low.toFixed(2)} to ${overall.interval.high.toFixed(2)}`}`;
  return html`<p>${scored} scores of ${essays} essays, ${mean}.</p>
    ${scored < evaluations ? html`<p class="warning">Caution: ${evaluations - scored} of ${evaluations} evaluations have no score.</p>` : undefined}
    ${open > 0 ? html`<p class="warning">Caution: ${open} ${open === 1 ? 'generation was' : 'generations were'} not current when this page was written.</p>` : undefined}`;
}

function statisticsSection({ statistics, pairs, people, judging, variance }: PageInput): Markup {
  const tables = statisticsTables(statistics, pairs, { people, judging }).filter(
    ({ name }) => name !== 'essays',
  );
  return html`<section id="statistics">
    <h2>Statistics</h2>
    ${tables.map(
      ({ name, title, table }) =>
        html`<h3>${name}</h3>
          ${shortTable(table, 'by', title)}`,
    )}
    <h3>variance</h3>
    ${shortTable(variance, 'analysis_type', 'How far scores of the same combo, template and model differ: over all, by judge, by rubric')}
  </section>`;
}

/** Lines of one kind that a page shows; the tables beside it hold all. */
const MOST_LINES = 300;

/** The first lines of each kind, a column's word being the kind. */
function shortTable({ columns, rows }: Table, kind: string, title: string): Markup {
  const at = columns.findIndex(({ name }) => name === kind);
  const seen = new Map<Cell, number>();
  const kept = rows.filter((row) => {
    const count = (seen.get(row[at]) ?? 0) + 1;
    seen.set(row[at], count);
    return count <= MOST_LINES;
  });
  const more = rows.length - kept.length;
  const caption =
    more === 0 ? title : `${title} (the first ${MOST_LINES} of a kind; ${more} more are in the tables)`;
  return tableMarkup({ columns, rows: kept }, caption);
}

const COST: readonly ColumnOf<LedgerTotal & { readonly by: string }>[] = [
  textColumn('by', (each) => each.by),
  textColumn('name', (each) => each.key),
  integerColumn('calls', (each) => each.attempts),
  integerColumn('replies', (each) => each.replies),
  integerColumn('prompt tokens', (each) => each.promptTokens),
  integerColumn('reply tokens', (each) => each.completionTokens),
  floatColumn('usd', (each) => roundOrBlank(each.cost, 4)),
  integerColumn('unpriced replies', (each) => each.unpriced),
  integerColumn('maybe billed', (each) => each.maybeBilled),
];

function costSection({ cost: { total, byStage, byModel } }: PageInput): Markup {
  if (total.attempts === 0)
    return html`<section id="cost">
      <h2>Cost</h2>
      <p>No call to a provider is on record for these generations.</p>
    </section>`;
  const lines = [
    { ...total, by: 'all' },
    ...byStage.map((each) => ({ ...each, by: 'stage' })),
    ...byModel.map((each) => ({ ...each, by: 'model' })),
  ];
  return html`<section id="cost">
    <h2>Cost</h2>
    ${tableMarkup(tableOf(COST, lines), 'Every call on record for these generations, failed ones among them')}
  </section>`;
}

const MEMBERS: readonly ColumnOf<MemberCount>[] = [
  textColumn('cohort', (each) => each.cohort),
  textColumn('stage', (each) => each.stage),
  integerColumn('generations', (each) => each.members),
  integerColumn('current', (each) => each.current),
];

function originSection({ members, settings, sources }: PageInput): Markup {
  return html`<section id="origin">
    <h2>Where it came from</h2>
    ${tableMarkup(tableOf(MEMBERS, members), 'Membership')}
    <h3>Settings</h3>
    <dl>
      ${settings.map(
        ([name, value]) =>
          html`<dt>${name}</dt>
            <dd>${value}</dd>`,
      )}
    </dl>
    <h3>Files</h3>
    ${sources.map(
      ({ path, text }) =>
        html`<details>
          <summary>${path}</summary>
          <pre tabindex="0">${text}</pre>
        </details>`,
    )}
  </section>`;
}
