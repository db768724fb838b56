// The spec of a cohort that tells two levels apart: what they were compared on, with more of one thing. Knows no disk.
import { csvLine } from '../../inputs/csv/csvline.ts';
import type { Stage } from '../../generation/stage.ts';
import { REPLICATE } from '../replicates.ts';
import { word } from './bootstrap.ts';

/** The design: every combo goes every way, and every rubric and judge judges every essay. */
export interface Bought {
  /** What it is for, in a line. */
  readonly purpose: string;
  readonly combos: readonly string[];
  /** Draft template, draft model, essay template, essay model. */
  readonly ways: readonly (readonly [string, string, string, string])[];
  readonly rubrics: readonly string[];
  readonly judges: readonly string[];
  readonly replicates: Readonly<Record<Stage, number>>;
}

/** Texts by path below the cohort's folder. */
export function boughtFiles(bought: Bought): Readonly<Record<string, string>> {
  const { purpose, combos, ways, rubrics, judges, replicates } = bought;
  const columns = ['draft_template', 'draft_llm', 'essay_template', 'essay_llm'];
  const repeated = (['draft', 'essay', 'evaluation'] as const).map((stage) => {
    const numbers = Array.from({ length: replicates[stage] }, (_, at) => at + 1);
    return `  ${REPLICATE[stage][0] ?? ''}: [${numbers.join(', ')}]\n`;
  });
  const config = `# ${purpose.replaceAll(/\s+/g, ' ')}
# What is there already is taken as it is: only what is missing runs.
axes:
  combo_id: '@file:items/combos.csv'
  evaluation_template: [${rubrics.map(word).join(', ')}]
  evaluation_llm: [${judges.map(word).join(', ')}]
${repeated.join('')}rules:
  tuples:
    ways:
      axes: [${columns.join(', ')}]
      items: '@file:items/ways.csv'
output:
  field_order: [combo_id, ${columns.join(', ')}, evaluation_template, evaluation_llm]
`;
  return {
    'spec/config.yaml': config,
    'spec/items/combos.csv': linesOf([['combo_id'], ...combos.map((combo) => [combo])]),
    'spec/items/ways.csv': linesOf([columns, ...ways]),
  };
}

function linesOf(rows: readonly (readonly string[])[]): string {
  return rows.map((row) => `${csvLine(row)}\n`).join('');
}
