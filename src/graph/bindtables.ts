// The tables behind a structure: templates, combos and what is asked of models, out of catalogs and settings. From here on nobody
// needs a catalog. Knows no CSV and no disk.
import { dirname, join } from 'node:path';
import { canonicalJson } from '../canonical.ts';
import type { Catalog, Combo, ConceptContent, Model, Template } from '../catalog/catalog.ts';
import { NO_SYSTEM, variantOf } from '../catalog/variants.ts';
import { defined } from '../defined.ts';
import { digestOf } from '../digest.ts';
import { problem, type Loaded, type Place, type Problem } from '../problem.ts';
import { STAGES, type Stage } from '../generation/stage.ts';
import {
  askingOf,
  type AskSettings,
  type ReasoningForm,
  type SeedField,
  type TokensField,
} from './asking.ts';
import { oddAsks } from './oddasks.ts';
import type { OwnSystem, Tables } from './bind.ts';
import { askPlace, at, type Ask, type GraphCombo, type GraphTemplate, type Structure } from './graph.ts';
import { isBlank } from '../text/python.ts';
import { systemFileOf } from '../generation/systemprompt.ts';
import { isCopy } from '../generation/mode.ts';

export interface StageSettings extends AskSettings {
  readonly maxTokens: number;
  readonly minLines: number;
  readonly truncation: 'reject' | 'accept';
  readonly thoughts?: 'keep' | 'apart';
  /** A template of what is sent as a system prompt, where none lies beside the template. */
  readonly system?: string;
}

/** A system prompt of a model, in place of a template's and of the stage's; null for none at all. */
export interface ModelSystem {
  readonly text: string | null;
  readonly place: Place;
}

interface Quirks {
  readonly ignores: readonly string[];
  readonly tokensField: TokensField;
  readonly temperature: boolean;
  readonly reasoning: ReasoningForm;
  readonly seedField?: SeedField;
}

