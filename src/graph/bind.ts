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
  readonly boundTemplates: readonly GraphTemplate[];
  readonly boundCombos: readonly GraphCombo[];
  /** By `askPlace`: a block of all models for each stage, then one for each set of parameters; null for the pseudo model of copies. */
  readonly asks: readonly (Ask | null)[];
}

/** In the place of the digest of a text that is not there. */
export const ABSENT_TEXT = 'absent';

/** Digests and fingerprints of the texts and parsers behind the tables, as they are now. */
export interface Fingerprints {
  readonly renderer: string;
  /** The digest of a template's text; `absent` when it has none (a copy needs none). */
  readonly template: (template: GraphTemplate) => string;
  readonly parser: (stage: Stage, name: string) => string;
  /** What earlier versions called the same text or parser, and what it is called now. */
  readonly formerly: readonly (readonly [then: string, now: string])[];
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
  const parsing = tables.boundTemplates.map((template, place) =>
    parseSets(template, {
      parser: fingerprints.parser(template.stage, template.parser),
      text: at(digests, place),
    }),
  );
  const copies = tables.boundTemplates.map(isCopy);
  // Rows are many and their sets few: nothing is made for a row whose sets are known.
  for (let row = 0; row < size; row++) {
    const template = structure.template[row] ?? 0;
    const askSet = askPlace(structure, tables.boundTemplates, row);
    const combo = (structure.parent[row] ?? -1) < 0 ? (structure.combo[row] ?? 0) : -1;
    const replicate = structure.replicate[row] ?? 1;
    columns.askSet[row] = askSet;
    const render = template * (structure.combos.length + 1) + combo + 1;
    columns.renderSet[row] =
      renders.known(render) ??
      renders.add(render, [
        renderParts(
          at(tables.boundTemplates, template),
          at(digests, template),
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
  const { boundTemplates, boundCombos } = tables;
  return {
    ...structure,
    ...columns,
    boundTemplates,
    boundCombos,
    asks: tables.asks.map((ask) => ask ?? undefined),
    partSets,
    formerly: formerNames(boundCombos, fingerprints.formerly),
  };
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
