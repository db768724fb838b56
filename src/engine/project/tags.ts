// Tags of generations: those of every tagged build that covered them. A build of a whole cohort tags the cohort as it is now.
import type { GenId } from '../../generation/stage.ts';
import { compareCodePoints } from '../../text/python.ts';
import { idAt, rowFinder, type Structure } from '../../graph/graph.ts';
import type { Session } from './session.ts';
import type { Method } from '../../graph/selectormethods.ts';
import { readRuns, type Covered } from '../../store/runs/runs.ts';
import { FILE, type Layout } from '../../store/layout.ts';
import { readMade } from '../../store/runs/made.ts';

/** Rows as whole cohorts and the rest one by one. */
export function coverageOf(structure: Structure, rows: Uint8Array): Covered {
  const rest = rows.slice();
  const cohorts: string[] = [];
  for (const { id, members } of structure.cohorts) {
    if (members.length === 0 || !members.every((row) => rows[row] === 1)) continue;
    cohorts.push(id);
    for (const row of members) rest[row] = 0;
  }
  const generations: GenId[] = [];
  for (let row = 0; row < rest.length; row++) if (rest[row] === 1) generations.push(idAt(structure, row));
  return { cohorts, generations };
}

interface Tagging {
  /** `key=value`, in code point order. */
  readonly names: readonly string[];
  /** One a name. */
  readonly covered: readonly (readonly Covered[])[];
}

function readTags(layout: Layout): Tagging {
  const found = new Map<string, Covered[]>();
  for (const { tags, covered } of readRuns(layout)) {
    for (const [key, value] of Object.entries(tags)) {
      const name = `${key}=${value}`;
      const known = found.get(name);
      if (known === undefined) found.set(name, [covered]);
      else known.push(covered);
    }
  }
  const sorted = [...found].sort(([a], [b]) => compareCodePoints(a, b));
  return { names: sorted.map(([name]) => name), covered: sorted.map(([, each]) => each) };
}

/** The selector `tag:key=value`. Runs are read when somebody asks. */
export function tagMethod(layout: Layout, structure: Structure): Method {
  let tagging: Tagging | undefined;
  const read = (): Tagging => (tagging ??= readTags(layout));
  return {
    get names() {
      return read().names;
    },
    mark(chosen, rows) {
      for (const [place, coverages] of read().covered.entries())
        if (chosen[place] === 1) for (const covered of coverages) markCovered(structure, covered, rows);
    },
  };
}

function markCovered(structure: Structure, { cohorts, generations }: Covered, rows: Uint8Array): void {
  for (const { id, members } of structure.cohorts)
    if (cohorts.includes(id)) for (const row of members) rows[row] = 1;
  if (generations.length === 0) return;
  const listed = new Set(generations);
  for (const [row, id] of structure.ids.entries()) if (listed.has(id)) rows[row] = 1;
}

/**
 * Every tag of every tagged generation, as `key=value` in code point order: of builds that kept what they made, where the text is still
 * what it was then (`textOf`: the digest of a row's parsed.txt, or null); of others, where they covered it.
 */
export function tagsOf(
  layout: Layout,
  structure: Structure,
  textOf: (row: number) => string | null,
): ReadonlyMap<GenId, readonly string[]> {
  const rowOf = rowFinder(structure);
  const tags = new Map<GenId, Set<string>>();
  const tag = (row: number, names: readonly string[]): void => {
    const id = idAt(structure, row);
    tags.set(id, new Set([...(tags.get(id) ?? []), ...names]));
  };
  for (const { id, tags: own, covered } of readRuns(layout)) {
    const names = Object.entries(own).map(([key, value]) => `${key}=${value}`);
    if (names.length === 0) continue;
    const made = readMade(layout, id);
    if (made === undefined || made === 'damaged') {
      const rows = new Uint8Array(structure.size);
      markCovered(structure, covered, rows);
      for (const [row, each] of rows.entries()) if (each === 1) tag(row, names);
      continue;
    }
    for (const line of made.lines) {
      const row = rowOf(line.stage, line.genId);
      if (row !== undefined && textOf(row) === line.text) tag(row, names);
    }
  }
  return new Map([...tags].map(([id, names]) => [id, [...names].sort(compareCodePoints)]));
}

/** The digest of a row's parsed.txt as it is now; null without one. */
export function textIn({ index }: Pick<Session, 'index'>): (row: number) => string | null {
  return (row) => (index.has(row, FILE.parsed) ? index.get('parsedFile', row) : null);
}
