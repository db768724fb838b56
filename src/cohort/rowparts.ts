// Which column of a design gives which part of a draft, essay or evaluation, and what a row has there. Makes no entries.
import { problem, type Problem } from '../problem.ts';
import type { Stage } from '../generation/stage.ts';
import { parseInteger, trim } from '../text/python.ts';
import type { Design } from './design/design.ts';
import { isLiteral, levelJson, levelText, type Level } from './spec/level.ts';

/** Accepted column names, the first that is there and not blank counts. */
export const COMBO = ['combo_id', 'combo'];
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

/** The column that names essays which are there already, in place of all columns of drafts and essays. */
export const ESSAY_ID = 'essay_gen_id';

/** The column that gives a part of a stage's entries; its first name where there is none. */
export function columnOf(design: Design, part: 'combo' | 'template' | 'model', stage: Stage): string {
  const names = part === 'combo' ? COMBO : part === 'template' ? TEMPLATE[stage] : MODEL[stage];
  return names.find((name) => design.columns.includes(name)) ?? names[0] ?? '';
}

/** Columns of drafts and essays beside the one that names the essays: which of the two is meant can not be told. */
export function superfluous(design: Design): Problem[] {
  const above = new Set([
    ...COMBO,
    ...TEMPLATE.draft,
    ...MODEL.draft,
    ...REPLICATE.draft,
    ...TEMPLATE.essay,
    ...MODEL.essay,
    ...REPLICATE.essay,
  ]);
  return design.columns
    .filter((name) => above.has(name))
    .map((field) =>
      problem('DD331', `The axis ${field} stands beside ${ESSAY_ID}, which says already what it would say.`, {
        place: { field },
        reason: 'essay_gen_id_and_coordinates',
        data: { field },
        cure: `Remove the axis ${field}, or ${ESSAY_ID}.`,
      }),
    );
}

export type Row = readonly Level[];
export type Read<T> = (row: Row) => T | undefined;

export interface StageReader {
  readonly template: Read<string>;
  readonly model: Read<string>;
  readonly replicates: Read<readonly number[]>;
}

/** What rows lack, told once for a field however many rows lack it; lives while the rows are read. */
export class Faults {
  readonly #missing = new Map<string, number>();
  readonly #invalid = new Map<string, { readonly field: string; readonly value: Level }>();
  readonly #columns: readonly string[];
  readonly #others: Problem[] = [];

  constructor(design: Design) {
    this.#columns = design.columns;
  }

  missing(field: string): undefined {
    this.#missing.set(field, (this.#missing.get(field) ?? 0) + 1);
  }

  add(found: Problem): undefined {
    this.#others.push(found);
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
    return [...missing, ...invalid, ...this.#others];
  }
}

export function stageReader(
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

export function textReader(design: Design, names: readonly string[], faults: Faults): Read<string> {
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
