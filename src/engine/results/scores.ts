// The scores of cohorts with their statistics, and what it would cost to make a generation once more. Writes nothing.
import { type Graph, rowFinder, taskAt } from '../../graph/graph.ts';
import { CallHistory } from '../../model/money/history.ts';
import { costOfTokens, priceOfAsk } from '../../model/money/prices.ts';
import { type Judged, judgedIn, listed } from '../../scores/columns/judgements.ts';
import { type Doubt, doubtsOf, NOT_BUILT } from '../../scores/judges/doubts.ts';
import { type JudgeFailure, judgeFailures } from '../../scores/judges/failures.ts';
import { type JudgeFacts, type JudgeReport, judgeReport } from '../../scores/judges/traits.ts';
import { type ComparedDimension, dimensionsIn, levelsIn } from '../../scores/levels/dimensions.ts';
import { rankBy, type Ranked } from '../../scores/levels/ranking.ts';
import type { Over } from '../../scores/observations.ts';
import { type Measured as Measure, measuresOf, mixedScales, type ScaleSeen } from '../../scores/measures.ts';
import { aggregateScores, type GenReader, isScored, poolable, type ScoreRow } from '../../scores/rows.ts';
import { type PeopleStatistics, peopleStatistics } from '../../scores/people/people.ts';
import { type Noises, noisesIn } from '../../scores/separation/noise.ts';
import { type PriceOf, Prices } from '../../scores/separation/prices.ts';
import { openQuestions, separate, type SeparatedPair } from '../../scores/separation/pairs.ts';
import { type ScoreStatistics, scoreStatistics } from '../../scores/statistics.ts';
import { listGenerations } from '../../store/gens/genstore.ts';
import { CallsByGeneration } from '../../store/ledger/bygeneration.ts';
import type { LedgerEntry } from '../../store/ledger/ledger.ts';
import { type LedgerFold, LedgerReader } from '../../store/ledger/reader.ts';
import { FILES } from '../../store/gens/genindex.ts';
import { FILE } from '../../store/layout.ts';
import { ratingsThatCount } from './ratings.ts';
import { paidAsk } from '../money/callsahead.ts';
import { type Forecast, forecast } from '../money/forecast.ts';
import { evaluationsOfAll, readerOf, rememberingReader, scoresAt } from './reports.ts';
import type { Session } from '../project/session.ts';
import { defined } from '../../defined.ts';
import { inLastLine, SCALE } from '../../generation/parsers/scoreline.ts';
import type { Interval } from '../../statistics/clustered.ts';

export interface Measured {
  /** Each evaluation once, in the order of the cohorts and their memberships. */
  readonly rows: readonly ScoreRow[];
  readonly statistics: ScoreStatistics;
  /** Neighbours in rankings that the scores do not tell apart. */
  readonly pairs: readonly SeparatedPair[];
  /** What people said of these texts; undefined where nobody was asked. */
  readonly people: PeopleStatistics | undefined;
  /** Whether the judges can be believed. */
  readonly judging: Judging;
  /** The scale of all of these scores; undefined where nobody says, or they are on several. */
  readonly scale: Interval | undefined;
  /** The scales of scores that are averaged together although they differ; none where they are one. */
  readonly mixed: readonly ScaleSeen[];
  /** Named scores, and what code counted: on scales of their own, and in none of the others. */
  readonly measures: readonly Measure[];
}

export interface Judging {
  readonly report: JudgeReport;
  readonly failures: readonly JudgeFailure[];
  /** What of it gives reason to doubt a judge. */
  readonly doubts: readonly Doubt[];
}

export function measureRows(session: Session, rows: readonly ScoreRow[], over?: Over): Measured {
  const pooled = poolable(rows);
  const judged = judgedIn(pooled.filter(isScored));
  const statistics = scoreStatistics(pooled, defined({ over, kindOf: kindsOfRubrics(session) }), judged);
  const past = new LedgerReader(session.loaded.layout.ledger, () => new Past()).readToEnd();
  const priceOf = priceOnceMore(session, past.history);
  const input = { judged, noises: statistics.noises, prices: new Prices(judged.columns, priceOf) };
  const ratings = ratingsThatCount(session);
  return {
    rows,
    statistics,
    pairs: statistics.rankings.flatMap((ranked) => openQuestions(ranked, input)),
    people: ratings.length === 0 ? undefined : peopleStatistics(listed(judged), ratings, priceOf),
    judging: judgingOf(session, pooled, { judged, calls: past.calls }),
    scale: scaleOf(session, pooled),
    mixed: mixedIn(session, pooled),
    measures: measuresOf(rows, over ?? 'combos'),
  };
}

