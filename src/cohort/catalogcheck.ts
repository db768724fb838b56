// Checks entries against the catalogs: everything named must be there and fit for its use. Changes nothing, makes no ids.
import { problem, type Problem } from '../problem.ts';
import type { Catalog } from '../catalog/catalog.ts';
import { variantOf } from '../catalog/variants.ts';
import { didYouMean } from '../text/nearest.ts';
import { STAGES, type Stage } from '../generation/stage.ts';
import { compareCodePoints } from '../text/python.ts';
import type { Design } from './design/design.ts';
import type { Entries, Entry } from './entries.ts';
import { columnOf } from './rowparts.ts';
import { isCode, isCopy, NO_MODEL } from '../generation/mode.ts';
import { defined } from '../defined.ts';

const MODEL_REASONS: Readonly<Record<Stage, string>> = {
  draft: 'catalog_generation_llms_missing',
  essay: 'catalog_essay_llms_missing',
  evaluation: 'catalog_evaluation_llms_missing',
};

/** Seven checks of what is missing, in the order of the stages; then what is there and cannot be used. */
export function checkAgainstCatalog(entries: Entries, catalog: Catalog, design: Design): Problem[] {
  const combos = distinct(entries.draft, 'combo');
  return [
    ...missing(combos, catalog.combos.keys(), {
      reason: 'catalog_combos_missing',
      what: 'combo',
      field: columnOf(design, 'combo', 'draft'),
    }),
    ...STAGES.flatMap((stage) =>
      missing(unknownTemplates(entries[stage], stage, catalog), catalog.templates[stage].keys(), {
        reason: `catalog_${stage}_templates_missing`,
        what: `${stage} template`,
        field: columnOf(design, 'template', stage),
        stage,
      }),
    ),
    ...STAGES.flatMap((stage) =>
      missing(distinct(asking(entries[stage], stage, catalog), 'model'), knownModels(catalog, stage), {
        reason: MODEL_REASONS[stage],
        what: `${stage} model`,
        field: columnOf(design, 'model', stage),
        stage,
      }),
    ),
    ...combos.flatMap((id) => catalog.combos.get(id)?.problem ?? []),
    ...STAGES.flatMap((stage) => unfitModels(distinct(entries[stage], 'model'), stage, catalog)),
    ...unfitModes(entries, catalog),
  ];
}

/** In code point order. */
export function distinct(entries: readonly Entry[], part: 'combo' | 'template' | 'model'): readonly string[] {
  return [...new Set(entries.map((entry) => entry[part]))].sort(compareCodePoints);
}

/** A variant is missing by the name of its template. */
function unknownTemplates(entries: readonly Entry[], stage: Stage, catalog: Catalog): readonly string[] {
  const unknown = distinct(entries, 'template').filter((id) => !catalog.templates[stage].has(id));
  return [...new Set(unknown.map((id) => variantOf(id).base))];
}

/** Without those that code scores, which have no model whatever the spec says. */
function asking(entries: readonly Entry[], stage: Stage, catalog: Catalog): readonly Entry[] {
  return entries.filter(({ template }) => !isCode(catalog.templates[stage].get(template) ?? {}));
}

function knownModels(catalog: Catalog, stage: Stage): Iterable<string> {
  const models = [...catalog.models.keys()];
  return stage === 'essay' && models.length > 0 ? [...models, NO_MODEL] : models;
}

interface Check {
  readonly reason: string;
  readonly what: string;
  /** The axis that names them. */
  readonly field: string;
  readonly stage?: Stage;
}

function missing(
  wanted: readonly string[],
  known: Iterable<string>,
  { reason, what, field, stage }: Check,
): Problem[] {
  const names = new Set(known);
  const absent = wanted.filter((name) => !names.has(name));
  if (absent.length === 0) return [];
  const shown = absent.slice(0, 5).map((name) => `"${name}"${didYouMean(name, names)}`);
  const more = absent.length > 5 ? ` and ${absent.length - 5} more` : '';
  const message =
    names.size === 0
      ? `The catalog has no ${what} at all; the spec names ${shown.join(', ')}${more}.`
      : `The catalog has no ${what} ${shown.join(', ')}${more}.`;
  const data = defined({ missing: absent, stage });
  return [problem('DD323', message, { place: { field }, reason, data })];
}

function unfitModels(models: readonly string[], stage: Stage, catalog: Catalog): Problem[] {
  const column = stage === 'evaluation' ? 'for_evaluation' : 'for_generation';
  const unfit = models.flatMap((id) => {
    const model = catalog.models.get(id);
    if (model === undefined) return [];
    return (stage === 'evaluation' ? model.forEvaluation : model.forGeneration) ? [] : [model];
  });
  return unfit.map((model) =>
    problem(
      'DD324',
      `The model "${model.id}" is used for the stage ${stage}, but its column ${column} says no.`,
      {
        place: { ...model.place, field: column },
        reason: 'model_not_allowed',
        data: { model: model.id, stage },
        cure: `Use another model in the spec, or change ${column} of "${model.id}" in llm_models.csv.`,
      },
    ),
  );
}

/** Only an essay has a parent to copy, and only a copy can do without a model. */
function unfitModes(entries: Entries, catalog: Catalog): Problem[] {
  const problems: Problem[] = [];
  for (const id of distinct(entries.draft, 'template')) {
    const template = catalog.templates.draft.get(id);
    if (template === undefined || !isCopy(template)) continue;
    const message = `The draft template "${id}" has the generator copy, but a draft has no parent to copy.`;
    const cure = `Write llm as the generator of "${id}".`;
    problems.push(
      problem('DD324', message, {
        place: template.place,
        reason: 'draft_cannot_copy',
        cure,
        data: { template: id },
      }),
    );
  }
  const withoutModel = entries.essay.filter((entry) => entry.model === NO_MODEL);
  for (const id of distinct(withoutModel, 'template')) {
    const template = catalog.templates.essay.get(id);
    if (template?.mode !== 'llm') continue;
    const message = `The essay template "${id}" asks a model, but the spec gives it the model None.`;
    const cure = 'Give it a model of llm_models.csv, or a template whose generator is copy.';
    problems.push(
      problem('DD324', message, {
        place: template.place,
        reason: 'model_needed',
        cure,
        data: { template: id },
      }),
    );
  }
  return problems;
}
