// The tables behind a structure: templates, combos and what is asked of models, out of catalogs and settings. From here on nobody
// needs a catalog. Knows no CSV and no disk.
import type { Catalog, Combo, ConceptContent, Model } from '../catalog/catalog.ts';
import { defined } from '../defined.ts';
import { digestOf } from '../digest.ts';
import { problem, type Loaded, type Problem } from '../problem.ts';
import { STAGES, type Stage } from '../generation/stage.ts';
import { askingOf, type AskSettings, type ReasoningForm, type TokensField } from './asking.ts';
import { oddAsks } from './oddasks.ts';
import type { Tables } from './bind.ts';
import { at, type Ask, type GraphCombo, type GraphTemplate, type Structure } from './graph.ts';
import { systemFileOf } from '../generation/systemprompt.ts';
import { isCopy } from '../generation/mode.ts';

export interface StageSettings extends AskSettings {
  readonly maxTokens: number;
  readonly minLines: number;
  readonly truncation: 'reject' | 'accept';
  /** A template of what is sent as a system prompt, where none lies beside the template. */
  readonly system?: string;
}

interface Quirks {
  readonly ignores: readonly string[];
  readonly tokensField: TokensField;
  readonly temperature: boolean;
  readonly reasoning: ReasoningForm;
}

export interface BindSettings {
  readonly stages: Readonly<Record<Stage, StageSettings>>;
  /** What the config says of a model, beside stage and catalog row. */
  readonly ruleOf: (model: Model) => AskSettings & { readonly tokensField?: TokensField };
  readonly providerOf: (model: Model) => string;
  /** What of a provider decides how it is asked. */
  readonly quirksOf: (provider: string) => Quirks;
  /** Of a provider's label: the server that it means. */
  readonly serverOf: (provider: string) => string;
  readonly poolOf: (model: Model) => string;
  /** USD per million tokens, as far as they are known. */
  readonly pricesOf: (
    model: Model,
  ) => Pick<Ask, 'inputPrice' | 'outputPrice' | 'batchInputPrice' | 'batchOutputPrice'>;
}

export function bindTables(structure: Structure, catalog: Catalog, settings: BindSettings): Loaded<Tables> {
  const problems: Problem[] = [];
  const boundTemplates = structure.templates.map(({ stage, id }): GraphTemplate => {
    const { mode, file, parser } = present(catalog.templates[stage].get(id), id);
    const { minLines, truncation, system } = settings.stages[stage];
    // A template of that very name is a template, and no system prompt.
    const systemFile = catalog.templates[stage].has(`${id}.system`) ? undefined : systemFileOf(file);
    return defined({ stage, id, mode, file, parser, minLines, truncation, system, systemFile });
  });
  const boundCombos = structure.combos.map((id): GraphCombo => {
    const combo = present(catalog.combos.get(id), id);
    if (combo.problem !== undefined) problems.push(combo.problem);
    return {
      id,
      digest: conceptsDigest(combo.contents),
      conceptIds: combo.conceptIds,
      ...formerDigests(combo),
    };
  });
  const asks = STAGES.flatMap((stage) =>
    structure.models.map((id): Ask | null => {
      const model = catalog.models.get(id);
      return model === undefined ? null : askOf(model, stage, settings);
    }),
  );
  problems.push(
    ...unaskable(structure, boundTemplates, asks),
    ...oddAsks(
      { structure, templates: boundTemplates, asks },
      (provider) => settings.quirksOf(provider).ignores,
    ),
  );
  return { value: { boundTemplates, boundCombos, asks }, problems };
}

/** What a model is asked with in a stage. */
export function askOf(model: Model, stage: Stage, settings: BindSettings): Ask {
  const { maxTokens } = settings.stages[stage];
  const provider = settings.providerOf(model);
  const quirks = settings.quirksOf(provider);
  const rule = settings.ruleOf(model);
  const asking = askingOf([settings.stages[stage], model, rule], { ...quirks, maxTokens });
  const tokensField = rule.tokensField ?? quirks.tokensField;
  return {
    modelId: model.id,
    provider,
    server: settings.serverOf(provider),
    model: model.model,
    pool: settings.poolOf(model),
    ...asking,
    ...(tokensField === 'max_tokens' ? {} : { tokensField }),
    ...settings.pricesOf(model),
  };
}

/** A row in llm mode whose model is the pseudo model of copies can never be asked. */
function unaskable(
  structure: Structure,
  templates: readonly GraphTemplate[],
  asks: Tables['asks'],
): readonly Problem[] {
  const found = new Map<string, Problem>();
  for (let row = 0; row < structure.size; row++) {
    const model = structure.model[row] ?? 0;
    if (asks[(structure.stage[row] ?? 0) * structure.models.length + model] !== null) continue;
    const template = at(templates, at(structure.template, row));
    if (isCopy(template)) continue;
    const id = at(structure.models, model);
    found.set(
      `${template.id} ${id}`,
      problem(
        'DD351',
        `${template.stage} template ${template.id} asks a model, but its rows name ${id}, which is only for copies`,
        {
          data: { stage: template.stage, template: template.id, model: id },
        },
      ),
    );
  }
  return [...found.values()];
}

function present<T>(value: T | undefined, id: string): T {
  if (value === undefined) throw new Error(`${id} passed the catalog checks but is not in the catalog`);
  return value;
}

/** Line ends once were part of the digest: as the files have them, and as git writes them on some machines. */
function formerDigests({ contents, contentsAsRead }: Combo): Pick<GraphCombo, 'formerly'> {
  if (!contents.some(({ content }) => content.includes('\n'))) return {};
  const crlf = contents.map(({ name, content }) => ({ name, content: content.replaceAll('\n', '\r\n') }));
  return { formerly: [crlf, ...(contentsAsRead === undefined ? [] : [contentsAsRead])].map(conceptsDigest) };
}

/** Of concepts' names and contents, in order. */
export function conceptsDigest(contents: readonly ConceptContent[]): string {
  return digestOf(contents.map(({ name, content }) => [name, content]));
}
