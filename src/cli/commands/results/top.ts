// daydream top: ranks essays by one rubric, writes the list of candidates, and makes a cohort of it. Computes no score itself.
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { allScores, scoresOfCohorts } from '../../../engine/results/scores.ts';
import { placeOfOut, writeOut } from '../../../engine/export/outfile.ts';
import { refuseBrokenNamed } from '../../../engine/plan/broken.ts';
import { openSession, type Session } from '../../../engine/project/session.ts';
import { problem, ProblemError } from '../../../problem.ts';
import { didYouMean } from '../../../text/nearest.ts';
import { distinct } from '../../../statistics/groups.ts';
import {
  candidateTable,
  type Ranking,
  rankEssays,
  rankingTable,
  type Selection,
  selectEssays,
  withoutEvaluation,
} from '../../../report/ranking.ts';
import { isScored, type ScoreRow } from '../../../scores/rows.ts';
import { round } from '../../../statistics/summary.ts';
import { csvOf, type Table } from '../../../report/tables/table.ts';
import { readArtifact } from '../../../store/gens/genstore.ts';
import { readIfPresent } from '../../../store/writing/atomic.ts';
import { takesAsItComes } from '../../../store/writing/growing.ts';
import type { Invocation, CommandSpec } from '../../call/command.ts';
import type { ExitCode } from '../../call/exitcode.ts';
import { curateFrom, namesIn } from '../authoring/cohort/curate.ts';
import { shortPath } from '../../words/place.ts';
import { printTable, TABLE_FORMATS, tableRecords } from '../../words/tables.ts';
import { countedScores, CURRENT } from './counted.ts';
import { withTags } from './tagcolumn.ts';

export const command: CommandSpec = {
  words: '[cohort]',
  options: [
    { flags: '--rubric <name>', text: 'the evaluation template whose scores decide' },
    { flags: '--judges <names>', text: 'only these judges count; all by default', many: true },
    { flags: '--n <number>', text: 'so many essays; 10 by default' },
    { flags: '--span <score>', text: 'all essays at most so far below the best' },
    { flags: '--best-ties', text: 'only those that share the best average' },
    { flags: '--without <rubric>', text: 'only essays that this rubric has not scored yet' },
    { flags: '--out <file>', text: 'the list of candidates; curation/top_essay_candidates.csv by default' },
    { flags: '--force', text: 'replace a list that is there' },
    { flags: '--dry-run', text: 'write no list' },
    { flags: '--make-cohort <name>', text: 'make a cohort of these essays' },
    {
      flags: '--evaluate <rubric>',
      text: 'with --make-cohort: judge them by this rubric; by the same one by default',
      many: true,
    },
    {
      flags: '--evaluate-by <judges>',
      text: 'with --make-cohort: who judges; the same judges by default',
      many: true,
    },
    {
      flags: '--replicates <number>',
      text: 'with --make-cohort: how often; else as replication_config.csv says',
    },
    CURRENT,
    { flags: '--with-tags', text: 'a column with the tags of the builds that covered each essay' },
    { flags: '--format <format>', text: 'table, csv, json or md' },
  ],
  examples: [
    'top --rubric surprise',
    'top first-light --rubric surprise --judges sonnet-4 --span 0.5',
    'top --rubric surprise --without candour --n 20 --out to-judge.csv',
    'top first-light --rubric surprise --make-cohort second-look --evaluate candour',
  ],
  run: top,
};

async function top(call: Invocation): Promise<ExitCode> {
  const { console, options } = call;
  const session = await openSession(await call.load());
  const all = rowsMeant(call, session);
  const counted = await countedScores(call, session);
  const rows = counted.of(all);
  const rubric = rubricIn(call, rows);
  const selection = selectionIn(call);
  const ranking = preselected(call, rows, rankEssays(rows, rubric));
  const chosen = selectEssays(ranking, selection);
  if (chosen.essays.length === 0)
    throw new ProblemError([problem('DD704', `no essay is left to rank by ${rubric.template}`)]);
  const format = console.json ? 'json' : (options.choice('format', TABLE_FORMATS) ?? 'table');
  const name = options.text('make-cohort');
  const cohortId = name ?? `best-by-${rubric.template}`;
  const tagged = (table: Table): Table => (options.flag('with-tags') ? withTags(table, session) : table);
  const list = csvOf(tagged(candidateTable(ranking, { rubric, selection, cohortId })));
  const path = options.flag('dry-run') ? undefined : await writeList(call, session, list);
  const table = tagged(described(rankingTable(chosen), session, rows));
  const standing = counted.standing(ofRubric(all, rubric));
  if (format === 'json' && name === undefined)
    console.printJson({
      version: 1,
      rubric: rubric.template,
      essays: tableRecords(table),
      list: path ?? null,
      standing,
    });
  else if (format !== 'json') printTable(console, format.startsWith('csv') ? table : readable(table), format);
  counted.tell(standing);
  if (path !== undefined)
    console.note(`the list is ${shortPath(path, call.directory)}: untick what you do not want`);
  if (name === undefined || path === undefined) return 0;
  const evaluate = namesIn(call, 'evaluate');
  const judges = namesIn(call, 'evaluate-by');
  return curateFrom(call, {
    name,
    from: path,
    rubrics: evaluate.length > 0 ? evaluate : [rubric.template],
    judges: judges.length > 0 ? judges : (rubric.judges ?? chosen.judges),
  });
}

/** Letters of an essay's text that are shown of it. */
const OPENING = 48;
const MADE_BY = ['draft_template', 'generation_template', 'generation_model', 'begins'];

