// Refreshes the report tables of cohorts, and those over all cohorts: only what differs is written. Computes no score itself.
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { digest, digestOf } from '../../digest.ts';
import { diskProblem, problem, ProblemError, type Problem } from '../../problem.ts';
import { genKey, STAGES, type GenId, type Stage } from '../../generation/stage.ts';
import { at, idAt, rowFinder, type Structure } from '../../graph/graph.ts';
import { REPORTS, type Report, type ReportInput } from '../../report/catalogue.ts';
import { aggregateScores, type GenReader, METADATA_FIELDS, type ScoreRow } from '../../scores/rows.ts';
import { isFileAt } from '../../inputs/disk/diskreader.ts';
import { csvOf } from '../../report/tables/table.ts';
import { goneAway, isAway } from '../../store/writing/lodging.ts';
import { readIfPresent, writeAtomic, writeIfChanged } from '../../store/writing/atomic.ts';
import { ABSENT, FILES, FLAGS } from '../../store/gens/genindex.ts';
import { MetadataFields } from '../../store/gens/metadatafields.ts';
import { listGenerations, readArtifact, readMetadata } from '../../store/gens/genstore.ts';
import { FILE, cohortFile, type Layout } from '../../store/layout.ts';
import { PROGRAM } from '../../version.ts';
import type { Session } from '../project/session.ts';
import { missingAbove, withAccepted } from './acceptance.ts';

export interface WrittenReport {
  readonly report: string;
  readonly cohort?: string;
  /** Absolute. */
  readonly path: string;
  readonly result: 'written' | 'unchanged' | 'refused';
  /** What the disk said where it refused. */
  readonly problem?: Problem;
}

/** Why tables are not as they should be. */
export function unwrittenIn(reports: readonly WrittenReport[]): readonly Problem[] {
  return reports.flatMap(({ problem: refused }) => refused ?? []);
}

/**
 * Brings the tables of cohorts up to date; those whose scores are as they were when the tables were written are passed over. What was read
 * for them is remembered, so that the first who asks for statistics after a build need not read it again.
 */
export function refreshReports(session: Session, cohortIds: readonly string[]): readonly WrittenReport[] {
  const { structure, layout, settings, header } = session.loaded;
  const memo = readMemo(layout);
  const all: WrittenReport[] = [];
  let reader: RememberingReader | undefined;
  for (const { id, members } of structure.cohorts) {
    if (!cohortIds.includes(id)) continue;
    const key = digestOf([PROGRAM, settings.reports, header.structureKey, scoreKey(session, members)]);
    const paths = REPORTS.filter(({ scope, optional }) => scope === 'cohort' && optional !== true).map(
      (report) => cohortFile(layout, id, report.path),
    );
    if (memo.get(id) === key && paths.every((path) => isFileAt(path))) continue;
    reader ??= rememberingReader(session);
    const tables = write(session, 'cohort', inputOf(session, reader, members), (report) => ({
      path: cohortFile(layout, id, report.path),
      cohort: id,
    }));
    all.push(...tables);
    if (unwrittenIn(tables).length === 0) memo.set(id, key);
    else memo.delete(id);
  }
  reader?.remember();
  if (all.length > 0) writeAtomic(memoPath(layout), JSON.stringify(Object.fromEntries(memo)));
  return all;
}

/** The tables over every evaluation of the store, cohorts or not. */
export function refreshCrossReports(session: Session): readonly WrittenReport[] {
  const { dataRoot } = session.loaded.layout;
  return write(session, 'all', crossInput(session), (report) => ({ path: join(dataRoot, report.path) }));
}

/** What a table is made from now: of a cohort, or of the whole store where the report is about all. */
export function reportInput(session: Session, { scope }: Report, cohortId: string | undefined): ReportInput {
  if (scope === 'all') return crossInput(session);
  const { structure, layout } = session.loaded;
  return inputOf(session, readerOf(layout), membersIn(structure, cohortId));
}

