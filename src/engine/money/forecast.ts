// What calls to come will look like, by what this data root has seen: from what the ledger counted, else from the texts in the
// store. Tokens, never money. Asks nobody.
import type { Ask, Graph, Task } from '../../graph/graph.ts';
import { distributionOf, type Distribution } from '../../model/money/distribution.ts';
import type { CallHistory } from '../../model/money/history.ts';
import { tokensOfBytes } from '../../model/money/tokens.ts';
import { ABSENT, FILES, type GenIndex } from '../../store/gens/genindex.ts';
import { FILE } from '../../store/layout.ts';

/** Tokens: what half of the like texts stay below, and what nine in ten do. */
export interface Length {
  readonly median: number;
  readonly p90: number;
}

/** `known` is false where nothing like it was ever seen: then the longest possible reply stands for what is usual. */
export interface ReplyLength extends Length {
  readonly known: boolean;
}

export interface Forecast {
  readonly reply: (task: Pick<Task, 'row' | 'stage' | 'template'>, ask: Ask) => ReplyLength;
  /** Of a prompt that can not be rendered yet: as long as it is now, or as what it will hold is expected to be. */
  readonly prompt: (row: number, parent: Length | undefined) => Length;
  /** Recorded prompt tokens over our own count. */
  readonly factor: (model: string) => number;
  /** Milliseconds of a usual call. */
  readonly callMs: (model: string) => number;
}

/** Where nothing is known: a short reply, a text of two pages, a template of half a page, a call of twenty seconds. */
const SHORT_REPLY = 500;
const USUAL_TEXT = 2000;
const USUAL_TEMPLATE = 600;
const USUAL_CALL_MS = 20_000;

export function forecast(graph: Graph, index: GenIndex, history: CallHistory): Forecast {
  const { askSet, boundTemplates } = graph;
  const alike = storedLengths(
    graph,
    index,
    (row) => (askSet[row] ?? 0) * boundTemplates.length + (graph.template[row] ?? 0),
  );
  const sameStage = storedLengths(graph, index, (row) => graph.stage[row] ?? 0);
  return {
    reply({ row, stage, template }, ask) {
      const counted = history.output(template.id, ask.model, stage);
      const seen = counted ?? alike(row) ?? sameStage(row);
      if (seen === undefined)
        return { median: Math.min(SHORT_REPLY, ask.maxTokens), p90: ask.maxTokens, known: false };
      const p90 = Math.min(seen.quantile(0.9), ask.maxTokens);
      return { median: Math.min(seen.quantile(0.5), p90), p90, known: true };
    },
    prompt(row, parent) {
      const own = index.sizes[row * FILES + FILE.prompt] ?? ABSENT;
      if (own !== ABSENT) return exactly(Math.ceil(tokensOfBytes(own)));
      const { median, p90 } = parent ?? exactly(USUAL_TEXT);
      return { median: median + USUAL_TEMPLATE, p90: p90 + USUAL_TEMPLATE };
    },
    factor: (model) => history.factor(model),
    callMs: (model) => history.durationMs(model) ?? USUAL_CALL_MS,
  };
}

export function exactly(tokens: number): Length {
  return { median: tokens, p90: tokens };
}

/** How long stored replies are, by groups of rows. Where the ledger knows, nobody asks, and the rows are not gone through. */
function storedLengths(
  { boundTemplates, template, size }: Graph,
  { sizes }: GenIndex,
  groupOf: (row: number) => number,
): (row: number) => Distribution | undefined {
  const measure = (): ReadonlyMap<number, Distribution> => {
    const groups = new Map<number, Distribution>();
    for (let row = 0; row < size; row++) {
      const bytes = sizes[row * FILES + FILE.raw] ?? ABSENT;
      if (bytes === ABSENT || boundTemplates[template[row] ?? 0]?.mode === 'copy') continue;
      distributionOf(groups, groupOf(row)).add(Math.ceil(tokensOfBytes(bytes)));
    }
    return groups;
  };
  let measured: ReadonlyMap<number, Distribution> | undefined;
  return (row) => (measured ??= measure()).get(groupOf(row));
}
