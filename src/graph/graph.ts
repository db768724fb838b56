// The graph of generations as columns: who is made from whom, and of which parts. Knows no catalog, no CSV, no YAML, no disk.
import { isCopy, type Mode } from '../generation/mode.ts';
import type { Asking, AskSettings, TokensField } from './asking.ts';
import type { GenId, Stage } from '../generation/stage.ts';
import { genKey, STAGES } from '../generation/stage.ts';
import type { Place } from '../problem.ts';
import type { FileDigests, Parts } from '../generation/trace.ts';

/** What is asked of a model for one stage. Prices are USD per million tokens. */
export interface Ask extends Asking {
  readonly modelId: string;
  /** By its label in the config: who is asked. */
  readonly provider: string;
  /** The server behind the label: what an answer is an answer of. */
  readonly server: string;
  readonly model: string;
  readonly pool: string;
  /** The parameter that limits the reply's tokens, where it is not `max_tokens`. */
  readonly tokensField?: TokensField;
  readonly inputPrice?: number;
  readonly outputPrice?: number;
  /** In the provider's batches. */
  readonly batchInputPrice?: number;
  readonly batchOutputPrice?: number;
}

export interface GraphTemplate {
  readonly stage: Stage;
  readonly id: string;
  readonly mode: Mode;
  /** Absolute path of its text. */
  readonly file: string;
  readonly parser: string;
  readonly minLines: number;
  readonly truncation: 'reject' | 'accept';
  /** What a model thinks aloud before its answer is left out of the parsed text. */
  readonly thoughts?: 'apart';
  /** What a spec has its model asked with. */
  readonly asked?: AskSettings;
  /** Its block of asks, where it is not its stage's. */
  readonly askBlock?: number;
  /** The system prompt is one that a spec names, and must be there. */
  readonly systemNamed?: true;
  /** Where a system prompt of its own would lie: a template as well. */
  readonly systemFile?: string;
  /** The config's or a model's, a template as well, for where none lies there. */
  readonly system?: string;
  /** Where that one stands. */
  readonly systemPlace?: Place;
}

/** What the digest of a template is made of: its file, its system prompt's, and what they load. */
export interface TemplateFiles {
  /** The template itself, of the files. */
  readonly own: string;
  readonly files: FileDigests;
}

export interface GraphCombo {
  readonly id: string;
  /** The digest of its concepts' names and contents, in order. */
  readonly digest: string;
  readonly conceptIds: readonly string[];
  /** What the digest would be with other line ends, as earlier versions recorded it. */
  readonly formerly?: readonly string[];
}

/** Who exists and from whom: everything that only specs and catalog ids decide. Rows are drafts, then essays, then evaluations. */
export interface Structure {
  readonly size: number;
  readonly ids: readonly GenId[];
  /** Index into STAGES. */
  readonly stage: Uint8Array;
  /** Row of the parent; -1 for drafts. */
  readonly parent: Int32Array;
  /** Index into `templates`. */
  readonly template: Uint32Array;
  /** Index into `models`. */
  readonly model: Uint32Array;
  /** Index into `combos`; children have their draft's. */
  readonly combo: Uint32Array;
  readonly replicate: Uint32Array;
  readonly templates: readonly { readonly stage: Stage; readonly id: string }[];
  readonly models: readonly string[];
  readonly combos: readonly string[];
  readonly cohorts: readonly { readonly id: string; readonly members: Uint32Array }[];
}

/** A structure bound to values. `partSets[renderSet[i]]` are row i's static parts of render, and so on. */
export interface Graph extends Structure {
  readonly boundTemplates: readonly GraphTemplate[];
  /** The same, and after them those that have a model's system prompt in place of their own. */
  readonly promptTemplates: readonly GraphTemplate[];
  /** One a template of `promptTemplates`; null for one that has no text. */
  readonly templateFiles: readonly (TemplateFiles | null)[];
  /** Index into `promptTemplates`: what a row's prompt is rendered from. */
  readonly promptTemplate: Uint32Array;
  readonly boundCombos: readonly GraphCombo[];
  /** By row of `askSet`; undefined entries are never referred to by a row that asks. */
  readonly asks: readonly (Ask | undefined)[];
  /** Index into `asks`. */
  readonly askSet: Uint32Array;
  readonly partSets: readonly Parts[];
  /** Digests that earlier versions recorded of the very texts that are there now, and what those are called now. */
  readonly formerly: ReadonlyMap<string, string>;
  readonly renderSet: Uint32Array;
  readonly generateSet: Uint32Array;
  /** The set for a whole reply; the next one is the set for a reply that was cut off. */
  readonly parseSet: Uint32Array;
}

/** One generation with all that is needed to judge and to make it. */
export interface Task {
  readonly row: number;
  readonly genId: GenId;
  readonly stage: Stage;
  readonly parent: number;
  readonly parentId: GenId | undefined;
  readonly template: GraphTemplate;
  readonly combo: GraphCombo;
  readonly modelId: string;
  readonly replicate: number;
  readonly work: { readonly kind: 'copy' } | { readonly kind: 'llm'; readonly ask: Ask };
}

