// The score table: golden cases of the store's old readers, and the columns that are new.
import { describe, expect, it } from 'vitest';
import {
  aggregatedScores,
  allAggregatedScores,
  filteredEvaluationResults,
} from '../../src/report/tables/scores.ts';
import { aggregateScores, type GenReader, isScored } from '../../src/scores/rows.ts';
import { csvOf, type Table } from '../../src/report/tables/table.ts';
import { cases } from '../support/golden.ts';

interface AggregateCase {
  readonly id: string;
  readonly op: string;
  readonly files: Readonly<Record<string, string>>;
  readonly evaluation_gen_ids: readonly string[];
  readonly expect: {
    readonly cohort: { readonly csv: string };
    readonly script?: { readonly header: string; readonly rows_sorted: readonly string[] };
  };
}

const NEW_COLUMNS = [
  'replicate',
  'essay_replicate',
  'draft_replicate',
  'draft_gen_id',
  'essay_origin_cohort_id',
];

/** Reads from texts by path below the data root. */
function readerOf(files: Readonly<Record<string, string>>): GenReader {
  const json = (path: string): Record<string, unknown> | undefined =>
    files[path] === undefined ? undefined : JSON.parse(files[path]);
  return {
    metadata: (stage, id) => json(`gens/${stage}/${id}/metadata.json`),
    rawMetadata: (stage, id) => json(`gens/${stage}/${id}/raw_metadata.json`),
    parsed: (stage, id) => files[`gens/${stage}/${id}/parsed.txt`],
  };
}

/** The table without its last columns, which the golden cases do not have. */
function oldColumns(table: Table): Table {
  const columns = table.columns.slice(0, -NEW_COLUMNS.length);
  expect(table.columns.slice(columns.length).map(({ name }) => name)).toEqual(NEW_COLUMNS);
  return { columns, rows: table.rows.map((row) => row.slice(0, columns.length)) };
}

const GOLDEN = cases<AggregateCase>('results.json').filter((each) => each.op === 'aggregate');
const relative = (text: string): string => text.replaceAll('<root>/', '');

describe('the score table', () => {
  it.each(GOLDEN)('$id: has the rows of the golden case, with paths relative to the data root', (golden) => {
    const rows = aggregateScores(readerOf(golden.files), golden.evaluation_gen_ids);
    expect(csvOf(oldColumns(aggregatedScores(rows)))).toBe(relative(golden.expect.cohort.csv));
  });

  it.each(GOLDEN.filter((each) => each.expect.script !== undefined))(
    '$id: over the whole store has its own order of columns, and is sorted by id',
    ({ files, expect: { script } }) => {
      const ids = new Set(
        Object.keys(files).flatMap((path) => /^gens\/evaluation\/([^/]+)/.exec(path)?.[1] ?? []),
      );
      const rows = aggregateScores(readerOf(files), [...ids].toReversed());
      const lines = csvOf(oldColumns(allAggregatedScores(rows)))
        .trimEnd()
        .split('\n');
      expect(lines[0]).toBe(script?.header);
      expect(lines.slice(1).toSorted()).toEqual(script?.rows_sorted.map(relative));
      expect(lines.slice(1).map((line) => line.split(',')[1])).toEqual([...ids].toSorted());
      expect(filteredEvaluationResults(rows).rows.map((row) => row[0])).toEqual([...ids].toSorted());
    },
  );

  const files = {
    'gens/draft/d_1/metadata.json':
      '{"combo_id": "c", "draft_template": "old", "model_id": "w", "replicate": 2}',
    'gens/essay/e_1/metadata.json':
      '{"parent_gen_id": " d_1 ", "essay_template": "et", "replicate": "3", "origin_cohort_id": "C0"}',
    'gens/evaluation/v_1/metadata.json':
      '{"parent_gen_id": "e_1", "evaluation_template": "nov", "model_id": "j"}',
    'gens/evaluation/v_1/parsed.txt': '7.0\n',
  };

  it('reads the keys of older metadata', () => {
    const [row] = aggregateScores(readerOf(files), ['v_1']);
    expect(row).toMatchObject({
      evaluationTemplate: 'nov',
      evaluationModel: 'j',
      generationTemplate: 'et',
      generationModel: 'w',
      draftTemplate: 'old',
      comboId: 'c',
    });
  });

  it('knows the replicate of each stage, the draft, and where the essay comes from', () => {
    const [known, unknown] = aggregateScores(readerOf(files), ['v_1', 'v_2']);
    const expected = {
      replicate: 1,
      essayReplicate: 3,
      draftReplicate: 2,
      draftGenId: 'd_1',
      essayOriginCohortId: 'C0',
    };
    expect(known).toMatchObject(expected);
    expect(unknown).toMatchObject({ replicate: undefined, essayReplicate: undefined, draftGenId: '' });
  });

  it('counts a score of 0, and neither an error nor the word nan', () => {
    const parsed: Record<string, string> = { v_0: '0.0', v_nan: 'nan', v_bad: 'x' };
    const reader: GenReader = { ...readerOf({}), parsed: (_stage, id) => parsed[id] };
    const rows = aggregateScores(reader, ['v_0', 'v_nan', 'v_bad', 'v_none']);
    expect(rows.map(isScored)).toEqual([true, false, false, false]);
    expect(rows.map((row) => row.error === '')).toEqual([true, true, false, false]);
  });

  it('writes formulas as they are, and harmless on request', () => {
    const rows = aggregateScores({ ...readerOf({}), parsed: () => '-3' }, ['=1+1']);
    const table = aggregatedScores(rows);
    expect(csvOf(table)).toContain('\n=1+1,,,,-3.0,');
    expect(csvOf(table, 'neutralise')).toContain("\n'=1+1,,,,-3.0,");
  });
});
