// What is known of one generation: its coordinates, who it is made from and who is made from it, what it cost, and every response
// that the cache still has for it. Reads the store; judges nothing.
import { traceOf } from '../../generation/trace.ts';
import type { GenId, Stage } from '../../generation/stage.ts';
import { at, idAt, taskAt, type Graph } from '../../graph/graph.ts';
import { STATES, type State } from '../../plan/verdict.ts';
import { readMetadata, type Metadata } from '../../store/gens/genstore.ts';
import type { Layout } from '../../store/layout.ts';
import { listResponses, readResponse, type StoredResponse } from '../../store/responses.ts';
import type { Found } from './find.ts';
import type { Reading } from './open.ts';

export interface Dossier {
  readonly genId: GenId;
  readonly stage: Stage;
  /** Null when no cohort has it, so that nothing can be said. */
  readonly state: State | null;
  readonly template: string | null;
  readonly model: string | null;
  readonly combo: string | null;
  readonly concepts: readonly string[];
  readonly replicate: number | null;
  readonly cohorts: readonly string[];
  /** The one that it is made from, then what that is made from. */
  readonly parents: readonly { readonly genId: GenId; readonly stage: Stage }[];
  readonly children: readonly { readonly genId: GenId; readonly stage: Stage; readonly state: State }[];
  readonly answer: Answer;
}

/** What raw_metadata.json says of the call; null where it does not say. */
export interface Answer {
  readonly provider: string | null;
  /** The provider's model string. */
  readonly model: string | null;
  /** Who stood behind the provider, where it says. */
  readonly answeredBy: string | null;
  readonly finishReason: string | null;
  readonly promptTokens: number | null;
  readonly completionTokens: number | null;
  /** USD. */
  readonly cost: number | null;
  readonly durationSeconds: number | null;
}

export function dossierOf(reading: Reading, found: Found): Dossier {
  const { layout } = reading.session.loaded;
  const answer = answerOf(metadataIn(layout, found, 'raw_metadata.json'));
  return found.row === undefined
    ? { ...orphan(metadataIn(layout, found), found), answer }
    : { ...member(reading, found.row), answer };
}

type Known = Omit<Dossier, 'answer'>;

function member({ judged: { graph, verdicts } }: Reading, row: number): Known {
  const { genId, stage, template, modelId, combo, replicate } = taskAt(graph, row);
  const stateOf = (each: number): State => at(STATES, at(verdicts.state, each));
  const parents: { genId: GenId; stage: Stage }[] = [];
  for (let above = at(graph.parent, row); above >= 0; above = at(graph.parent, above))
    parents.push({ genId: idAt(graph, above), stage: taskAt(graph, above).stage });
  return {
    genId,
    stage,
    state: stateOf(row),
    template: template.id,
    model: modelId,
    combo: combo.id,
    concepts: combo.conceptIds,
    replicate,
    cohorts: graph.cohorts.filter(({ members }) => members.includes(row)).map(({ id }) => id),
    parents,
    children: childRows(graph, row).map((child) => ({
      genId: idAt(graph, child),
      stage: taskAt(graph, child).stage,
      state: stateOf(child),
    })),
  };
}

function childRows({ parent }: Graph, row: number): readonly number[] {
  const rows: number[] = [];
  for (const [child, above] of parent.entries()) if (above === row) rows.push(child);
  return rows;
}

/** In the store, but in no cohort: only its metadata.json speaks for it. */
function orphan(metadata: Metadata, { genId, stage }: Found): Known {
  const parent = textIn(metadata['parent_gen_id']);
  return {
    genId,
    stage,
    state: null,
    template: textIn(metadata['template_id']),
    model: textIn(metadata['llm_model_id']),
    combo: textIn(metadata['combo_id']),
    concepts: [],
    replicate: numberIn(metadata['replicate']),
    cohorts: [],
    parents: parent === null ? [] : [{ genId: parent, stage: stage === 'evaluation' ? 'essay' : 'draft' }],
    children: [],
  };
}

function answerOf(raw: Metadata): Answer {
  const usage = (raw['usage'] ?? {}) as Metadata;
  return {
    provider: textIn(raw['provider']),
    model: textIn(raw['model']),
    answeredBy: textIn(raw['answered_by']),
    finishReason: textIn(raw['finish_reason']),
    promptTokens: numberIn(usage['prompt_tokens']),
    completionTokens: numberIn(usage['completion_tokens']),
    cost: numberIn(usage['cost']),
    durationSeconds: numberIn(raw['duration_s']),
  };
}

export interface PastResponse {
  readonly name: string;
  /** True for the one that raw.txt was made from. */
  readonly current: boolean;
  readonly at: string;
  readonly kind: StoredResponse['kind'];
  readonly answer: Answer;
  readonly text: string;
}

/** Every response of the cache that was made for the generation or is used by it, oldest first. */
export function responsesOf(
  layout: Layout,
  found: Found,
  names: readonly string[] = listResponses(layout),
): readonly PastResponse[] {
  const trace = traceOf(metadataIn(layout, found));
  const used = trace === undefined || trace === 'newer' ? undefined : trace.generate?.response;
  return [...new Set([...names, ...(used === undefined ? [] : [used])])]
    .flatMap((name): PastResponse[] => {
      const response = readResponse(layout, name);
      if (response === undefined || response === 'damaged' || response === 'newer') return [];
      if (response.genId !== found.genId && name !== used) return [];
      const { at: when, kind, text, rawMetadata } = response;
      return [{ name, current: name === used, at: when, kind, answer: answerOf(rawMetadata), text }];
    })
    .sort((a, b) => (a.at < b.at ? -1 : a.at > b.at ? 1 : 0));
}

function metadataIn(layout: Layout, { stage, genId }: Found, file?: string): Metadata {
  const found = readMetadata(layout, stage, genId, file);
  return found === undefined || found === 'damaged' ? {} : found;
}

function textIn(value: unknown): string | null {
  return typeof value === 'string' && value !== '' ? value : null;
}

function numberIn(value: unknown): number | null {
  return typeof value === 'number' ? value : null;
}
