// Every table of a cohort and of the data root worked out a second time, from nothing but the files: plain loops, no code of the
// program. What it gives is compared with what the program wrote.
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

export type Line = Readonly<Record<string, string | number | undefined>>;

export interface NaiveTable {
  readonly header: readonly string[];
  readonly lines: readonly Line[];
}

/** One evaluation with its ancestry, in the words of the score table. */
interface Judged {
  readonly gen_id: string;
  readonly parent_gen_id: string;
  readonly evaluation_template: string;
  readonly evaluation_llm_model: string;
  readonly score: number | undefined;
  readonly error: string;
  readonly combo_id: string;
  readonly draft_template: string;
  readonly generation_template: string;
  readonly generation_model: string;
  readonly origin_cohort_id: string;
  readonly input_mode: string;
  readonly replicate: number;
  readonly essay_replicate: number;
  readonly draft_replicate: number;
  readonly draft_gen_id: string;
  readonly essay_origin_cohort_id: string;
}

type Json = Readonly<Record<string, unknown>>;

/** A CSV text as records by header name; quotes as in RFC 4180. */
export function readCsv(text: string): { header: string[]; records: Record<string, string>[] } {
  const lines: string[][] = [];
  let cells: string[] = [];
  let cell = '';
  let quoted = false;
  for (let at = 0; at < text.length; at++) {
    const sign = text[at];
    if (quoted) {
      if (sign === '"' && text[at + 1] === '"') {
        cell += '"';
        at++;
      } else if (sign === '"') quoted = false;
      else cell += sign;
    } else if (sign === '"') quoted = true;
    else if (sign === ',' || sign === '\n') {
      cells.push(cell);
      cell = '';
      if (sign === '\n') {
        lines.push(cells);
        cells = [];
      }
    } else cell += sign;
  }
  const [header = [], ...rest] = lines;
  const records = rest.map((line) => Object.fromEntries(header.map((name, at) => [name, line[at] ?? ''])));
  return { header, records };
}

export class NaiveRoot {
  readonly #root: string;

  constructor(dataRoot: string) {
    this.#root = dataRoot;
  }

