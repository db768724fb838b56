// Ids bound to values: from here on nobody needs a catalog. Knows settings and catalog values, no CSV, no disk.
import type { Catalog, Model } from '../catalog/catalog.ts';
import { canonicalJson } from '../canonical.ts';
import { digestOf } from '../digest.ts';
import { problem, type Loaded, type Problem } from '../errors.ts';
import { STAGES, type Stage } from '../generation/stage.ts';
import type { Parts } from '../generation/trace.ts';
import { at, type Ask, type Graph, type GraphCombo, type GraphTemplate, type Structure } from './graph.ts';

export interface StageSettings {
  readonly temperature: number;
  readonly maxTokens: number;
  readonly minLines: number;
  readonly truncation: 'reject' | 'accept';
  readonly sampling: Readonly<Record<string, unknown>>;
}

export interface BindSettings {
  readonly stages: Readonly<Record<Stage, StageSettings>>;
  readonly providerOf: (model: Model) => string;
  readonly poolOf: (model: Model) => string;
}

/** What the tables of a structure are bound to; kept beside the structure, since texts change more often than tables. */
export interface Tables {
  readonly boundTemplates: readonly GraphTemplate[];
  readonly boundCombos: readonly GraphCombo[];
  /** `asks[stage * models + model]`; null for the pseudo model of copies. */
  readonly asks: readonly (Ask | null)[];
}

export function bindTables(structure: Structure, catalog: Catalog, settings: BindSettings): Loaded<Tables> {
  const problems: Problem[] = [];
  const boundTemplates = structure.templates.map(({ stage, id }): GraphTemplate => {
    const { mode, file, parser } = present(catalog.templates[stage].get(id), id);
    const { minLines, truncation } = settings.stages[stage];
    return { stage, id, mode, file, parser, minLines, truncation };
  });
  const boundCombos = structure.combos.map((id): GraphCombo => {
    const combo = present(catalog.combos.get(id), id);
    if (combo.problem !== undefined) problems.push(combo.problem);
    return {
      id,
      digest: digestOf(combo.contents.map(({ name, content }) => [name, content])),
      conceptIds: combo.conceptIds,
    };
  });
  const asks = STAGES.flatMap((stage) =>
    structure.models.map((id): Ask | null => {
      const model = catalog.models.get(id);
      return model === undefined ? null : askOf(model, stage, settings);
    }),
  );
  problems.push(...unaskable(structure, boundTemplates, asks));
  return { value: { boundTemplates, boundCombos, asks }, problems };
}

function askOf(model: Model, stage: Stage, settings: BindSettings): Ask {
  const { temperature, maxTokens, sampling } = settings.stages[stage];
  return {
    modelId: model.id,
    provider: settings.providerOf(model),
    model: model.model,
    pool: settings.poolOf(model),
    temperature: model.temperature ?? temperature,
    maxTokens: model.maxTokens ?? maxTokens,
    sampling,
    ...(model.inputPrice === undefined ? {} : { inputPrice: model.inputPrice }),
    ...(model.outputPrice === undefined ? {} : { outputPrice: model.outputPrice }),
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
    const template = at(templates, at(structure.template, row));
    if (template.mode === 'copy') continue;
    const model = at(structure.model, row);
    if (asks[at(structure.stage, row) * structure.models.length + model] !== null) continue;
    const id = at(structure.models, model);
    found.set(
      `${template.id} ${id}`,
      problem(
        'DD351',
        `${template.stage} template ${template.id} asks a model, but its rows name ${id}, which is only for copies`,
        {
          data: { template: template.id, model: id },
        },
      ),
    );
  }
  return [...found.values()];
}

/** Digests and fingerprints of the texts and parsers behind the tables, as they are now. */
export interface Fingerprints {
  readonly renderer: string;
  /** The digest of a template's text; `absent` when it has none (a copy needs none). */
  readonly template: (template: GraphTemplate) => string;
  readonly parser: (stage: Stage, name: string) => string;
}

export function bind(structure: Structure, tables: Tables, fingerprints: Fingerprints): Graph {
  const partSets: Parts[] = [];
  const [renders, generates, parses] = [
    new PartSets(partSets),
    new PartSets(partSets),
    new PartSets(partSets),
  ];
  const { size } = structure;
  const columns = {
    askSet: new Uint32Array(size),
    renderSet: new Uint32Array(size),
    generateSet: new Uint32Array(size),
    parseSet: new Uint32Array(size),
  };
  const digests = tables.boundTemplates.map((template) => fingerprints.template(template));
  const parsers = tables.boundTemplates.map((template) =>
    fingerprints.parser(template.stage, template.parser),
  );
  for (let row = 0; row < size; row++) {
    const template = at(structure.template, row);
    const bound = at(tables.boundTemplates, template);
    const askSet = at(structure.stage, row) * structure.models.length + at(structure.model, row);
    const ask = bound.mode === 'copy' ? null : at(tables.asks, askSet);
    const combo = at(structure.parent, row) < 0 ? at(structure.combo, row) : -1;
    const replicate = at(structure.replicate, row);
    columns.askSet[row] = askSet;
    columns.renderSet[row] = renders.find(template * (structure.combos.length + 1) + combo + 1, () => [
      renderParts(bound, at(digests, template), fingerprints.renderer, tables.boundCombos[combo]),
    ]);
    columns.generateSet[row] =
      ask === null
        ? generates.find(-1, () => [{ mode: 'copy' }])
        : generates.find(replicate * tables.asks.length + askSet, () => [generateParts(ask, replicate)]);
    columns.parseSet[row] = parses.find(template, () => [
      parseParts(bound, at(parsers, template), 'whole'),
      parseParts(bound, at(parsers, template), 'cut off'),
    ]);
  }
  const { boundTemplates, boundCombos } = tables;
  return {
    ...structure,
    ...columns,
    boundTemplates,
    boundCombos,
    asks: tables.asks.map((ask) => ask ?? undefined),
    partSets,
  };
}

/** A copy renders its parent's text as it is: neither a template nor an engine takes part. */
function renderParts(
  template: GraphTemplate,
  templateDigest: string,
  renderer: string,
  combo: GraphCombo | undefined,
): Parts {
  if (template.mode === 'copy') return {};
  return { template: templateDigest, ...(combo === undefined ? {} : { concepts: combo.digest }), renderer };
}

export function generateParts(ask: Ask, replicate: number): Parts {
  return {
    provider: ask.provider,
    model: ask.model,
    temperature: String(ask.temperature),
    max_tokens: String(ask.maxTokens),
    sampling: canonicalJson(ask.sampling),
    mode: 'llm',
    replicate: String(replicate),
  };
}

function parseParts(template: GraphTemplate, parser: string, reply: 'whole' | 'cut off'): Parts {
  return { parser, min_lines: String(template.minLines), truncation: `${template.truncation}:${reply}` };
}

/** Equal sets of parts are made and kept once. */
class PartSets {
  readonly #sets: Parts[];
  readonly #known = new Map<number, number>();

  constructor(sets: Parts[]) {
    this.#sets = sets;
  }

  /** The index of the first of the sets that `make` gives for this key. */
  find(key: number, make: () => readonly Parts[]): number {
    const known = this.#known.get(key);
    if (known !== undefined) return known;
    const index = this.#sets.length;
    this.#sets.push(...make());
    this.#known.set(key, index);
    return index;
  }
}

function present<T>(value: T | undefined, id: string): T {
  if (value === undefined) throw new Error(`${id} passed the catalog checks but is not in the catalog`);
  return value;
}