export function stageAt(graph: Structure, row: number): Stage {
  return STAGES[graph.stage[row] ?? 0] ?? 'draft';
}

export function idAt(graph: Structure, row: number): GenId {
  return at(graph.ids, row);
}

export function taskAt(graph: Graph, row: number): Task {
  const template = at(graph.promptTemplates, at(graph.promptTemplate, row));
  const parent = at(graph.parent, row);
  const ask = graph.asks[at(graph.askSet, row)];
  return {
    row,
    genId: idAt(graph, row),
    stage: stageAt(graph, row),
    parent,
    parentId: parent < 0 ? undefined : idAt(graph, parent),
    template,
    combo: at(graph.boundCombos, at(graph.combo, row)),
    modelId: at(graph.models, at(graph.model, row)),
    replicate: at(graph.replicate, row),
    work: isCopy(template) || ask === undefined ? { kind: 'copy' } : { kind: 'llm', ask },
  };
}

/** The place among the asks of what a row asks: in the block of its template, else of its stage. */
export function askPlace(
  { stage, template, model, models }: Structure,
  templates: readonly Pick<GraphTemplate, 'askBlock'>[],
  row: number,
): number {
  const block = templates[template[row] ?? 0]?.askBlock ?? stage[row] ?? 0;
  return block * models.length + (model[row] ?? 0);
}

export function partsAt(graph: Graph, sets: Uint32Array, row: number): Parts {
  return at(graph.partSets, at(sets, row));
}

/** Rows of each row's children: `rows.subarray(start[i], start[i + 1])`. */
export interface Children {
  readonly start: Uint32Array;
  readonly rows: Uint32Array;
}

export function childrenOf(graph: Structure): Children {
  const start = new Uint32Array(graph.size + 1);
  for (const parent of graph.parent) if (parent >= 0) start[parent + 1] = at(start, parent + 1) + 1;
  for (let row = 0; row < graph.size; row++) start[row + 1] = at(start, row + 1) + at(start, row);
  const next = start.slice(0, graph.size);
  const rows = new Uint32Array(at(start, graph.size));
  for (let row = 0; row < graph.size; row++) {
    const parent = at(graph.parent, row);
    if (parent < 0) continue;
    const place = at(next, parent);
    rows[place] = row;
    next[parent] = place + 1;
  }
  return { start, rows };
}

/** Reads an index that is inside by construction; anything else is a bug. */
export function at<T>(list: { readonly length: number; readonly [index: number]: T }, index: number): T {
  const value = list[index];
  if (value === undefined) throw new RangeError(`index ${index} is outside of ${list.length}`);
  return value;
}

/** The first cohort of each generation. */
export function origins(graph: Graph): (row: number) => string {
  const first = new Uint32Array(graph.size).fill(graph.cohorts.length);
  for (const [number, { members }] of [...graph.cohorts.entries()].reverse())
    for (const row of members) first[row] = number;
  return (row) => graph.cohorts[first[row] ?? 0]?.id ?? '';
}

/** A row's name in every order of the rows. */
export function keyAt(graph: Structure, row: number): string {
  return genKey({ stage: stageAt(graph, row), genId: idAt(graph, row) });
}

/** The row of a generation; undefined for one that the graph does not have. */
export type RowOf = (stage: Stage, genId: GenId) => number | undefined;

/** Finds rows by the ids as they are: where all are looked up, no key need be made of each. Quick where they are asked for in their order. */
export function rowFinder(graph: Structure): RowOf {
  const known = ROWS.get(graph.ids) ?? rowsById(graph);
  ROWS.set(graph.ids, known);
  return known;
}

/** A graph's rows do not change, and several questions look the same ones up. */
const ROWS = new WeakMap<Structure['ids'], RowOf>();

function rowsById(graph: Structure): RowOf {
  const { ids } = graph;
  const byStage = new Map<Stage, ReadonlyMap<GenId, number>>();
  const rowsOf = (stage: Stage): ReadonlyMap<GenId, number> => {
    const rows = new Map<GenId, number>();
    for (let row = 0; row < ids.length; row++)
      if (stageAt(graph, row) === stage) rows.set(ids[row] ?? '', row);
    byStage.set(stage, rows);
    return rows;
  };
  let last = 0;
  return (stage, genId) => {
    for (let row = last; row <= last + 1; row++)
      if (ids[row] === genId && stageAt(graph, row) === stage) return (last = row);
    // Made where they are first wanted: evaluations are mostly asked for in their order.
    const row = (byStage.get(stage) ?? rowsOf(stage)).get(genId);
    // A text is asked for in between, of evaluations that go on where they were.
    if (row !== undefined && stage === 'evaluation') last = row;
    return row;
  };
}
