// Every report against the golden cases of the older tables.
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseCsvRecords } from '../../src/inputs/csv/csv.ts';
import { type Report, REPORTS } from '../../src/report/catalogue.ts';
import { isAllowed } from '../../src/report/tables/essayscores.ts';
import { isScored, type ScoreRow } from '../../src/scores/rows.ts';
import { round, sum } from '../../src/statistics/summary.ts';
import { csvOf, type Table } from '../../src/report/tables/table.ts';
import { cases } from '../support/golden.ts';
import { rowsOf, scored } from '../support/scores.ts';

interface Expected {
  readonly csv: string | null;
  readonly valid_rows?: number;
  readonly allowlisted_rows?: number;
  readonly coverage?: Readonly<Record<string, Record<string, number>>>;
}

interface ReportsCase {
  readonly id: string;
  readonly op: string;
  readonly aggregated_scores_csv: string;
  readonly allowed_evaluation_templates: readonly string[];
  readonly allowed_evaluation_models: readonly string[];
  readonly essay_metadata?: Readonly<Record<string, Record<string, unknown>>>;
  readonly expect: Readonly<Record<string, Expected>>;
}

const GOLDEN = cases<ReportsCase>('results.json').filter((each) => each.op === 'reports');
const UNFILTERED = 'evaluation_scores_by_template_model.csv (unfiltered)';

function reportNamed(name: string, scope: Report['scope']): Report {
  const found = REPORTS.find((report) => report.name === name && report.scope === scope);
  if (found === undefined) throw new Error(`there is no report ${name}`);
  return found;
}

/** The older system took 10 for perfect on a scale that ends at 9. */
function tableIn(golden: ReportsCase, name: string, scope: Report['scope'] = 'cohort'): Table {
  const allowed = {
    templates: golden.allowed_evaluation_templates,
    models: golden.allowed_evaluation_models,
  };
  const rows = rowsOf(golden.aggregated_scores_csv, golden.essay_metadata);
  return reportNamed(name, scope).table({
    rows,
    allowed: scope === 'all' ? undefined : allowed,
    perfectScore: 10,
  });
}

const DECIMALS = /^-?\d+\.\d{4,}$/;

type Cells = readonly (readonly string[])[];

function cellsIn(csv: string): Cells {
  return parseCsvRecords(csv, 'table.csv').value.map((record) => record.cells);
}

/** The golden cells, with the table's own in place of decimals that differ only behind the ninth digit, as unrounded ones may. */
function goldenCells(csv: string, table: Table): Cells {
  const got = cellsIn(csvOf(table));
  return cellsIn(csv).map((row, line) =>
    row.map((cell, at) => {
      const other = got[line]?.[at] ?? '';
      const near = Math.abs(Number(cell) - Number(other)) <= 1e-9 * Math.abs(Number(cell));
      return DECIMALS.test(cell) && near ? other : cell;
    }),
  );
}

/** The table as the older one has it: without the columns that stand behind the last of its own. */
function upTo(table: Table, last: string): Table {
  const end = table.columns.findIndex((column) => column.name === last) + 1;
  return { columns: table.columns.slice(0, end), rows: table.rows.map((row) => row.slice(0, end)) };
}

/** The golden cases that have a table, with its text. */
function goldenTables(name: string): (readonly [string, ReportsCase, string])[] {
  return GOLDEN.flatMap((golden) => {
    const csv = golden.expect[name]?.csv;
    return typeof csv === 'string' ? [[golden.id, golden, csv] as const] : [];
  });
}

/** The golden cases for which the older system wrote no file. */
function goldenBlanks(name: string): (readonly [string, ReportsCase])[] {
  return GOLDEN.filter((golden) => golden.expect[name]?.csv === null).map((golden) => [golden.id, golden]);
}

const COHORT_TABLES = [
  'summary/generation_scores',
  'summary/evaluation_model_template_pivot',
  'summary/final_results',
  'summary/perfect_score_paths',
  'analysis/variance_analysis',
];

describe.each(COHORT_TABLES)('%s.csv', (path) => {
  const name = path.split('/')[1] ?? '';

  it(`lies below reports/`, () => {
    expect(reportNamed(name, 'cohort').path).toBe(`reports/${path}.csv`);
  });

  it.each(goldenTables(`${path}.csv`))('%s: equals the golden case', (_id, golden, csv) => {
    const table = tableIn(golden, name);
    expect(cellsIn(csvOf(table))).toEqual(goldenCells(csv, table));
  });

  it.each(goldenBlanks(`${path}.csv`))('%s: has a header and no rows', (_id, golden) => {
    const table = tableIn(golden, name);
    expect([table.rows, table.columns.length > 0]).toEqual([[], true]);
  });
});

