// What runs have on record, read as it was when they ended: scores, texts by digest, inputs, money. Reads no generation of the store.
import { genKey } from '../../generation/stage.ts';
import { problem, ProblemError } from '../../problem.ts';
import type { ComparedSide } from '../../report/comparison/comparison.ts';
import type { ScoreRow } from '../../scores/rows.ts';
import type { Layout } from '../../store/layout.ts';
import { ledgerTotal } from '../../store/ledger/totals.ts';
import { readMade, type MadeLine } from '../../store/runs/made.ts';
import { listRuns, readRun, readRuns, type RunRecord } from '../../store/runs/runs.ts';
import { didYouMean } from '../../text/nearest.ts';

export interface RecordedGeneration extends MadeLine {
  readonly cohorts: readonly string[];
}

/** One run, or all that bear a tag: where several covered a generation, it is as the last of them left it. */
export interface Recorded {
  /** Oldest first. */
  readonly runs: readonly RunRecord[];
  readonly generations: readonly RecordedGeneration[];
  readonly inputs: ReadonlyMap<string, string>;
}

/**
 * The runs that a word means, oldest first: an id or the beginning of one, `last`, `key=value` of a tag, or its value alone; a tag as
 * selectors have it, too.
 */
export function runsNamed(layout: Layout, named: string): readonly RunRecord[] {
  const word = named.replace(/^tag:(?=.)/, '');
  const ids = listRuns(layout);
  const begun = ids.filter((id) => id.startsWith(word));
  const meant = word === 'last' ? ids.slice(-1) : ids.includes(word) ? [word] : begun;
  if (meant.length === 1) {
    const run = readRun(layout, meant[0] ?? '');
    return run === undefined || run === 'damaged' ? [] : [run];
  }
  return readRuns(layout).filter(({ tags }) =>
    Object.entries(tags).some(([key, value]) => value === word || `${key}=${value}` === word),
  );
}

/** The same, where there is one; a ProblemError that names what is near where there is none. */
export function runsMeant(layout: Layout, word: string): readonly RunRecord[] {
  const runs = runsNamed(layout, word);
  if (runs.length > 0) return runs;
  const ids = listRuns(layout);
  const damaged = ids.includes(word);
  const tags = readRuns(layout).flatMap((run) => Object.values(run.tags));
  const message = damaged
    ? `the record of run ${word} is damaged`
    : `there is no run or tag ${word}${didYouMean(word, [...new Set([...tags, ...ids])])}`;
  throw new ProblemError([problem('DD510', message, { data: { id: word } })]);
}

/** Throws a ProblemError where nothing bears the name, and where what does kept no results. */
export function recordNamed(layout: Layout, word: string): Recorded {
  const runs = runsMeant(layout, word);
  const generations = new Map<string, RecordedGeneration>();
  const inputs = new Map<string, string>();
  const holding: RunRecord[] = [];
  for (const run of runs) {
    const made = readMade(layout, run.id);
    if (made === undefined || made === 'damaged') continue;
    const { head, lines } = made;
    holding.push(run);
    for (const line of lines) {
      const cohorts = line.in.flatMap((place) => head.cohorts[place] ?? []);
      generations.set(genKey(line), { ...line, cohorts });
    }
    for (const [name, value] of Object.entries(head.inputs)) inputs.set(name, value);
  }
  if (holding.length === 0)
    throw new ProblemError([
      problem('DD570', `${word} is on record, but not what was made then`, { data: { id: word } }),
    ]);
  return { runs: holding, generations: [...generations.values()], inputs };
}

/** Of all cohorts, or of one; a ProblemError where the record has none of that name. */
export function recordedScores(recorded: Recorded, cohort?: string): readonly ScoreRow[] {
  return inCohort(recorded, cohort).flatMap(({ score }) => (score === undefined ? [] : [scoreRowOf(score)]));
}

/** What was undefined then is not written down. */
function scoreRowOf(score: Readonly<Record<string, unknown>>): ScoreRow {
  return {
    score: undefined,
    replicate: undefined,
    essayReplicate: undefined,
    draftReplicate: undefined,
    ...score,
  } as ScoreRow;
}

export function sideOfRecord(recorded: Recorded, cohort?: string): ComparedSide {
  const generations = inCohort(recorded, cohort);
  const spent = generations.reduce(
    (sum, { calls = 0, cost = 0, unknown = 0 }) => ({
      ...sum,
      attempts: sum.attempts + calls,
      cost: sum.cost + cost,
      unpriced: sum.unpriced + unknown,
    }),
    ledgerTotal([]),
  );
  return {
    generations: generations.map(({ stage, genId, text }) => ({ stage, genId, text: text ?? undefined })),
    inputs: cohort === undefined ? recorded.inputs : inputsOfCohort(recorded, cohort),
    rows: recordedScores(recorded, cohort),
    spent,
  };
}

/** Without what only others of the run's cohorts were made from, as far as their evaluations tell. */
function inputsOfCohort(recorded: Recorded, cohort: string): ReadonlyMap<string, string> {
  const own = new Set(recordedScores(recorded, cohort).flatMap(inputsBehind));
  const others = new Set(recordedScores(recorded).flatMap(inputsBehind));
  return new Map([...recorded.inputs].filter(([name]) => own.has(name) || !others.has(name)));
}

/** What an evaluation and all above it were made from, by the names that `inputsOf` gives. */
function inputsBehind(row: ScoreRow): readonly string[] {
  return [
    `combo ${row.comboId}`,
    `draft template ${row.draftTemplate}`,
    `draft model ${row.draftModel}`,
    `essay template ${row.generationTemplate}`,
    `essay model ${row.generationModel}`,
    `evaluation template ${row.evaluationTemplate}`,
    `evaluation model ${row.evaluationModel}`,
  ];
}

function inCohort({ generations }: Recorded, cohort: string | undefined): readonly RecordedGeneration[] {
  if (cohort === undefined) return generations;
  const known = [...new Set(generations.flatMap(({ cohorts }) => cohorts))];
  if (known.includes(cohort)) return generations.filter(({ cohorts }) => cohorts.includes(cohort));
  throw new ProblemError([
    problem('DD109', `the record has no cohort ${cohort}${didYouMean(cohort, known)}`, {
      ...(known.length === 0 ? {} : { cure: `It has ${known.join(', ')}.` }),
    }),
  ]);
}
