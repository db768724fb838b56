// The parts of a step side by side: as its trace recorded them, and as graph and files give them now. Compares nothing.
import { at, partsAt, type Graph } from '../graph/graph.ts';
import type { Parts } from '../generation/trace.ts';
import { isCode } from '../generation/mode.ts';
import type { Step } from '../generation/stage.ts';
import { FLAGS, type DigestColumn, type GenIndex } from '../store/gens/genindex.ts';

/** What the index gives for a file that is not there, and for a part that was not recorded. */
const NO_DIGEST = '0'.repeat(16);

/** All parts of a step as they are now, as far as the files on disk say; a file that is absent has a digest of zeros. */
export function partsNow(graph: Graph, index: GenIndex, row: number, step: Step): Parts {
  switch (step) {
    case 'render': {
      const parent = at(graph.parent, row);
      const parts = partsAt(graph, graph.renderSet, row);
      return parent < 0 ? parts : { ...parts, parent: index.get('parsedFile', parent) };
    }
    case 'generate':
      return { ...partsAt(graph, graph.generateSet, row), prompt: index.get('promptFile', row) };
    case 'parse': {
      const cutOff = (at(index.flags, row) & FLAGS.cutOff) === 0 ? 0 : 1;
      const parts = {
        ...at(graph.partSets, at(graph.parseSet, row) + cutOff),
        raw: index.get('rawFile', row),
      };
      const draft = scoredDraft(graph, row);
      return draft < 0 ? parts : { ...parts, draft: index.get('parsedFile', draft) };
    }
  }
}

/** The row of the draft that code may hold an essay against; -1 for every row that no code scores. */
export function scoredDraft(graph: Graph, row: number): number {
  return isCode(at(graph.boundTemplates, at(graph.template, row)))
    ? at(graph.parent, at(graph.parent, row))
    : -1;
}

/** All parts of a step as its trace recorded them; empty where it has none. */
export function partsRecorded(index: GenIndex, row: number, step: Step): Parts {
  const number = at(index.keys[step], row);
  if (number === 0) return {};
  const [name, column] = INPUTS[step];
  const input = index.get(column, row);
  return input === NO_DIGEST ? index.parts(number) : { ...index.parts(number), [name]: input };
}

/** The part that the index keeps in a column of its own, since it differs from row to row. */
const INPUTS = {
  render: ['parent', 'parent'],
  generate: ['prompt', 'promptIn'],
  parse: ['raw', 'rawIn'],
} as const satisfies Record<Step, readonly [part: string, column: DigestColumn]>;

/** A part's value, or null where that side does not have it. */
export function partIn(parts: Parts, name: string): string | null {
  const value = Object.hasOwn(parts, name) ? parts[name] : undefined;
  return value === undefined || value === NO_DIGEST ? null : value;
}
