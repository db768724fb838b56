// Two builds side by side: what each made, and, where both kept a record of it, which texts and scores are different. Reads the records.
import { defined } from '../../defined.ts';
import { STAGES, type GenId, type Stage } from '../../generation/stage.ts';
import type { Layout } from '../../store/layout.ts';
import { readMade, type Made, type MadeLine } from '../../store/runs/made.ts';
import type { RunRecord } from '../../store/runs/runs.ts';
import { runOf } from './money.ts';

export interface RunSide extends Pick<
  RunRecord,
  | 'id'
  | 'command'
  | 'started'
  | 'durationMs'
  | 'tags'
  | 'cost'
  | 'spent'
  | 'failed'
  | 'blocked'
  | 'left'
  | 'states'
> {
  readonly built: Readonly<Record<Stage, number>>;
}

export interface RunPair {
  readonly a: RunSide;
  readonly b: RunSide;
  /** Generations that one of them made, or both did. */
  readonly made: readonly {
    readonly stage: Stage;
    readonly a: number;
    readonly b: number;
    readonly both: number;
  }[];
  /** Null where one of them has no record of what there was: tagged builds keep it. */
  readonly kept: Kept | null;
}

export interface Kept {
  readonly stages: readonly {
    readonly stage: Stage;
    readonly same: number;
    readonly changed: number;
    readonly added: number;
    readonly gone: number;
  }[];
  /** Over the evaluations that both have a score of. */
  readonly scored: number;
  readonly meanA: number | null;
  readonly meanB: number | null;
  /** Those whose scores differ, the most first; at most 100. */
  readonly scores: readonly { readonly genId: GenId; readonly a: number; readonly b: number }[];
  readonly differ: number;
}

const MOST = 100;

/** A ProblemError where one of them is not there. */
export function runPairOf(layout: Layout, first: string, second: string): RunPair {
  const [a, b] = [runOf(layout, first), runOf(layout, second)];
  const [madeA, madeB] = [a, b].map(({ id }) => readMade(layout, id));
  const known = isKnown(madeA) && isKnown(madeB);
  return {
    a: sideOf(a),
    b: sideOf(b),
    made: STAGES.map((stage) => {
      const mine = new Set(a.built[stage]);
      return {
        stage,
        a: mine.size,
        b: b.built[stage].length,
        both: b.built[stage].filter((id) => mine.has(id)).length,
      };
    }),
    kept: known ? keptOf(madeA, madeB) : null,
  };
}

function isKnown(made: Made | 'damaged' | undefined): made is Made {
  return made !== undefined && made !== 'damaged';
}

function sideOf({ built, ...run }: RunRecord): RunSide {
  const { id, command, started, durationMs, tags, cost, spent, failed, blocked, left, states } = run;
  const counts = {
    draft: built.draft.length,
    essay: built.essay.length,
    evaluation: built.evaluation.length,
  };
  return {
    id,
    command,
    started,
    durationMs,
    tags,
    cost,
    ...defined({ spent }),
    failed,
    blocked,
    left,
    states,
    built: counts,
  };
}

function keptOf(before: Made, after: Made): Kept {
  const stages = STAGES.map((stage) => {
    const [first, second] = [linesOf(before, stage), linesOf(after, stage)];
    let [same, changed] = [0, 0];
    for (const [id, { text }] of first) {
      const now = second.get(id);
      if (now !== undefined && now.text === text) same++;
      else if (now !== undefined) changed++;
    }
    const common = same + changed;
    return { stage, same, changed, added: second.size - common, gone: first.size - common };
  });
  const [first, second] = [linesOf(before, 'evaluation'), linesOf(after, 'evaluation')];
  const pairs = [...first].flatMap(([genId, line]) => {
    const [a, b] = [scoreOf(line), scoreOf(second.get(genId))];
    return a === undefined || b === undefined ? [] : [{ genId, a, b }];
  });
  const differing = pairs
    .filter(({ a, b }) => a !== b)
    .sort((x, y) => Math.abs(y.b - y.a) - Math.abs(x.b - x.a) || (x.genId < y.genId ? -1 : 1));
  return {
    stages,
    scored: pairs.length,
    meanA: meanOf(pairs.map(({ a }) => a)),
    meanB: meanOf(pairs.map(({ b }) => b)),
    scores: differing.slice(0, MOST),
    differ: differing.length,
  };
}

function linesOf(made: Made, stage: Stage): ReadonlyMap<GenId, MadeLine> {
  return new Map(made.lines.filter((line) => line.stage === stage).map((line) => [line.genId, line]));
}

function meanOf(values: readonly number[]): number | null {
  return values.length === 0 ? null : values.reduce((sum, each) => sum + each, 0) / values.length;
}

function scoreOf(line: MadeLine | undefined): number | undefined {
  const score = line?.score?.['score'];
  return typeof score === 'number' ? score : undefined;
}
