// Generations that ask the very same: of two templates with one text, or two ids of one model, the answer is one, and stands in the
// tables as two. Reads no text and asks nobody.
import { canonicalJson } from '../../canonical.ts';
import { isCopy } from '../../generation/mode.ts';
import { at, stageAt, type Graph } from '../../graph/graph.ts';
import type { GraphHeader } from '../../graph/graphcache.ts';
import { digestIn } from '../../inputs/disk/stamped.ts';
import { warning, type Problem } from '../../problem.ts';
import { plural } from '../../text/amounts.ts';

/** A warning for each two names. Of templates with different parsers the one answer is meant to be read in two ways. */
export function sharedAnswers(graph: Graph, { texts }: Pick<GraphHeader, 'texts'>): readonly Problem[] {
  const templates = sameAs(
    graph.promptTemplates.map((each, place) =>
      isCopy(each)
        ? undefined
        : [
            each.stage,
            digestIn(texts[place]),
            each.parser,
            each.minLines,
            each.truncation,
            each.thoughts,
          ].join(' '),
    ),
  );
  const asked = new Map<number, string>();
  const askedBy = (row: number): string => {
    const set = at(graph.generateSet, row);
    const known = asked.get(set) ?? canonicalJson(at(graph.partSets, set));
    asked.set(set, known);
    return known;
  };
  if (templates.every((first, place) => first < 0 || first === place) && !oneModelTwice(graph)) return [];
  const rows = new Map<string, number>();
  const pairs = new Map<string, { readonly first: number; readonly other: number; count: number }>();
  for (let row = 0; row < graph.size; row++) {
    const template = at(templates, at(graph.promptTemplate, row));
    if (template < 0) continue;
    const key = `${at(graph.parent, row)} ${at(graph.combo, row)} ${template} ${askedBy(row)}`;
    const first = rows.get(key);
    if (first === undefined) rows.set(key, row);
    else {
      const names = namesOf(graph, first, row);
      const pair = pairs.get(names);
      if (pair === undefined) pairs.set(names, { first, other: row, count: 1 });
      else pair.count++;
    }
  }
  return [...pairs.values()].map((pair) => told(graph, pair));
}

function told(
  graph: Graph,
  { first, other, count }: { readonly first: number; readonly other: number; readonly count: number },
): Problem {
  const stage = stageAt(graph, other);
  const template = at(graph.promptTemplates, at(graph.promptTemplate, other));
  const [a, b] = [first, other].map((row) => at(graph.promptTemplates, at(graph.promptTemplate, row)).id);
  const [m, n] = [first, other].map((row) => at(graph.models, at(graph.model, row)));
  const who =
    a === b
      ? `the models ${m} and ${n} are one, asked in one way, in the ${stage} stage`
      : `the ${stage} templates ${a} and ${b} have the same text`;
  return warning(
    'DD290',
    `${who}: ${plural(count, 'generation')} of the second ${count === 1 ? 'has' : 'have'} the answer of the first`,
    {
      ...(a === b ? {} : { place: { file: template.file } }),
      reason: 'shared_answer',
      data: { stage, templates: [a, b], models: [m, n], count },
    },
  );
}

/** What tells two generations apart that ask the same: their templates, or else their models. */
function namesOf(graph: Graph, first: number, other: number): string {
  const [a, b] = [first, other].map((row) => at(graph.promptTemplate, row));
  return a === b
    ? `${stageAt(graph, other)} of ${at(graph.model, first)} ${at(graph.model, other)}`
    : `${a} ${b}`;
}

/** By place, the first place of an equal key; -1 where there is none. */
function sameAs(keys: readonly (string | undefined)[]): readonly number[] {
  const first = new Map<string, number>();
  return keys.map((key, place) => {
    if (key === undefined) return -1;
    const found = first.get(key) ?? place;
    first.set(key, found);
    return found;
  });
}

function oneModelTwice({ asks }: Graph): boolean {
  const ids = new Map<string, string>();
  return asks.some((ask) => {
    if (ask === undefined) return false;
    const key = `${ask.server} ${ask.model}`;
    const id = ids.get(key) ?? ask.modelId;
    ids.set(key, id);
    return id !== ask.modelId;
  });
}
