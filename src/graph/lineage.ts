// Who is made from whom as nodes and edges, and their spelling for Mermaid and Graphviz. Knows no state and no file.
import type { GenId, Stage } from '../generation/stage.ts';
import { at, idAt, stageAt, type Graph } from './graph.ts';

/** A generation, or all selected generations of one template. */
export interface LineageNode {
  /** Unique among the nodes. */
  readonly key: string;
  readonly stage: Stage;
  readonly template: string;
  /** How many generations the node stands for. */
  readonly count: number;
  /** Absent on groups. */
  readonly generation?: {
    readonly genId: GenId;
    readonly model: string;
    readonly combo: string;
    readonly replicate: number;
  };
}

export interface LineageEdge {
  /** Keys of nodes: `to` is made from `from`. */
  readonly from: string;
  readonly to: string;
  /** How many pairs of generations the edge stands for. */
  readonly count: number;
}

export interface Lineage {
  readonly nodesAre: 'generations' | 'templates';
  /** In the order of the pipeline. */
  readonly nodes: readonly LineageNode[];
  readonly edges: readonly LineageEdge[];
}

/** More nodes than this are not readable in a drawing. */
const MOST_NODES = 200;

/** The lineage of the rows that are 1 in `selected`, and of no others; grouped by template where they are more than `most`. */
export function lineageOf(graph: Graph, selected: Uint8Array, most = MOST_NODES): Lineage {
  const rows = graph.ids.map((_, row) => row).filter((row) => selected[row] === 1);
  return rows.length > most ? groups(graph, selected, rows) : generations(graph, selected, rows);
}

function generations(graph: Graph, selected: Uint8Array, rows: readonly number[]): Lineage {
  const nodes = rows.map((row): LineageNode => {
    const genId = idAt(graph, row);
    const model = at(graph.models, at(graph.model, row));
    const combo = at(graph.combos, at(graph.combo, row));
    const generation = { genId, model, combo, replicate: at(graph.replicate, row) };
    return { key: genId, stage: stageAt(graph, row), template: templateAt(graph, row), count: 1, generation };
  });
  const edges = rows.flatMap((row): LineageEdge[] => {
    const parent = at(graph.parent, row);
    return selected[parent] === 1 ? [{ from: idAt(graph, parent), to: idAt(graph, row), count: 1 }] : [];
  });
  return { nodesAre: 'generations', nodes, edges };
}

function groups(graph: Graph, selected: Uint8Array, rows: readonly number[]): Lineage {
  const nodes = new Map<string, LineageNode>();
  const edges = new Map<string, LineageEdge>();
  for (const row of rows) {
    const [key, stage, template] = [groupAt(graph, row), stageAt(graph, row), templateAt(graph, row)];
    nodes.set(key, { key, stage, template, count: (nodes.get(key)?.count ?? 0) + 1 });
    const parent = at(graph.parent, row);
    if (selected[parent] !== 1) continue;
    const from = groupAt(graph, parent);
    const edge = `${from} ${key}`;
    edges.set(edge, { from, to: key, count: (edges.get(edge)?.count ?? 0) + 1 });
  }
  return { nodesAre: 'templates', nodes: [...nodes.values()], edges: [...edges.values()] };
}

function templateAt(graph: Graph, row: number): string {
  return at(graph.templates, at(graph.template, row)).id;
}

function groupAt(graph: Graph, row: number): string {
  return `${stageAt(graph, row)}/${templateAt(graph, row)}`;
}

/** A Mermaid flowchart. Nodes are numbered, and names stand in labels only, so that no name can be read as syntax. */
export function mermaid(lineage: Lineage): string {
  const numbers = numbered(lineage);
  const nodes = lineage.nodes.map(
    (node) => `  ${number(numbers, node.key)}["${labelOf(node).map(mermaidText).join('<br/>')}"]`,
  );
  const edges = lineage.edges.map(({ from, to, count }) => {
    const arrow = lineage.nodesAre === 'templates' ? `-->|${count}|` : '-->';
    return `  ${number(numbers, from)} ${arrow} ${number(numbers, to)}`;
  });
  return ['flowchart LR', ...nodes, ...edges, ''].join('\n');
}

/** A Graphviz digraph; names stand in labels only. */
export function dot(lineage: Lineage): string {
  const numbers = numbered(lineage);
  const nodes = lineage.nodes.map(
    (node) => `  ${number(numbers, node.key)} [label="${labelOf(node).map(dotText).join('\\n')}"];`,
  );
  const edges = lineage.edges.map(({ from, to, count }) => {
    const label = lineage.nodesAre === 'templates' ? ` [label="${count}"]` : '';
    return `  ${number(numbers, from)} -> ${number(numbers, to)}${label};`;
  });
  return ['digraph daydream {', '  rankdir=LR;', '  node [shape=box];', ...nodes, ...edges, '}', ''].join(
    '\n',
  );
}

function numbered({ nodes }: Lineage): ReadonlyMap<string, string> {
  return new Map(nodes.map(({ key }, place) => [key, `n${place}`]));
}

function number(numbers: ReadonlyMap<string, string>, key: string): string {
  const found = numbers.get(key);
  if (found === undefined) throw new Error(`an edge names ${key}, which is no node`);
  return found;
}

function labelOf({ stage, template, count, generation }: LineageNode): readonly string[] {
  if (generation === undefined)
    return [`${stage} ${template}`, `${count} generation${count === 1 ? '' : 's'}`];
  const { genId, model, replicate } = generation;
  return [genId, template, replicate === 1 ? model : `${model} (replicate ${replicate})`];
}

/** All but letters, digits and a few signs as Mermaid's numeric entities: quotes, brackets, markup, backticks, directives. */
function mermaidText(text: string): string {
  return text.replaceAll(/[^\p{L}\p{N} _.\-/()]/gu, (each) => `#${each.codePointAt(0) ?? 0};`);
}

/** Inside a quoted string: no quote, no escape of Graphviz's own, no entity, no line break. */
function dotText(text: string): string {
  return text
    .replaceAll(/[\p{Cc}\p{Zl}\p{Zp}]/gu, ' ')
    .replaceAll('&', '&amp;')
    .replaceAll(/["\\]/g, String.raw`\$&`);
}
