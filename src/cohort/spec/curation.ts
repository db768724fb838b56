// A curated cohort: the ticked essays of a list of candidates, as the files of a spec that has them evaluated. Knows no disk.
import { problem, type Loaded, type Problem } from '../../problem.ts';
import type { GenId } from '../../generation/stage.ts';
import { lowerCase } from '../../text/python.ts';
import { parseCsv } from '../../inputs/csv/csv.ts';
import { csvLine } from '../../inputs/csv/csvline.ts';
import { word } from './bootstrap.ts';
import { ESSAY_ID } from '../rowparts.ts';

const TICKED = 'selected';
const TRUE = new Set(['true', 'yes', 'y', 'x', '1', 't', 'on']);

/** The essays of a list whose `selected` says yes, each once, in the list's order; all of them where there is no such column. */
export function tickedEssays(text: string, file: string): Loaded<readonly GenId[]> {
  const { value: table, problems } = parseCsv(text, file);
  if (problems.length > 0) return { value: [], problems };
  if (!table.header.includes(ESSAY_ID))
    return refuse(`${file} has no column ${ESSAY_ID}`, { file, line: 1, field: ESSAY_ID });
  const picks = table.header.includes(TICKED);
  const rows = table.rows.filter(({ cells }) => !picks || TRUE.has(lowerCase(cells[TICKED] ?? '')));
  if (rows.length === 0) return refuse(`${file} has no ticked row`, { file, field: TICKED });
  const blank = rows.find(({ cells }) => (cells[ESSAY_ID] ?? '') === '');
  if (blank !== undefined)
    return refuse(`${file} has a ticked row without an essay`, { file, line: blank.line, field: ESSAY_ID });
  return { value: [...new Set(rows.map(({ cells }) => cells[ESSAY_ID] ?? ''))], problems: [] };
}

function refuse(message: string, place: NonNullable<Problem['place']>): Loaded<readonly GenId[]> {
  return { value: [], problems: [problem('DD703', message, { place })] };
}

export interface Curation {
  readonly essays: readonly GenId[];
  readonly rubrics: readonly string[];
  readonly judges: readonly string[];
  /** Undefined leaves the count to replication_config.csv. */
  readonly replicates?: number | undefined;
  /** The list as it was, to be kept beside the spec. */
  readonly list: string;
}

/** Texts by path below the cohort's folder. */
export function curatedFiles({
  essays,
  rubrics,
  judges,
  replicates,
  list,
}: Curation): Readonly<Record<string, string>> {
  const config = `# Essays that are there already, judged anew. They and their drafts are taken as they are: only missing evaluations run.
axes:
  # The essays that were ticked in curation/essay_candidates.csv.
  ${ESSAY_ID}: '@file:items/essays.csv'
  evaluation_template: [${rubrics.map(word).join(', ')}]
  evaluation_llm: [${judges.map(word).join(', ')}]
${replicates === undefined ? '' : `  evaluation_replicate: [${Array.from({ length: replicates }, (_, at) => at + 1).join(', ')}]\n`}output:
  field_order: [${ESSAY_ID}, evaluation_template, evaluation_llm]
`;
  const items = [ESSAY_ID, ...essays].map((cell) => `${csvLine([cell])}\n`).join('');
  return {
    'spec/config.yaml': config,
    'spec/items/essays.csv': items,
    'curation/essay_candidates.csv': list,
  };
}
