// Which paid calls a plan will make, as columns: how sure each is, and how long its prompt. Renders what can be rendered, up to a
// limit, and looks into the response cache, and, where it is told how, into the team's. Knows no price and asks nobody else.
import { setImmediate as turn } from 'node:timers/promises';
import { canonicalJson } from '../../canonical.ts';
import { OFFLINE } from '../../config.ts';
import { defined } from '../../defined.ts';
import { at, taskAt, type Ask, type Graph } from '../../graph/graph.ts';
import { digestIn } from '../../inputs/disk/stamped.ts';
import { listBatches, reservedAddresses } from '../../model/batch/journal.ts';
import { estimateTokens } from '../../model/money/tokens.ts';
import { FROM, GENERATE_BITS, WHY } from '../../plan/verdict.ts';
import { parentTextOf, promptAsItStands, renderPrompt } from '../../run/prepare.ts';
import type { Texts } from '../../run/study.ts';
import type { Plan } from '../plan/plan.ts';
import { isCopy } from '../../generation/mode.ts';
import { labelsIn } from '../project/labels.ts';
import { addressOf, keptAnswer } from '../../store/responses.ts';

/** A call that is made only if what is above comes out different, or if nobody answered it before. */
const POSSIBLE = 1;
/** A call that will be made. */
export const CERTAIN = 2;
/** Of a prompt that is not rendered yet. */
export const UNCOUNTED = 0xffff_ffff;

export interface CallsAhead {
  readonly count: number;
  /** Answers that the response cache holds already. */
  readonly cached: number;
  /** Answers that the team has, where that was looked up. */
  readonly team?: number;
  /** 0 where no paid call is made. */
  readonly certainty: Uint8Array;
  /** Our own count of the tokens, UNCOUNTED where it is not known. */
  readonly promptTokens: Uint32Array;
}

/** What is asked of a paid provider when a row is made; undefined where nobody is, or the offline model. */
export function paidAsk(graph: Graph, row: number): Ask | undefined {
  const { work } = taskAt(graph, row);
  return work.kind === 'llm' && work.ask.provider !== OFFLINE ? work.ask : undefined;
}

/** Which of the questions of these addresses the team has answers to. */
export type LookUpTeam = (addresses: ReadonlySet<string>) => Promise<ReadonlySet<string>>;

/** Prompts that are rendered before others may have their turn. */
const AT_A_TIME = 200;

/** So many prompts are rendered at most; the calls of the others are possible ones. */
export async function callsAhead(plan: Plan, most: number, lookUp?: LookUpTeam): Promise<CallsAhead> {
  const { graph } = plan.session.loaded;
  const certainty = new Uint8Array(graph.size);
  const promptTokens = new Uint32Array(graph.size).fill(UNCOUNTED);
  const rendered = unrendered({ plan, certainty }, most);
  let cached = 0;
  let reading: Reading | undefined;
  // By the row that would ask.
  const asked = new Map<number, string>();
  const addresses = new Set<string>();
  for (const [done, row] of rendered.entries()) {
    reading ??= await readingFor(plan);
    if (done % AT_A_TIME === AT_A_TIME - 1) await turn();
    const expected = expect(plan, row, reading);
    if (expected === 'cached') cached++;
    if (typeof expected === 'string') continue;
    promptTokens[row] = expected.tokens;
    const { address } = expected;
    // Whoever asks the same as another gets the answer of that.
    certainty[row] = address !== undefined && addresses.has(address) ? POSSIBLE : CERTAIN;
    if (address === undefined) continue;
    addresses.add(address);
    asked.set(row, address);
  }
  const team = lookUp === undefined ? undefined : await withoutTeams(certainty, asked, lookUp);
  let count = 0;
  for (let row = 0; row < graph.size; row++) if (certainty[row] !== 0) count++;
  return { count, cached, certainty, promptTokens, ...defined({ team }) };
}

/** How many calls are not made since the team has their answers. */
async function withoutTeams(
  certainty: Uint8Array,
  asked: ReadonlyMap<number, string>,
  lookUp: LookUpTeam,
): Promise<number> {
  const there = await lookUp(new Set(asked.values()));
  let found = 0;
  for (const [row, address] of asked) {
    if (!there.has(address)) continue;
    certainty[row] = 0;
    found++;
  }
  return found;
}

/**
 * Says of each row what is known without its prompt, and returns the rows whose prompts say more, `most` of them. A hundred
 * thousand rows pass here at every save, so nothing is made for a row.
 */
