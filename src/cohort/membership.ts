// A cohort's files as text: membership.csv and manifest.json, and the former read back. Writes nothing.
import { problem, type Loaded, type Problem } from '../problem.ts';
import { unusableId } from '../catalog/ids.ts';
import { genKey, isStage, STAGES, type GenId, type Stage } from '../generation/stage.ts';
import { lowerCase } from '../text/python.ts';
import type { CsvRow, CsvTable } from '../inputs/csv/csv.ts';
import { csvLine } from '../inputs/csv/csvline.ts';
import type { Cohort } from './cohort.ts';

const COLUMNS = [
  'stage',
  'gen_id',
  'cohort_id',
  'parent_gen_id',
  'combo_id',
  'template_id',
  'llm_model_id',
  'replicate',
] as const;

export function membershipCsv(cohort: Cohort): string {
  const lines = cohort.members.map((member) =>
    csvLine([
      member.stage,
      member.genId,
      cohort.id,
      member.stage === 'draft' ? '' : member.parentId,
      member.comboId,
      member.templateId,
      member.modelId,
      String(member.replicate),
    ]),
  );
  return `${[csvLine(COLUMNS), ...lines].join('\n')}\n`;
}

/** Two-space indent, no line feed at the end. */
export function manifestJson(cohort: Cohort): string {
  const { combos, templates, llms, replication } = cohort.manifest;
  const { draft, essay, evaluation } = templates;
  const manifest = {
    combos,
    templates: { draft, essay, evaluation },
    llms: { generation: llms.generation, evaluation: llms.evaluation },
    replication,
  };
  return JSON.stringify(manifest, null, 2);
}

/** A row of membership.csv: only stage and gen_id are needed; the rest is what the wide form adds, where its cells are filled. */
export interface MembershipRow {
  readonly stage: Stage;
  readonly genId: GenId;
  readonly parentId?: GenId;
  readonly comboId?: string;
  readonly templateId?: string;
  readonly modelId?: string;
  readonly replicate?: string;
}

/** Rows in file order, each generation once. */
export function parseMembership(table: CsvTable): Loaded<readonly MembershipRow[]> {
  const missing = ['stage', 'gen_id'].filter((column) => !table.header.includes(column));
  if (missing.length > 0) {
    const message = `${table.file} lacks the column ${missing.join(' and the column ')}.`;
    const details = {
      place: { file: table.file, line: 1 },
      reason: 'required_column_missing',
      data: { missing },
    };
    return { value: [], problems: [problem('DD329', message, details)] };
  }
  const rows = new Map<string, MembershipRow>();
  const problems: Problem[] = [];
  for (const row of table.rows) {
    const stage = lowerCase(row.cells['stage'] ?? '');
    const genId = row.cells['gen_id'] ?? '';
    const unusable = unusableId(genId);
    if (!isStage(stage))
      problems.push(badCell(table, row, { field: 'stage', why: `stages are ${STAGES.join(', ')}` }));
    else if (unusable !== undefined) problems.push(badCell(table, row, { field: 'gen_id', why: unusable }));
    else {
      const key = genKey({ stage, genId });
      if (!rows.has(key)) rows.set(key, { stage, genId, ...extras(row) });
    }
  }
  return { value: [...rows.values()], problems };
}

function extras(row: CsvRow): Omit<MembershipRow, 'stage' | 'genId'> {
  const {
    parent_gen_id: parentId,
    combo_id: comboId,
    template_id: templateId,
    llm_model_id: modelId,
    replicate,
  } = row.cells;
  return {
    ...(parentId ? { parentId } : {}),
    ...(comboId ? { comboId } : {}),
    ...(templateId ? { templateId } : {}),
    ...(modelId ? { modelId } : {}),
    ...(replicate ? { replicate } : {}),
  };
}

function badCell(table: CsvTable, row: CsvRow, { field, why }: { field: string; why: string }): Problem {
  const value = row.cells[field] ?? '';
  return problem('DD329', `${table.file} has "${value}" as ${field} on line ${row.line}: ${why}.`, {
    place: { file: table.file, line: row.line, field },
    reason: 'invalid_membership',
    data: { value },
  });
}