/** The scales of scores that would be averaged together although they differ. */
export function mixedIn(session: Session, rows: readonly ScoreRow[]): readonly ScaleSeen[] {
  return mixedScales(poolable(rows), kindsOfRubrics(session));
}

/** What of the scores gives reason to doubt a judge, without the rest of the statistics. */
export function judgeDoubts(session: Session, rows: readonly ScoreRow[]): readonly Doubt[] {
  const calls = new LedgerReader(session.loaded.layout.ledger, () => new CallsByGeneration()).readToEnd();
  const pooled = poolable(rows);
  const judged = judgedIn(pooled.filter(isScored));
  return judgingOf(session, pooled, { judged, calls }).doubts;
}

function judgingOf(
  session: Session,
  rows: readonly ScoreRow[],
  { judged, calls }: { readonly judged: Judged; readonly calls: CallsByGeneration },
): Judging {
  const report = judgeReport(judged, factsIn(session, calls));
  const failures = judgeFailures(rows, causesIn(session));
  return { report, failures, doubts: doubtsOf(report, failures) };
}

/** Rubrics are of one kind where one parser reads their scores: on other scales a difference says nothing. */
function kindsOfRubrics({ loaded: { graph } }: Session): (rubric: string) => string {
  const parsers = new Map(
    graph.boundTemplates.flatMap(({ stage, id, parser }) =>
      stage === 'evaluation' ? [[id, parser] as const] : [],
    ),
  );
  return (rubric) => parsers.get(rubric) ?? '';
}

/** The scale that the parsers of all rubrics have in common. */
export function scaleOf(session: Session, rows: readonly ScoreRow[]): Interval | undefined {
  const kindOf = kindsOfRubrics(session);
  return rows.every(({ evaluationTemplate }) => kindOf(evaluationTemplate) === inLastLine.name)
    ? SCALE
    : undefined;
}

/** All levels of a dimension, or some, with each of their pairs. */
export function rankLevels(
  session: Session,
  rows: readonly ScoreRow[],
  dimension: ComparedDimension,
  {
    over = 'combos',
    only,
  }: { readonly over?: Over | undefined; readonly only?: readonly string[] | undefined },
): Ranked {
  const scored = (dimension === 'rubric' ? rows : poolable(rows)).filter(isScored);
  const kindOf = dimension === 'rubric' ? kindsOfRubrics(session) : undefined;
  return rankBy(judgedIn(scored), dimension, { over, only, kindOf });
}

/** Two names of one kind with what would tell them apart, and where scores vary. */
export interface Separated {
  readonly ranked: Ranked;
  readonly pair: SeparatedPair;
  readonly noises: Noises;
}

/** Undefined where they are no two names of one kind. `difference` is the one to be shown; the one seen where it is left out. */
export function separateNamed(
  session: Session,
  rows: readonly ScoreRow[],
  [a, b]: readonly [string, string],
  {
    difference,
    over = 'combos',
  }: { readonly difference?: number | undefined; readonly over?: Over | undefined } = {},
): Separated | undefined {
  const scored = poolable(rows).filter(isScored);
  const judged = judgedIn(scored);
  for (const dimension of dimensionsIn(judged.columns)) {
    const ranked = rankBy(judged, dimension, { only: [a, b], over });
    const [first, second] = [a, b].map((name) => ranked.contenders.find((each) => each.name === name));
    if (first === undefined || second === undefined) continue;
    const noises = noisesIn(judged);
    const input = { judged, noises, prices: new Prices(judged.columns, priceOnceMore(session)), difference };
    return { ranked, pair: separate(ranked, [first, second], input), noises };
  }
  return undefined;
}

/** The names of each kind, for whoever named another. */
export function namesWithScores(rows: readonly ScoreRow[]): readonly string[] {
  const { columns } = judgedIn(rows.filter(isScored));
  return [...new Set(dimensionsIn(columns).flatMap((dimension) => levelsIn(columns, dimension).names))];
}

