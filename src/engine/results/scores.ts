// The scores of cohorts with their statistics, and what it would cost to make a generation once more. Writes nothing.
import { rowsByKey, taskAt } from '../../graph/graph.ts';
import { CallHistory } from '../../model/money/history.ts';
import { costOfTokens, priceOfAsk } from '../../model/money/prices.ts';
import { judgementsOf } from '../../scores/judgements.ts';
import type { ComparedDimension } from '../../scores/levels/dimensions.ts';
import { rankBy, type Ranked } from '../../scores/levels/ranking.ts';
import type { Over } from '../../scores/observations.ts';
import { aggregateScores, isScored, type ScoreRow } from '../../scores/rows.ts';
import {
  openQuestions,
  type PriceOf,
  type ScoreStatistics,
  scoreStatistics,
  type SeparatedPair,
} from '../../scores/statistics.ts';
import { listGenerations } from '../../store/gens/genstore.ts';
import { LedgerReader } from '../../store/ledger/reader.ts';
import { paidAsk } from '../money/callsahead.ts';
import { forecast } from '../money/forecast.ts';
import { cohortScores, readerOf } from './reports.ts';
import type { Session } from '../project/session.ts';
import { genKey } from '../../generation/stage.ts';
import { defined } from '../../defined.ts';

export interface Measured {
  /** Each evaluation once, in the order of the cohorts and their memberships. */
  readonly rows: readonly ScoreRow[];
  readonly statistics: ScoreStatistics;
  /** Neighbours in rankings that the scores do not tell apart. */
  readonly pairs: readonly SeparatedPair[];
}

export function measure(session: Session, cohortIds: readonly string[], over?: Over): Measured {
  return measureRows(session, scoresOfCohorts(session, cohortIds), over);
}

export function measureRows(session: Session, rows: readonly ScoreRow[], over?: Over): Measured {
  const statistics = scoreStatistics(rows, defined({ over, kindOf: kindsOfRubrics(session) }));
  const priceOf = priceOnceMore(session);
  return { rows, statistics, pairs: statistics.rankings.flatMap((ranked) => openQuestions(ranked, priceOf)) };
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
  const scored = rows.filter(isScored);
  const kindOf = dimension === 'rubric' ? kindsOfRubrics(session) : undefined;
  return rankBy(scored, judgementsOf(scored), dimension, { over, only, kindOf });
}

export function scoresOfCohorts(session: Session, cohortIds: readonly string[]): readonly ScoreRow[] {
  const rows = new Map<string, ScoreRow>();
  for (const id of cohortIds)
    for (const row of cohortScores(session, id)) if (!rows.has(row.genId)) rows.set(row.genId, row);
  return [...rows.values()];
}

/** What the plan expects of such a call: its own prompt, and a reply as long as half of the like replies are. */
export function priceOnceMore({ loaded: { graph, layout }, index }: Session): PriceOf {
  const history = new LedgerReader(layout.ledger, () => new CallHistory()).readToEnd();
  const expected = forecast(graph, index, history);
  const rowOf = rowsByKey(graph);
  return (stage, genId) => {
    const row = rowOf.get(genKey({ stage, genId }));
    if (row === undefined) return undefined;
    const ask = paidAsk(graph, row);
    if (ask === undefined) return 0;
    const price = priceOfAsk(ask);
    if (price === undefined) return undefined;
    const task = taskAt(graph, row);
    const prompt = expected.prompt(row, undefined).median * expected.factor(ask.model);
    return costOfTokens(price, prompt, expected.reply(task, ask).median);
  };
}

/** Every evaluation of the store, in a cohort or not. */
export function allScores({ loaded: { layout } }: Session): readonly ScoreRow[] {
  return aggregateScores(readerOf(layout), listGenerations(layout, 'evaluation'));
}
