// What calls to come will look like, by what the very model answered here: from what the ledger counted, else from the texts in the
// store. Tokens, never money. Asks nobody.
import { mostTokens } from '../../graph/asking.ts';
import { OFFLINE } from '../../config.ts';
import type { Parts } from '../../generation/trace.ts';
import type { Ask, Graph, Task } from '../../graph/graph.ts';
import { distributionOf, type Distribution } from '../../model/money/distribution.ts';
import type { CallHistory } from '../../model/money/history.ts';
import type { Price } from '../../model/money/prices.ts';
import { tokensOfBytes } from '../../model/money/tokens.ts';
import { ABSENT, FILES, FLAGS, type GenIndex } from '../../store/gens/genindex.ts';
import { FILE } from '../../store/layout.ts';
import { isCopy } from '../../generation/mode.ts';
import type { Stage } from '../../generation/stage.ts';

/** Tokens: what half of the like texts stay below, and what nine in ten do. */
export interface Length {
  readonly median: number;
  readonly p90: number;
}

/** What a length rests on: how many replies of the very model, and which of them, by a name of the group. */
export interface Basis {
  readonly group: string;
  readonly replies: number;
}

/** Without a basis nothing like it was ever seen: then the longest possible reply stands for what is usual. */
export interface ReplyLength extends Length {
  readonly basis?: Basis;
}

export interface Forecast {
  readonly reply: (task: Pick<Task, 'row' | 'stage' | 'template'>, ask: Ask) => ReplyLength;
  /** Of a prompt that can not be rendered yet: as long as it is now, or as what it will hold is expected to be. */
  readonly prompt: (row: number, parent: Length | undefined) => Length;
  /** Recorded prompt tokens over our own count. */
  readonly factor: (model: string) => number;
  /** USD that the model was billed for a reply of the stage, where that is more than `price` says of it, or there is none. */
  readonly billed: (model: string, stage: Stage, price: Price | undefined) => number | undefined;
  /** Milliseconds of a usual call. */
  readonly callMs: (model: string) => number;
}

/** Where nothing is known: a short reply, a text of two pages, a template of half a page, a call of twenty seconds. */
const SHORT_REPLY = 500;
const USUAL_TEXT = 2000;
const USUAL_TEMPLATE = 600;
const USUAL_CALL_MS = 20_000;

export function forecast(graph: Graph, index: GenIndex, history: CallHistory): Forecast {
  const stored = storedLengths(graph, index);
  return {
    reply({ row, stage, template }, ask) {
      const { model } = ask;
      const maxTokens = mostTokens(ask);
      const seen =
        named(history.ofTemplate(template.id, model, stage), `${stage} ${model} ${template.id}`) ??
        named(stored.ofTemplate(row), `${stage} ${model} ${template.id}`) ??
        named(history.ofStage(model, stage), `${stage} ${model}`) ??
        named(stored.ofStage(row), `${stage} ${model}`);
      if (seen === undefined) return { median: Math.min(SHORT_REPLY, maxTokens), p90: maxTokens };
      const p90 = Math.min(seen.lengths.quantile(0.9), maxTokens);
      return { median: Math.min(seen.lengths.quantile(0.5), p90), p90, basis: seen.basis };
    },
    prompt(row, parent) {
      const own = index.sizes[row * FILES + FILE.prompt] ?? ABSENT;
      if (own !== ABSENT) return exactly(Math.ceil(tokensOfBytes(own)));
      const { median, p90 } = parent ?? exactly(USUAL_TEXT);
      return { median: median + USUAL_TEMPLATE, p90: p90 + USUAL_TEMPLATE };
    },
    factor: (model) => history.factor(model),
    billed: (model, stage, price) => history.bills.beyond(model, stage, price),
    callMs: (model) => history.durationMs(model) ?? USUAL_CALL_MS,
  };
}

function named(
  lengths: Distribution | undefined,
  group: string,
): { readonly lengths: Distribution; readonly basis: Basis } | undefined {
  return lengths === undefined ? undefined : { lengths, basis: { group, replies: lengths.size } };
}

export function exactly(tokens: number): Length {
  return { median: tokens, p90: tokens };
}

interface StoredLengths {
  readonly ofTemplate: (row: number) => Distribution | undefined;
  readonly ofStage: (row: number) => Distribution | undefined;
}

/**
 * How long the stored replies of a row's own model are, in its stage. Where the ledger knows, nobody asks, and the rows are not gone
 * through. A text teaches only of the model that its trace names; one of another tool, which has no trace, of the model that it is
 * taken over for. What the offline model wrote teaches nothing.
 */
function storedLengths(graph: Graph, index: GenIndex): StoredLengths {
  const { askSet, boundTemplates, stage, template, size } = graph;
  const templates = boundTemplates.length;
  const templateOf = (row: number): number => (askSet[row] ?? 0) * templates + (template[row] ?? 0);
  // The same model has one ask for each stage.
  const stageOf = (row: number): number => (askSet[row] ?? 0) * 3 + (stage[row] ?? 0);
  const measure = (): readonly [Map<number, Distribution>, Map<number, Distribution>] => {
    const byTemplate = new Map<number, Distribution>();
    const byStage = new Map<number, Distribution>();
    const answered = answeredBy(graph, index);
    for (let row = 0; row < size; row++) {
      const bytes = index.sizes[row * FILES + FILE.raw] ?? ABSENT;
      if (bytes === ABSENT || !answered(row)) continue;
      const tokens = Math.ceil(tokensOfBytes(bytes));
      distributionOf(byTemplate, templateOf(row)).add(tokens);
      distributionOf(byStage, stageOf(row)).add(tokens);
    }
    return [byTemplate, byStage];
  };
  let measured: ReturnType<typeof measure> | undefined;
  return {
    ofTemplate: (row) => (measured ??= measure())[0].get(templateOf(row)),
    ofStage: (row) => (measured ??= measure())[1].get(stageOf(row)),
  };
}

/** Whether the raw text of a row is an answer of the model that would be asked for it now. */
function answeredBy(
  { boundTemplates, template, asks, askSet }: Graph,
  index: GenIndex,
): (row: number) => boolean {
  const recorded = new Map<number, Parts>();
  return (row: number): boolean => {
    const ask = asks[askSet[row] ?? 0];
    if (isCopy(boundTemplates[template[row] ?? 0] ?? {}) || ask === undefined) return false;
    const key = index.keys.generate[row] ?? 0;
    if (key === 0) return ((index.flags[row] ?? 0) & FLAGS.traced) === 0;
    const parts = recorded.get(key) ?? index.parts(key);
    recorded.set(key, parts);
    return parts['provider'] !== OFFLINE && parts['model'] === ask.model;
  };
}
