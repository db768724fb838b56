// Rankings and candidate lists against golden cases.
import { describe, expect, it } from 'vitest';
import {
  candidateTable,
  rankEssays,
  type Ranking,
  rankingTable,
  type Selection,
  selectEssays,
  withoutEvaluation,
} from '../../src/report/ranking.ts';
import { csvOf } from '../../src/report/tables/table.ts';
import { cases } from '../support/golden.ts';
import { rowsOf, scored } from '../support/scores.ts';

interface RankArguments {
  readonly template_id: string;
  readonly evaluation_models?: readonly string[];
  readonly score_span?: number;
  readonly top_n?: number;
}

interface RankCase {
  readonly id: string;
  readonly op: 'reports' | 'select_top' | 'aggregate';
  readonly aggregated_scores_csv: string;
  readonly args: readonly string[];
  readonly expect: {
    readonly rank?: readonly { readonly args: RankArguments; readonly csv: string }[];
    readonly csv?: string | null;
  };
}

const GOLDEN = cases<RankCase>('results.json');
const RANKS = GOLDEN.flatMap(({ id, aggregated_scores_csv: scores, expect: { rank = [] } }) =>
  rank.map(({ args, csv }) => [id, JSON.stringify(args), { scores, args, csv }] as const),
);
const CANDIDATES = GOLDEN.filter((golden) => golden.op === 'select_top');

/** Span first, then the first so many. */
function rankedBy(scores: string, args: RankArguments): Ranking {
  const all = rankEssays(rowsOf(scores), { template: args.template_id, judges: args.evaluation_models });
  const { score_span: span, top_n: top } = args;
  const near = span === undefined ? all : selectEssays(all, { method: 'score_span', limit: span });
  return top === undefined ? near : selectEssays(near, { method: 'top_n', limit: top });
}

/** The values behind an option of the older command line. */
function valuesOf(args: readonly string[], option: string): readonly string[] {
  const start = args.indexOf(option) + 1;
  if (start === 0) return [];
  const end = args.findIndex((arg, at) => at >= start && arg.startsWith('--'));
  return args.slice(start, end < 0 ? args.length : end);
}

function selectionIn(args: readonly string[]): Selection {
  const [span] = valuesOf(args, '--score-span');
  if (span !== undefined) return { method: 'score_span', limit: Number(span) };
  return args.includes('--max-only') ? { method: 'max_only' } : { method: 'top_n', limit: 10 };
}

describe('a ranking', () => {
  it.each(RANKS)('%s %s: equals the golden case', (_id, _args, { scores, args, csv }) => {
    expect(csvOf(rankingTable(rankedBy(scores, args)))).toBe(csv);
  });

  it("takes a judge's best replicate, and the mean of the judges", () => {
    const rows = [
      scored({ score: 4 }),
      scored({ score: 8 }),
      scored({ score: 5, evaluationModel: 'j2' }),
      scored({ score: 9, evaluationTemplate: 'sty' }),
    ];
    const [essay] = rankEssays(rows, { template: 'nov' }).essays;
    expect(essay).toMatchObject({ essayId: 'e_1', average: 6.5, max: 8 });
    expect([...(essay?.byJudge ?? [])]).toEqual([
      ['j1', 8],
      ['j2', 5],
    ]);
  });

  it('knows the essays that another rubric has not scored yet', () => {
    const failed = {
      ...scored({ score: 0, parentGenId: 'e_2' }),
      score: undefined,
      error: 'missing parsed.txt',
    };
    const rows = [
      scored({ score: 1 }),
      failed,
      scored({ score: 7, parentGenId: 'e_3', evaluationTemplate: 'sty' }),
    ];
    expect(withoutEvaluation(['e_3', 'e_1', 'e_2'], rows, 'nov')).toEqual(['e_3', 'e_2']);
  });
});

describe('a list of candidates', () => {
  it.each(CANDIDATES)('$id: equals the golden case, or is empty where that stops', (golden) => {
    const [template = '', cohortId = ''] = ['--template', '--cohort-id'].flatMap((name) =>
      valuesOf(golden.args, name),
    );
    const judges = valuesOf(golden.args, '--average-models');
    const rubric = { template, judges };
    const ranking = rankEssays(rowsOf(golden.aggregated_scores_csv), rubric);
    const table = candidateTable(ranking, { rubric, selection: selectionIn(golden.args), cohortId });
    expect(table.rows.length === 0 ? null : csvOf(table)).toBe(golden.expect.csv);
  });
});
