// Two states of a project side by side: which generations, which inputs, which scores, which money. Knows no files and no git.
import { STAGES, type GenId, type Stage } from '../../generation/stage.ts';
import { compareCodePoints } from '../../text/python.ts';
import type { LedgerTotal } from '../../store/ledger/totals.ts';
import { contrastOfMeans, type Interval, type Observation } from '../../statistics/clustered.ts';
import { estimateMean } from '../../statistics/estimates.ts';
import { type Judged, judgedIn, judgementsOf } from '../../scores/columns/judgements.ts';
import { type Clustering, clusterOf, observationsOf, type Over } from '../../scores/observations.ts';
import { isScored, type ScoredRow, type ScoreRow } from '../../scores/rows.ts';
import { segmentAt } from '../../scores/columns/codes.ts';
import { type Dimension, levelsIn, rowsByLevel } from '../../scores/levels/dimensions.ts';
import { contendersOf } from '../../scores/levels/ranking.ts';
import { sum, summarize } from '../../statistics/summary.ts';

export interface ComparedGeneration {
  readonly stage: Stage;
  readonly genId: GenId;
  /** The digest of its parsed text; undefined where there is none. */
  readonly text: string | undefined;
}

export interface ComparedSide {
  readonly generations: readonly ComparedGeneration[];
  /** What generations are made from, by name, such as `draft template rolling-thread`: digests or short literals. */
  readonly inputs: ReadonlyMap<string, string>;
  readonly rows: readonly ScoreRow[];
  /** Undefined where no ledger of that time is there. */
  readonly spent: LedgerTotal | undefined;
}

export interface StageChange {
  readonly stage: Stage;
  readonly before: number;
  readonly now: number;
  readonly added: number;
  readonly removed: number;
  /** In both, with another text. */
  readonly changed: number;
  /** In both, with a text only now. */
  readonly made: number;
  /** In both, with a text only before. */
  readonly lost: number;
}

export function stageChanges(before: ComparedSide, now: ComparedSide): readonly StageChange[] {
  return STAGES.map((stage) => {
    const [old, young] = [before, now].map(({ generations }) => textsOf(generations, stage));
    const then = old ?? new Map<GenId, string | undefined>();
    const today = young ?? new Map<GenId, string | undefined>();
    const both = [...today].filter(([id]) => then.has(id)).map(([id, text]) => [then.get(id), text] as const);
    return {
      stage,
      before: then.size,
      now: today.size,
      added: today.size - both.length,
      removed: then.size - both.length,
      changed: both.filter(([a, b]) => a !== undefined && b !== undefined && a !== b).length,
      made: both.filter(([a, b]) => a === undefined && b !== undefined).length,
      lost: both.filter(([a, b]) => a !== undefined && b === undefined).length,
    };
  });
}

function textsOf(
  generations: readonly ComparedGeneration[],
  stage: Stage,
): ReadonlyMap<GenId, string | undefined> {
  return new Map(generations.filter((each) => each.stage === stage).map(({ genId, text }) => [genId, text]));
}

export interface InputChange {
  readonly name: string;
  readonly change: 'added' | 'removed' | 'changed';
}

/** In code point order of the names. */
export function inputChanges(before: ComparedSide, now: ComparedSide): readonly InputChange[] {
  const names = [...new Set([...before.inputs.keys(), ...now.inputs.keys()])].sort(compareCodePoints);
  return names.flatMap((name): InputChange[] => {
    const [then, today] = [before.inputs.get(name), now.inputs.get(name)];
    if (then === today) return [];
    return [{ name, change: then === undefined ? 'added' : today === undefined ? 'removed' : 'changed' }];
  });
}

export interface Difference {
  /** Now less before. */
  readonly value: number;
  /** 95 %; undefined where nothing can be said. */
  readonly interval: Interval | undefined;
  /** `paired`: of the essays that both sides have, each with itself. `independent`: there are fewer than two of those. */
  readonly basis: 'paired' | 'independent';
  readonly essays: number;
}

/**
 * How a mean differs. Essays that both sides have are compared with themselves, under the same rubric and judge, so that what
 * makes one essay better than another falls out. Without two such essays it is the difference of the two means. The interval
 * holds for further combos, or for these and further essays of them.
 *
 * Source: for pairing, E. Miller, Adding error bars to evals (2024), arXiv:2411.00640, section on paired differences.
 */