/** With what each essay was made by, and how it begins. */
function described({ columns, rows: lines }: Table, { loaded }: Session, rows: readonly ScoreRow[]): Table {
  const known = new Map(rows.map((row) => [row.parentGenId, row]));
  return {
    columns: [...columns, ...MADE_BY.map((name) => ({ name, kind: 'text' }) as const)],
    rows: lines.map((line) => {
      const id = String(line[0]);
      const row = known.get(id);
      const begins = (readArtifact(loaded.layout, 'essay', id, 'parsed') ?? '')
        .trim()
        .replaceAll(/\s+/g, ' ');
      const opening = [...begins].slice(0, OPENING).join('');
      return [...line, row?.draftTemplate, row?.generationTemplate, row?.generationModel, opening];
    }),
  };
}

/** Averages without their last digits. */
function readable({ columns, rows }: Table): Table {
  return {
    columns,
    rows: rows.map((row) => row.map((cell) => (typeof cell === 'number' ? round(cell, 3) : cell))),
  };
}

/** Of the cohort, or every evaluation of the data root. */
function rowsMeant({ words }: Invocation, session: Session): readonly ScoreRow[] {
  const [cohort] = words;
  refuseBrokenNamed(session.loaded, cohort);
  if (cohort === undefined) return allScores(session);
  const ids = session.loaded.structure.cohorts.map(({ id }) => id);
  if (ids.includes(cohort)) return scoresOfCohorts(session, [cohort]);
  throw new ProblemError([
    problem('DD109', `there is no cohort ${cohort}${didYouMean(cohort, ids)}`, {
      cure: '`daydream cohort ls` lists the cohorts.',
    }),
  ]);
}

/** What the ranking is made from. */
function ofRubric(rows: readonly ScoreRow[], { template, judges }: ChosenRubric): readonly ScoreRow[] {
  return rows.filter(
    (row) =>
      row.evaluationTemplate === template && (judges === undefined || judges.includes(row.evaluationModel)),
  );
}

interface ChosenRubric {
  readonly template: string;
  /** Undefined for all. */
  readonly judges: readonly string[] | undefined;
}

function rubricIn(call: Invocation, rows: readonly ScoreRow[]): ChosenRubric {
  const scored = rows.filter(isScored);
  const rubrics = distinct(scored.map((row) => row.evaluationTemplate));
  const template = call.options.text('rubric');
  if (template === undefined || !rubrics.includes(template)) {
    const what =
      template === undefined
        ? '--rubric is missing'
        : `there are no scores by the rubric ${template}${didYouMean(template, rubrics)}`;
    throw new ProblemError([
      problem(template === undefined ? 'DD102' : 'DD704', what, {
        place: { field: '--rubric' },
        ...(rubrics.length === 0 ? {} : { cure: `Rubrics with scores are ${rubrics.join(', ')}.` }),
      }),
    ]);
  }
  const judges = namesIn(call, 'judges');
  const known = distinct(
    scored.filter((row) => row.evaluationTemplate === template).map((row) => row.evaluationModel),
  );
  const unknown = judges.filter((judge) => !known.includes(judge));
  if (unknown.length > 0)
    throw new ProblemError(
      unknown.map((judge) =>
        problem('DD704', `${judge} has scored nothing by ${template}${didYouMean(judge, known)}`, {
          place: { field: '--judges' },
          cure: `Judges with scores are ${known.join(', ')}.`,
        }),
      ),
    );
  return { template, judges: judges.length > 0 ? judges : undefined };
}

/** A span and a number together: the span first. */
function selectionIn({ options }: Invocation): Selection {
  const limit = options.count('n');
  const span = options.number('span');
  if (options.flag('best-ties')) {
    if (limit === undefined && span === undefined) return { method: 'max_only' };
    throw new ProblemError([problem('DD102', '--best-ties goes without --n and --span')]);
  }
  if (limit === undefined && span !== undefined) return { method: 'score_span', limit: span };
  return { method: 'top_n', limit: limit ?? 10 };
}

function preselected({ options }: Invocation, rows: readonly ScoreRow[], ranking: Ranking): Ranking {
  const span = options.number('span');
  const without = options.text('without');
  const open =
    without === undefined
      ? undefined
      : new Set(
          withoutEvaluation(
            ranking.essays.map(({ essayId }) => essayId),
            rows,
            without,
          ),
        );
  const kept =
    open === undefined
      ? ranking
      : { ...ranking, essays: ranking.essays.filter(({ essayId }) => open.has(essayId)) };
  return span === undefined ? kept : selectEssays(kept, { method: 'score_span', limit: span });
}

/** Never over a list that somebody may have edited, unless told to. */
async function writeList(
  { options, directory }: Invocation,
  { loaded }: Session,
  list: string,
): Promise<string> {
  const out = options.text('out');
  const path =
    out === undefined
      ? join(loaded.layout.dataRoot, 'curation', 'top_essay_candidates.csv')
      : placeOfOut(directory, out, loaded.settings);
  const stream = takesAsItComes(path);
  if (stream && options.text('make-cohort') !== undefined)
    throw new ProblemError([
      problem('DD102', '--make-cohort reads the list again, which no pipe and no device gives back', {
        place: { field: '--out' },
        cure: 'Name a file, or leave `--out` away.',
      }),
    ]);
  const same = !stream && readIfPresent(path)?.toString('utf8') === list;
  if (existsSync(path) && !stream && !same && !options.flag('force'))
    throw new ProblemError([
      problem('DD702', 'the list is there already, and differs', { place: { file: path } }),
    ]);
  await writeOut(path, list);
  return path;
}
