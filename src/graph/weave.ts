// Cohorts woven into one structure: a generation that several cohorts share is one row. Knows no catalog and no disk.
import type { Cohort } from '../cohort/cohort.ts';
import { warning, type Loaded, type Problem } from '../problem.ts';
import type { Generation } from '../generation/generation.ts';
import { STAGES, type Stage } from '../generation/stage.ts';
import type { Structure } from './graph.ts';

/** Numbers names in order of first use. */
class Numbering<T> {
  readonly values: T[] = [];
  readonly #numbers = new Map<string, number>();

  number(key: string, value: T): number {
    let number = this.#numbers.get(key);
    if (number === undefined) {
      number = this.values.length;
      this.#numbers.set(key, number);
      this.values.push(value);
    }
    return number;
  }
}

/** Cohorts are taken in the order given; of two that disagree about a generation the first is followed, with a warning. */
export function weave(cohorts: readonly Cohort[]): Loaded<Structure> {
  const problems: Problem[] = cohorts.flatMap((cohort) => cohort.problems);
  const rowOf = new Map<string, number>();
  const rows: Generation[] = [];
  for (const stage of STAGES) {
    for (const cohort of cohorts) {
      for (const member of cohort.members) {
        if (member.stage !== stage) continue;
        const known = rowOf.get(member.genId);
        if (known === undefined) {
          rowOf.set(member.genId, rows.length);
          rows.push(member);
        } else {
          const other = rows[known];
          if (other !== undefined && !sameCoordinates(other, member))
            problems.push(disagreement(cohort.id, other, member));
        }
      }
    }
  }
  return { value: structureOf(rows, rowOf, cohorts), problems };
}

function structureOf(
  rows: readonly Generation[],
  rowOf: ReadonlyMap<string, number>,
  cohorts: readonly Cohort[],
): Structure {
  const templates = new Numbering<{ stage: Stage; id: string }>();
  const models = new Numbering<string>();
  const combos = new Numbering<string>();
  const size = rows.length;
  const columns = {
    stage: new Uint8Array(size),
    parent: new Int32Array(size).fill(-1),
    template: new Uint32Array(size),
    model: new Uint32Array(size),
    combo: new Uint32Array(size),
    replicate: new Uint32Array(size),
  };
  for (const [row, each] of rows.entries()) {
    columns.stage[row] = STAGES.indexOf(each.stage);
    if (each.stage !== 'draft') columns.parent[row] = rowOf.get(each.parentId) ?? -1;
    columns.template[row] = templates.number(`${each.stage} ${each.templateId}`, {
      stage: each.stage,
      id: each.templateId,
    });
    columns.model[row] = models.number(each.modelId, each.modelId);
    columns.combo[row] = combos.number(each.comboId, each.comboId);
    columns.replicate[row] = each.replicate;
  }
  return {
    size,
    ids: rows.map((each) => each.genId),
    ...columns,
    templates: templates.values,
    models: models.values,
    combos: combos.values,
    cohorts: cohorts.map((cohort) => ({ id: cohort.id, members: memberRows(cohort, rowOf) })),
  };
}

function memberRows(cohort: Cohort, rowOf: ReadonlyMap<string, number>): Uint32Array {
  return Uint32Array.from(cohort.members, (member) => rowOf.get(member.genId) ?? 0);
}

function sameCoordinates(a: Generation, b: Generation): boolean {
  return (
    a.templateId === b.templateId &&
    a.modelId === b.modelId &&
    a.replicate === b.replicate &&
    a.comboId === b.comboId
  );
}

function disagreement(cohortId: string, kept: Generation, dropped: Generation): Problem {
  return warning(
    'DD350',
    `${kept.genId} is asked for with model ${kept.modelId} and, in cohort ${cohortId}, with ${dropped.modelId}: they share one id, and ${kept.modelId} is used`,
    {
      reason: 'shared_id',
      place: { genId: kept.genId },
    },
  );
}
