// A sample of what a template edit made stale: which generations, what must run below them to see their scores, and old and new side
// by side. Runs nothing.
import { attemptedRows, type Plan } from '../../engine/plan/plan.ts';
import { scoreOfParsed } from '../../generation/parsedscore.ts';
import { at, childrenOf, taskAt, type Children } from '../../graph/graph.ts';
import { WHY } from '../../plan/verdict.ts';
import { readArtifact } from '../../store/gens/genstore.ts';
import type { Sampled } from '../events.ts';

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
  readonly score: number | null;
}

/** Undefined when no template edit made anything stale, or the sample would be all of it. */
export function sampleOf(plan: Plan, count: number): Sample | undefined {
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
  const before = rows.map((row) => sideOf(part, row, judged.get(row) ?? []));
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

/** What the sampled generations were and are, once the sample has run. */
export function compare({ plan, rows, judged, before }: Sample): readonly Sampled[] {
  const { graph } = plan.session.loaded;
  return rows.map((row, place) => {
    const task = taskAt(graph, row);
    const after = sideOf(plan, row, judged.get(row) ?? []);
    const was = before[place];
    return {
      genId: task.genId,
      stage: task.stage,
      template: task.template.id,
      combo: task.combo.id,
      model: task.modelId,
      before: was?.text ?? null,
      after: after.text,
      scoreBefore: was?.score ?? null,
      scoreAfter: after.score,
    };
  });
}

function sideOf({ session: { loaded } }: Plan, row: number, evaluations: readonly number[]): Side {
  const textOf = (each: number): string | undefined => {
    const { stage, genId } = taskAt(loaded.graph, each);
    return readArtifact(loaded.layout, stage, genId, 'parsed');
  };
  const judged = evaluations.includes(row) ? evaluations : [...evaluations, row];
  const scores = judged
    .filter((each) => loaded.graph.stage[each] === EVALUATION)
    .flatMap((each) => scoreOfParsed(textOf(each)).score ?? []);
  const mean = scores.reduce((sum, score) => sum + score, 0) / scores.length;
  return { text: textOf(row) ?? null, score: scores.length === 0 ? null : mean };
}
