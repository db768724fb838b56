// Cohorts woven into one structure: a generation that several cohorts share is one row. Knows no catalog and no disk.
import { MERGES, type Cohort } from '../cohort/cohort.ts';
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

/** Cohorts are taken in the order given; of two that disagree about generations the first is followed, with a warning for each pair. */
export function weave(cohorts: readonly Cohort[]): Loaded<Structure> {
  const disagreements = new Map<string, Disagreement>();
  const rowOf = new Map<string, number>();
  const rows: Generation[] = [];
  const owners: Cohort[] = [];
  for (const stage of STAGES) {
    for (const cohort of cohorts) {
      for (const member of cohort.members) {
        if (member.stage !== stage) continue;
        const known = rowOf.get(member.genId);
        if (known === undefined) {
          rowOf.set(member.genId, rows.length);
          rows.push(member);
          owners.push(cohort);
        } else note(disagreements, { kept: rows[known], owner: owners[known], dropped: member, cohort });
      }
    }
  }
  const problems = [
    ...cohorts.flatMap((cohort) => cohort.problems),
    ...[...disagreements.values()].map(told),
  ];
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

interface Meeting {
  readonly kept: Generation | undefined;
  /** Whose the kept one is. */
  readonly owner: Cohort | undefined;
  readonly dropped: Generation;
  readonly cohort: Cohort;
}

interface Disagreement {
  readonly first: Generation;
  readonly owner: Cohort;
  readonly cohort: Cohort;
  readonly part: 'model' | 'template' | 'combo' | 'replicate';
  readonly kept: string;
  readonly dropped: string;
  count: number;
}

const PARTS = [
  ['model', 'modelId'],
  ['template', 'templateId'],
  ['combo', 'comboId'],
  ['replicate', 'replicate'],
] as const;

/** Once for each pair of cohorts and of values, with how many generations it is about. */
function note(found: Map<string, Disagreement>, { kept, owner, dropped, cohort }: Meeting): void {
  if (kept === undefined || owner === undefined) return;
  const differing = PARTS.find(([, field]) => kept[field] !== dropped[field]);
  if (differing === undefined) return;
  const [part, field] = differing;
  const [keeps, drops] = [String(kept[field]), String(dropped[field])];
  const key = [owner.id, cohort.id, kept.stage, part, keeps, drops].join('\0');
  const known = found.get(key);
  if (known === undefined)
    found.set(key, { first: kept, owner, cohort, part, kept: keeps, dropped: drops, count: 1 });
  else known.count += 1;
}

const CURES: Partial<Record<Disagreement['part'], (each: Disagreement) => string>> = {
  model: ({ cohort, kept, dropped }) =>
    `In ${cohort.id}, write ${kept} instead of ${dropped}, or give ${dropped} an essay_replicate that no other cohort uses.`,
};

function told(each: Disagreement): Problem {
  const { first, owner, cohort, part, kept, dropped, count } = each;
  const many = `${count} ${first.stage}${count === 1 ? '' : 's'}`;
  const why = part === 'model' ? 'an essay id holds no model' : 'ids ignore letter case';
  const cure = CURES[part]?.(each) ?? `Write ${kept} instead of ${dropped} in ${cohort.id}.`;
  return warning(
    'DD350',
    `cohort ${cohort.id}: ${many} with the ${part} ${dropped} ${count === 1 ? 'has the id of one' : 'have the ids of those'} of cohort ${owner.id} with ${kept}, because ${why}: ${owner.id} is followed`,
    {
      reason: MERGES.cohorts,
      place: { ...(cohort.file === undefined ? {} : { file: cohort.file }), genId: first.genId },
      cure: `${cure} \`--allow-merge\` goes on with ${kept} alone.`,
      data: { cohort: cohort.id, followed: owner.id, stage: first.stage, part, kept, dropped, count },
    },
  );
}
