// Makes the cohort that would tell two levels apart: what they were compared on, and so many more combos, judges or replicates.
import type { Catalog, Combo } from '../../catalog/catalog.ts';
import { addCombo, comboId } from '../../catalog/combos.ts';
import { loadCatalog } from '../../catalog/load.ts';
import { NO_MODEL } from '../../generation/mode.ts';
import { boughtFiles } from '../../cohort/spec/bought.ts';
import { digest } from '../../digest.ts';
import { diskReader } from '../../inputs/disk/diskreader.ts';
import { hasErrors, problem, ProblemError } from '../../problem.ts';
import type { ScoredRow } from '../../scores/rows.ts';
import type { Ware } from '../../scores/separation/purchase.ts';
import { groupBy } from '../../statistics/groups.ts';
import { writeAtomic } from '../../store/writing/atomic.ts';
import { compareCodePoints } from '../../text/python.ts';
import { makeCohort, type MadeCohort, refuseTaken } from './curate.ts';
import type { ProjectCatalog } from './membershipfiles.ts';

export interface Purchased {
  readonly purpose: string;
  /** Of the two levels alone. */
  readonly rows: readonly ScoredRow[];
  readonly ware: Ware;
  /** How many more combos or judges. */
  readonly more: number;
  /** How many there are to be in all. */
  readonly needed: number;
  /** Local time, `YYYY-MM-DDTHH:MM:SS`. */
  readonly createdAt: string;
}

export interface BoughtCohort extends MadeCohort {
  /** Combos that were not in combo_mappings.csv before. */
  readonly registered: readonly string[];
}

/** Call it with the lock held. Throws a ProblemError where the cohort is there, or where there is not enough to make it from. */
export function makeBought(project: ProjectCatalog, cohortId: string, purchase: Purchased): BoughtCohort {
  const { catalog, layout } = project;
  const { rows, ware, more, needed } = purchase;
  refuseTaken(layout, cohortId);
  const names = (of: (row: ScoredRow) => string): readonly string[] =>
    [...new Set(rows.map(of))].sort(compareCodePoints);
  const most = (of: (row: ScoredRow) => number | undefined): number =>
    rows.reduce((found, row) => Math.max(found, of(row) ?? 1), 1);
  const used = names((row) => row.comboId);
  const wanted = ware === 'combo' ? furtherCombos(catalog, used, { more, seed: cohortId }) : [];
  const judges = names((row) => row.evaluationModel);
  const replicates = {
    draft: most((row) => row.draftReplicate),
    essay: most((row) => row.essayReplicate),
    evaluation: most((row) => row.replicate),
  };
  if (ware === 'draft' || ware === 'essay') replicates[ware] = Math.max(replicates[ware], needed);
  if (ware === 'replicate') replicates.evaluation = Math.max(replicates.evaluation, needed);
  const ways = groupBy(rows, (row) => [
    row.draftTemplate,
    row.draftModel,
    row.generationTemplate,
    row.essayModel || NO_MODEL,
  ]).map(
    ({ key: [draft = '', writer = '', essay = '', model = ''] }) => [draft, writer, essay, model] as const,
  );
  const files = boughtFiles({
    purpose: purchase.purpose,
    combos: [...used, ...wanted.map(({ id }) => id)],
    ways,
    rubrics: names((row) => row.evaluationTemplate),
    judges: ware === 'judge' ? [...judges, ...furtherJudges(catalog, judges, more)] : judges,
    replicates,
  });
  const before = diskReader().text(layout.combos).value;
  const created = wanted.filter(({ id }) => !catalog.combos.has(id));
  const after = created.reduce((text, shape) => registered(text, shape, project, purchase.createdAt), before);
  const changed = after !== undefined && after !== before;
  if (changed) writeAtomic(layout.combos, after);
  try {
    const known = changed
      ? { ...project, catalog: loadCatalog(diskReader(), project.settings).value }
      : project;
    const made = makeCohort(known, cohortId, files, 'quiet');
    return { ...made, registered: created.map(({ id }) => id) };
  } catch (error) {
    if (before !== undefined && changed) writeAtomic(layout.combos, before);
    throw error;
  }
}

type Shape = Pick<Combo, 'id' | 'conceptIds' | 'level' | 'kMax'>;

/** So many draws in a row that give nothing new: then hardly a set of concepts is left. */
const IDLE_DRAWS = 500;

/**
 * Like those that were used (as many concepts, described alike): first those that are registered, then sets of concepts drawn by the
 * seed, so that no concept is in most of them.
 */
function furtherCombos(
  { combos, concepts }: Catalog,
  used: readonly string[],
  { more, seed }: { readonly more: number; readonly seed: string },
): readonly Shape[] {
  const models = used.flatMap((id) => combos.get(id) ?? []);
  const likeness = ({ conceptIds, level, kMax }: Shape): string => `${conceptIds.length} ${level} ${kMax}`;
  const shapes = new Set(models.map(likeness));
  const found = new Map<string, Shape>();
  for (const combo of combos.values())
    if (
      found.size < more &&
      !used.includes(combo.id) &&
      combo.problem === undefined &&
      shapes.has(likeness(combo))
    )
      found.set(combo.id, combo);
  for (let draw = 0, idle = 0; idle < IDLE_DRAWS && found.size < more; draw++, idle++) {
    const model = models[draw % models.length];
    if (model === undefined) break;
    const { level, kMax } = model;
    const conceptIds = [...concepts.keys()]
      .map((id) => [digest(`${seed}|${draw}|${id}`), id] as const)
      .sort(([a], [b]) => compareCodePoints(a, b))
      .slice(0, model.conceptIds.length)
      .map(([, id]) => id);
    const id = comboId(conceptIds, level, kMax);
    if (combos.has(id) || found.has(id)) continue;
    found.set(id, { id, conceptIds, level, kMax });
    idle = 0;
  }
  if (found.size < more)
    throw new ProblemError([
      problem(
        'DD102',
        `${more} more combos are wanted, and the concepts give hardly more than ${found.size} like those that there are`,
        {
          cure: 'Add concepts to concepts_metadata.csv, name a larger `--difference`, or buy something else with `--more`.',
        },
      ),
    ]);
  return [...found.values()];
}

/** The text of combo_mappings.csv with the combo in it. */
function registered(
  text: string | undefined,
  { conceptIds, level, kMax }: Shape,
  { layout, catalog: { concepts } }: ProjectCatalog,
  createdAt: string,
): string | undefined {
  const added = addCombo({ text, file: layout.combos, conceptIds, level, kMax, createdAt, concepts });
  if (hasErrors(added.problems)) throw new ProblemError(added.problems);
  return added.value.text ?? text;
}

/** The next models of the catalog that may judge. */
function furtherJudges({ models }: Catalog, used: readonly string[], more: number): readonly string[] {
  const free = [...models.values()]
    .filter(({ id, forEvaluation }) => forEvaluation && !used.includes(id))
    .map(({ id }) => id);
  if (free.length < more)
    throw new ProblemError([
      problem('DD102', `${more} more judges are wanted, and llm_models.csv has ${free.length}`, {
        cure: 'Add models with `for_evaluation` to llm_models.csv, or buy something else with `--more`.',
      }),
    ]);
  return free.slice(0, more);
}
