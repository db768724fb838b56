// Which of a template's files differ: those that its recorded digest was made of beside those of now. Reads no file.
import type { FileDigests } from '../generation/trace.ts';
import { at, partsAt, type Graph } from '../graph/graph.ts';
import type { GenIndex } from '../store/gens/genindex.ts';
import type { Verdicts } from './judge.ts';
import { WHY, type FileDifference } from './verdict.ts';

interface Judged {
  readonly graph: Graph;
  readonly index: GenIndex;
  readonly verdicts: Pick<Verdicts, 'why'>;
}

/** Undefined for a template that is a single file, then and now; null where it is not known what there was. */
export function differingFiles(
  graph: Graph,
  index: GenIndex,
  row: number,
): readonly FileDifference[] | null | undefined {
  const present = graph.templateFiles[at(graph.promptTemplate, row)] ?? null;
  if (present === null) return undefined;
  const { own, files } = present;
  const recorded = index.parts(at(index.keys.render, row))['template'] ?? '';
  const before = index.filesOf(recorded);
  if (before !== undefined) return differences(before, files);
  // What is a single file has the digest of its text.
  if (recorded === files[own]) return differences({ [own]: recorded }, files);
  return partsAt(graph, graph.renderSet, row)['template'] === files[own] ? undefined : null;
}

/** Of all these rows together, each file once; what is not known of is left out. */
export function differingAmong(
  { graph, index, verdicts }: Judged,
  rows: Iterable<number>,
): readonly FileDifference[] {
  const found = new Map<string, FileDifference>();
  const seen = new Set<string>();
  let last = '';
  for (const row of rows) {
    if ((at(verdicts.why, row) & WHY.template) === 0) continue;
    const key = `${at(index.keys.render, row)} ${at(graph.promptTemplate, row)}`;
    if (key === last || seen.has(key)) continue;
    seen.add((last = key));
    const own = graph.templateFiles[at(graph.promptTemplate, row)]?.own ?? '';
    const differing = differingFiles(graph, index, row);
    const files = differing === undefined ? [{ file: own, what: 'changed' } as const] : (differing ?? []);
    for (const each of files) found.set(`${each.file} ${each.what}`, each);
  }
  return [...found.values()].sort((a, b) => (a.file < b.file ? -1 : 1));
}

/** In code point order. What is not there is the same as what is not asked for. */
function differences(before: FileDigests, now: FileDigests): readonly FileDifference[] {
  const names = [...new Set([...Object.keys(before), ...Object.keys(now)])].sort();
  return names.flatMap((file): readonly FileDifference[] => {
    const [then, present] = [before[file] ?? null, now[file] ?? null];
    if (then === present) return [];
    return [{ file, what: then === null ? 'added' : present === null ? 'removed' : 'changed' }];
  });
}
