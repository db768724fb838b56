// The two files of a new cohort's spec, written from the catalogs for a person to edit. Knows no disk.
import { problem, type Loaded, type Problem } from '../../problem.ts';
import type { Catalog, Model, Template } from '../../catalog/catalog.ts';
import { resolveWord } from '../../inputs/yaml/scalar.ts';
import { isCopy, NO_MODEL } from '../../generation/mode.ts';
import { lowerCase } from '../../text/python.ts';
import type { Cohort } from '../cohort.ts';

const MOST_COMBOS = 3;
const MOST_DRAFT_TEMPLATES = 3;
const MOST_WRITERS = 2;
const MOST_RUBRICS = 2;
const MOST_JUDGES = 1;
/** How many further rows are offered as comments. */
const MOST_OFFERED = 200;

export interface BootstrappedSpec {
  /** Texts by path below the spec folder. */
  readonly files: Readonly<Record<string, string>>;
}

/** Who writes the essays of a draft template, a draft model and an essay template in cohorts that are there. */
export type EssayModels = (draft: string, writer: string, essay: string) => readonly string[];

export function essayModelsIn(cohorts: readonly Cohort[]): EssayModels {
  const found = new Map<string, Set<string>>();
  for (const { members } of cohorts) {
    const drafts = new Map(members.map((each) => [each.genId, each]));
    for (const each of members) {
      const draft = each.stage === 'essay' ? drafts.get(each.parentId) : undefined;
      if (draft === undefined) continue;
      const key = lowerCase([draft.templateId, draft.modelId, each.templateId].join('\0'));
      found.set(key, (found.get(key) ?? new Set()).add(each.modelId));
    }
  }
  return (...names) => [...(found.get(lowerCase(names.join('\0'))) ?? [])];
}

/**
 * A small cohort that compiles as it is, and goes with the cohorts that are there; what else the catalogs offer stands beside it in
 * comments.
 */
export function bootstrapSpec(
  catalog: Catalog,
  essayModels: EssayModels = () => [],
): Loaded<BootstrappedSpec> {
  const offer = { ...offerOf(catalog), essayModels };
  const problems = lacking(offer);
  if (problems.length > 0) return { value: { files: {} }, problems };
  return {
    value: { files: { 'config.yaml': configText(offer), 'items/cohort_rows.yaml': rowsText(offer) } },
    problems,
  };
}

/** What can be used, in catalog order. */
interface Offer {
  readonly combos: readonly string[];
  readonly drafts: readonly string[];
  readonly essays: readonly Template[];
  readonly rubrics: readonly string[];
  readonly writers: readonly string[];
  readonly judges: readonly string[];
  readonly essayModels: EssayModels;
}

function offerOf(catalog: Catalog): Omit<Offer, 'essayModels'> {
  const models: readonly Model[] = [...catalog.models.values()];
  return {
    combos: [...catalog.combos.values()]
      .filter((combo) => combo.problem === undefined)
      .map((combo) => combo.id),
    drafts: [...catalog.templates.draft.values()]
      .filter((template) => template.mode === 'llm')
      .map((template) => template.id),
    essays: [...catalog.templates.essay.values()].toSorted((a, b) => Number(isCopy(a)) - Number(isCopy(b))),
    rubrics: [...catalog.templates.evaluation.keys()],
    writers: models.filter((model) => model.forGeneration).map((model) => model.id),
    judges: models.filter((model) => model.forEvaluation).map((model) => model.id),
  };
}

function lacking(offer: Offer): Problem[] {
  const needs: readonly (readonly [string, readonly unknown[], string])[] = [
    ['combo', offer.combos, 'Register one: `daydream cohort combos add <concept> <concept>`.'],
    ['draft template', offer.drafts, 'Add a row to draft_templates.csv.'],
    ['essay template', offer.essays, 'Add a row to essay_templates.csv.'],
    ['evaluation template', offer.rubrics, 'Add a row to evaluation_templates.csv.'],
    ['model that may generate', offer.writers, 'Add a row to llm_models.csv.'],
    ['model that may evaluate', offer.judges, 'Add a row to llm_models.csv.'],
  ];
  return needs
    .filter(([, known]) => known.length === 0)
    .map(([what, , cure]) =>
      problem('DD330', `The catalogs hold no ${what}.`, { reason: 'nothing_to_begin_with', cure }),
    );
}

