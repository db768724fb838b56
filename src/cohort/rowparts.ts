// Which column of a design gives which part of a draft, essay or evaluation, and what a row has there. Makes no entries.
import { problem, type Problem } from '../problem.ts';
import type { Stage } from '../generation/stage.ts';
import type { Design } from './design/design.ts';
import { type Parameter, PARAMETERS, parameterValue, type ParameterValues } from '../catalog/variants.ts';
import { trim } from '../text/python.ts';
import { columnsNamed, type Faults, textReader, type Read } from './columns.ts';
import { levelText } from './spec/level.ts';
import { REPLICATE, replicatesReader } from './replicates.ts';

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
    ...(['draft', 'essay'] as const).flatMap((stage) => parameterColumns(stage).map(([, column]) => column)),
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

/** The columns of a stage's parameters. */
function parameterColumns(stage: Stage): readonly (readonly [name: Parameter, column: string])[] {
  return PARAMETERS.map((name) => [name, `${stage}_${name}`] as const);
}

/** What a row varies in a stage; nothing where it is blank. Undefined where it says what can not be asked for. */
export function parametersReader(design: Design, stage: Stage, faults: Faults): Read<ParameterValues> {
  const columns = parameterColumns(stage).flatMap(([name, column]) =>
    columnsNamed(design, [column]).map((each) => ({ ...each, parameter: name })),
  );
  const told = new Set<string>();
  return (row) => {
    const values: Partial<Record<Parameter, string>> = {};
    for (const { at, name: field, parameter } of columns) {
      const text = trim(levelText(row[at] ?? null));
      if (text === '') continue;
      const value = parameterValue(parameter, text);
      if (value !== undefined) values[parameter] = value;
      else if (!told.has(`${field} ${text}`)) {
        told.add(`${field} ${text}`);
        faults.add(unusable(field, parameter, text));
      }
    }
    return values;
  };
}

const FITTING: Readonly<Record<Parameter, string>> = {
  temperature: 'a number from 0 on',
  top_p: 'a number above 0 and up to 1',
  system: 'the name of a system prompt (`usual` stands for a blank level), or `none`',
};

function unusable(field: string, parameter: Parameter, value: string): Problem {
  return problem('DD370', `The axis ${field} has "${value}", which is not ${FITTING[parameter]}.`, {
    place: { field },
    reason: 'invalid_parameter',
    data: { field, value },
  });
}

export interface StageReader {
  readonly template: Read<string>;
  readonly model: Read<string>;
  readonly replicates: Read<readonly number[]>;
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
