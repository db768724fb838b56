// What a view knows at one moment: inputs, verdicts and scores, and the columns that are made of them when they are asked for.
// Reads nothing.
import type { Session } from '../../engine/project/session.ts';
import { STAGES } from '../../generation/stage.ts';
import { at, childrenOf, idAt, type Children, type Graph } from '../../graph/graph.ts';
import { STATES } from '../../plan/verdict.ts';
import type { Judged } from '../../plan/explain.ts';
import { type Judge, STATE, type Verdicts } from '../../plan/judge.ts';
import { type ScoreBook, wayName, waysOf } from '../../scores/book/scorebook.ts';
import { withParameters } from '../../scores/book/parameters.ts';
import type { ScoreTable } from '../../scores/book/scoretable.ts';
import { cohortMarks } from './marks.ts';
import type { Reading } from '../reading/open.ts';

const EVALUATION = STAGES.length - 1;
/** Answers that are kept of one moment at most. */
const MOST_KEPT = 32;

export type JudgedNow = Pick<Facts, 'verdicts' | 'judge'>;

export class Facts {
  readonly session: Session;
  readonly verdicts: Verdicts;
  /** What a plan begins with; undefined where the verdicts say more than it may know. */
  readonly judge: Judge | undefined;
  /** By row; NaN where there is no score that counts. */
  readonly scores: Float64Array;
  #book: ScoreBook | undefined;
  #skeleton: Skeleton | undefined;
  #children: Children | undefined;
  #rows: ReadonlyMap<string, number> | undefined;
  readonly #kept = new Map<string, unknown>();

  constructor(session: Session, { verdicts, judge }: JudgedNow, scores: Float64Array) {
    this.session = session;
    this.verdicts = verdicts;
    this.judge = judge;
    this.scores = scores;
  }

  get graph(): Graph {
    return this.session.loaded.graph;
  }

  get judged(): Judged {
    return { graph: this.graph, index: this.session.index, verdicts: this.verdicts };
  }

  /** As the functions of `api/reading` want it. */
  get reading(): Reading {
    return { session: this.session, judged: this.judged };
  }

  /** Scores, and what they are scores of. */
  get book(): ScoreBook {
    this.#skeleton ??= skeletonOf(this.graph);
    return (this.#book ??= bookOf(this, this.#skeleton));
  }

  get children(): Children {
    return (this.#children ??= childrenOf(this.graph));
  }

  /** Undefined for an id that no cohort has. */
  rowOf(genId: string): number | undefined {
    this.#rows ??= new Map(this.graph.ids.map((id, row) => [id, row]));
    return this.#rows.get(genId);
  }

  /** What follows from these facts and the question alone is worked out once: who asks again is told the same. */
  kept<T>(question: string, work: () => T): T {
    if (this.#kept.has(question)) return this.#kept.get(question) as T;
    const answer = work();
    const [oldest] = this.#kept.keys();
    if (oldest !== undefined && this.#kept.size >= MOST_KEPT) this.#kept.delete(oldest);
    this.#kept.set(question, answer);
    return answer;
  }

  /** The next facts, with what still holds of these. */
  with(session: Session, judged: JudgedNow, scores: Float64Array): Facts {
    const next = new Facts(session, judged, scores);
    if (session.loaded.structure === this.session.loaded.structure) {
      next.#skeleton = this.#skeleton;
      next.#children = this.#children;
      next.#rows = this.#rows;
    }
    return next;
  }
}

/** What of scores depends on who is made from whom alone. */
interface Skeleton {
  /** Evaluations. */
  readonly rows: Uint32Array;
  readonly essays: Uint32Array;
  readonly columns: Pick<ScoreTable, 'names' | 'codes'>;
}

function skeletonOf(graph: Graph): Skeleton {
  const { parent, template, model, combo } = graph;
  const rows = rowsOfStage(graph, EVALUATION);
  const [essay, draft] = [along(parent, rows), along(parent, along(parent, rows))];
  const own = {
    draft_template: along(template, draft),
    draft_model: along(model, draft),
    essay_template: along(template, essay),
    essay_model: along(model, essay),
    combo: along(combo, draft),
    rubric: along(template, rows),
    judge: along(model, rows),
  };
  const ways = waysOf([own.draft_template, own.draft_model, own.essay_template, own.essay_model], (codes) => {
    const [a = 0, b = 0, c = 0, d = 0] = codes;
    const { models, templates } = graph;
    const name = (code: number): string => templates[code]?.id ?? '';
    return wayName([name(a), models[b] ?? '', name(c), models[d] ?? '']);
  });
  const templates = graph.templates.map(({ id }) => id);
  const names = {
    way: ways.names,
    draft_template: templates,
    draft_model: graph.models,
    essay_template: templates,
    essay_model: graph.models,
    combo: graph.combos,
    rubric: templates,
    judge: graph.models,
  };
  const columns = withParameters({ names, codes: { ...own, way: ways.codes } }, rows.length);
  return { rows, essays: essay, columns };
}

function bookOf({ graph, verdicts, scores }: Facts, { rows, essays, columns }: Skeleton): ScoreBook {
  const table: ScoreTable = {
    size: rows.length,
    ...columns,
    scores: scoresAt(scores, rows),
    essays,
    open: openAt(verdicts.state, rows),
  };
  const stateAt = (row: number): string => at(STATES, at(verdicts.state, row));
  return {
    table,
    cohorts: graph.cohorts.map(({ id }) => id),
    among(cohort) {
      const marks = cohortMarks(graph, cohort);
      return Uint8Array.from(rows, (row) => at(marks, row));
    },
    evaluationAt(place) {
      const row = at(rows, place);
      return { genId: idAt(graph, row), replicate: at(graph.replicate, row), state: stateAt(row) };
    },
    essayAt: (row) => ({
      genId: idAt(graph, row),
      draft: idAt(graph, at(graph.parent, row)),
      state: stateAt(row),
    }),
  };
}

/** What a column has at these rows. */
function along(column: ArrayLike<number>, rows: Uint32Array): Uint32Array {
  const values = new Uint32Array(rows.length);
  for (let place = 0; place < rows.length; place++) values[place] = column[rows[place] ?? 0] ?? 0;
  return values;
}

function scoresAt(scores: Float64Array, rows: Uint32Array): Float64Array {
  const values = new Float64Array(rows.length);
  for (let place = 0; place < rows.length; place++) values[place] = scores[rows[place] ?? 0] ?? Number.NaN;
  return values;
}

/** 1 for what is not current. */
function openAt(states: ArrayLike<number>, rows: Uint32Array): Uint8Array {
  const values = new Uint8Array(rows.length);
  for (let place = 0; place < rows.length; place++) {
    const state = states[rows[place] ?? 0];
    values[place] = state === STATE.current || state === STATE.edited ? 0 : 1;
  }
  return values;
}

function rowsOfStage({ stage, size }: Graph, wanted: number): Uint32Array {
  const rows = new Uint32Array(size);
  let found = 0;
  for (let row = 0; row < size; row++) if (stage[row] === wanted) rows[found++] = row;
  return rows.slice(0, found);
}
