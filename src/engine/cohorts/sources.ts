// Where cohorts come from: which folders are cohorts, and which of them have a spec. Compiles nothing.
import type { Catalog } from '../../catalog/catalog.ts';
import type { Settings } from '../../config.ts';
import type { Structure } from '../../graph/graph.ts';
import { diskReader, insideFolder, isFileAt } from '../../inputs/disk/diskreader.ts';
import type { InputReader } from '../../inputs/disk/reader.ts';
import { attempt, warning, type Problem } from '../../problem.ts';
import { cohortFile, type Layout } from '../../store/layout.ts';

export interface CohortSources {
  readonly reader: InputReader;
  readonly layout: Layout;
  readonly projectRoot: string;
  readonly catalog: Catalog;
  readonly replication: 'catalog' | 'spec';
}

/** The folder that no include of a spec may leave. */
export function includeRoot({ root, dataRoot }: Pick<Settings, 'root' | 'dataRoot'>): string {
  return insideFolder(root, dataRoot) ? root : dataRoot;
}

const SPECS = ['config.yaml', 'config.yml', 'config.json'];

/** The path of a cohort's spec, the first of those that it may be called; undefined where there is none. */
export function specOf(layout: Layout, id: string, reader: InputReader = diskReader()): string | undefined {
  const folder = cohortFile(layout, id, 'spec');
  // A folder of that name is no spec, and says so when it is read.
  const name = specAmong(reader.files(folder, '')) ?? specAmong(reader.folders(folder));
  return name === undefined ? undefined : cohortFile(layout, id, 'spec', name);
}

function specAmong(names: readonly string[]): string | undefined {
  return SPECS.find((each) => names.includes(each));
}

/** What somebody may take for a spec, though another file is read or none. */
const LIKE_A_SPEC = /^config\.(?:ya?ml|json)(?:\.txt)?$/i;

/** Files that look like specs and are not read: beside one that is, or not named letter by letter like one. */
export function unreadSpecs(reader: InputReader, layout: Layout): readonly Problem[] {
  return reader.folders(layout.cohorts).flatMap((id) => {
    // What may not be read is said of the cohort.
    const found = attempt(
      () => [specOf(layout, id, reader), reader.files(cohortFile(layout, id, 'spec'), '')] as const,
    );
    const [read, names] = found.value ?? [undefined, []];
    return names
      .filter((name) => LIKE_A_SPEC.test(name))
      .map((name) => cohortFile(layout, id, 'spec', name))
      .filter((file) => file !== read)
      .map((file) =>
        warning(
          'DD386',
          read === undefined
            ? `${file} is not read: a spec is called ${SPECS.join(', ')}, letter by letter`
            : `${file} is not read: ${read} is`,
          { place: { file }, reason: 'spec_unread' },
        ),
      );
  });
}

/** Whether a cohort has a spec; without one its membership.csv is the only truth about it. */
export function hasSpec(layout: Layout, id: string, reader: InputReader = diskReader()): boolean {
  return specOf(layout, id, reader) !== undefined;
}

/** Folders of cohorts/ that hold a spec or a membership.csv, or may not be looked into, in code point order. */
export function cohortIds(reader: InputReader, layout: Layout): readonly string[] {
  return reader
    .folders(layout.cohorts)
    .filter((id) => attempt(() => isCohort(reader, layout, id)).value !== false);
}

function isCohort(reader: InputReader, layout: Layout, id: string): boolean {
  const folder = cohortFile(layout, id);
  // As with a spec: a folder of that name says so when it is read.
  return (
    hasSpec(layout, id, reader) ||
    reader.files(folder, '.csv').includes('membership.csv') ||
    reader.folders(folder).includes('membership.csv')
  );
}

/** Ids of cohorts that lack one of the files that are compiled from a spec. */
export function withoutFiles(layout: Layout, { cohorts }: Pick<Structure, 'cohorts'>): readonly string[] {
  const isWhole = (id: string): boolean =>
    ['membership.csv', 'manifest.json'].every((name) => isFileAt(cohortFile(layout, id, name)));
  return cohorts.flatMap(({ id }) => (isWhole(id) ? [] : [id]));
}