describe('evaluation_scores_by_template_model.csv', () => {
  const name = 'evaluation_scores_by_template_model';

  it.each(goldenTables(UNFILTERED))(
    '%s: equals the golden case where nothing has replicates',
    (_id, golden, csv) => {
      const table = upTo(tableIn(golden, name, 'all'), 'allowlisted_template_score_sum');
      expect(cellsIn(csvOf(table))).toEqual(goldenCells(csv, table));
    },
  );

  it('keeps essays apart that share everything but their id, and takes the mean of replicates with a count', () => {
    const golden = GOLDEN.find((each) => each.id === 't8');
    expect(golden && csvOf(tableIn(golden, name, 'all'))).toBe(
      'essay_gen_id,combo_id,draft_template,generation_template,generation_model,origin_cohort_id,' +
        'nov__j1,sty__j1,allowlisted_template_score_sum,nov__j1_n,sty__j1_n\n' +
        'e_1,cA,d1,g1,m1,,5.0,2.0,7.0,1,1\n' +
        'e_9,cA,d1,g1,m1,X,8.0,1.0,9.0,2,1\n',
    );
  });

  it('lets only what is allowed through', () => {
    const rows = [scored({ score: 3 }), scored({ score: 9, evaluationModel: 'j2' })];
    const allowed = { templates: ['nov'], models: ['j2'] };
    const table = reportNamed(name, 'all').table({ rows, allowed, perfectScore: 9 });
    expect(table.rows).toEqual([['e_1', 'cA', 'd1', 'g1', 'm1', '', 9, 9, 1]]);
  });
});

describe('template_version_comparison_pivot.csv', () => {
  const name = 'template_version_comparison_pivot';

  it.each(goldenTables(name))(
    '%s: equals the golden case where an essay has one score',
    (_id, golden, csv) => {
      const table = upTo(tableIn(golden, name, 'all'), 'nov');
      expect(cellsIn(csvOf(table))).toEqual(goldenCells(csv, table));
    },
  );

  it.each(goldenBlanks(name))('%s: has no rows', (_id, golden) => {
    expect(tableIn(golden, name, 'all').rows).toEqual([]);
  });

  it('has a line for each essay, the mean over judges and replicates, and a count', () => {
    const golden = GOLDEN.find((each) => each.id === 't8');
    expect(golden && csvOf(tableIn(golden, name, 'all'))).toBe(
      'combo_id,generation_template,generation_model,nov,sty,essay_gen_id,nov_n,sty_n\n' +
        'cA,g1,m1,5.0,2.0,e_1,1,1\n' +
        'cA,g1,m1,8.0,1.0,e_9,2,1\n',
    );
  });
});

describe('rows and coverage', () => {
  const counted = GOLDEN.flatMap((golden) => {
    const { valid_rows: valid, allowlisted_rows: allowed } =
      golden.expect['summary/generation_scores.csv'] ?? {};
    return valid === undefined ? [] : [[golden.id, golden, [valid, allowed ?? 0]] as const];
  });

  it.each(counted)('%s: as many rows count and are allowed as in the golden case', (_id, golden, counts) => {
    const valid = rowsOf(golden.aggregated_scores_csv).filter(isScored);
    const allowed = {
      templates: golden.allowed_evaluation_templates,
      models: golden.allowed_evaluation_models,
    };
    expect([valid.length, valid.filter((row) => isAllowed(row, allowed)).length]).toEqual(counts);
  });

  it.each(GOLDEN)('$id: the pivot is filled as in the golden case', (golden) => {
    const expected = golden.expect['summary/evaluation_model_template_pivot.csv']?.coverage ?? {};
    const [head = [], ...essays] = cellsIn(csvOf(tableIn(golden, 'evaluation_model_template_pivot')));
    const labels = head.slice(head.indexOf('parent_gen_id') + 1);
    const got = labels.map((label) => {
      const means = essays.map((cells) => cells[head.indexOf(label)] ?? '').filter((cell) => cell !== '');
      const percent = round((means.length / essays.length) * 100, 1);
      const mean = round(sum(means.map(Number)) / means.length, 2);
      return [label, { evaluations: means.length, coverage_pct: percent, mean_score: mean }];
    });
    expect(Object.fromEntries(got)).toEqual(expected);
  });
});

