// daydream ls: the generations, a row each. Read-only.
import { namesOf, type Names, whyOf } from '../../../api/reading/generations.ts';
import { besideScoreAt, scoreAt } from '../../../engine/plan/contents.ts';
import { type BesideScore, scoreWords } from '../../../generation/parsers/scored.ts';
import { problem, ProblemError } from '../../../problem.ts';
import { didYouMean } from '../../../text/nearest.ts';
import { ARTIFACTS, STEPS } from '../../../generation/stage.ts';
import { at, idAt, stageAt } from '../../../graph/graph.ts';
import type { Judged } from '../../../plan/explain.ts';
import { STATES } from '../../../plan/verdict.ts';
import type { Column, Table } from '../../../report/tables/table.ts';
import { EXCLUDE, PROVIDER, VERIFY, type Invocation, type CommandSpec } from '../../call/command.ts';
import type { ExitCode } from '../../call/exitcode.ts';
import { openForReading, selectedBy } from '../../../api/reading/open.ts';
import { printTable, TABLE_FORMATS } from '../../words/tables.ts';

export const command: CommandSpec = {
  words: '[...selectors]',
  options: [
    { flags: '--columns <names>', text: 'which columns, such as `gen_id,state,why`', many: true },
    { flags: '--with-tags', text: 'the tags of the builds that covered each, as a last column' },
    {
      flags: '--format <format>',
      text: 'table, csv, csv-safe (for spreadsheets: no cell is a formula), json or md',
    },
    EXCLUDE,
    PROVIDER,
    VERIFY,
  ],
  examples: [
    'ls',
    'ls cohort:first-light,stage:draft --columns gen_id,model,state',
    'ls state:failed state:blocked --format csv',
    'ls +v_51p3df2wmn8o8w4h',
    "ls 'score:>7' --columns gen_id,score,template,model",
    'ls text:lighthouse,stage:essay',
  ],
  run: list,
};

type Value = string | number | readonly string[] | null;

/** What is read from the store where a column wants it. */
interface Stored {
  readonly score: (row: number) => number | null;
  /** Scores by name, and why. */
  readonly beside: (row: number) => BesideScore;
}

interface Field {
  readonly kind: Column['kind'];
  /** Between the words of a list. */
  readonly between?: string;
  readonly of: (judged: Judged, row: number, names: Names & Stored) => Value;
}

const FIELDS: Readonly<Record<string, Field>> = {
  stage: { kind: 'text', of: ({ graph }, row) => stageAt(graph, row) },
  gen_id: { kind: 'text', of: ({ graph }, row) => idAt(graph, row) },
  state: { kind: 'text', of: ({ verdicts }, row) => at(STATES, at(verdicts.state, row)) },
  template: { kind: 'text', of: ({ graph }, row) => at(graph.templates, at(graph.template, row)).id },
  model: { kind: 'text', of: ({ graph }, row) => at(graph.models, at(graph.model, row)) },
  combo: { kind: 'text', of: ({ graph }, row) => at(graph.combos, at(graph.combo, row)) },
  replicate: { kind: 'integer', of: ({ graph }, row) => at(graph.replicate, row) },
  parent: { kind: 'text', of: ({ graph }, row) => idIn(graph.ids, at(graph.parent, row)) },
  cohorts: { kind: 'text', of: (_judged, row, { cohorts }) => cohorts(row) },
  why: { kind: 'text', between: ', ', of: whyAndEdited },
  from: { kind: 'text', of: ({ verdicts }, row) => STEPS[at(verdicts.from, row) - 1] ?? null },
  cause: { kind: 'text', of: ({ graph, verdicts }, row) => idIn(graph.ids, at(verdicts.cause, row)) },
  concepts: {
    kind: 'text',
    between: ', ',
    of: ({ graph }, row) => at(graph.boundCombos, at(graph.combo, row)).conceptIds,
  },
  mode: { kind: 'text', of: ({ graph }, row) => at(graph.boundTemplates, at(graph.template, row)).mode },
  score: { kind: 'float', of: (_judged, row, { score }) => score(row) },
  scores: { kind: 'text', between: ', ', of: (_judged, row, { beside }) => scoreWords(beside(row).scores) },
  rationale: { kind: 'text', of: (_judged, row, { beside }) => beside(row).rationale || null },
  tags: { kind: 'text', of: (_judged, row, { tags }) => tags(row) },
};
const USUAL = Object.keys(FIELDS).slice(0, 10);

async function list(call: Invocation): Promise<ExitCode> {
  const { console, options } = call;
  const fields = fieldsOf(call);
  const format = console.json ? 'json' : (options.choice('format', TABLE_FORMATS) ?? 'table');
  const reading = await openForReading({ ...(await call.load()), verify: options.flag('verify') });
  const selected = selectedBy({ select: call.words, exclude: options.list('exclude') }, reading);
  const { judged } = reading;
  const { graph } = judged;
  const { layout } = reading.session.loaded;
  const names = {
    ...namesOf(reading),
    score: (row: number) => scoreAt(layout, graph, row) ?? null,
    beside: (row: number) => besideScoreAt(layout, graph, row),
  };
  const rows: number[] = [];
  for (let row = 0; row < selected.length; row++) if (selected[row] === 1) rows.push(row);
  if (format === 'json') {
    const generations = rows.map((row) =>
      Object.fromEntries(fields.map(([name, { of }]) => [name, of(judged, row, names)])),
    );
    console.printJson({ version: 1, generations });
    return 0;
  }
  const table: Table = {
    columns: fields.map(([name, { kind }]) => ({ name, kind })),
    rows: rows.map((row) => fields.map(([, field]) => cellOf(field, field.of(judged, row, names)))),
  };
  printTable(console, table, format);
  return 0;
}

function fieldsOf({ options, words }: Invocation): readonly (readonly [string, Field])[] {
  const names = options.list('columns').flatMap((each) => each.split(',').filter((name) => name !== ''));
  const known = Object.keys(FIELDS);
  const problems = names
    .filter((name) => !known.includes(name))
    .map((name) =>
      problem('DD102', `there is no column ${name}${didYouMean(name, known)}`, {
        place: { field: '--columns' },
        cure: `Columns are ${known.join(', ')}.`,
      }),
    );
  if (problems.length > 0) throw new ProblemError(problems);
  // Whoever asks for scores wants to see them.
  const usual = words.some((word) => /(^|,)[+!]?score:/.test(word)) ? [...USUAL, 'score'] : USUAL;
  const chosen = names.length > 0 ? names : usual;
  const wanted = options.flag('with-tags') && !chosen.includes('tags') ? [...chosen, 'tags'] : chosen;
  return wanted.flatMap((name) => Object.entries(FIELDS).filter(([each]) => each === name));
}

function cellOf({ between = ' ' }: Field, value: Value): string | number | undefined {
  if (value === null) return undefined;
  return typeof value === 'object' ? value.join(between) : value;
}

function idIn(ids: readonly string[], row: number): string | null {
  return row < 0 ? null : at(ids, row);
}

/** Short words for why a row is not current, and what was edited. */
function whyAndEdited(judged: Judged, row: number): readonly string[] {
  const { verdicts } = judged;
  return [
    ...whyOf(judged, row),
    ...ARTIFACTS.filter((_, place) => (at(verdicts.edited, row) & (1 << place)) !== 0).map(
      (artifact) => `edited ${artifact}.txt`,
    ),
  ];
}
