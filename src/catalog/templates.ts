// The three template catalogs. Knows which templates there are and how each makes text, not what their texts say.
import { join } from 'node:path';
import { problem, warning, type Loaded, type Problem } from '../problem.ts';
import { isMode, type Mode } from '../generation/mode.ts';
import type { Stage } from '../generation/stage.ts';
import { lowerCase } from '../text/python.ts';
import type { CsvRow, CsvTable } from '../inputs/csv/csv.ts';
import type { InputReader } from '../inputs/disk/reader.ts';
import type { Template } from './catalog.ts';
import { legacyColumn, misspeltColumns, placeOf, requireTable, rowsById } from './rows.ts';

const COLUMNS = ['template_id', 'template_name', 'description', 'parser', 'generator'];

export interface TemplateRoots {
  /** The folder of the raw inputs. */
  readonly raw: string;
  /** The folder that holds a folder of texts for each stage. */
  readonly templates: string;
}

export function loadTemplates(
  reader: InputReader,
  roots: TemplateRoots,
  stage: Stage,
): Loaded<ReadonlyMap<string, Template>> {
  const table = requireTable(reader, join(roots.raw, `${stage}_templates.csv`), ['template_id']);
  const rows = rowsById(table.value, 'template_id');
  const problems: Problem[] = [
    ...table.problems,
    ...legacyColumn(table.value),
    ...misspeltColumns(table.value, COLUMNS),
    ...rows.problems,
  ];
  const templates = new Map<string, Template>();
  for (const [id, row] of rows.value) {
    const mode = modeOf(table.value, row, { id, stage });
    problems.push(...mode.problems);
    templates.set(id, {
      stage,
      id,
      name: row.cells['template_name'] || id,
      mode: mode.value,
      parser: row.cells['parser'] || 'identity',
      file: join(roots.templates, stage, `${id}.txt`),
      place: { file: table.value.file, line: row.line },
    });
  }
  return { value: templates, problems };
}

function modeOf(
  table: CsvTable,
  row: CsvRow,
  { id, stage }: { readonly id: string; readonly stage: Stage },
): Loaded<Mode> {
  const cell = row.cells['generator'];
  if (cell === undefined) return { value: 'llm', problems: [] };
  const place = placeOf(table, row, 'generator');
  const mode = lowerCase(cell);
  const known = stage === 'evaluation' ? ['llm', 'copy', 'code'] : ['llm', 'copy'];
  if (isMode(mode) && known.includes(mode)) return { value: mode, problems: [] };
  if (mode === '') {
    const blank = warning('DD212', `The template "${id}" has a blank generator, which is read as llm.`, {
      place,
      reason: 'blank_generator',
    });
    return { value: 'llm', problems: [blank] };
  }
  const unknown = problem(
    'DD211',
    `The template "${id}" has the generator "${cell}", which is ${stage === 'evaluation' ? 'neither llm, copy nor code' : mode === 'code' ? 'for evaluations alone' : 'neither llm nor copy'}.`,
    {
      place,
      reason: 'invalid_generator_value',
      data: { value: cell },
      cure: `Write ${known.map((each) => `\`${each}\``).join(' or ')} in the cell.`,
    },
  );
  return { value: 'llm', problems: [unknown] };
}
