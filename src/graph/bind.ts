// Ids bound to values: parts of every step of every row. Knows settings and tables, no catalog, no CSV, no disk.
import { canonicalJson } from '../canonical.ts';
import type { Stage } from '../generation/stage.ts';
import type { Parts } from '../generation/trace.ts';
import { at, type Ask, type Graph, type GraphCombo, type GraphTemplate, type Structure } from './graph.ts';

/** What the tables of a structure are bound to; kept beside the structure, since texts change more often than tables. */
export interface Tables {
  readonly boundTemplates: readonly GraphTemplate[];
  readonly boundCombos: readonly GraphCombo[];
  /** `asks[stage * models + model]`; null for the pseudo model of copies. */
  readonly asks: readonly (Ask | null)[];
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
    const template = structure.template[row] ?? 0;
    const bound = at(tables.boundTemplates, template);
    const askSet = (structure.stage[row] ?? 0) * structure.models.length + (structure.model[row] ?? 0);
    const ask = bound.mode === 'copy' ? null : at(tables.asks, askSet);
    const combo = (structure.parent[row] ?? -1) < 0 ? (structure.combo[row] ?? 0) : -1;
    const replicate = structure.replicate[row] ?? 1;
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

function generateParts(ask: Ask, replicate: number): Parts {
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
