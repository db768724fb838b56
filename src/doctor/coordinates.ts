// Whether the coordinates in a metadata.json give the id of its folder. Where a spec has them, the id was made from them when the spec was
// compiled, and only they are compared; of all others the id is made here.
import type { Structure } from '../graph/graph.ts';
import { hashesTo } from '../store/gens/survey.ts';
import type { StoredGeneration } from '../store/gens/surveyfacts.ts';

/** Says of a generation whether its coordinates give its id. `compiled`: whether a cohort's ids were made from its spec. */
export function coordinateCheck(
  graph: Structure | undefined,
  compiled: (cohort: string) => boolean,
): (stored: StoredGeneration) => boolean {
  const made = new Uint8Array(graph?.size ?? 0);
  for (const { id, members } of graph?.cohorts ?? [])
    if (compiled(id)) for (const row of members) made[row] = 1;
  return (stored) => {
    const { stage, genId, row, metadata } = stored;
    if (typeof metadata !== 'object') return false;
    if (graph !== undefined && made[row] === 1 && isOfRow(graph, row, stored)) return true;
    return hashesTo(stage, genId, metadata);
  };
}

/** Whether they are those of a row of the graph, to the letter. */
function isOfRow(graph: Structure, row: number, { stage, metadata, parentId }: StoredGeneration): boolean {
  if (typeof metadata !== 'object') return false;
  const { template_id: template, llm_model_id: model, combo_id: combo, replicate = 1 } = metadata;
  const isMadeFrom =
    stage === 'draft'
      ? combo === graph.combos[graph.combo[row] ?? -1]
      : parentId === graph.ids[graph.parent[row] ?? -1];
  return (
    isMadeFrom &&
    template === graph.templates[graph.template[row] ?? -1]?.id &&
    (stage === 'essay' || model === graph.models[graph.model[row] ?? -1]) &&
    replicate === graph.replicate[row]
  );
}
