// A cohort that has no spec, only a membership.csv (another tool's, or a curated list): its rows, completed from what the store
// knows of each generation. Writes nothing.
import type { Cohort } from '../../cohort/cohort.ts';
import { unusableId } from '../../catalog/ids.ts';
import type { Stored } from '../../cohort/entries.ts';
import { parseMembership, type MembershipRow } from '../../cohort/membership.ts';
import { ESSAY_ID } from '../../cohort/rowparts.ts';
import { problem, type Loaded, type Problem } from '../../problem.ts';
import type { Generation } from '../../generation/generation.ts';
import { parseInteger } from '../../text/python.ts';
import { genKey, STAGES, type GenId, type Stage } from '../../generation/stage.ts';
import { groupBy } from '../../statistics/groups.ts';
import { parseCsv } from '../../inputs/csv/csv.ts';
import { readMetadata, type Metadata } from '../../store/gens/genstore.ts';
import { cohortFile } from '../../store/layout.ts';
import type { CohortSources } from './sources.ts';
import { isCode, isCopy, type Mode } from '../../generation/mode.ts';

export function storedCohort(sources: CohortSources, id: string): Loaded<Cohort | undefined> {
  const file = cohortFile(sources.layout, id, 'membership.csv');
  const text = sources.reader.text(file);
  const table = parseCsv(text.value ?? '', file);
  const rows = parseMembership(table.value);
  const problems: Problem[] = [...text.problems, ...table.problems, ...rows.problems];
  const combos = new Map<GenId, string>();
  const members: Generation[] = [];
  const lacking: Problem[] = [];
  for (const stage of STAGES) {
    for (const row of rows.value) {
      if (row.stage !== stage) continue;
      const completed = complete(sources, row, combos, file);
      if ('code' in completed) lacking.push(completed);
      else {
        combos.set(completed.genId, completed.comboId);
        members.push(completed);
      }
    }
  }
  problems.push(...onceEach(lacking));
  return { value: { id, file, members, manifest: EMPTY_MANIFEST, problems: [] }, problems };
}

/** What a hundred thousand generations lack is said of the first of them, with how many more there are. */
function onceEach(lacking: readonly Problem[]): readonly Problem[] {
  return groupBy(lacking, ({ code, data }) => [code, String(data?.['lacks'])]).flatMap(({ rows }) => {
    const [first, ...more] = rows;
    if (first === undefined || more.length === 0) return rows;
    return [{ ...first, message: `${first.message}; the same holds for ${more.length} more` }];
  });
}

/** Essays by id: as the store has them, else as one of the cohorts does. */
export function storedEssays(sources: CohortSources, cohorts: readonly Cohort[]): Stored {
  const members = new Map<string, Generation>();
  for (const cohort of cohorts.toReversed())
    for (const member of cohort.members) members.set(genKey(member), member);
  return (essayId) => {
    const known = members.get(genKey({ stage: 'essay', genId: essayId }));
    const metadata = metadataOf(sources, 'essay', essayId);
    const parent = metadata['parent_gen_id'];
    if (typeof parent === 'string' && unusableId(parent) === undefined) {
      const stored = chainOf(sources, essayId, parent);
      if (!('problem' in stored) || known === undefined) return stored;
    }
    const draft =
      known?.stage === 'essay' ? members.get(genKey({ stage: 'draft', genId: known.parentId })) : undefined;
    return known?.stage === 'essay' && draft?.stage === 'draft'
      ? { essay: known, draft }
      : { problem: unknownEssay(essayId, 'it is neither in the store nor in another cohort') };
  };
}

function chainOf(sources: CohortSources, essayId: GenId, draftId: GenId): ReturnType<Stored> {
  const combos = new Map<GenId, string>();
  const draft = complete(sources, { stage: 'draft', genId: draftId }, combos, '');
  if ('code' in draft) return { problem: unknownEssay(essayId, draft.message) };
  combos.set(draftId, draft.comboId);
  const essay = complete(sources, { stage: 'essay', genId: essayId }, combos, '');
  if ('code' in essay) return { problem: unknownEssay(essayId, essay.message) };
  return essay.stage === 'essay' && draft.stage === 'draft'
    ? { essay, draft }
    : { problem: unknownEssay(essayId, 'its metadata.json names no draft') };
}