describe('what daydream decides for itself', () => {
  const table = (name: string, rows: readonly ScoreRow[], perfectScore = 9): string =>
    csvOf(reportNamed(name, 'cohort').table({ rows, allowed: undefined, perfectScore }));

  it('keeps the model None as a label, where the older tables lost its rows', () => {
    const rows = [scored({ score: 4, generationModel: 'None' })];
    expect(table('evaluation_model_template_pivot', rows)).toContain('cA,d1,g1,None,e_1,4.0\n');
    expect(table('final_results', rows)).toContain('by_generation_model,,None,,,1,4.0');
    expect(table('variance_analysis', rows)).toContain('cA,g1,None,1,4.0');
  });

  it('names a judge that is not known nan in labels, and leaves it out of groups', () => {
    const rows = [scored({ score: 4 }), scored({ score: 6, evaluationModel: '' })];
    expect(table('evaluation_model_template_pivot', rows)).toContain(',j1_nov,nan_nov\n');
    expect(table('final_results', rows)).not.toContain('by_evaluation_model,,,,');
    expect(table('variance_analysis', rows)).toContain('overall_variance');
  });

  it('takes the perfect score that the config names', () => {
    const rows = [scored({ score: 9 }), scored({ score: 10 })];
    expect(table('perfect_score_paths', rows).match(/Perfect score from m1 generation \+ j1/g)).toHaveLength(
      1,
    );
    expect(table('perfect_score_paths', rows)).toContain(',9.0,');
    expect(table('final_results', rows)).toContain('overall_statistics,,,,,2,9.5,0.71,9.0,10.0,1,50.0,');
  });
});

/** Scores in quarters: their sums have no rounding error, so that a row's place cannot show in any digit. */
const score = fc.integer({ min: 0, max: 36 }).map((quarters) => quarters / 4);
const row = fc
  .record({
    essay: fc.integer({ min: 1, max: 4 }),
    judge: fc.constantFrom('j1', 'j2', ''),
    rubric: fc.constantFrom('nov', 'sty'),
    score: fc.option(score, { nil: undefined }),
  })
  .map(({ essay, judge, rubric, score }): ScoreRow => ({
    ...scored({ score: 0 }),
    score,
    error: score === undefined ? 'missing parsed.txt' : '',
    parentGenId: `e_${essay}`,
    comboId: `c${essay % 2}`,
    generationModel: `m${essay % 3}`,
    generationPath: `gens/essay/e_${essay}/parsed.txt`,
    evaluationModel: judge,
    evaluationTemplate: rubric,
  }));
const rows = fc.uniqueArray(row, { maxLength: 30, selector: (each) => each }).map((list) =>
  list.map((each, at) => ({
    ...each,
    genId: `v_${at}`,
    evaluationPath: `gens/evaluation/v_${at}/parsed.txt`,
  })),
);
const IN_ROW_ORDER = new Set(['aggregated_scores', 'perfect_score_paths']);
const GROUPED = REPORTS.filter((report) => report.scope === 'all' || !IN_ROW_ORDER.has(report.name));

describe('every grouped table', () => {
  it.each(GROUPED)('$name does not depend on the order of the rows', (report) => {
    fc.assert(
      fc.property(
        rows.chain((list) =>
          fc.tuple(fc.constant(list), fc.shuffledSubarray(list, { minLength: list.length })),
        ),
        ([list, shuffled]) => {
          const input = { allowed: undefined, perfectScore: 9 };
          expect(csvOf(report.table({ rows: shuffled, ...input }))).toBe(
            csvOf(report.table({ rows: list, ...input })),
          );
        },
      ),
    );
  });

  it.each(REPORTS)('$name has as many cells in every row as columns, and no name twice', (report) => {
    fc.assert(
      fc.property(rows, (list) => {
        const table = report.table({ rows: list, allowed: undefined, perfectScore: 9 });
        expect(table.rows.every((cells) => cells.length === table.columns.length)).toBe(true);
        expect(new Set(table.columns.map(({ name }) => name)).size).toBe(table.columns.length);
      }),
    );
  });
});

describe('the catalogue', () => {
  it('has one report a path', () => {
    const paths = REPORTS.map((report) => `${report.scope} ${report.path}`);
    expect(new Set(paths).size).toBe(paths.length);
  });
});
