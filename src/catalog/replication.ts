// How often each stage is repeated, from replication_config.csv. Knows nothing of designs.
import { problem, warning, type Loaded, type Problem } from '../problem.ts';
import { isStage, STAGES, type Stage } from '../generation/stage.ts';
import { parseFloatText } from '../text/python.ts';
import type { CsvTable } from '../inputs/csv/csv.ts';
import type { InputReader } from '../inputs/disk/reader.ts';
import { missingColumns, placeOf, readTable } from './rows.ts';

type Replication = Readonly<Record<Stage, number>>;

const ONCE: Replication = { draft: 1, essay: 1, evaluation: 1 };

/** Counts in the file's order of stages; 1 each where there is no file. Rows that say nothing are ignored with a warning. */
export function loadReplication(reader: InputReader, file: string): Loaded<Replication> {
  const { value: table, problems } = readTable(reader, file);
  if (table === undefined) return { value: ONCE, problems };
  const wrong =
    table.header.length === 0 ? problems : [...problems, ...missingColumns(table, ['stage', 'replicates'])];
  if (wrong.length > 0) return { value: ONCE, problems: wrong };
  const { value: counts, problems: ignored } = countsOf(table);
  const missing = STAGES.find((stage) => !counts.has(stage));
  if (missing === undefined) return { value: inFileOrder(counts), problems: ignored };
  const found = problem('DD213', `${file} gives no count of 1 or more for the stage ${missing}.`, {
    place: { file },
    reason: 'invalid_replication_config',
    data: { stage: missing, value: null },
  });
  return { value: ONCE, problems: [...ignored, found] };
}

function countsOf(table: CsvTable): Loaded<ReadonlyMap<Stage, number>> {
  const counts = new Map<Stage, number>();
  const problems: Problem[] = [];
  for (const row of table.rows) {
    const stage = row.cells['stage'] ?? '';
    const count = Math.trunc(parseFloatText(row.cells['replicates'] ?? '') ?? 0);
    const place = placeOf(table, row, isStage(stage) ? 'replicates' : 'stage');
    const ignore = (message: string): number =>
      problems.push(warning('DD221', message, { place, reason: 'replication_row_ignored' }));
    if (!isStage(stage)) ignore(`${table.file} has a row for "${stage}", which is no stage.`);
    else if (!Number.isSafeInteger(count) || count < 1)
      ignore(
        `${table.file} has "${row.cells['replicates'] ?? ''}" replicates for ${stage}, which is no count.`,
      );
    else {
      if (counts.has(stage)) ignore(`${table.file} has several counts for ${stage}; the last one holds.`);
      counts.set(stage, count);
    }
  }
  return { value: counts, problems };
}

/** The manifest lists the stages in the order in which the file first names them. */
function inFileOrder(counts: ReadonlyMap<Stage, number>): Replication {
  return {
    ...Object.fromEntries(counts),
    draft: counts.get('draft') ?? 1,
    essay: counts.get('essay') ?? 1,
    evaluation: counts.get('evaluation') ?? 1,
  };
}