function unknownEssay(essayId: GenId, why: string): Problem {
  return problem('DD332', `The essay ${essayId} can not be evaluated: ${why}.`, {
    place: { field: ESSAY_ID, genId: essayId },
    reason: 'essay_unknown',
    data: { essay_gen_id: essayId },
  });
}

function metadataOf({ layout }: CohortSources, stage: Stage, genId: GenId): Metadata {
  if (unusableId(genId) !== undefined) return {};
  const found = readMetadata(layout, stage, genId);
  return found === undefined || found === 'damaged' ? {} : found;
}

const EMPTY_MANIFEST = {
  combos: [],
  templates: { draft: [], essay: [], evaluation: [] },
  llms: { generation: [], evaluation: [] },
  replication: {},
} as const;

function complete(
  sources: CohortSources,
  row: MembershipRow,
  combos: ReadonlyMap<GenId, string>,
  file: string,
): Generation | Problem {
  const metadata = metadataOf(sources, row.stage, row.genId);
  const word = (key: string): string | undefined =>
    typeof metadata[key] === 'string' && metadata[key] !== '' ? metadata[key] : undefined;
  const templateId =
    row.templateId ?? word('template_id') ?? word(`${row.stage}_template`) ?? word('essay_template_id');
  const modelId = row.modelId ?? word('llm_model_id') ?? word('model_id');
  const parentId = row.parentId ?? word('parent_gen_id');
  const comboId =
    row.comboId ?? word('combo_id') ?? (parentId === undefined ? undefined : combos.get(parentId));
  const missing = missingPart({ stage: row.stage, templateId, modelId, parentId, comboId });
  if (missing !== undefined || templateId === undefined || modelId === undefined || comboId === undefined) {
    return problem(
      'DD353',
      `${row.genId} has no ${missing ?? 'coordinates'} in membership.csv or its metadata.json`,
      { place: { file, genId: row.genId }, data: { lacks: missing ?? 'coordinates' } },
    );
  }
  const template = sources.catalog.templates[row.stage].get(templateId);
  const mode = isCode(template ?? {}) ? 'code' : isCopy(metadata) || isCopy(template ?? {}) ? 'copy' : 'llm';
  const unknown = unknownName(sources, { ...row, templateId, modelId, comboId }, mode);
  if (unknown !== undefined)
    return problem('DD354', `${row.genId} names ${unknown}, which is in no catalog`, {
      place: { file, genId: row.genId },
      data: { lacks: unknown },
    });
  const rest = {
    genId: row.genId,
    templateId,
    modelId,
    replicate: parseInteger(row.replicate ?? metadata['replicate'] ?? 1) ?? 1,
    mode,
    comboId,
  } as const;
  if (row.stage === 'draft' || parentId === undefined) return { stage: 'draft', ...rest };
  return { stage: row.stage, parentId, ...rest };
}

function missingPart(row: {
  stage: Stage;
  templateId?: string | undefined;
  modelId?: string | undefined;
  parentId?: string | undefined;
  comboId?: string | undefined;
}): string | undefined {
  if (row.templateId === undefined) return 'template';
  if (row.modelId === undefined) return 'model';
  if (row.stage !== 'draft' && row.parentId === undefined) return 'parent';
  return row.comboId === undefined ? 'combo' : undefined;
}

function unknownName(
  { catalog }: CohortSources,
  row: { stage: Stage; templateId: string; modelId: string; comboId: string },
  mode: Mode,
): string | undefined {
  if (!catalog.templates[row.stage].has(row.templateId)) return `${row.stage} template ${row.templateId}`;
  if (mode === 'llm' && !catalog.models.has(row.modelId)) return `model ${row.modelId}`;
  return catalog.combos.has(row.comboId) ? undefined : `combo ${row.comboId}`;
}
