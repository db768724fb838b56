// A sample of what a template edit made stale: which generations, what must run below them to see their scores, and old and new side
// by side. Runs nothing.
import { attemptedRows, type Plan } from '../../engine/plan/plan.ts';
import { scoreOfParsed } from '../../generation/parsedscore.ts';
import { at, childrenOf, keyAt, taskAt, type Children } from '../../graph/graph.ts';
import { WHY } from '../../plan/verdict.ts';
import { readArtifact } from '../../store/gens/genstore.ts';
import type { Observation } from '../../statistics/clustered.ts';
import { estimateMean } from '../../statistics/estimates.ts';
import { summarize } from '../../statistics/summary.ts';
import type { Sampled, ScoreChange } from '../events.ts';

const EVALUATION = 2;

export interface Sample {
  readonly plan: Plan;
  readonly rows: readonly number[];
  /** Evaluations by sampled row. */
  readonly judged: ReadonlyMap<number, readonly number[]>;
  readonly before: readonly Side[];
  /** Generations that the edit made stale and that are not in the sample. */
  readonly rest: number;
}

interface Side {
  readonly text: string | null;
  /** By evaluation. */
  readonly scores: ReadonlyMap<string, number>;
}

/** What sampled generations were when editing began, by their keys: an edit after the other is held against the same text. */
export type Begun = Map<string, Side>;

/** Undefined when no template edit made anything stale, or the sample would be all of it. */
export function sampleOf(plan: Plan, count: number, begun: Begun): Sample | undefined {
  const { graph } = plan.session.loaded;
  const { verdicts } = plan.judge;
  const edited = attemptedRows(plan).filter(
    (row) => (at(verdicts.why, row) & WHY.template) !== 0 && at(verdicts.cause, row) < 0,
  );
  const first = Math.min(...edited.map((row) => at(graph.stage, row)));
  const candidates = edited.filter((row) => at(graph.stage, row) === first);
  if (candidates.length <= count) return undefined;
  const rows = spread(candidates, count, (row) => `${at(graph.combo, row)} ${at(graph.model, row)}`);
  const scope = new Uint8Array(graph.size);
  const judged = new Map<number, readonly number[]>();
  const children = childrenOf(graph);
  for (const row of rows) {
    const chain = chainBelow(plan, children, row);
    for (const each of chain) scope[each] = 1;
    judged.set(
      row,
      chain.filter((each) => graph.stage[each] === EVALUATION),
    );
  }
  const part = { ...plan, scope };
  const before = rows.map((row) => {
    const key = keyAt(graph, row);
    const known = begun.get(key) ?? sideOf(part, row, judged.get(row) ?? []);
    begun.set(key, known);
    return known;
  });
  return { plan: part, rows, judged, before, rest: edited.length - rows.length };
}

/** One of each kind, then a second of each, until there are enough; rows in their order. */
function spread(rows: readonly number[], count: number, kindOf: (row: number) => string): readonly number[] {
  const kinds = new Map<string, number[]>();
  for (const row of rows) {
    const kind = kindOf(row);
    const list = kinds.get(kind);
    if (list === undefined) kinds.set(kind, [row]);
    else list.push(row);
  }
  const chosen: number[] = [];
  for (let round = 0; chosen.length < count; round++) {
    const turn = [...kinds.values()].flatMap((list) => list[round] ?? []);
    if (turn.length === 0) break;
    chosen.push(...turn.slice(0, count - chosen.length));
  }
  return chosen.sort((a, b) => a - b);
}

/** The row, one essay made from it, and all evaluations of that: as much as shows what becomes of its score. */
function chainBelow({ session, scope }: Plan, { start, rows }: Children, from: number): readonly number[] {
  const { graph } = session.loaded;
  const chain = [from];
  for (let row = from; graph.stage[row] !== EVALUATION;) {
    const below = Array.from(rows.subarray(at(start, row), at(start, row + 1))).filter(
      (each) => scope[each] === 1,
    );
    const [next] = below;
    if (next === undefined) return chain;
    if (graph.stage[next] === EVALUATION) return [...chain, ...below];
    chain.push(next);
    row = next;
  }
  return chain;
}

/** What the sampled generations were and are, once the sample has run, and what all their scores differ by. */
export function compare({ plan, rows, judged, before }: Sample): {
  readonly items: readonly Sampled[];
  readonly change: ScoreChange | null;
} {
  const { graph } = plan.session.loaded;
  const pairs: Observation[] = [];
  const items = rows.map((row, place) => {
    const task = taskAt(graph, row);
    const after = sideOf(plan, row, judged.get(row) ?? []);
    const was = before[place] ?? { text: null, scores: new Map<string, number>() };
    const own = pairsOf(was, after);
    pairs.push(...own.map(({ value }) => ({ value, cluster: task.genId })));
    return {
      genId: task.genId,
      stage: task.stage,
      template: task.template.id,
      combo: task.combo.id,
      model: task.modelId,
      before: was.text,
      after: after.text,
      scoreBefore: meanOf(was),
      scoreAfter: meanOf(after),
      scoresBefore: was.scores.size,
      scoresAfter: after.scores.size,
      change: changeOf(own),
    };
  });
  return { items, change: changeOf(pairs) };
}

/** Differences by evaluation. */
function pairsOf(before: Side, after: Side): readonly Observation[] {
  return [...after.scores].flatMap(([key, score]) => {
    const was = before.scores.get(key);
    return was === undefined ? [] : [{ value: score - was, cluster: key }];
  });
}

function changeOf(pairs: readonly Observation[]): ScoreChange | null {
  const estimate = estimateMean(pairs);
  if (estimate === undefined) return null;
  const { mean, interval } = estimate;
  return { pairs: pairs.length, mean, low: interval?.low ?? null, high: interval?.high ?? null };
}

function meanOf({ scores }: Side): number | null {
  return summarize([...scores.values()])?.mean ?? null;
}

function sideOf({ session: { loaded } }: Plan, row: number, evaluations: readonly number[]): Side {
  const { graph, layout } = loaded;
  const textOf = (each: number): string | undefined => {
    const { stage, genId } = taskAt(graph, each);
    return readArtifact(layout, stage, genId, 'parsed');
  };
  const judged = evaluations.includes(row) ? evaluations : [...evaluations, row];
  const scores = judged
    .filter((each) => graph.stage[each] === EVALUATION)
    .flatMap((each): readonly (readonly [string, number])[] => {
      const { score } = scoreOfParsed(textOf(each));
      return score === undefined ? [] : [[keyAt(graph, each), score]];
    });
  return { text: textOf(row) ?? null, scores: new Map(scores) };
}