/** `given`: what the store was read by already. */
export function scoresOfCohorts(
  session: Session,
  cohortIds: readonly string[],
  given?: GenReader,
): readonly ScoreRow[] {
  const reader: GenReader & { readonly remember?: () => void } = given ?? rememberingReader(session);
  const rows = scoresAt(session, reader, evaluationsOfAll(session, cohortIds));
  reader.remember?.();
  return rows;
}

/** What the plan expects of such a call: its own prompt, and a reply as long as half of the like replies are, or what such replies were billed. */
function priceOnceMore(
  { loaded: { graph, layout }, index }: Session,
  history = new LedgerReader(layout.ledger, () => new CallHistory()).readToEnd(),
): PriceOf {
  const expected = forecast(graph, index, history);
  const rowOf = rowFinder(graph);
  const { promptTemplate, promptTemplates, askSet } = graph;
  const known = new Map<number, PriceOfRow>();
  return (stage, genId) => {
    const row = rowOf(stage, genId);
    if (row === undefined) return undefined;
    // All but the prompt is the same for rows that ask the same in the words of the same template.
    const kind = (askSet[row] ?? 0) * promptTemplates.length + (promptTemplate[row] ?? 0);
    let price = known.get(kind);
    if (price === undefined) known.set(kind, (price = priceLike(graph, row, expected)));
    return price(row);
  };
}

/** USD for one of the rows that ask the same in the words of the same template; undefined where there is no price, and nobody billed any. */
type PriceOfRow = (row: number) => number | undefined;

/** For rows of the kind of a row. */
function priceLike(graph: Graph, row: number, expected: Forecast): PriceOfRow {
  const ask = paidAsk(graph, row);
  if (ask === undefined) return () => 0;
  const price = priceOfAsk(ask);
  const task = taskAt(graph, row);
  const billed = expected.billed(ask.model, task.stage, price);
  if (price === undefined) return () => billed;
  const reply = expected.reply(task, ask).median;
  const factor = expected.factor(ask.model);
  return (each) =>
    Math.max(costOfTokens(price, expected.prompt(each, undefined).median * factor, reply), billed ?? 0);
}

/** The ledger read once for both. */
class Past implements LedgerFold {
  readonly history = new CallHistory();
  readonly calls = new CallsByGeneration();

  add(entry: LedgerEntry): void {
    this.history.add(entry);
    this.calls.add(entry);
  }
}

/** Lengths as the index has them; families by what a provider's name for a model begins with, where the config names no other. */
function factsIn({ loaded: { graph, settings }, index }: Session, calls: CallsByGeneration): JudgeFacts {
  const rowOf = rowFinder(graph);
  const families = new Map(
    graph.asks.flatMap((ask) =>
      ask?.model.includes('/') === true ? [[ask.modelId, ask.model.split('/')[0] ?? ''] as const] : [],
    ),
  );
  for (const [model, family] of Object.entries(settings.families ?? {})) families.set(model, family);
  return {
    lengthOf(genId) {
      const row = rowOf('essay', genId);
      return row === undefined || !index.has(row, FILE.parsed)
        ? undefined
        : index.sizes[row * FILES + FILE.parsed];
    },
    familyOf: (model) => families.get(model) ?? '',
    answeredAt: (genId) => calls.of('evaluation', genId).answered ?? undefined,
  };
}

/** Why an evaluation has no score: the recorded failure, what is wrong with its text, or that nobody has asked yet. */
function causesIn({ loaded: { graph }, index }: Session): (row: ScoreRow) => string {
  const rowOf = rowFinder(graph);
  return ({ genId, error }) => {
    if (error.startsWith('accepted as missing')) return error;
    const row = rowOf('evaluation', genId);
    const failure = row === undefined ? undefined : index.failureAt(row);
    if (failure !== undefined) return failure.kind;
    return row !== undefined && index.has(row, FILE.parsed) ? 'no number in parsed.txt' : NOT_BUILT;
  };
}

/** Every evaluation of the store, in a cohort or not. */
export function allScores({ loaded: { layout } }: Session): readonly ScoreRow[] {
  return aggregateScores(readerOf(layout), listGenerations(layout, 'evaluation'));
}
