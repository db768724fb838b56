// Where cohorts come from: which folders are cohorts, and which of them have a spec. Compiles nothing.
import type { Catalog } from '../../catalog/catalog.ts';
import type { Settings } from '../../config.ts';
import { diskReader, insideFolder } from '../../inputs/disk/diskreader.ts';
import type { InputReader } from '../../inputs/disk/reader.ts';
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

/** Whether a cohort has a spec; without one its membership.csv is the only truth about it. */
export function hasSpec(layout: Layout, id: string, reader: InputReader = diskReader()): boolean {
  return specOf(layout, id, reader) !== undefined;
}

/** Folders of cohorts/ that hold a spec or a membership.csv, in code point order. */
export function cohortIds(reader: InputReader, layout: Layout): readonly string[] {
  return reader.folders(layout.cohorts).filter((id) => {
    return (
      hasSpec(layout, id, reader) || reader.files(cohortFile(layout, id), '.csv').includes('membership.csv')
    );
  });
}
