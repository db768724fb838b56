// The whole pipeline on one page: each template with its stage, how many generations it has and how they stand, and who is made from
// whom. Answers from columns; reads no file.
import { STAGES, type Stage } from '../../generation/stage.ts';
import { at } from '../../graph/graph.ts';
import { STATES, type State } from '../../plan/verdict.ts';
import type { Facts } from './facts.ts';

export interface MapNode {
  readonly stage: Stage;
  readonly template: string;
  readonly count: number;
  /** States that some are in. */
  readonly states: Readonly<Partial<Record<State, number>>>;
  readonly models: readonly string[];
}

export interface MapEdge {
  /** Places in `nodes`: `to` is made from `from`. */
  readonly from: number;
  readonly to: number;
  readonly count: number;
}

export interface PipelineMap {
  /** In the order of the stages, then by name. */
  readonly nodes: readonly MapNode[];
  readonly edges: readonly MapEdge[];
  readonly combos: number;
  readonly concepts: number;
  readonly cohorts: readonly {
    readonly id: string;
    readonly members: Readonly<Record<Stage, number>>;
  }[];
}

export function pipelineMap({ graph, verdicts }: Facts): PipelineMap {
  const counts = new Map<number, { count: number; states: Uint32Array; models: Set<number> }>();
  const pairs = new Map<string, number>();
  for (let row = 0; row < graph.size; row++) {
    const template = at(graph.template, row);
    const known = counts.get(template) ?? {
      count: 0,
      states: new Uint32Array(STATES.length),
      models: new Set(),
    };
    counts.set(template, known);
    known.count++;
    const state = at(verdicts.state, row);
    known.states[state] = (known.states[state] ?? 0) + 1;
    known.models.add(at(graph.model, row));
    const parent = at(graph.parent, row);
    if (parent < 0) continue;
    const pair = `${at(graph.template, parent)} ${template}`;
    pairs.set(pair, (pairs.get(pair) ?? 0) + 1);
  }
  const order = [...counts].sort(([a], [b]) => {
    const [one, other] = [at(graph.templates, a), at(graph.templates, b)];
    return STAGES.indexOf(one.stage) - STAGES.indexOf(other.stage) || (one.id < other.id ? -1 : 1);
  });
  const places = new Map(order.map(([template], place) => [template, place]));
  return {
    nodes: order.map(([template, { count, states, models }]) => ({
      stage: at(graph.templates, template).stage,
      template: at(graph.templates, template).id,
      count,
      states: Object.fromEntries(
        STATES.flatMap((state, number) => ((states[number] ?? 0) > 0 ? [[state, states[number]]] : [])),
      ),
      models: [...models].map((model) => at(graph.models, model)).sort(),
    })),
    edges: [...pairs].map(([pair, count]) => {
      const [from = -1, to = -1] = pair.split(' ').map((each) => places.get(Number(each)));
      return { from, to, count };
    }),
    combos: graph.combos.length,
    concepts: new Set(graph.boundCombos.flatMap(({ conceptIds }) => conceptIds)).size,
    cohorts: graph.cohorts.map(({ id, members }) => {
      const of = { draft: 0, essay: 0, evaluation: 0 };
      for (const row of members) of[STAGES[graph.stage[row] ?? 0] ?? 'draft']++;
      return { id, members: of };
    }),
  };
}