/** The same from score rows alone, as a record has them: what they name is allowed. */
export function inputFrom({ loaded: { settings } }: Session, rows: readonly ScoreRow[]): ReportInput {
  const names = (of: (row: ScoreRow) => string): string[] => [...new Set(rows.map(of))].sort();
  const allowed = {
    templates: names((row) => row.evaluationTemplate),
    models: names((row) => row.evaluationModel),
  };
  return { rows, allowed, perfectScore: settings.reports.perfectScore };
}

function membersIn({ cohorts }: Structure, cohortId: string | undefined): Uint32Array {
  return cohorts.find(({ id }) => id === cohortId)?.members ?? new Uint32Array();
}

function inputOf(session: Session, reader: GenReader, members: Uint32Array): ReportInput {
  const { structure, settings } = session.loaded;
  const evaluations = evaluationsOf(structure, members);
  const rows = scoresAt(session, reader, evaluations);
  const allowed = allowedIn(structure, evaluations);
  return { rows, allowed, perfectScore: settings.reports.perfectScore };
}

/** Score rows of evaluations by their rows of the graph, in that order. */
export function scoresAt(
  session: Session,
  reader: GenReader,
  evaluations: readonly number[],
): readonly ScoreRow[] {
  const { structure } = session.loaded;
  const ids = evaluations.map((row) => idAt(structure, row));
  return withAccepted(session, reader, evaluations, aggregateScores(reader, ids));
}

function crossInput({ loaded: { layout, settings } }: Session): ReportInput {
  const rows = aggregateScores(readerOf(layout), listGenerations(layout, 'evaluation'));
  return { rows, allowed: undefined, perfectScore: settings.reports.perfectScore };
}

/** Rows of the evaluations of cohorts, each once, in the order of the cohorts and their memberships. */
export function evaluationsOfAll(
  { loaded: { structure } }: Session,
  cohortIds: readonly string[],
): readonly number[] {
  const met = new Uint8Array(structure.size);
  const rows: number[] = [];
  for (const id of cohortIds)
    for (const row of evaluationsOf(structure, membersIn(structure, id))) {
      if (met[row] === 0) rows.push(row);
      met[row] = 1;
    }
  return rows;
}

/** Throws a ProblemError where the data root has gone: its tables would be in the way of who brings it back. */
function write(
  { loaded: { layout } }: Session,
  scope: Report['scope'],
  input: ReportInput,
  where: (report: Report) => { path: string; cohort?: string },
): WrittenReport[] {
  return REPORTS.filter((report) => report.scope === scope).flatMap((report): WrittenReport[] => {
    const place = where(report);
    const table = report.table(input);
    if (isAway(layout)) throw new ProblemError([goneAway(layout)]);
    if (report.optional === true && table.rows.length === 0 && !existsSync(place.path)) return [];
    return [{ report: report.name, ...place, ...written(place.path, csvOf(table)) }];
  });
}

/** A table that can not be written keeps no other from being written. */
function written(path: string, text: string): Pick<WrittenReport, 'result' | 'problem'> {
  try {
    return { result: writeIfChanged(path, text) };
  } catch (error) {
    const refused = diskProblem(error);
    if (refused === undefined) throw error;
    return { result: 'refused', problem: { ...refused, place: { file: path } } };
  }
}

function evaluationsOf(structure: Structure, members: Uint32Array): number[] {
  return Array.from(members.filter((row) => structure.stage[row] === STAGES.length - 1));
}

function allowedIn(
  structure: Structure,
  rows: readonly number[],
): { templates: readonly string[]; models: readonly string[] } {
  const templates = new Set(rows.map((row) => at(structure.templates, at(structure.template, row)).id));
  const models = new Set(rows.map((row) => at(structure.models, at(structure.model, row))));
  return { templates: [...templates].sort(), models: [...models].sort() };
}

/** Changes whenever a parsed text of the cohort does, and whenever it is accepted that there is none. */
function scoreKey(session: Session, members: Uint32Array): string {
  const { digests, flags, sizes } = session.index;
  const parsed = digests.parsedFile;
  const words = new Uint32Array(members.length * 3);
  for (const [place, row] of members.entries()) {
    words[place * 3] = parsed[row * 2] ?? 0;
    words[place * 3 + 1] = parsed[row * 2 + 1] ?? 0;
    const none = ((flags[row] ?? 0) & FLAGS.accepted) === 0 ? 0 : 2;
    const there = sizes[row * FILES + FILE.parsed] === ABSENT ? none : 1;
    words[place * 3 + 2] = there + (missingAbove(session, row) < 0 ? 0 : 4);
  }
  return digest(new Uint8Array(words.buffer));
}

