// Small graphs from a few words each, and an index that says they were built. Knows no disk, no catalog and no model.
import { shortName } from '../../src/canonical.ts';
import { digest, digestOf } from '../../src/digest.ts';
import type { Cohort } from '../../src/cohort/cohort.ts';
import type { Generation } from '../../src/generation/generation.ts';
import {
  ARTIFACTS,
  STAGES,
  STEPS,
  type Artifact,
  type Stage,
  type Step,
} from '../../src/generation/stage.ts';
import type { Failure, Parts } from '../../src/generation/trace.ts';
import { bind, type Fingerprints } from '../../src/graph/bind.ts';
import { stageAt, type Ask, type Graph } from '../../src/graph/graph.ts';
import { weave } from '../../src/graph/weave.ts';
import { partsNow } from '../../src/plan/stepparts.ts';
import { GenIndex } from '../../src/store/gens/genindex.ts';
import { type Mode } from '../../src/generation/mode.ts';

/** A row; its stage is told by the first letter of its id: `d`, `e` or `v`. What is left out is the same for all rows. */
export interface RowSketch {
  /** The parent, for essays and evaluations. */
  readonly from?: string;
  /** For drafts; children have their draft's. */
  readonly combo?: string;
  readonly template?: string;
  readonly model?: string;
  readonly replicate?: number;
  /** `main` when left out. */
  readonly cohorts?: readonly string[];
}

export interface GraphSketch {
  /** By id; parents before children. */
  readonly rows: Readonly<Record<string, RowSketch>>;
  /** Concept ids by combo. */
  readonly concepts?: Readonly<Record<string, readonly string[]>>;
  /** Ids of templates in copy mode. */
  readonly copies?: readonly string[];
  /** Ids of evaluation templates that code scores. */
  readonly codes?: readonly string[];
  /** Replaces a template's text, by template id. */
  readonly texts?: Readonly<Record<string, string>>;
  /** Replaces the provider's model string, by model id. */
  readonly models?: Readonly<Record<string, string>>;
  /** Replaces more of what is asked, by model id. */
  readonly asks?: Readonly<Record<string, Partial<Ask>>>;
  /** Replaces the parser, by template id. */
  readonly parsers?: Readonly<Record<string, string>>;
}

const STAGE_OF: Readonly<Record<string, Stage>> = { d: 'draft', e: 'essay', v: 'evaluation' };

export function graphOf(sketch: GraphSketch): Graph {
  const { value: structure } = weave(cohortsOf(sketch));
  const mode = (id: string): Mode =>
    sketch.copies?.includes(id) === true ? 'copy' : sketch.codes?.includes(id) === true ? 'code' : 'llm';
  const tables = {
    boundTemplates: structure.templates.map(({ stage, id }) => ({
      stage,
      id,
      mode: mode(id),
      file: `/project/templates/${stage}/${id}.txt`,
      parser: sketch.parsers?.[id] ?? 'identity',
      minLines: 1,
      truncation: 'reject' as const,
    })),
    boundCombos: structure.combos.map((id) => ({
      id,
      digest: digest(`combo ${id}`),
      conceptIds: sketch.concepts?.[id] ?? [],
    })),
    asks: STAGES.flatMap(() =>
      structure.models.map((id) => ({
        modelId: id,
        provider: 'openrouter',
        server: 'https://openrouter.ai/api/v1',
        model: sketch.models?.[id] ?? `maker/${id}`,
        pool: 'paid',
        temperature: 0,
        maxTokens: 100,
        sampling: {},
        ...sketch.asks?.[id],
      })),
    ),
  };
  const fingerprints: Fingerprints = {
    renderer: 'renderer@1',
    template: ({ id }) => digest(textOf(sketch, id)),
    formerly: [],
    parser: (_, name) => `${name}@1`,
  };
  return bind(structure, tables, fingerprints);
}

/** The text of a template. */
export function textOf({ texts }: GraphSketch, templateId: string): string {
  return texts?.[templateId] ?? `text of ${templateId}`;
}

function cohortsOf({ rows }: GraphSketch): readonly Cohort[] {
  const comboOf = (id: string): string => {
    const { from, combo } = rows[id] ?? {};
    return from === undefined ? (combo ?? 'combo') : comboOf(from);
  };
  const members = Object.entries(rows).map(([genId, row]) => ({
    genId,
    row,
    cohorts: row.cohorts ?? ['main'],
  }));
  const names = [...new Set(members.flatMap(({ cohorts }) => cohorts))].sort();
  return names.map((id) => ({
    id,
    members: members
      .filter(({ cohorts }) => cohorts.includes(id))
      .map(({ genId, row }) => generation(genId, row, comboOf(genId))),
    manifest: {
      combos: [],
      templates: { draft: [], essay: [], evaluation: [] },
      llms: { generation: [], evaluation: [] },
      replication: {},
    },
    problems: [],
  }));
}

function generation(genId: string, row: RowSketch, comboId: string): Generation {
  const stage = STAGE_OF[genId.charAt(0)] ?? 'draft';
  const coordinates = {
    genId,
    templateId: row.template ?? stage,
    modelId: row.model ?? 'model',
    replicate: row.replicate ?? 1,
    mode: 'llm' as const,
    comboId,
  };
  return stage === 'draft' ? { stage, ...coordinates } : { stage, ...coordinates, parentId: row.from ?? '' };
}

export function rowOf(graph: Graph, genId: string): number {
  const row = graph.ids.indexOf(genId);
  if (row < 0) throw new Error(`no row ${genId}`);
  return row;
}

/** The ids of the rows that are 1, in the graph's order. */
export function idsOf(graph: Graph, rows: Uint8Array): string[] {
  return graph.ids.filter((_, row) => rows[row] === 1);
}

/** An index as a build leaves it that made these rows of the graph; every row when left out. */
export function builtIndex(graph: Graph, ids: readonly string[] = graph.ids): GenIndex {
  const index = new GenIndex(graph.size);
  for (const [row, id] of graph.ids.entries()) if (ids.includes(id)) buildRow(graph, index, row);
  return index;
}

/**
 * Makes one row as a build would, from what the index and the graph say now. With a failure, the steps before it are made and
 * the failure is recorded with the parts that its step has now.
 */
export function buildRow(
  graph: Graph,
  index: GenIndex,
  row: number,
  failed?: Pick<Failure, 'step' | 'kind'>,
): void {
  const id = `${stageAt(graph, row)} ${graph.ids[row] ?? ''}`;
  const steps: Partial<Record<Step, { parts: Parts; output: string }>> = {};
  const until = failed === undefined ? STEPS.length : STEPS.indexOf(failed.step);
  for (const [file, step] of STEPS.slice(0, until).entries()) {
    const parts = partsNow(graph, index, row, step);
    const output = digestOf([id, step, parts]);
    steps[step] = { parts, output };
    putFile(index, row, ARTIFACTS[file] ?? 'prompt', output);
  }
  const failure = failed && {
    ...failed,
    reason: failed.kind,
    message: failed.kind,
    parts: shortName(partsNow(graph, index, row, failed.step)),
    at: '',
  };
  index.setTrace(row, { version: 1, ...steps, ...(failure === undefined ? {} : { failure }) }, 1);
}

/** Puts a file with this digest on the row's "disk", or takes it away. */
export function putFile(index: GenIndex, row: number, artifact: Artifact, digest: string | undefined): void {
  const file = ARTIFACTS.indexOf(artifact);
  index.stamp(row, file, digest === undefined ? undefined : { size: 1, mtimeMs: 1, ino: 1 });
  index.setFileDigest(row, file, digest);
}
