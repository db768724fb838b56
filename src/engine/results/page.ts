// Gathers what the report's page shows, from the data root as it stands: scores, texts, ledger, membership, settings, specs.
// Shows nothing itself.
import { basename, dirname, join, relative, sep } from 'node:path';
import type { Settings } from '../../config.ts';
import { STAGES, type GenId } from '../../generation/stage.ts';
import { mostTokens } from '../../graph/asking.ts';
import { at, idAt, rowFinder, type Graph, type Structure } from '../../graph/graph.ts';
import type { Judge } from '../../plan/judge.ts';
import { SETTLED, STATES } from '../../plan/verdict.ts';
import type { JudgingTables } from '../../report/tables/judging.ts';
import type { Table } from '../../report/tables/table.ts';
import { varianceAnalysis } from '../../report/tables/variance.ts';
import type { Packing } from '../../scores/book/packing.ts';
import type { PeopleStatistics } from '../../scores/people/people.ts';
import type { SeparatedPair } from '../../scores/separation/pairs.ts';
import type { ScoreStatistics } from '../../scores/statistics.ts';
import { readArtifact } from '../../store/gens/genstore.ts';
import { cohortFile, type Layout } from '../../store/layout.ts';
import { readLedger } from '../../store/ledger/ledger.ts';
import { ledgerTotal, ledgerTotals, type LedgerTotal } from '../../store/ledger/totals.ts';
import type { Interval } from '../../statistics/clustered.ts';
import { poolable } from '../../scores/rows.ts';
import type { Measured as Measure, ScaleSeen } from '../../scores/measures.ts';
import type { Measured } from './scores.ts';
import { relativeUrl } from '../../text/relativeurl.ts';
import { specTexts, type SpecText } from '../cohorts/spectexts.ts';
import { judge, type Session } from '../project/session.ts';

/** How many generations of a cohort's stage there are and how they stand. */
export interface MemberCount {
  readonly cohort: string;
  readonly stage: string;
  readonly members: number;
  readonly current: number;
}

export interface PageInput extends Omit<Packing, 'isSettled'> {
  /** A cohort's name, or what stands for all of them. */
  readonly title: string;
  readonly statistics: ScoreStatistics;
  readonly pairs: readonly SeparatedPair[];
  readonly people?: PeopleStatistics | undefined;
  readonly judging?: JudgingTables | undefined;
  /** Of all scores. */
  readonly scale?: Interval | undefined;
  /** Scales of scores that are averaged together. */
  readonly mixed?: readonly ScaleSeen[] | undefined;
  readonly measures?: readonly Measure[] | undefined;
  readonly variance: Table;
  /** What making these generations has cost. */
  readonly cost: {
    readonly total: LedgerTotal;
    readonly byStage: readonly LedgerTotal[];
    readonly byModel: readonly LedgerTotal[];
  };
  readonly members: readonly MemberCount[];
  /** The settings that decide what is asked, by name. */
  readonly settings: readonly (readonly [string, string])[];
  /** Files that the cohort came from, by path below the data root. */
  readonly sources: readonly SpecText[];
  /** The parsed text; undefined where there is none. */
  readonly textOf: (essayId: GenId) => string | undefined;
  /** The data root as seen from the page's folder, as a relative URL without a slash at its end. */
  readonly dataRoot: string;
}

/** Where a page goes if nobody says otherwise: beside the tables. */
export function pagePath(layout: Layout, cohortId: string | undefined): string {
  return cohortId === undefined
    ? join(layout.dataRoot, '7_cross_experiment', 'report.html')
    : cohortFile(layout, cohortId, 'reports', 'report.html');
}

