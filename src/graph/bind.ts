// Ids bound to values: parts of every step of every row. Knows settings and tables, no catalog, no CSV, no disk.
import { canonicalJson } from '../canonical.ts';
import { samplingFor } from './asking.ts';
import type { Stage } from '../generation/stage.ts';
import type { Parts } from '../generation/trace.ts';
import {
  askPlace,
  at,
  type Ask,
  type Graph,
  type GraphCombo,
  type GraphTemplate,
  type Structure,
} from './graph.ts';
import { isCode, isCopy } from '../generation/mode.ts';

/** What the tables of a structure are bound to; kept beside the structure, since texts change more often than tables. */
export interface Tables {
  /** One a template of the structure, in order, then what `ownSystems` names. */
  readonly boundTemplates: readonly GraphTemplate[];
  /** Absent where no model has a system prompt of its own. */
  readonly ownSystems?: readonly OwnSystem[];
  readonly boundCombos: readonly GraphCombo[];
  /** By `askPlace`: a block of all models for each stage, then one for each set of parameters; null for the pseudo model of copies. */
  readonly asks: readonly (Ask | null)[];
}

/** What a model's rows of a template are rendered from, where the model has a system prompt of its own or none at all. */
export interface OwnSystem {
  /** Index into the templates of the structure. */
  readonly template: number;
  readonly model: string;
  /** Index into `boundTemplates`. */
  readonly bound: number;
}

/** In the place of the digest of a text that is not there. */
export const ABSENT_TEXT = 'absent';

/** Digests and fingerprints of the texts and parsers behind the tables, as they are now. */
export interface Fingerprints {
  readonly renderer: string;
  /** The digest of a template's text; `absent` when it has none (a copy needs none). */
  readonly template: (template: GraphTemplate) => string;
  /** What that is the digest of; one a bound template. */
  readonly templateFiles?: Graph['templateFiles'];
  readonly parser: (stage: Stage, name: string) => string;
  /** What earlier versions called the same text or parser, and what it is called now. */
  readonly formerly: readonly (readonly [then: string, now: string])[];
}

export function bind(structure: Structure, tables: Tables, fingerprints: Fingerprints): Graph {
  const partSets: Parts[] = [];
  const renders = new PartSets(partSets);
  const generates = new PartSets(partSets);
  const parses = new PartSets(partSets);
  const { size } = structure;
  const columns = {
    askSet: new Uint32Array(size),
    renderSet: new Uint32Array(size),
    generateSet: new Uint32Array(size),
    parseSet: new Uint32Array(size),
  };
  const digests = tables.boundTemplates.map((template) => fingerprints.template(template));
  const parsing = tables.boundTemplates.map((template, place) =>
    parseSets(template, {
      parser: fingerprints.parser(template.stage, template.parser),
      text: at(digests, place),
    }),
  );
  const copies = tables.boundTemplates.map(isCopy);
  const promptTemplate = promptTemplates(structure, tables);
  // Rows are many and their sets few: nothing is made for a row whose sets are known.
  for (let row = 0; row < size; row++) {
    const template = structure.template[row] ?? 0;
    const askSet = askPlace(structure, tables.boundTemplates, row);
    const combo = (structure.parent[row] ?? -1) < 0 ? (structure.combo[row] ?? 0) : -1;
    const replicate = structure.replicate[row] ?? 1;
    columns.askSet[row] = askSet;
    const written = promptTemplate[row] ?? 0;
    const render = written * (structure.combos.length + 1) + combo + 1;
    columns.renderSet[row] =
      renders.known(render) ??
      renders.add(render, [
        renderParts(
          at(tables.boundTemplates, written),
          at(digests, written),
          fingerprints.renderer,
          tables.boundCombos[combo],
        ),
      ]);
    const ask = copies[template] === true ? null : (tables.asks[askSet] ?? null);
    const generate = ask === null ? 0 : 1 + replicate * tables.asks.length + askSet;
    columns.generateSet[row] =
      generates.known(generate) ??
      generates.add(generate, [ask === null ? { mode: 'copy' } : generateParts(ask, replicate)]);
    columns.parseSet[row] = parses.known(template) ?? parses.add(template, at(parsing, template));
  }
  const { boundTemplates, boundCombos, asks } = tables;
  return Object.assign(idsLater(structure), columns, {
    boundTemplates: boundTemplates.slice(0, structure.templates.length),
    promptTemplates: boundTemplates,
    templateFiles: fingerprints.templateFiles ?? [],
    promptTemplate,
    boundCombos,
    asks: asks.map((ask) => ask ?? undefined),
    partSets,
    formerly: formerNames(boundCombos, fingerprints.formerly),
  });
}

