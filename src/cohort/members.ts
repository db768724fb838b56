// Entries as generations: ids, parents, and what shares an id with what. Knows no design and writes nothing.
import { problem, warning, type Loaded, type Problem } from '../problem.ts';
import type { Catalog } from '../catalog/catalog.ts';
import type { Generation } from '../generation/generation.ts';
import { genId, signature } from '../generation/genid.ts';
import { STAGES, type GenId, type Stage } from '../generation/stage.ts';
import { lowerCase } from '../text/python.ts';
import type { Entries, Entry } from './entries.ts';
import { MERGES } from './cohort.ts';

const ATTEMPTS = 5;

/** Whether an id belongs to a generation with another signature already. */
export type Taken = (stage: Stage, candidate: GenId, wanted: readonly string[]) => boolean;

export interface MemberOptions {
  readonly entries: Entries;
  readonly catalog: Catalog;
  readonly taken: Taken;
}

/** Where an entry's generation is, and whether an earlier entry had it already. */
interface Placed {
  readonly id: GenId;
  readonly merged: boolean;
}

/** All drafts, then all essays, then all evaluations, each id once. */
export function makeMembers({ entries, catalog, taken }: MemberOptions): Loaded<readonly Generation[]> {
  const members: Generation[] = [];
  const problems: Problem[] = [];
  const merges = new Merges();
  let parents: readonly (Placed | undefined)[] = [];
  for (const stage of STAGES) {
    const firsts = new Map<GenId, Entry>();
    parents = entries[stage].map((entry) => {
      const parent = parents[entry.parent];
      if (parent === undefined && stage !== 'draft') return undefined;
      const reserved = entry.genId ?? reserve(stage, entry, { parentId: parent?.id, taken });
      if (typeof reserved !== 'string') {
        problems.push(reserved);
        return undefined;
      }
      const first = firsts.get(reserved);
      if (first !== undefined) {
        merges.add(stage, { first, entry, parentMerged: parent?.merged ?? false });
        return { id: reserved, merged: true };
      }
      firsts.set(reserved, entry);
      members.push(generationOf(stage, entry, { id: reserved, parentId: parent?.id ?? '', catalog }));
      return { id: reserved, merged: parent?.merged ?? false };
    });
  }
  return { value: members, problems: [...problems, ...merges.warnings()] };
}

function reserve(
  stage: Stage,
  entry: Entry,
  { parentId, taken }: { parentId: GenId | undefined; taken: Taken },
): GenId | Problem {
  const { combo: comboId, template: templateId, model: modelId, replicate } = entry;
  const parts =
    stage === 'draft'
      ? { comboId, templateId, modelId, replicate }
      : { parentId, templateId, modelId, replicate };
  const signed = signature(stage, parts);
  if (!signed.ok) {
    const data = { field: signed.field, value: signed.value };
    return problem('DD328', `A ${stage} has no id: its ${signed.field} is ${signed.reason}.`, {
      reason: signed.reason,
      data,
    });
  }
  for (let attempt = 0; attempt < ATTEMPTS; attempt += 1) {
    const candidate = genId(stage, signed.parts, attempt);
    if (!taken(stage, candidate, signed.parts)) return candidate;
  }
  const message = `All ${ATTEMPTS} ids that the ${stage} ${signed.parts.join(', ')} may have belong to other generations.`;
  return problem('DD327', message, {
    place: { genId: genId(stage, signed.parts) },
    reason: 'deterministic_id_collision',
    data: { stage, signature: signed.parts },
  });
}

interface Identity {
  readonly id: GenId;
  readonly parentId: GenId;
  readonly catalog: Catalog;
}

function generationOf(stage: Stage, entry: Entry, { id, parentId, catalog }: Identity): Generation {
  const coordinates = {
    genId: id,
    templateId: entry.template,
    modelId: entry.model,
    replicate: entry.replicate,
    mode: catalog.templates[stage].get(entry.template)?.mode ?? 'llm',
    comboId: entry.combo,
  };
  return stage === 'draft' ? { stage, ...coordinates } : { stage, ...coordinates, parentId };
}

interface Merge {
  readonly first: Entry;
  readonly entry: Entry;
  readonly parentMerged: boolean;
}

interface Group {
  readonly stage: Stage;
  readonly kind: 'models' | 'case';
  readonly kept: string;
  readonly dropped: string;
  readonly template: string;
  count: number;
}

/** Entries that lost their id to an earlier one, told once for each pair of names; lives while members are made. */
class Merges {
  readonly #groups = new Map<string, Group>();

  add(stage: Stage, { first, entry, parentMerged }: Merge): void {
    const { template } = first;
    const models = stage === 'essay' && lowerCase(first.model) !== lowerCase(entry.model);
    if (models) this.#count({ stage, kind: 'models', kept: first.model, dropped: entry.model, template });
    for (const part of ['combo', 'template', 'model'] as const)
      if (first[part] !== entry[part] && !(part === 'combo' && parentMerged) && !(part === 'model' && models))
        this.#count({ stage, kind: 'case', kept: first[part], dropped: entry[part], template });
  }

  warnings(): Problem[] {
    return [...this.#groups.values()].map((group) =>
      group.kind === 'models' ? sharedByModels(group) : sharedByCase(group),
    );
  }

  #count(found: Omit<Group, 'count'>): void {
    const key = [
      found.stage,
      found.kind,
      found.kept,
      found.dropped,
      found.kind === 'models' ? found.template : '',
    ].join('\0');
    const group = this.#groups.get(key) ?? { ...found, count: 0 };
    group.count += 1;
    this.#groups.set(key, group);
  }
}

function sharedByModels({ kept, dropped, template, count }: Group): Problem {
  const message = `${count} essays of the template "${template}" by "${dropped}" have the ids of those by "${kept}", because an essay id holds no model: only those by "${kept}" are members.`;
  return warning('DD325', message, {
    place: { field: 'essay_llm' },
    reason: MERGES.models,
    cure: `Give each model an essay_replicate of its own: in a tuple over essay_llm and essay_replicate, with the items [${kept}, 1] and [${dropped}, 2]. \`--allow-merge\` goes on with those by ${kept} alone.`,
    data: { template, kept, dropped, count },
  });
}

function sharedByCase({ stage, kept, dropped, count }: Group): Problem {
  const message = `${count} generations of the stage ${stage} with "${dropped}" have the ids of those with "${kept}", because ids ignore letter case: only those with "${kept}" are members.`;
  return warning('DD326', message, { reason: MERGES.case, data: { stage, kept, dropped, count } });
}
