// What a view knows at one moment: inputs, verdicts and scores, and the columns that are made of them when they are asked for.
// Reads nothing.
import type { Session } from '../../engine/project/session.ts';
import { STAGES } from '../../generation/stage.ts';
import { at, childrenOf, type Children, type Graph } from '../../graph/graph.ts';
import type { Judged } from '../../plan/explain.ts';
import { STATE, type Verdicts } from '../../plan/judge.ts';
import type { Facet, ScoreTable } from '../../scores/scoretable.ts';
import type { Reading } from '../reading/open.ts';

const EVALUATION = STAGES.length - 1;

export class Facts {
  readonly session: Session;
  readonly verdicts: Verdicts;
  /** By row; NaN where there is no score that counts. */
  readonly scores: Float64Array;
  #evaluations: Evaluations | undefined;
  #children: Children | undefined;
  #rows: ReadonlyMap<string, number> | undefined;

  constructor(session: Session, verdicts: Verdicts, scores: Float64Array) {
    this.session = session;
    this.verdicts = verdicts;
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

  get evaluations(): Evaluations {
    return (this.#evaluations ??= evaluationsOf(this));
  }

  get children(): Children {
    return (this.#children ??= childrenOf(this.graph));
  }

  /** Undefined for an id that no cohort has. */
  rowOf(genId: string): number | undefined {
    this.#rows ??= new Map(this.graph.ids.map((id, row) => [id, row]));
    return this.#rows.get(genId);
  }

  /** The next facts, with what still holds of these. */
  with(session: Session, verdicts: Verdicts, scores: Float64Array): Facts {
    const next = new Facts(session, verdicts, scores);
    if (session.loaded.structure === this.session.loaded.structure) {
      next.#children = this.#children;
      next.#rows = this.#rows;
    }
    return next;
  }
}

/** The score table, and which row of the graph each of its rows is. */
export interface Evaluations {
  readonly table: ScoreTable;
  readonly rows: Uint32Array;
}

function evaluationsOf({ graph, verdicts, scores }: Facts): Evaluations {
  const rows = Uint32Array.from(rowsOfStage(graph, EVALUATION));
  const template = (row: number): number => at(graph.template, row);
  const model = (row: number): number => at(graph.model, row);
  const essay = rows.map((row) => at(graph.parent, row));
  const draft = essay.map((row) => at(graph.parent, row));
  const own = {
    draft_template: draft.map(template),
    draft_model: draft.map(model),
    essay_template: essay.map(template),
    essay_model: essay.map(model),
    combo: draft.map((row) => at(graph.combo, row)),
    rubric: rows.map(template),
    judge: rows.map(model),
  };
  const templates = graph.templates.map(({ id }) => id);
  const ways = waysOf([own.draft_template, own.draft_model, own.essay_template, own.essay_model], (codes) => {
    const [a, b, c, d] = codes as [number, number, number, number];
    return `${templates[a] ?? ''}@${graph.models[b] ?? ''} > ${templates[c] ?? ''}@${graph.models[d] ?? ''}`;
  });
  const codes: Record<Facet, Uint32Array> = { ...own, way: ways.codes };
  const names: Record<Facet, readonly string[]> = {
    way: ways.names,
    draft_template: templates,
    draft_model: graph.models,
    essay_template: templates,
    essay_model: graph.models,
    combo: graph.combos,
    rubric: templates,
    judge: graph.models,
  };
  const table: ScoreTable = {
    size: rows.length,
    names,
    codes,
    scores: Float64Array.from(rows, (row) => scores[row] ?? Number.NaN),
    essays: essay,
    open: Uint8Array.from(rows, (row) => (isSettled(at(verdicts.state, row)) ? 0 : 1)),
  };
  return { table, rows };
}

function isSettled(state: number): boolean {
  return state === STATE.current || state === STATE.edited;
}

function rowsOfStage({ stage, size }: Graph, wanted: number): number[] {
  const rows: number[] = [];
  for (let row = 0; row < size; row++) if (stage[row] === wanted) rows.push(row);
  return rows;
}

function waysOf(
  columns: readonly Uint32Array[],
  nameOf: (codes: readonly number[]) => string,
): { readonly names: readonly string[]; readonly codes: Uint32Array } {
  const known = new Map<string, number>();
  const names: string[] = [];
  const codes = new Uint32Array(columns[0]?.length ?? 0);
  for (let place = 0; place < codes.length; place++) {
    const parts = columns.map((column) => at(column, place));
    const key = parts.join(' ');
    let code = known.get(key);
    if (code === undefined) {
      code = names.length;
      known.set(key, code);
      names.push(nameOf(parts));
    }
    codes[place] = code;
  }
  return { names, codes };
}