/** The same: ids are made of their text only when somebody asks for one, and here nobody does. */
function idsLater(structure: Structure): Structure {
  const { size, stage, parent, template, model, combo, replicate } = structure;
  const { templates, models, combos, cohorts } = structure;
  return {
    size,
    get ids() {
      return structure.ids;
    },
    stage,
    parent,
    template,
    model,
    combo,
    replicate,
    templates,
    models,
    combos,
    cohorts,
  };
}

/** The column of the structure itself, where no model has a system prompt of its own. */
function promptTemplates(structure: Structure, { ownSystems = [] }: Tables): Uint32Array {
  if (ownSystems.length === 0) return structure.template;
  const { models, template, model } = structure;
  const own = new Map(
    ownSystems.map((each) => [each.template * models.length + models.indexOf(each.model), each.bound]),
  );
  return template.map((each, row) => own.get(each * models.length + (model[row] ?? 0)) ?? each);
}

function formerNames(
  combos: readonly GraphCombo[],
  formerly: Fingerprints['formerly'],
): ReadonlyMap<string, string> {
  const names = combos.flatMap(({ digest, formerly: then = [] }) =>
    then.map((name) => [name, digest] as const),
  );
  return new Map([...formerly, ...names]);
}

/** A copy renders its parent's text as it is: neither a template nor an engine takes part. */
function renderParts(
  template: GraphTemplate,
  templateDigest: string,
  renderer: string,
  combo: GraphCombo | undefined,
): Parts {
  if (isCopy(template)) return {};
  return { template: templateDigest, ...(combo === undefined ? {} : { concepts: combo.digest }), renderer };
}

export function generateParts(ask: Ask, replicate: number): Parts {
  return {
    provider: ask.server,
    model: ask.model,
    ...(ask.temperature === undefined ? {} : { temperature: String(ask.temperature) }),
    max_tokens: String(ask.maxTokens),
    sampling: canonicalJson(samplingFor(ask, replicate)),
    mode: 'llm',
    replicate: String(replicate),
  };
}

/** The set for a whole reply, then the one for a reply that was cut off. */
function parseSets(
  template: GraphTemplate,
  { parser, text }: { readonly parser: string; readonly text: string },
): readonly Parts[] {
  // What a score may hold an essay against is no part of a prompt.
  const own = isCode(template) && text !== ABSENT_TEXT ? { text } : {};
  return ['whole', 'cut off'].map((reply) => ({
    parser,
    min_lines: String(template.minLines),
    truncation: `${template.truncation}:${reply}`,
    ...(template.thoughts === undefined ? {} : { thoughts: template.thoughts }),
    ...own,
  }));
}

/** Equal sets of parts are made and kept once. */
class PartSets {
  readonly #sets: Parts[];
  readonly #known = new Map<number, number>();
  #last = -1;
  #lastIndex: number | undefined;

  constructor(sets: Parts[]) {
    this.#sets = sets;
  }

  /** The index of the first of a key's sets; neighbours tend to have the same. */
  known(key: number): number | undefined {
    if (key === this.#last) return this.#lastIndex;
    this.#last = key;
    this.#lastIndex = this.#known.get(key);
    return this.#lastIndex;
  }

  /** Returns the index of the first of the sets. */
  add(key: number, sets: readonly Parts[]): number {
    const index = this.#sets.length;
    this.#sets.push(...sets);
    this.#known.set(key, index);
    this.#last = -1;
    return index;
  }
}