/** Reads the store; metadata of drafts and essays is asked for once an evaluation, and remembered. */
export function readerOf(layout: Layout): GenReader {
  const known = new Map<string, Readonly<Record<string, unknown>> | undefined>();
  const metadata = (
    stage: Stage,
    genId: GenId,
    file?: string,
  ): Readonly<Record<string, unknown>> | undefined => {
    const found = readMetadata(layout, stage, genId, file);
    if (found !== 'damaged') return found;
    throw new ProblemError([
      problem('DD506', `${file ?? 'metadata.json'} of ${genId} is not JSON`, {
        place: { file: `${layout.gens}/${stage}/${genId}/${file ?? 'metadata.json'}`, genId },
      }),
    ]);
  };
  return {
    metadata(stage, genId) {
      if (stage === 'evaluation') return metadata(stage, genId);
      const key = genKey({ stage, genId });
      if (!known.has(key)) known.set(key, metadata(stage, genId));
      return known.get(key);
    },
    rawMetadata: (stage, genId) => metadata(stage, genId, 'raw_metadata.json'),
    parsed: (stage, genId) => readArtifact(layout, stage, genId, 'parsed'),
  };
}

type RememberingReader = GenReader & { readonly remember: () => void };

/**
 * The same for a session whose index has just been brought up to date: what metadata says is remembered from one command to the next,
 * by the file's stamp, and texts that are alike are read once. `remember` keeps what was read. `onOutside`: called when something is
 * asked for that the index knows nothing of.
 */
export function rememberingReader(
  { options, loaded, index }: Session,
  onOutside?: () => void,
): RememberingReader {
  const { layout, header, structure } = loaded;
  const plain = readerOf(layout);
  const rowOf = rowFinder(structure);
  const fields = new MetadataFields(index, {
    path: join(layout.state, 'fields.bin'),
    structureKey: header.structureKey,
    names: METADATA_FIELDS,
    now: options.now(),
  });
  /** The row of what has a text: what has none may have a reason for it, which only the whole file tells. */
  const madeRow = (stage: Stage, genId: GenId): number | undefined => {
    const row = rowOf(stage, genId);
    if (row === undefined) onOutside?.();
    return row !== undefined && index.has(row, FILE.parsed) ? row : undefined;
  };
  // By the two halves of their digests.
  const texts = new Map<number, Map<number, string | undefined>>();
  const { parsedFile } = index.digests;
  return {
    metadata(stage, genId) {
      const row = madeRow(stage, genId);
      if (row === undefined) return plain.metadata(stage, genId);
      const known = fields.of(row);
      if (known !== undefined) return known;
      const found = plain.metadata(stage, genId);
      if (found !== undefined) fields.learn(row, found);
      return found;
    },
    rawMetadata: plain.rawMetadata,
    parsed(stage, genId) {
      const row = madeRow(stage, genId);
      if (row === undefined) return plain.parsed(stage, genId);
      const [high, low] = [parsedFile[row * 2] ?? 0, parsedFile[row * 2 + 1] ?? 0];
      let alike = texts.get(high);
      if (alike === undefined) texts.set(high, (alike = new Map()));
      if (!alike.has(low)) alike.set(low, plain.parsed(stage, genId));
      return alike.get(low);
    },
    remember: () => fields.save(),
  };
}

function memoPath(layout: Layout): string {
  return join(layout.state, 'reports.json');
}

function readMemo(layout: Layout): Map<string, string> {
  try {
    const value: unknown = JSON.parse(readIfPresent(memoPath(layout))?.toString('utf8') ?? '{}');
    return new Map(Object.entries(value ?? {}));
  } catch {
    return new Map();
  }
}

export function refreshAllReports(session: Session): readonly WrittenReport[] {
  return refreshReports(
    session,
    session.loaded.structure.cohorts.map(({ id }) => id),
  );
}
