// Writes a project of about N generations: 20 templates a stage, 20 combos, one essay a draft, and evaluations of each by some judges,
// some times over: one by one where nothing is said, so that each stage has a third. Knows nothing of measuring.
import { createHash } from 'node:crypto';
import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';

const TEMPLATES = 20;
const COMBOS = 20;

export interface BenchProject {
  readonly root: string;
  /** What it will really have: with one evaluation an essay a multiple of 1,200. */
  readonly generations: number;
}

/** How an essay is judged: by so many rubrics, where it is not by one of its template's name. */
export interface Judging {
  readonly rubrics?: number | undefined;
  readonly judges: number;
  /** Evaluations by each. */
  readonly times: number;
}

export function writeProject(
  root: string,
  wanted: number,
  { rubrics, judges, times }: Judging = { judges: 1, times: 1 },
): BenchProject {
  const ofDraft = 2 + (rubrics ?? 1) * judges * times;
  const replicates = Math.max(1, Math.round(wanted / ofDraft / TEMPLATES / COMBOS));
  const models = Array.from({ length: judges }, (_, number) => `m${number + 1}`);
  const names = Array.from({ length: TEMPLATES }, (_, number) => `t-${String(number).padStart(2, '0')}`);
  const concepts = Array.from({ length: COMBOS + 1 }, (_, number) => `c-${String(number).padStart(2, '0')}`);
  const combos = concepts.slice(1).map((concept) => comboOf([concepts[0] ?? '', concept]));
  const write = (path: string, text: string): void => {
    mkdirSync(dirname(join(root, path)), { recursive: true });
    writeFileSync(join(root, path), text);
  };
  write('daydream.config.json', JSON.stringify({ provider: 'offline' }));
  write(
    'data/1_raw/concepts_metadata.csv',
    csv(
      ['concept_id', 'name'],
      concepts.map((id) => [id, `Concept ${id}`]),
    ),
  );
  for (const id of concepts)
    write(
      `data/1_raw/concepts/descriptions-paragraph/${id}.txt`,
      `What there is to say of ${id}. `.repeat(10),
    );
  const draft = names.map((id) => [id, id, '', '', 'llm']);
  const judged = names.map((id) => [id, id, '', 'in_last_line', 'llm']);
  const header = ['template_id', 'template_name', 'description', 'parser', 'generator'];
  write('data/1_raw/draft_templates.csv', csv(header, draft));
  write('data/1_raw/essay_templates.csv', csv(header, draft));
  write('data/1_raw/evaluation_templates.csv', csv(header, judged));
  write(
    'data/1_raw/llm_models.csv',
    csv(
      ['id', 'model', 'provider', 'display_name', 'specialization'],
      models.map((id) => [id, `maker-${id}/${id}`, 'maker', id.toUpperCase(), 'general']),
    ),
  );
  for (const id of names) {
    write(
      `data/1_raw/templates/draft/${id}.txt`,
      `Combine (${id}):\n{% for concept in concepts %}\n**{{ concept.name }}**: {{ concept.content }}\n{% endfor %}\n`,
    );
    write(`data/1_raw/templates/essay/${id}.txt`, `Write it out (${id}):\n{{ links_block }}\n`);
    write(`data/1_raw/templates/evaluation/${id}.txt`, `Judge (${id}):\n{{ response }}\nSCORE: n\n`);
  }
  const rows = combos.flatMap(({ id, concepts: members }) =>
    members.map((concept) => [id, 'v1', concept, 'paragraph', '2', '2026-01-01T00:00:00']),
  );
  write(
    'data/combo_mappings.csv',
    csv(['combo_id', 'version', 'concept_id', 'description_level', 'k_max', 'created_at'], rows),
  );
  write(
    'data/cohorts/bench/spec/config.yaml',
    spec(
      combos.map(({ id }) => id),
      names,
      { replicates, rubrics, models, times },
    ),
  );
  return { root, generations: TEMPLATES * COMBOS * replicates * ofDraft };
}

function comboOf(concepts: readonly string[]): { readonly id: string; readonly concepts: readonly string[] } {
  const text = `${[...concepts].sort().join('|')}|paragraph|2`;
  return { id: `combo_v1_${createHash('sha256').update(text).digest('hex').slice(0, 12)}`, concepts };
}

function spec(
  combos: readonly string[],
  names: readonly string[],
  {
    replicates,
    rubrics,
    models,
    times,
  }: Pick<Judging, 'rubrics' | 'times'> & { readonly replicates: number; readonly models: readonly string[] },
): string {
  const list = (items: readonly (string | number)[]): string => `[${items.join(', ')}]`;
  const upTo = (last: number): string => list(Array.from({ length: last }, (_, number) => number + 1));
  return `axes:
  combo_id: ${list(combos)}
  draft_template: ${list(names)}
  draft_llm: [m1]
  draft_replicate: ${upTo(replicates)}
  essay_template: ${list(names)}
  essay_llm: [m1]
  evaluation_template: ${list(names.slice(0, rubrics))}
  evaluation_llm: ${list(models)}
${times === 1 ? '' : `  evaluation_replicate: ${upTo(times)}\n`}rules:
  ties:
    draft_template: [draft_template, essay_template${rubrics === undefined ? ', evaluation_template' : ''}]
output:
  field_order: [combo_id, draft_template]
`;
}

function csv(header: readonly string[], rows: readonly (readonly string[])[]): string {
  return [header, ...rows].map((row) => `${row.join(',')}\n`).join('');
}
