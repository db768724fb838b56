// What selectors can ask of a generation: its stage, template, model and so on, each as a list of names with the rows that bear
// them. Knows neither the words of the language nor what is done with the rows.
import { STAGES, STATES } from '../generation/stage.ts';
import { at, type Graph } from './graph.ts';

export interface Method {
  /** Every name that can be asked for; a name may stand at several places. */
  readonly names: readonly string[];
  /** Finds a name faster than by looking through the list; only where names are many, and each is there once. */
  readonly placeOf?: (name: string) => number | undefined;
  /** True where the names are fixed words, so that another one is a mistake in the language and not in the data. */
  readonly fixed?: true;
  /** For methods whose values are no names: whether a row meets the value; undefined for a value that can not be read. */
  readonly meets?: (value: string) => ((row: number) => boolean) | undefined;
  /** What such values look like. */
  readonly form?: string;
  /** Sets the rows that bear one of the chosen names (1 by place in `names`) to 1. */
  readonly mark: (chosen: Uint8Array, rows: Uint8Array) => void;
}

export interface SelectionContext {
  readonly graph: Graph;
  /** The state that a row was judged to have, as a word. */
  readonly stateAt: (row: number) => string;
  /** Methods beside the built-in ones, by name. */
  readonly extra?: ReadonlyMap<string, Method>;
}

export function methodsOf({ graph, stateAt, extra }: SelectionContext): ReadonlyMap<string, Method> {
  return new Map<string, Method>([
    ['stage', { names: STAGES, fixed: true, mark: byColumn(graph.stage) }],
    ['template', { names: graph.templates.map(({ id }) => id), mark: byColumn(graph.template) }],
    ['model', { names: graph.models, mark: byColumn(graph.model) }],
    ['combo', { names: graph.combos, mark: byColumn(graph.combo) }],
    ['cohort', cohortMethod(graph)],
    ['concept', conceptMethod(graph)],
    ['state', { names: STATES, fixed: true, mark: byState(stateAt) }],
    ['gen', genMethod(graph)],
    ...(extra ?? []),
  ]);
}

function byColumn(column: Uint8Array | Uint32Array): Method['mark'] {
  return (chosen, rows) => {
    for (let row = 0; row < rows.length; row++) if (chosen[at(column, row)] === 1) rows[row] = 1;
  };
}

function byState(stateAt: (row: number) => string): Method['mark'] {
  return (chosen, rows) => {
    const words = new Set<string>(STATES.filter((_, place) => chosen[place] === 1));
    for (let row = 0; row < rows.length; row++) if (words.has(stateAt(row))) rows[row] = 1;
  };
}

function cohortMethod({ cohorts }: Graph): Method {
  return {
    names: cohorts.map(({ id }) => id),
    mark(chosen, rows) {
      for (const [place, { members }] of cohorts.entries()) {
        if (chosen[place] === 1) for (const row of members) rows[row] = 1;
      }
    },
  };
}

function conceptMethod({ boundCombos, combo }: Graph): Method {
  const names = [...new Set(boundCombos.flatMap(({ conceptIds }) => conceptIds))];
  return {
    names,
    mark(chosen, rows) {
      const ids = new Set(names.filter((_, place) => chosen[place] === 1));
      const combos = Uint8Array.from(boundCombos, ({ conceptIds }) =>
        conceptIds.some((id) => ids.has(id)) ? 1 : 0,
      );
      byColumn(combo)(combos, rows);
    },
  };
}

function genMethod(graph: Graph): Method {
  let places: Map<string, number> | undefined;
  return {
    get names() {
      return graph.ids;
    },
    placeOf(name) {
      places ??= new Map(graph.ids.map((id, row) => [id, row]));
      return places.get(name);
    },
    mark(chosen, rows) {
      for (let row = 0; row < rows.length; row++) if (chosen[row] === 1) rows[row] = 1;
    },
  };
}
