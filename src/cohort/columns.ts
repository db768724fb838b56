// Columns of a design by any of their names, and what rows lack in them. Knows no part of an entry.
import { problem, type Problem } from '../problem.ts';
import { trim } from '../text/python.ts';
import type { Design } from './design/design.ts';
import { levelJson, levelText, type Level } from './spec/level.ts';

export type Row = readonly Level[];
export type Read<T> = (row: Row) => T | undefined;

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

interface Column {
  readonly name: string;
  readonly at: number;
}

export function columnsNamed(design: Design, names: readonly string[]): readonly Column[] {
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