  cohort(id: string): Judged[] {
    const text = readFileSync(join(this.#root, 'cohorts', id, 'membership.csv'), 'utf8');
    return readCsv(text)
      .records.filter((row) => row['stage'] === 'evaluation')
      .map((row) => this.#judged(row['gen_id'] ?? ''));
  }

  everything(): Judged[] {
    return readdirSync(join(this.#root, 'gens/evaluation'))
      .sort()
      .map((id) => this.#judged(id));
  }

  #json(stage: string, id: string, file = 'metadata.json'): Json {
    return JSON.parse(readFileSync(join(this.#root, 'gens', stage, id, file), 'utf8')) as Json;
  }

  #judged(id: string): Judged {
    const evaluation = this.#json('evaluation', id);
    const essay = this.#json('essay', String(evaluation['parent_gen_id']));
    const draft = this.#json('draft', String(essay['parent_gen_id']));
    return {
      gen_id: id,
      parent_gen_id: String(evaluation['parent_gen_id']),
      evaluation_template: String(evaluation['template_id']),
      evaluation_llm_model: String(evaluation['llm_model_id']),
      ...this.#score(id),
      combo_id: String(draft['combo_id']),
      draft_template: String(draft['template_id']),
      generation_template: String(essay['template_id']),
      generation_model: String(essay['llm_model_id'] ?? draft['llm_model_id']),
      origin_cohort_id: String(evaluation['origin_cohort_id']),
      input_mode: String(this.#json('evaluation', id, 'raw_metadata.json')['input_mode']),
      replicate: Number(evaluation['replicate']),
      essay_replicate: Number(essay['replicate']),
      draft_replicate: Number(draft['replicate']),
      draft_gen_id: String(essay['parent_gen_id']),
      essay_origin_cohort_id: String(essay['origin_cohort_id']),
    };
  }

  #score(id: string): { score: number | undefined; error: string } {
    let text = '';
    try {
      text = readFileSync(join(this.#root, 'gens/evaluation', id, 'parsed.txt'), 'utf8').trim();
    } catch {
      return { score: undefined, error: 'missing parsed.txt' };
    }
    const last = text.split('\n').at(-1) ?? '';
    if (/^-?\d+(\.\d+)?$/.test(last)) return { score: Number(last), error: '' };
    return { score: undefined, error: `Invalid parsed.txt: could not convert string to float: '${last}'` };
  }
}

const valid = (rows: readonly Judged[]): (Judged & { score: number })[] =>
  rows.flatMap((row) => (row.score === undefined ? [] : [{ ...row, score: row.score }]));

/** Scores have one decimal, so tenths add up exactly. */
const mean = (scores: readonly number[]): number =>
  scores.reduce((total, score) => total + Math.round(score * 10), 0) / 10 / scores.length;

const deviation = (scores: readonly number[]): number | undefined => {
  if (scores.length < 2) return undefined;
  const middle = mean(scores);
  return Math.sqrt(scores.reduce((total, score) => total + (score - middle) ** 2, 0) / (scores.length - 1));
};

const rounded = (value: number, decimals: number): number => {
  const scaled = value * 10 ** decimals;
  const below = Math.floor(scaled);
  const up = scaled - below > 0.5 || (scaled - below === 0.5 && below % 2 !== 0);
  return (up ? below + 1 : below) / 10 ** decimals;
};
const roundedOrBlank = (value: number | undefined, decimals: number): number | undefined =>
  value === undefined ? undefined : rounded(value, decimals);

/** Rows by a joined key, keys in order. */
function grouped<T>(rows: readonly T[], keyOf: (row: T) => readonly string[]): [string[], T[]][] {
  const groups = new Map<string, T[]>();
  for (const row of rows) {
    const key = keyOf(row).join('\u0000');
    groups.set(key, [...(groups.get(key) ?? []), row]);
  }
  return [...groups].sort(([a], [b]) => (a < b ? -1 : 1)).map(([key, list]) => [key.split('\u0000'), list]);
}

const unique = (texts: readonly string[]): string[] => [...new Set(texts)].sort();

const path = (stage: string, id: string): string => `gens/${stage}/${id}/parsed.txt`;

const SCORE_COLUMNS =
  'gen_id,parent_gen_id,evaluation_template,evaluation_llm_model,score,error,evaluation_response_path,combo_id,draft_template,generation_template,generation_model,origin_cohort_id,generation_response_path,input_mode,copied_from,replicate,essay_replicate,draft_replicate,draft_gen_id,essay_origin_cohort_id';

function scoreLines(rows: readonly Judged[]): Line[] {
  return rows.map((row) => ({
    ...row,
    evaluation_response_path: path('evaluation', row.gen_id),
    generation_response_path: path('essay', row.parent_gen_id),
    copied_from: undefined,
  }));
}

export function naiveAggregated(rows: readonly Judged[]): NaiveTable {
  return { header: SCORE_COLUMNS.split(','), lines: scoreLines(rows) };
}

export function naiveAllAggregated(rows: readonly Judged[]): NaiveTable {
  const header =
    'parent_gen_id,gen_id,evaluation_template,evaluation_llm_model,score,error,evaluation_response_path,combo_id,draft_template,generation_template,generation_model,generation_response_path,origin_cohort_id,input_mode,copied_from,replicate,essay_replicate,draft_replicate,draft_gen_id,essay_origin_cohort_id';
  return { header: header.split(','), lines: scoreLines(rows) };
}

const ESSAY_KEY = [
  'combo_id',
  'draft_template',
  'generation_template',
  'generation_model',
  'parent_gen_id',
] as const;

function essayGroups(rows: readonly Judged[]): [Line, Judged[]][] {
  return grouped(rows, (row) => ESSAY_KEY.map((name) => row[name])).map(([key, list]) => [
    Object.fromEntries(ESSAY_KEY.map((name, at) => [name, key[at]])),
    list,
  ]);
}

const judgeLabel = (row: Judged): string => `${row.evaluation_llm_model}_${row.evaluation_template}`;

export function naiveGenerationScores(all: readonly Judged[]): NaiveTable {
  const rows = valid(all);
  const labels = unique(rows.map(judgeLabel));
  const lines = essayGroups(rows).map(([key, list]): Line => {
    const line: Record<string, string | number | undefined> = { ...key };
    let total = 0;
    for (const label of labels) {
      const scores = valid(list)
        .filter((row) => judgeLabel(row) === label)
        .map(({ score }) => score);
      line[label] = scores.length === 0 ? undefined : rounded(mean(scores), 2);
      line[`${label}_min`] = scores.length === 0 ? undefined : Math.min(...scores);
      line[`${label}_max`] = scores.length === 0 ? undefined : Math.max(...scores);
      line[`${label}_n`] = scores.length;
      total += Math.round(Number(line[label] ?? 0) * 100);
    }
    line['allowlisted_template_score_sum'] = total / 100;
    line['generation_response_path'] = path('essay', String(key['parent_gen_id']));
    return line;
  });
  const spreads = labels.flatMap((label) => [`${label}_min`, `${label}_max`, `${label}_n`]);
  return {
    header: [
      ...ESSAY_KEY,
      ...labels,
      ...spreads,
      'allowlisted_template_score_sum',
      'generation_response_path',
    ],
    lines,
  };
}

export function naivePivot(all: readonly Judged[]): NaiveTable {
  const { header, lines } = naiveGenerationScores(all);
  const labels = unique(valid(all).map(judgeLabel));
  const kept = header.filter(
    (name) => (ESSAY_KEY as readonly string[]).includes(name) || labels.includes(name),
  );
  return {
    header: kept,
    lines: lines.map((line) => Object.fromEntries(kept.map((name) => [name, line[name]]))),
  };
}

export function naiveFinalResults(all: readonly Judged[], perfect: number): NaiveTable {
  const rows = valid(all);
  const names = ['generation_template', 'generation_model', 'evaluation_llm_model', 'combo_id'] as const;
  const blocks: readonly (readonly [string, readonly (typeof names)[number][]])[] = [
    ['by_generation_template', ['generation_template']],
    ['by_generation_model', ['generation_model']],
    ['by_evaluation_model', ['evaluation_llm_model']],
    ['by_combo_id', ['combo_id']],
    ['by_template_and_generation_model', ['generation_template', 'generation_model']],
    ['by_generation_vs_evaluation_model', ['generation_model', 'evaluation_llm_model']],
    ['overall_statistics', []],
  ];
  const lines = blocks.flatMap(([block, keys]) =>
    grouped(rows, (row) => keys.map((name) => row[name])).map(([key, list]): Line => {
      const scores = list.map(({ score }) => score);
      const share = (count: number): number =>
        rounded((count / scores.length) * 100, block === 'overall_statistics' ? 2 : 1);
      const perfects = scores.filter((score) => score === perfect).length;
      const high = scores.filter((score) => score >= 8).length;
      return {
        analysis_type: block,
        ...Object.fromEntries(keys.map((name, at) => [name, key[at]])),
        count: scores.length,
        average: rounded(mean(scores), 2),
        std_dev: roundedOrBlank(deviation(scores), 2),
        min_score: Math.min(...scores),
        max_score: Math.max(...scores),
        perfect_scores: perfects,
        perfect_score_pct: share(perfects),
        high_scores_8plus: high,
        high_score_pct: share(high),
        low_scores_3minus: scores.filter((score) => score <= 3).length,
      };
    }),
  );
  const numbers =
    'count,average,std_dev,min_score,max_score,perfect_scores,perfect_score_pct,high_scores_8plus,high_score_pct,low_scores_3minus';
  return { header: ['analysis_type', ...names, ...numbers.split(',')], lines };
}

export function naivePerfectPaths(all: readonly Judged[], perfect: number): NaiveTable {
  const header =
    'combo_id,generation_template,generation_model,evaluation_llm_model,score,generation_response_path,evaluation_response_path,notes';
  const lines = scoreLines(valid(all).filter(({ score }) => score === perfect)).map((line) => ({
    ...line,
    notes: `Perfect score from ${String(line['generation_model'])} generation + ${String(line['evaluation_llm_model'])} evaluation`,
  }));
  return { header: header.split(','), lines };
}

export function naiveVariance(all: readonly Judged[]): NaiveTable {
  const rows = valid(all);
  const key = (row: Judged): string[] => [row.combo_id, row.generation_template, row.generation_model];
  const keyLine = ([combo, template, model]: readonly string[]): Line => ({
    combo_id: combo,
    generation_template: template,
    generation_model: model,
  });
  const classOf = (range: number, coefficient: number | undefined): string => {
    if (coefficient === undefined) return 'insufficient_data';
    const names = ['high_agreement', 'moderate_agreement', 'low_agreement'];
    return names.find((_, at) => range <= at + 1) ?? 'poor_agreement';
  };
  const judges = (list: readonly Judged[]): string[] => unique(list.map((row) => row.evaluation_llm_model));
  const rubrics = (list: readonly Judged[]): string[] => unique(list.map((row) => row.evaluation_template));
  const overall = grouped(rows, key).map(([name, list]): Line => {
    const scores = list.map(({ score }) => score);
    const average = rounded(mean(scores), 3);
    const spread = roundedOrBlank(deviation(scores), 3);
    const range = Math.max(...scores) - Math.min(...scores);
    const coefficient = spread === undefined ? undefined : spread / average;
    return {
      ...keyLine(name),
      total_evaluations: scores.length,
      mean_score: average,
      std_dev: spread,
      min_score: Math.min(...scores),
      max_score: Math.max(...scores),
      num_templates: rubrics(list).length,
      num_models: judges(list).length,
      score_range: range,
      coefficient_of_variation: coefficient,
      analysis_type: 'overall_variance',
      stability_classification: classOf(range, coefficient),
    };
  });
  const block = (by: 'judge' | 'rubric'): Line[] =>
    grouped(rows, (row) => [
      ...key(row),
      by === 'judge' ? row.evaluation_llm_model : row.evaluation_template,
    ]).flatMap(([name, list]): Line[] => {
      const scores = list.map(({ score }) => score);
      const spread = deviation(scores);
      if (spread === undefined) return [];
      const range = Math.max(...scores) - Math.min(...scores);
      const coefficient = mean(scores) === 0 ? 0 : spread / mean(scores);
      const own =
        by === 'judge'
          ? {
              eval_model: name[3],
              template_evaluations: scores.length,
              templates_used: rubrics(list).join(', '),
              num_templates: rubrics(list).length,
              analysis_type: 'template_variance',
            }
          : {
              eval_template: name[3],
              model_evaluations: scores.length,
              models_used: judges(list).join(', '),
              num_models: judges(list).length,
              analysis_type: 'model_variance',
            };
      return [
        {
          ...keyLine(name),
          ...own,
          mean_score: mean(scores),
          std_dev: spread,
          min_score: Math.min(...scores),
          max_score: Math.max(...scores),
          score_range: range,
          coefficient_of_variation: coefficient,
          stability_classification: classOf(range, coefficient),
        },
      ];
    });
  const header =
    'combo_id,generation_template,generation_model,total_evaluations,mean_score,std_dev,min_score,max_score,num_templates,num_models,score_range,coefficient_of_variation,analysis_type,eval_model,template_evaluations,templates_used,eval_template,model_evaluations,models_used,stability_classification';
  return { header: header.split(','), lines: [...overall, ...block('judge'), ...block('rubric')] };
}

export function naiveTemplateModel(all: readonly Judged[]): NaiveTable {
  const label = (row: Judged): string => `${row.evaluation_template}__${row.evaluation_llm_model}`;
  const labels = unique(all.map(label));
  const lines = grouped(all, (row) => [row.parent_gen_id]).map(([, list]) => {
    const [first] = list;
    const line: Record<string, string | number | undefined> = {
      essay_gen_id: first?.parent_gen_id,
      combo_id: first?.combo_id,
      draft_template: first?.draft_template,
      generation_template: first?.generation_template,
      generation_model: first?.generation_model,
      origin_cohort_id: first?.essay_origin_cohort_id,
    };
    let total = 0;
    for (const name of labels) {
      const scores = valid(list)
        .filter((row) => label(row) === name)
        .map(({ score }) => score);
      line[name] = scores.length === 0 ? undefined : mean(scores);
      line[`${name}_n`] = scores.length;
      total += line[name] ?? 0;
    }
    line['allowlisted_template_score_sum'] = total;
    return line;
  });
  const order = (line: Line): string =>
    ['combo_id', 'draft_template', 'generation_model', 'generation_template']
      .map((name) => line[name])
      .join('_');
  const sorted = lines.toSorted((a, b) => {
    const [one, two] = [order(a), order(b)];
    if (one !== two) return one < two ? -1 : 1;
    return String(a['essay_gen_id']) < String(b['essay_gen_id']) ? -1 : 1;
  });
  const keys = 'essay_gen_id,combo_id,draft_template,generation_template,generation_model,origin_cohort_id';
  return {
    header: [
      ...keys.split(','),
      ...labels,
      'allowlisted_template_score_sum',
      ...labels.map((name) => `${name}_n`),
    ],
    lines: sorted,
  };
}

export function naiveVersions(all: readonly Judged[]): NaiveTable {
  const rows = valid(all);
  const rubrics = unique(rows.map((row) => row.evaluation_template));
  const keys = ['combo_id', 'generation_template', 'generation_model', 'essay_gen_id'];
  const lines = grouped(rows, (row) => [
    row.combo_id,
    row.generation_template,
    row.generation_model,
    row.parent_gen_id,
  ]).map(([key, list]): Line => {
    const line: Record<string, string | number | undefined> = Object.fromEntries(
      keys.map((name, at) => [name, key[at]]),
    );
    for (const rubric of rubrics) {
      const scores = list.filter((row) => row.evaluation_template === rubric).map(({ score }) => score);
      line[rubric] = scores.length === 0 ? undefined : mean(scores);
      line[`${rubric}_n`] = scores.length;
    }
    return line;
  });
  return {
    header: [...keys.slice(0, 3), ...rubrics, 'essay_gen_id', ...rubrics.map((rubric) => `${rubric}_n`)],
    lines,
  };
}