function unrendered(
  { plan, certainty }: { readonly plan: Plan; readonly certainty: Uint8Array },
  most: number,
): readonly number[] {
  const { attempted, from, why, cause } = plan.judge.verdicts;
  const { boundTemplates, asks, template, askSet, size } = plan.session.loaded.graph;
  const copies = Uint8Array.from(boundTemplates, (each) => (isCopy(each) ? 1 : 0));
  const paid = Uint8Array.from(asks, (ask) => (ask === undefined || ask.provider === OFFLINE ? 0 : 1));
  const rows: number[] = [];
  const isTwin = twinsIn(plan);
  let left = most;
  for (let row = 0; row < size; row++) {
    if (plan.scope[row] !== 1 || attempted[row] !== 1) continue;
    if (copies[template[row] ?? 0] === 1 || paid[askSet[row] ?? 0] !== 1) continue;
    const bits = anew(plan, row, why[row] ?? 0);
    const below = (cause[row] ?? -1) >= 0;
    if (!below) left--;
    if (from[row] === FROM.parse && (bits & WHY.retry) === 0) continue;
    if (!below && left >= 0) rows.push(row);
    else certainty[row] = below && (bits & ASKS) !== 0 && !isTwin(row) ? CERTAIN : POSSIBLE;
  }
  return rows;
}

/**
 * Whether a row asks what a row before it asks: of the same parent, by a template of the same text, with the same settings. A parameter
 * that is varied to what it is anyway makes such rows.
 */
function twinsIn({ session: { loaded } }: Plan): (row: number) => boolean {
  const { graph, header } = loaded;
  const texts = graph.boundTemplates.map(
    ({ stage }, place) => `${stage} ${digestIn(header.texts[place]) ?? place}`,
  );
  const first = texts.map((text) => texts.indexOf(text));
  const shared = new Set(first.filter((place, at) => place !== at));
  if (shared.size === 0) return () => false;
  const seen = new Set<string>();
  return (row) => {
    const place = first[graph.template[row] ?? 0] ?? 0;
    if (!shared.has(place)) return false;
    const parts = at(graph.partSets, at(graph.generateSet, row));
    const key = `${graph.parent[row] ?? -1} ${graph.combo[row] ?? -1} ${place} ${canonicalJson(parts)}`;
    if (seen.has(key)) return true;
    seen.add(key);
    return false;
  };
}

/** Reasons to ask whatever the prompt says. */
const ASKS = GENERATE_BITS | WHY.forced | WHY.retry | WHY.prompt | WHY.never_render;

/** Its reasons; where nobody has answered yet, trying again is no reason to ask: an answer that was kept will do. */
function anew({ session }: Plan, row: number, bits: number): number {
  const unanswered = (bits & WHY.retry) !== 0 && session.index.failureAt(row)?.kind === 'api';
  return unanswered ? bits & ~WHY.retry : bits;
}

interface Reading {
  readonly texts: Texts;
  readonly labelsOf: (server: string) => readonly string[];
  /** Questions that are in a batch count as asked. */
  readonly reserved: ReadonlySet<string>;
}

async function readingFor({ session }: Plan): Promise<Reading> {
  return {
    texts: await session.texts(),
    labelsOf: labelsIn(session.loaded),
    reserved: reservedAddresses(listBatches(session.loaded.layout)),
  };
}

interface ExpectedCall {
  /** Of the prompt. */
  readonly tokens: number;
  /** Of the question, where an answer that somebody else paid for would do. */
  readonly address?: string;
}

/** What a row will ask, unless it need not ask. Nothing above it is still to be made. */
function expect(
  plan: Plan,
  row: number,
  { texts, labelsOf, reserved }: Reading,
): 'none' | 'cached' | ExpectedCall {
  const { index, loaded } = plan.session;
  const task = taskAt(loaded.graph, row);
  const bits = anew(plan, row, at(plan.judge.verdicts.why, row));
  const rendered =
    at(plan.judge.verdicts.from, row) === FROM.render
      ? renderPrompt({ texts, graph: loaded.graph, index }, task, parentTextOf(loaded, task))
      : { prompt: promptAsItStands(loaded, task) };
  if (!('prompt' in rendered)) return 'none';
  const { text, digest } = rendered.prompt;
  const tokens = estimateTokens(text);
  const parts = at(loaded.graph.partSets, at(loaded.graph.generateSet, row));
  const asked = { ...parts, prompt: text };
  const address = addressOf(asked);
  if (reserved.has(address)) return 'none';
  if ((bits & (WHY.forced | WHY.retry)) !== 0) return { tokens };
  if ((bits & ASKS) === 0 && index.get('promptIn', row) === digest) return 'none';
  const kept = keptAnswer({ layout: loaded.layout, labelsOf }, { asked, address });
  return kept === undefined ? { tokens, address } : 'cached';
}
