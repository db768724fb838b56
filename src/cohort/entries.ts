// Design rows as drafts, essays and evaluations, each once. Knows column names; knows no catalogs and no ids.
import { problem, type Loaded, type Problem } from '../errors.ts';
import { STAGES, type Stage } from '../generation/stage.ts';
import { parseInteger, trim } from '../generation/text.ts';
import type { Design } from './design.ts';
import { isLiteral, levelJson, levelText, type Level } from './level.ts';

export interface Entry {
  /** The place of the parent's entry in the stage before; -1 for drafts. */
  readonly parent: number;
  readonly combo: string;
  readonly template: string;
  readonly model: string;
  readonly replicate: number;
}

/** Each stage's entries in order of first appearance. */
export type Entries = Readonly<Record<Stage, readonly Entry[]>>;

/** Accepted column names, the first that is there and not blank counts. */
const COMBO = ['combo_id', 'combo'];
const TEMPLATE: Readonly<Record<Stage, readonly string[]>> = {
  draft: ['draft_template'],
  essay: ['essay_template'],
  evaluation: ['evaluation_template'],
};
const MODEL: Readonly<Record<Stage, readonly string[]>> = {
  draft: ['draft_llm', 'draft_model', 'generation_llm'],
  essay: ['essay_llm'],
  evaluation: ['evaluation_llm'],
};
const REPLICATE: Readonly<Record<Stage, readonly string[]>> = {
  draft: ['draft_replicate', 'draft_template_replicate', 'draft_rep'],
  essay: ['essay_replicate', 'essay_template_replicate', 'essay_rep'],
  evaluation: [
    'evaluation_replicate',
    'evaluation_template_replicate',
    'evaluation_llm_replicate',
    'evaluation_rep',
  ],
};

/** The column that gives a part of a stage's entries; its first name where there is none. */
export function columnOf(design: Design, part: 'combo' | 'template' | 'model', stage: Stage): string {
  const names = part === 'combo' ? COMBO : part === 'template' ? TEMPLATE[stage] : MODEL[stage];
  return names.find((name) => design.columns.includes(name)) ?? names[0] ?? '';
}

export interface EntryOptions {
  readonly design: Design;
  /** How often an entry is repeated whose stage has no replicate axis. */
  readonly counts: Readonly<Record<Stage, number>>;
  /** The most entries of one stage that are made. */
  readonly largest: number;
}

type Row = readonly Level[];
type Read<T> = (row: Row) => T | undefined;

interface StageReader {
  readonly template: Read<string>;
  readonly model: Read<string>;
  readonly replicates: Read<readonly number[]>;
}

/** With a problem the entries are incomplete. */
export function collectEntries({ design, counts, largest }: EntryOptions): Loaded<Entries> {
  const faults = new Faults(design);
  const combo = textReader(design, COMBO, faults);
  const readers = STAGES.map((stage) => stageReader(design, stage, { count: counts[stage], faults }));
  const tables = { draft: new EntryTable(), essay: new EntryTable(), evaluation: new EntryTable() };
  const inOrder = STAGES.map((stage) => tables[stage]);
  let tooMany = false;
  for (const row of design.rows) {
    const comboId = combo(row);
    const stages = readers.map((reader) => ({
      template: reader.template(row),
      model: reader.model(row),
      replicates: reader.replicates(row),
    }));
    let parents: readonly number[] = [-1];
    for (const [depth, { template, model, replicates }] of stages.entries()) {
      const table = inOrder[depth];
      if (comboId === undefined || template === undefined || model === undefined) break;
      if (replicates === undefined || table === undefined) break;
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

/** Entries and the place of each by its key; lives while the rows are read. */
class EntryTable {
  readonly entries: Entry[] = [];
  readonly #places = new Map<string, number>();

  add(entry: Entry): number {
    const key = `${entry.parent}\0${entry.combo}\0${entry.template}\0${entry.model}\0${entry.replicate}`;
    const known = this.#places.get(key);
    if (known !== undefined) return known;
    const place = this.entries.push(entry) - 1;
    this.#places.set(key, place);
    return place;
  }
}

/** What rows lack, told once for a field however many rows lack it; lives while the rows are read. */
class Faults {
  readonly #missing = new Map<string, number>();
  readonly #invalid = new Map<string, { readonly field: string; readonly value: Level }>();
  readonly #columns: readonly string[];

  constructor(design: Design) {
    this.#columns = design.columns;
  }

  missing(field: string): undefined {
    this.#missing.set(field, (this.#missing.get(field) ?? 0) + 1);
  }

  invalid(field: string, value: Level): undefined {
    this.#invalid.set(`${field}\0${levelText(value)}`, { field, value });
  }

  problems(): Problem[] {
    const missing = [...this.#missing].map(([field, count]) => {
      const why = this.#columns.includes(field) ? 'the axis has a blank level' : 'there is no such axis';
      const message = `${count} design rows have no ${field}: ${why}.`;
      return problem('DD320', message, { place: { field }, reason: 'missing', data: { field } });
    });
    const invalid = [...this.#invalid.values()].map(({ field, value: level }) => {
      const value = levelJson(level);
      const message = `The axis ${field} has ${JSON.stringify(value)}, which is no whole number from 1 on.`;
      return problem('DD321', message, {
        place: { field },
        reason: 'invalid_replicate',
        data: { field, value },
      });
    });
    return [...missing, ...invalid];
  }
}

function stageReader(
  design: Design,
  stage: Stage,
  { count, faults }: { count: number; faults: Faults },
): StageReader {
  return {
    template: textReader(design, TEMPLATE[stage], faults),
    model: textReader(design, MODEL[stage], faults),
    replicates: replicatesReader(design, stage, { count, faults }),
  };
}

interface Column {
  readonly name: string;
  readonly at: number;
}

function columnsNamed(design: Design, names: readonly string[]): readonly Column[] {
  return names.map((name) => ({ name, at: design.columns.indexOf(name) })).filter(({ at }) => at >= 0);
}

function textReader(design: Design, names: readonly string[], faults: Faults): Read<string> {
  const columns = columnsNamed(design, names);
  return (row) => {
    for (const { at } of columns) {
      const text = trim(levelText(row[at] ?? null));
      if (text !== '') return text;
    }
    return faults.missing(names[0] ?? '');
  };
}

function replicatesReader(
  design: Design,
  stage: Stage,
  { count, faults }: { count: number; faults: Faults },
): Read<readonly number[]> {
  const columns = columnsNamed(design, REPLICATE[stage]);
  const repeated = Array.from({ length: columns.length === 0 ? count : 1 }, (_, at) => at + 1);
  return (row) => {
    for (const { name, at } of columns) {
      const level = row[at] ?? null;
      if (trim(levelText(level)) === '') continue;
      const replicate = parseInteger(
        isLiteral(level) && level.kind === 'number' ? Number(level.text) : level,
      );
      return replicate === undefined || replicate < 1 ? faults.invalid(name, level) : [replicate];
    }
    return repeated;
  };
}
