// Which cohorts suffer from what is wrong with a template, a combo or a model. Reads nothing.
import { byCohort, type BrokenCohort } from '../../cohort/cohort.ts';
import type { Tables } from '../../graph/bind.ts';
import { at, type Structure } from '../../graph/graph.ts';
import type { Loaded, Problem } from '../../problem.ts';

/** Something that is wrong with a template, a combo, or a template that asks a model; all of its rows suffer. */
export interface Unfit {
  readonly problem: Problem;
  readonly template?: number;
  readonly combo?: number;
  readonly model?: string;
}

export function unfitIn({ combos, templates }: Structure, { problems }: Loaded<Tables>): readonly Unfit[] {
  return problems.flatMap((each): readonly Unfit[] => {
    if (each.severity !== 'error') return [];
    const { combo_id: combo, stage, template, model } = each.data ?? {};
    const comboAt = combos.findIndex((id) => id === combo);
    if (comboAt >= 0) return [{ problem: each, combo: comboAt }];
    const at = templates.findIndex(({ id, stage: of }) => id === template && of === stage);
    return at < 0 ? [] : [{ problem: each, template: at, ...(typeof model === 'string' ? { model } : {}) }];
  });
}

/** Cohorts with a row that something unfit is about, and what that is. */
export function cohortsWith(structure: Structure, unfit: readonly Unfit[]): readonly BrokenCohort[] {
  if (unfit.length === 0) return [];
  const { template, combo, model, models } = structure;
  return byCohort(
    structure.cohorts.flatMap(({ id, members }) =>
      unfit
        .filter((each) =>
          members.some(
            (row) =>
              (each.template === undefined || template[row] === each.template) &&
              (each.combo === undefined || combo[row] === each.combo) &&
              (each.model === undefined || at(models, at(model, row)) === each.model),
          ),
        )
        .map(({ problem: each }) => [id, each] as const),
    ),
  );
}