export interface BindSettings {
  readonly stages: Readonly<Record<Stage, StageSettings>>;
  /** What the config says of a model, beside stage and catalog row. */
  readonly ruleOf: (model: Model) => AskSettings & { readonly tokensField?: TokensField };
  /** Undefined where neither its rule nor its row has one. */
  readonly systemOf: (model: Model) => ModelSystem | undefined;
  /** Where the config has the system prompt of a stage. */
  readonly systemPlace: (stage: Stage) => Place;
  /** Where a setting of a model stands: in its rule, its row, or that of the stage. */
  readonly saidAt?: (model: Model, stage: Stage, setting: 'reasoning') => Place;
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
  const blocks = new Blocks();
  const boundTemplates = structure.templates.map(({ stage, id }): GraphTemplate => {
    const template = boundTemplate(present(catalog.templates[stage].get(id), id), catalog, settings);
    const { asked } = template;
    const askBlock = asked === undefined ? undefined : blocks.number(stage, asked);
    return defined({ ...template, askBlock });
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
  const asks = blocks.all.flatMap(({ stage, asked }) =>
    structure.models.map((id): Ask | null => {
      const model = catalog.models.get(id);
      return model === undefined ? null : askOf(model, stage, settings, asked);
    }),
  );
  problems.push(
    ...unaskable(structure, boundTemplates, asks),
    ...oddAsks(
      { structure, templates: boundTemplates, asks },
      (provider) => settings.quirksOf(provider).ignores,
      (id, stage) => {
        const model = catalog.models.get(id);
        return model === undefined ? undefined : settings.saidAt?.(model, stage, 'reasoning');
      },
    ),
  );
  const { templates: others, ownSystems } = ownSystemsOf(structure, boundTemplates, (id) => {
    const model = catalog.models.get(id);
    return model === undefined ? undefined : settings.systemOf(model);
  });
  const own = ownSystems.length === 0 ? {} : { ownSystems };
  return {
    value: { boundTemplates: [...boundTemplates, ...others], ...own, boundCombos, asks },
    problems,
  };
}

/** A template of the catalog with what the settings say of its stage. */
export function boundTemplate(
  template: Template,
  catalog: Catalog,
  { stages, systemPlace }: Pick<BindSettings, 'stages' | 'systemPlace'>,
): GraphTemplate {
  const { stage, id, mode, file, parser, asked } = template;
  const { minLines, truncation, thoughts, system: own = '' } = stages[stage];
  const usual = isBlank(own) ? undefined : own;
  const apart = thoughts === 'apart' && mode === 'llm' ? { thoughts } : {};
  const system = systemOf(template, catalog, { usual, place: systemPlace(stage) });
  return defined({ stage, id, mode, file, parser, minLines, truncation, ...apart, ...system, asked });
}

/** Blocks of asks, a model each: of the stages, and of what specs vary. Lives while tables are bound. */
class Blocks {
  readonly all: { readonly stage: Stage; readonly asked?: AskSettings }[] = STAGES.map((stage) => ({
    stage,
  }));
  readonly #numbers = new Map<string, number>();

  /** Undefined for the block of the stage. */
  number(stage: Stage, asked: AskSettings): number | undefined {
    if (Object.keys(asked).length === 0) return undefined;
    const key = `${stage} ${canonicalJson(asked)}`;
    const number = this.#numbers.get(key) ?? this.all.push({ stage, asked }) - 1;
    this.#numbers.set(key, number);
    return number;
  }
}

/** Templates with the system prompts of the models that are asked with them; one that a spec names goes before a model's. */
function ownSystemsOf(
  { size, template, model, models }: Structure,
  bound: readonly GraphTemplate[],
  systemOf: (model: string) => ModelSystem | undefined,
): { readonly templates: readonly GraphTemplate[]; readonly ownSystems: readonly OwnSystem[] } {
  const systems = models.map(systemOf);
  const templates: GraphTemplate[] = [];
  const places = new Map<string, number>();
  const found = new Map<number, OwnSystem>();
  if (systems.every((each) => each === undefined)) return { templates, ownSystems: [] };
  for (let row = 0; row < size; row++) {
    const [place, who] = [at(template, row), at(model, row)];
    const key = place * models.length + who;
    const own = systems[who];
    const { system: _system, systemFile: _file, systemPlace: _place, ...rest } = at(bound, place);
    if (found.has(key) || own === undefined || isCopy(rest) || isVaried(rest)) continue;
    const text = canonicalJson([place, own.text]);
    const number = places.get(text) ?? bound.length + templates.length;
    if (!places.has(text))
      templates.push(own.text === null ? rest : { ...rest, system: own.text, systemPlace: own.place });
    places.set(text, number);
    found.set(key, { template: place, model: at(models, who), bound: number });
  }
  return { templates, ownSystems: [...found.values()] };
}

function isVaried({ id }: GraphTemplate): boolean {
  return variantOf(id).values.system !== undefined;
}

/** Where a template's system prompt is: one that a spec names, none at all, its own, or the config's. */
function systemOf(
  { stage, id, file, system: name }: Template,
  catalog: Catalog,
  { usual, place }: { readonly usual: string | undefined; readonly place: Place },
): Partial<Pick<GraphTemplate, 'system' | 'systemFile' | 'systemNamed' | 'systemPlace'>> {
  if (name === NO_SYSTEM) return {};
  if (name !== undefined) return { systemFile: join(dirname(file), `${name}.system.txt`), systemNamed: true };
  // A template of that very name is a template, and no system prompt.
  const isTemplate = catalog.templates[stage].has(`${variantOf(id).base}.system`);
  return defined({
    system: usual,
    systemFile: isTemplate ? undefined : systemFileOf(file),
    systemPlace: usual === undefined ? undefined : place,
  });
}

/** What a model is asked with in a stage, `own` being what a spec varies. */
export function askOf(model: Model, stage: Stage, settings: BindSettings, own: AskSettings = {}): Ask {
  const { maxTokens } = settings.stages[stage];
  const provider = settings.providerOf(model);
  const quirks = settings.quirksOf(provider);
  const rule = settings.ruleOf(model);
  const asking = askingOf([settings.stages[stage], model, rule, own], { ...quirks, maxTokens });
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
    if (asks[askPlace(structure, templates, row)] !== null) continue;
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