export function meanDifference(
  before: readonly ScoredRow[],
  now: readonly ScoredRow[],
  over: Over = 'combos',
): Difference | undefined {
  const clustering = over === 'combos' ? 'combo' : 'essay';
  const pairs = pairedDifferences(before, now, clustering);
  const paired = estimateMean(pairs);
  const essays = new Set(pairs.map(({ essay }) => essay)).size;
  if (paired !== undefined && essays > 1)
    return { value: paired.mean, interval: paired.interval, basis: 'paired', essays };
  const found = contrastOfMeans([
    { weight: -1, observations: observationsOf(before, clustering) },
    { weight: 1, observations: observationsOf(now, clustering) },
  ]);
  if (found === undefined) return undefined;
  const judged = [before, now].map((rows) => new Set(rows.map((row) => row.parentGenId)).size);
  return { value: found.value, interval: found.interval, basis: 'independent', essays: sum(judged) };
}

function pairedDifferences(
  before: readonly ScoredRow[],
  now: readonly ScoredRow[],
  clustering: Clustering,
): (Observation & { readonly essay: GenId })[] {
  const then = new Map(judgedMeans(before, clustering).map(({ key, mean }) => [JSON.stringify(key), mean]));
  return judgedMeans(now, clustering).flatMap(({ key, mean, essay, cluster }) => {
    const old = then.get(JSON.stringify(key));
    return old === undefined ? [] : [{ value: mean - old, cluster, essay }];
  });
}

/** The mean of replicates for each essay, rubric and judge. */
function judgedMeans(
  rows: readonly ScoredRow[],
  clustering: Clustering,
): {
  readonly key: readonly string[];
  readonly mean: number;
  readonly essay: GenId;
  readonly cluster: string;
}[] {
  return judgementsOf(rows).map(({ row, mean }) => ({
    key: [row.parentGenId, row.evaluationTemplate, row.evaluationModel],
    mean,
    essay: row.parentGenId,
    cluster: clusterOf(row, clustering),
  }));
}

export interface ScoreChange {
  readonly by: 'all' | Dimension;
  readonly name: string;
  readonly before: number | undefined;
  readonly now: number | undefined;
  readonly difference: Difference | undefined;
}

const COMPARED = [
  'draft_template',
  'draft_model',
  'essay_template',
  'essay_model',
  'rubric',
  'combo',
] as const;

/** Over all, then by what was chosen: what is only on one side has no difference. */
export function scoreChanges(
  before: ComparedSide,
  now: ComparedSide,
  over: Over = 'combos',
): readonly ScoreChange[] {
  const [then, today] = [before.rows.filter(isScored), now.rows.filter(isScored)];
  const [past, present] = [judgedIn(then), judgedIn(today)];
  return [
    changeOf('all', '', [then, today], over),
    ...COMPARED.flatMap((dimension) => {
      const rowsBy = (judged: Judged): ReadonlyMap<string, readonly ScoredRow[]> =>
        new Map(
          levelsIn(judged.columns, dimension).names.map((name, level) => [
            name,
            Array.from(segmentAt(rowsByLevel(judged.columns, dimension), level)).flatMap(
              (place) => judged.columns.rows[place] ?? [],
            ),
          ]),
        );
      const [old, young] = [rowsBy(past), rowsBy(present)];
      const names = [...new Set([...old.keys(), ...young.keys()])].sort(compareCodePoints);
      return names.map((name) =>
        changeOf(dimension, name, [old.get(name) ?? [], young.get(name) ?? []], over),
      );
    }),
  ];
}

function changeOf(
  by: ScoreChange['by'],
  name: string,
  [before, now]: readonly [readonly ScoredRow[], readonly ScoredRow[]],
  over: Over,
): ScoreChange {
  const [then, today] = [before, now].map((rows) => summarize(rows.map((row) => row.score))?.mean);
  return { by, name, before: then, now: today, difference: meanDifference(before, now, over) };
}

export interface MovedEssay {
  readonly essayId: GenId;
  readonly before: number;
  readonly now: number;
}

/** Essays that both sides have scores for and whose mean differs, the largest difference first. */
export function movedEssays(before: ComparedSide, now: ComparedSide): readonly MovedEssay[] {
  const then = new Map(
    contendersOf(judgedIn(before.rows.filter(isScored)), 'essay').map(({ name, estimate }) => [
      name,
      estimate.mean,
    ]),
  );
  return contendersOf(judgedIn(now.rows.filter(isScored)), 'essay')
    .flatMap(({ name: essayId, estimate }): MovedEssay[] => {
      const old = then.get(essayId);
      return old === undefined || old === estimate.mean ? [] : [{ essayId, before: old, now: estimate.mean }];
    })
    .sort(
      (a, b) =>
        Math.abs(b.now - b.before) - Math.abs(a.now - a.before) || compareCodePoints(a.essayId, b.essayId),
    );
}
