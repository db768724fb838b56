// After a build: what it was estimated to cost and what it cost, and what was not paid because it was there already. Changes nothing.
import { at, idAt, taskAt, type Graph } from '../../graph/graph.ts';
import { costOfTokens, priceOfAsk } from '../../model/money/prices.ts';
import { tokensOfBytes } from '../../model/money/tokens.ts';
import { STATE } from '../../plan/judge.ts';
import type { RunEvent, RunSummary } from '../../run/events.ts';
import { ABSENT, FILES, type GenIndex } from '../../store/gens/genindex.ts';
import type { Spending } from '../../store/ledger/spending.ts';
import { isAnswered, readLedger } from '../../store/ledger/ledger.ts';
import { paidAsk } from './callsahead.ts';
import type { Plan } from '../plan/plan.ts';
import type { PlanPrice } from './price.ts';
import { FILE } from '../../store/layout.ts';

/** All amounts are USD. */
export interface Reckoning {
  readonly estimated: {
    readonly lower: number;
    readonly upper: number;
    readonly calls: { readonly lower: number; readonly upper: number };
    /** Calls of which nobody knows the price: the sums leave them out. */
    readonly unpriced: { readonly lower: number; readonly upper: number };
  };
  readonly actual: { readonly cost: number; readonly spent: Spending; readonly calls: number };
  readonly saved: {
    /** `unknown`: of how many nobody knows what they cost. */
    readonly cached: { readonly answers: number; readonly cost: number; readonly unknown: number };
    readonly unchanged: { readonly generations: number; readonly cost: number; readonly unknown: number };
  };
}

export interface Reckoner {
  readonly listen: (event: RunEvent) => void;
  /** Undefined when nothing was to be paid and nothing came out of the cache: then the ledger is not read. */
  readonly close: (summary: RunSummary | undefined) => Reckoning | undefined;
}

/** Open it before the run: what is current then is what the build reuses. */
export function openReckoner(
  { session: { loaded, index }, judge, selected }: Plan,
  price: PlanPrice,
): Reckoner {
  const { graph, layout } = loaded;
  const reused: number[] = [];
  for (let row = 0; row < graph.size; row++) {
    const state = at(judge.verdicts.state, row);
    const settled = state === STATE.current || state === STATE.edited;
    if (settled && selected[row] === 1 && paidAsk(graph, row) !== undefined) reused.push(row);
  }
  const cutOff = new Set<string>();
  return {
    listen(event) {
      if (event.type === 'generation' && event.outcome.kind === 'unchanged') cutOff.add(event.genId);
    },
    close(summary) {
      if (summary === undefined || (price.upper.calls === 0 && summary.how.cached === 0)) return undefined;
      const rows = [...reused, ...rowsOf(graph, cutOff)];
      const bought = costsOf(layout.ledger);
      const costs = rows.map((row) => bought.get(idAt(graph, row)) ?? costOfStored(graph, index, row));
      const known = costs.filter((cost) => cost !== undefined);
      const { lower, upper } = price;
      return {
        estimated: {
          lower: lower.usd,
          upper: upper.usd,
          calls: { lower: lower.calls, upper: upper.calls },
          unpriced: { lower: lower.unpriced, upper: upper.unpriced },
        },
        actual: { cost: summary.cost, spent: summary.spent, calls: summary.how.called },
        saved: {
          cached: { answers: summary.how.cached, cost: summary.saved, unknown: summary.savedUnknown },
          unchanged: {
            generations: rows.length,
            cost: known.reduce((sum, cost) => sum + cost, 0),
            unknown: costs.length - known.length,
          },
        },
      };
    },
  };
}

function rowsOf(graph: Graph, ids: ReadonlySet<string>): number[] {
  const rows: number[] = [];
  if (ids.size === 0) return rows;
  for (let row = 0; row < graph.size; row++)
    if (ids.has(idAt(graph, row)) && paidAsk(graph, row) !== undefined) rows.push(row);
  return rows;
}

/** What each generation's last answer cost. */
function costsOf(ledger: string): ReadonlyMap<string, number> {
  const costs = new Map<string, number>();
  for (const entry of readLedger(ledger).value)
    if (isAnswered(entry) && entry.cost !== undefined) costs.set(entry.gen_id, entry.cost);
  return costs;
}

/** What no ledger knows, another tool's work say, at today's price of its texts. */
function costOfStored(graph: Graph, index: GenIndex, row: number): number | undefined {
  const { work } = taskAt(graph, row);
  const price = work.kind === 'copy' ? undefined : priceOfAsk(work.ask);
  if (price === undefined) return undefined;
  const tokensOf = (file: number): number => {
    const size = index.sizes[row * FILES + file] ?? ABSENT;
    return size === ABSENT ? 0 : tokensOfBytes(size);
  };
  return costOfTokens(price, tokensOf(FILE.prompt), tokensOf(FILE.raw));
}
