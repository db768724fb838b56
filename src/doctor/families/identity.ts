// Findings about who is who and who is made from whom: ids against coordinates, parents, orphans. An id is the hash of its
// coordinates, so where a cohort gives coordinates that hash to an id, they are proven.
import { parentStage } from '../../generation/stage.ts';
import { origins } from '../../graph/graph.ts';
import { generationOf } from '../../run/finish.ts';
import { seedMetadata } from '../../cohort/seed.ts';
import { taskAt } from '../../graph/graph.ts';
import { genFolder } from '../../store/layout.ts';
import { readMetadata, type Metadata } from '../../store/gens/genstore.ts';
import { hashesTo } from '../../store/gens/survey.ts';
import type { StoredGeneration } from '../../store/gens/surveyfacts.ts';
import { ancestorsOf, isClosed, type Examination, type Opened, type Target } from '../examination.ts';
import { finding, type Finding, type Fix } from '../findings.ts';

export function identityFindings(examination: Examination): readonly Finding[] {
  const { store, strangers, asked } = examination;
  const wanted = store.filter(asked.generation);
  const broken = new Set(store.filter((each) => isBroken(examination, each)));
  return [
    ...wanted.filter((each) => strangers.has(each)).flatMap((each) => metadataFindings(examination, each)),
    ...wanted.flatMap((each) => parentFindings(examination, each)),
    ...orphans(examination, wanted, broken),
  ];
}

/** Its metadata is wrong and can be put right: until then neither it nor what is made from it can be told from an orphan. */
export function isBroken({ strangers, opened }: Examination, stored: StoredGeneration): boolean {
  return strangers.has(stored) && provenMetadata(opened, stored) !== undefined;
}

/** The metadata.json that a cohort proves: its coordinates hash to the very id of the folder. */
export function provenMetadata(opened: Opened | undefined, { stage, genId }: Target): Metadata | undefined {
  const row = opened?.row(stage, genId) ?? opened?.displaced(stage, genId);
  if (opened === undefined || row === undefined) return undefined;
  const { graph } = opened.session.loaded;
  const generation = { ...generationOf(taskAt(graph, row)), genId };
  const metadata = seedMetadata(generation, origins(graph)(row));
  return hashesTo(stage, genId, metadata) ? metadata : undefined;
}

function metadataFindings(examination: Examination, stored: StoredGeneration): readonly Finding[] {
  const { stage, genId } = stored;
  if (typeof stored.metadata !== 'object') return [];
  // All of it: what is handed over between threads has a few fields only.
  const metadata = readMetadata(examination.layout, stage, genId);
  if (metadata === 'damaged' || metadata === undefined) return [];
  const place = { file: `${genFolder(examination.layout, stage, genId)}/metadata.json`, genId };
  const proven = provenMetadata(examination.opened, stored);
  const details = { stage, genId, place, ...fixOf(stored, proven, metadata) };
  if (stage !== 'draft' && stored.parentId === undefined)
    return [finding('parent_unset', `${genId} names no parent`, details)];
  // Ids of other tools' older schemes follow no rule that could be checked.
  if (!/^[dev]_/.test(genId)) return [];
  const changed = proven === undefined ? [] : differences(metadata, proven);
  const what = changed.length === 0 ? 'its coordinates give another id' : changed.join('; ');
  return [finding('id_mismatch', `${genId}: ${what}`, { ...details, data: { changed } })];
}

const COORDINATES = ['combo_id', 'parent_gen_id', 'template_id', 'llm_model_id', 'replicate'] as const;

function differences(metadata: Metadata, proven: Metadata): readonly string[] {
  return COORDINATES.filter((key) => String(metadata[key]) !== String(proven[key])).map(
    (key) => `${key} is ${String(metadata[key])} and was ${String(proven[key])}`,
  );
}

function fixOf(
  { stage, genId }: Target,
  proven: Metadata | undefined,
  metadata: Metadata,
): { readonly fix?: Fix; readonly cure?: string } {
  if (proven === undefined) return {};
  const kept = Object.fromEntries(
    COORDINATES.filter((key) => key in proven).map((key) => [key, proven[key]]),
  );
  const path = `gens/${stage}/${genId}/metadata.json`;
  return {
    fix: { kind: 'coordinates', path, values: { ...pick(proven, metadata), ...kept } },
    cure: 'Put the coordinates back: `daydream doctor --fix`.',
  };
}

/** What a seeded metadata.json has and this one lacks. */
function pick(proven: Metadata, metadata: Metadata): Record<string, unknown> {
  return Object.fromEntries(Object.entries(proven).filter(([key]) => !(key in metadata)));
}

function parentFindings(
  { parentOf, opened, layout, unreadable }: Examination,
  each: StoredGeneration,
): readonly Finding[] {
  const { stage, genId, parentId } = each;
  if (parentId === undefined) return [];
  const parent = parentOf(each);
  // A trace says what was rendered from what; only without one the texts have to tell.
  if (parent !== undefined && (each.trace !== undefined || each.holdsParent !== false)) return [];
  const place = { file: `${genFolder(layout, stage, genId)}/metadata.json`, genId };
  const closed =
    parent === undefined && isClosed({ unreadable }, { stage: parentStage(stage), genId: parentId });
  if (closed) return [];
  if (parent === undefined) {
    const row = opened?.row(parentStage(stage), parentId);
    const cure = row === undefined ? {} : { cure: `Make it: \`daydream build ${parentId}\`.` };
    return [
      finding('parent_missing', `${genId} is made from ${parentId}, which is not in the store`, {
        stage,
        genId,
        place,
        ...cure,
        data: { parent_gen_id: parentId },
      }),
    ];
  }
  return [
    finding('prompt_without_parent', `the prompt of ${genId} does not hold the text of ${parentId}`, {
      stage,
      genId,
      place: { file: `${genFolder(layout, stage, genId)}/prompt.txt`, genId },
      data: { parent_gen_id: parentId },
      ...(opened?.row(stage, genId) === undefined
        ? { cure: `Remove it: \`daydream rm ${genId} --yes\`.` }
        : {}),
    }),
  ];
}

function orphans(
  examination: Examination,
  asked: readonly StoredGeneration[],
  broken: ReadonlySet<StoredGeneration>,
): readonly Finding[] {
  const { opened, layout } = examination;
  if (opened === undefined) return [];
  return asked
    .filter(({ stage, genId, row }) => row < 0 && opened.usage.of(stage, genId).size === 0)
    .filter((each) => ![each, ...ancestorsOf(examination, each)].some((above) => broken.has(above)))
    .map(({ stage, genId }) =>
      finding('orphan', `no cohort has ${stage} ${genId}`, {
        stage,
        genId,
        place: { file: genFolder(layout, stage, genId), genId },
      }),
    );
}