function configText(offer: Offer): string {
  return `# What this cohort consists of: every combination of the axes below and of the rows in items/cohort_rows.yaml.
# \`daydream cohort design <this file>\` prints the combinations, \`daydream plan\` what they cost.
axes:
  # The concepts that a draft is made from, as combo_mappings.csv groups them.
${listText('combo_id', offer.combos, MOST_COMBOS)}
  # What every essay is judged by ...
${listText('evaluation_template', offer.rubrics, MOST_RUBRICS)}
  # ... and who judges.
${listText('evaluation_llm', offer.judges, MOST_JUDGES)}
  # Each further number has everything judged once more; draft_replicate and essay_replicate repeat what is written.
  # Without this axis the count of replication_config.csv holds.
  # evaluation_replicate: [1, 2]
rules:
  tuples:
    # A row is one way of writing, from the draft to the essay.
    cohort_rows:
      axes: [draft_template, draft_llm, essay_template, essay_llm]
      items: '@file:items/cohort_rows.yaml'
output:
  field_order: [combo_id, draft_template, draft_llm, essay_template, essay_llm, evaluation_template, evaluation_llm]
`;
}

/** A block list of the first few names, the others in comments. */
function listText(axis: string, names: readonly string[], most: number): string {
  const lines = names
    .slice(0, most + MOST_OFFERED)
    .map((name, at) => `    ${at < most ? '' : '# '}- ${word(name)}`);
  return [`  ${axis}:`, ...lines].join('\n');
}

/** An essay template with a model for it; undefined where other cohorts have several, so that no one model goes with all of them. */
function essayOf(
  { essays, writers, essayModels }: Offer,
  draft: string,
  writer: string,
): readonly [template: string, model: string] | undefined {
  for (const essay of essays) {
    const [known = isCopy(essay) ? NO_MODEL : writer, another] = essayModels(draft, writer, essay.id);
    if (another === undefined && [...writers, NO_MODEL].includes(known)) return [essay.id, known];
  }
  return undefined;
}

function rowsText(offer: Offer): string {
  const live: string[] = [];
  const offered: string[] = [];
  for (const [writerAt, writer] of offer.writers.entries())
    for (const [draftAt, draft] of offer.drafts.entries()) {
      const essay = essayOf(offer, draft, writer);
      if (essay === undefined) continue;
      const row = [draft, writer, ...essay];
      const line = `- [${row.map(word).join(', ')}]`;
      if (writerAt < MOST_WRITERS && draftAt < MOST_DRAFT_TEMPLATES) live.push(line);
      else if (offered.length < MOST_OFFERED) offered.push(`# ${line}`);
    }
  const essays = offer.essays.map(
    (template) =>
      `#   ${word(template.id)}${isCopy(template) ? `, which copies the draft: its model is ${NO_MODEL}` : ''}`,
  );
  return [
    '# Ways of writing: [draft template, draft model, essay template, essay model].',
    '# An essay id holds no model, so give one draft template and draft model only one essay model, here and in other cohorts.',
    ...live,
    ...(offered.length > 0 ? ['# Further drafts: remove the # of those that you want.', ...offered] : []),
    '# The essay templates are:',
    ...essays,
    '',
  ].join('\n');
}

/** A name as YAML reads it back: quoted where it would be something else than this text. */
export function word(name: string): string {
  const plain = /^[A-Za-z0-9_][\w.-]*$/.test(name) && resolveWord(name) === name;
  return plain ? name : `'${name.replaceAll("'", "''")}'`;
}
