// Design rows as drafts, essays and evaluations, each once. Knows no catalogs and makes no ids.
import { problem, type Loaded, type Problem } from '../problem.ts';
import type { Draft, Essay, Generation } from '../generation/generation.ts';
import { variantId, variantOf } from '../catalog/variants.ts';
import { type Mode, NO_MODEL } from '../generation/mode.ts';
import { STAGES, type GenId, type Stage } from '../generation/stage.ts';
import type { Design } from './design/design.ts';
import { COMBO, ESSAY_ID, parametersReader, stageReader, superfluous } from './rowparts.ts';
import { Faults, type Read, type Row, textReader } from './columns.ts';

export interface Entry {
  /** The place of the parent's entry in the stage before; -1 for drafts. */
  readonly parent: number;
  readonly combo: string;
  readonly template: string;
  readonly model: string;
  readonly replicate: number;
  /** The id that it has already; absent where one is made from the coordinates. */
  readonly genId?: GenId;
}

/** Each stage's entries in order of first appearance. */
export type Entries = Readonly<Record<Stage, readonly Entry[]>>;

/** An essay that is there already, with its draft; or why it can not be used. */
export type Stored = (
  essayId: GenId,
) => { readonly draft: Draft; readonly essay: Essay } | { readonly problem: Problem };

export interface EntryOptions {
  readonly design: Design;
  /** How often an entry is repeated whose stage has no replicate axis. */
  readonly counts: Readonly<Record<Stage, number>>;
  /** The most entries of one stage that are made. */
  readonly largest: number;
  readonly stored: Stored;
  /** How a template makes text: what asks nobody has no parameters, and what code scores no judge and no replicates. */
  readonly modeOf?: (stage: Stage, template: string) => Mode | undefined;
}

/** With a problem the entries are incomplete. */
export function collectEntries({
  design,
  counts,
  largest,
  stored,
  modeOf = () => 'llm',
}: EntryOptions): Loaded<Entries> {
  const faults = new Faults(design);
  const evaluated = design.columns.includes(ESSAY_ID);
  const tables = { draft: new EntryTable(), essay: new EntryTable(), evaluation: new EntryTable() };
  const combo = textReader(design, COMBO, faults);
  const made = evaluated ? STAGES.slice(2) : STAGES;
  const readers = made.map((stage) => ({
    stage,
    table: tables[stage],
    parameters: parametersReader(design, stage, faults),
    ...stageReader(design, stage, { count: counts[stage], faults }),
  }));
  const essays = new StoredEssays({ design, tables, faults, stored });
  let tooMany = false;
  for (const row of design.rows) {
    const above = evaluated ? essays.of(row) : { combo: combo(row), place: -1 };
    // Every reader is asked, so that all that a row lacks is told.
    const stages = readers.map(({ stage, table, template: templateIn, model, replicates, parameters }) => {
      const named = templateIn(row);
      const mode = named === undefined ? undefined : modeOf(stage, named);
      if (mode === 'code') return { table, template: named, model: NO_MODEL, replicates: [1] };
      const values = parameters(row);
      // A template that is named with its parameters has said them.
      const varied = named !== undefined && mode !== 'copy' && variantOf(named).base === named;
      const template = varied && values !== undefined ? variantId(named, values) : named;
      return { table, template, model: model(row), replicates: replicates(row) };
    });
    if (above?.combo === undefined) continue;
    const comboId = above.combo;
    let parents: readonly number[] = [above.place];
    for (const { table, template, model, replicates } of stages) {
      if (template === undefined || model === undefined || replicates === undefined) break;
      // Before they are made: one row with large counts alone could fill the memory.
      tooMany = parents.length * replicates.length > largest - table.entries.length;
      if (tooMany) break;
      parents = parents.flatMap((parent) =>
        replicates.map((replicate) => table.add({ parent, combo: comboId, template, model, replicate })),
      );
    }
    if (tooMany) break;
  }
  const problems = faults.problems();
  if (evaluated) problems.push(...superfluous(design));
  if (tooMany) {
    const message = `The cohort would have more than ${largest.toLocaleString('en-US')} generations in one stage.`;
    const cure = 'Lower the counts in replication_config.csv, or narrow the axes.';
    problems.push(problem('DD313', message, { reason: 'cohort_too_large', data: { largest }, cure }));
  }
  return {
    value: {
      draft: tables.draft.entries,
      essay: tables.essay.entries,
      evaluation: tables.evaluation.entries,
    },
    problems,
  };
}

interface StoredOptions {
  readonly design: Design;
  readonly tables: Readonly<Record<Stage, EntryTable>>;
  readonly faults: Faults;
  readonly stored: Stored;
}

/** Essays by id, each looked up once; lives while the rows are read. */
class StoredEssays {
  readonly #known = new Map<GenId, { readonly combo: string; readonly place: number } | undefined>();
  readonly #options: StoredOptions;
  readonly #idOf: Read<string>;

  constructor(options: StoredOptions) {
    this.#options = options;
    this.#idOf = textReader(options.design, [ESSAY_ID], options.faults);
  }

  of(row: Row): { readonly combo: string; readonly place: number } | undefined {
    const id = this.#idOf(row);
    if (id === undefined) return undefined;
    if (!this.#known.has(id)) this.#known.set(id, this.#enter(id));
    return this.#known.get(id);
  }

  #enter(id: GenId): { readonly combo: string; readonly place: number } | undefined {
    const { tables, faults, stored } = this.#options;
    const found = stored(id);
    if ('problem' in found) return faults.add(found.problem);
    const draft = tables.draft.add(entryOf(found.draft, -1));
    return { combo: found.draft.comboId, place: tables.essay.add(entryOf(found.essay, draft)) };
  }
}

function entryOf({ genId, comboId, templateId, modelId, replicate }: Generation, parent: number): Entry {
  return { parent, combo: comboId, template: templateId, model: modelId, replicate, genId };
}

/** Entries and the place of each by its key; lives while the rows are read. */
class EntryTable {
  readonly entries: Entry[] = [];
  readonly #places = new Map<string, number>();

  add(entry: Entry): number {
    const key = `${entry.parent}\0${entry.combo}\0${entry.template}\0${entry.model}\0${entry.replicate}\0${entry.genId ?? ''}`;
    const known = this.#places.get(key);
    if (known !== undefined) return known;
    const place = this.entries.push(entry) - 1;
    this.#places.set(key, place);
    return place;
  }
}