/** `measured`: of the scores that count. `file`: the page's own path, from which links lead to texts. */
export async function pageInput(
  session: Session,
  cohortIds: readonly string[],
  { measured, file }: { readonly measured: Measured; readonly file: string },
): Promise<PageInput> {
  const { graph, structure, layout, settings } = session.loaded;
  const judged = await judge(session);
  const rowOf = rowFinder(graph);
  const [only] = cohortIds;
  const name = basename(dirname(layout.dataRoot));
  return {
    title: cohortIds.length === 1 && only !== undefined ? `Cohort ${only}` : `All cohorts of ${name}`,
    ...measured,
    variance: varianceAnalysis(poolable(measured.rows)),
    cost: costOf(layout, structure, cohortIds),
    members: membersOf(structure, judged, cohortIds),
    settings: settingsOf(settings),
    sources: cohortIds.flatMap((id) => specTexts(layout, id)),
    textOf: (essayId) => readArtifact(layout, 'essay', essayId, 'parsed'),
    dataRoot: dataRootFrom(layout, file),
    stateOf: statesIn(graph, judged),
    lengthOf: (essayId) => session.index.sizeOf('parsedFile', rowOf('essay', essayId) ?? -1),
    cohorts: structure.cohorts
      .filter(({ id }) => cohortIds.includes(id))
      .map(({ id, members }) => {
        const ids = new Set(Array.from(members, (row) => idAt(structure, row)));
        return { id, has: (evaluation) => ids.has(evaluation) };
      }),
  };
}

function costOf({ ledger }: Layout, structure: Structure, cohortIds: readonly string[]): PageInput['cost'] {
  const wanted = new Set<string>();
  for (const { id, members } of structure.cohorts)
    if (cohortIds.includes(id)) for (const row of members) wanted.add(idAt(structure, row));
  const entries = readLedger(ledger).value.filter((entry) => wanted.has(entry.gen_id));
  return {
    total: ledgerTotal(entries),
    byStage: ledgerTotals(entries, 'stage'),
    byModel: ledgerTotals(entries, 'model'),
  };
}

function membersOf(
  structure: Structure,
  { verdicts }: Judge,
  cohortIds: readonly string[],
): readonly MemberCount[] {
  return structure.cohorts
    .filter(({ id }) => cohortIds.includes(id))
    .flatMap(({ id, members }) =>
      STAGES.map((stage, number) => {
        const rows = Array.from(members).filter((row) => structure.stage[row] === number);
        const current = rows.filter((row) => SETTLED.has(at(STATES, at(verdicts.state, row)))).length;
        return { cohort: id, stage, members: rows.length, current };
      }),
    );
}

/** What decides answers, and no text in which somebody may have put a key. */
function settingsOf(settings: Settings): PageInput['settings'] {
  const stages = STAGES.map((stage): readonly [string, string] => {
    const { temperature, maxTokens, minLines, truncation, thoughts, sampling = {} } = settings.stages[stage];
    const most = mostTokens({ maxTokens, sampling });
    const apart = thoughts === 'apart' ? ', thoughts apart' : '';
    const more = Object.keys(sampling).length === 0 ? '' : `, ${JSON.stringify(sampling)}`;
    return [
      stage,
      `${temperature === undefined || temperature === null ? 'no temperature' : `temperature ${temperature}`}, at most ${most} tokens, at least ${minLines} lines, truncation: ${truncation}${apart}${more}`,
    ];
  });
  return [
    ['provider', settings.provider],
    ...stages,
    ['replication', settings.replication],
    ['perfect score', String(settings.reports.perfectScore)],
  ];
}

/** The word for a generation that no cohort has. */
const UNLISTED = 'in no cohort';

function statesIn(graph: Graph, { verdicts }: Judge): PageInput['stateOf'] {
  const rowOf = rowFinder(graph);
  return (stage, genId) => {
    const row = rowOf(stage, genId);
    return row === undefined ? UNLISTED : at(STATES, at(verdicts.state, row));
  };
}

function dataRootFrom(layout: Layout, file: string): string {
  const up = slashes(relative(dirname(file), layout.dataRoot));
  return up === '' ? '.' : relativeUrl(up);
}

function slashes(path: string): string {
  return path.split(sep).join('/');
}
