// What a report's page carries with it: the scores, the best texts, the tables, and where all of it came from.
import type { MemberCount, PageInput } from '../../engine/results/page.ts';
import { SETTLED, STATES } from '../../plan/verdict.ts';
import { unpackedBook, type PackedBook } from '../../scores/book/packed.ts';
import { packedBook } from '../../scores/book/packing.ts';
import { mixedText } from '../../scores/measures.ts';
import { essaysInOrder } from '../../scores/book/essays.ts';
import { statisticsTables } from '../../report/tables/statistics.ts';
import { type ColumnOf, floatColumn, integerColumn, tableOf, textColumn } from '../../report/tables/table.ts';
import { type LedgerTotal, unknownInTotal } from '../../store/ledger/totals.ts';
import { roundOrBlank } from '../../statistics/summary.ts';
import { shownTable, type ShownTable } from '../documents/shown.ts';

export interface ExportData {
  readonly version: 1;
  readonly title: string;
  /** What a reader has to be warned of. */
  readonly cautions: readonly string[];
  readonly total: number;
  readonly current: number;
  readonly evaluations: number;
  readonly scored: number;
  readonly book: PackedBook;
  /** Of essays, by id: the best ones, as many as fit. */
  readonly texts: Readonly<Record<string, string>>;
  /** Lengths of those that are carried up to a place only, by id. */
  readonly cut: Readonly<Record<string, number>>;
  /** The data root as seen from the page, a relative URL without a slash at its end. */
  readonly dataRoot: string;
  readonly tables: readonly ShownTable[];
  readonly origin: Origin;
}

export interface Origin {
  readonly costs: ShownTable;
  readonly members: readonly MemberCount[];
  readonly settings: readonly (readonly [string, string])[];
  readonly sources: readonly { readonly path: string; readonly text: string }[];
}

/** UTF-16 units of essays that the page carries; the best come first, the others are links. */
const MOST_TEXT = 6_000_000;
/** Of one of them, so that it does not take the room of the others: as many as a page with a server is given at once. */
const MOST_OF_ONE = 200_000;
/** Lines of one kind that a page shows; the tables beside it hold all. */
const MOST_LINES = 300;

export function exportData(input: PageInput): ExportData {
  const { title, statistics, pairs, people, judging, scale, mixed, measures, members, settings, sources } =
    input;
  const book = packedBook({
    ...input,
    isSettled: (state) => STATES.some((each) => each === state && SETTLED.has(each)),
  });
  const total = members.reduce((sum, each) => sum + each.members, 0);
  const current = members.reduce((sum, each) => sum + each.current, 0);
  const { evaluations, scored } = statistics;
  // A page shows its essays by themselves.
  const beside = { people, judging, scale, measures, essays: 0 };
  const tables = statisticsTables(statistics, pairs, beside).filter(({ name }) => name !== 'essays');
  return {
    version: 1,
    title,
    cautions: [
      ...(scored < evaluations
        ? [`${evaluations - scored} of ${evaluations} evaluations have no score.`]
        : []),
      ...[mixedText(mixed ?? [])].filter((each) => each !== undefined),
      ...(current < total
        ? [
            `${total - current} ${total - current === 1 ? 'generation was' : 'generations were'} not current when this page was written.`,
          ]
        : []),
    ],
    total,
    current,
    evaluations,
    scored,
    book,
    ...textsOf(book, input),
    dataRoot: input.dataRoot,
    tables: [
      ...tables.map((each) => shownTable(each, { by: 'by', most: MOST_LINES })),
      shownTable(
        {
          name: 'variance',
          title: 'How far scores of the same combo, template and model differ: over all, by judge, by rubric',
          table: input.variance,
        },
        { by: 'analysis_type', most: MOST_LINES },
      ),
    ],
    origin: { costs: costsOf(input), members, settings, sources },
  };
}

function textsOf(packed: PackedBook, { textOf }: PageInput): Pick<ExportData, 'texts' | 'cut'> {
  const book = unpackedBook(packed);
  const texts: [string, string][] = [];
  const cut: [string, number][] = [];
  let room = MOST_TEXT;
  for (const essay of essaysInOrder(book, { order: 'best' })) {
    if (room <= 0) break;
    const { genId } = book.essayAt(essay);
    const text = textOf(genId);
    if (text === undefined) continue;
    const carried = beginningOf(text);
    room -= carried.length;
    texts.push([genId, carried]);
    if (carried.length < text.length) cut.push([genId, text.length]);
  }
  return { texts: Object.fromEntries(texts), cut: Object.fromEntries(cut) };
}

/** No letter is cut in two. */
function beginningOf(text: string): string {
  if (text.length <= MOST_OF_ONE) return text;
  const last = text.charCodeAt(MOST_OF_ONE - 1);
  return text.slice(0, last >= 0xd800 && last < 0xdc00 ? MOST_OF_ONE - 1 : MOST_OF_ONE);
}

const COST: readonly ColumnOf<LedgerTotal & { readonly by: string }>[] = [
  textColumn('by', (each) => each.by),
  textColumn('name', (each) => each.key),
  integerColumn('calls', (each) => each.attempts),
  integerColumn('replies', (each) => each.replies),
  integerColumn('prompt_tokens', (each) => each.promptTokens),
  integerColumn('reply_tokens', (each) => each.completionTokens),
  floatColumn('usd', (each) =>
    each.cost === 0 && unknownInTotal(each) > 0 ? 'unknown' : roundOrBlank(each.cost, 4),
  ),
  integerColumn('unpriced', (each) => each.unpriced),
  integerColumn('maybe_billed', (each) => each.maybeBilled),
];

function costsOf({ cost: { total, byStage, byModel } }: PageInput): ShownTable {
  const lines =
    total.attempts === 0
      ? []
      : [
          { ...total, by: 'all' },
          ...byStage.map((each) => ({ ...each, by: 'stage' })),
          ...byModel.map((each) => ({ ...each, by: 'model' })),
        ];
  const title = 'Every call on record for these generations, failed ones among them';
  return shownTable({ name: 'cost', title, table: tableOf(COST, lines) }, { by: 'by', most: MOST_LINES });
}
