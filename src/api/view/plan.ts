// What a build would run now, why and at what price, from what a view holds: a page of it, and all of it in numbers. Runs nothing.
import { attemptedRows, makePlan, refuseOfflineOverPaid } from '../../engine/plan/plan.ts';
import { learnerOf, pricePlan, type Learned, type PlanPrice } from '../../engine/money/price.ts';
import { explain } from '../../plan/explain.ts';
import type { Verdict } from '../../plan/verdict.ts';
import type { LedgerReader } from '../../store/ledger/reader.ts';
import { countsOf, type PlanCounts } from '../plan.ts';
import { requestOf, type PlanOptions } from '../request.ts';
import type { Facts } from './facts.ts';

export interface PlanPageOptions extends PlanOptions {
  readonly from?: number | undefined;
  /** Generations; 100 where it is left out. */
  readonly most?: number | undefined;
}

export interface PlannedGeneration extends Verdict {
  readonly template: string;
  readonly model: string;
}

export interface PlanPage extends PlanCounts {
  readonly price: PlanPrice;
  readonly from: number;
  /** Generations that would run, those above the selection among them. */
  readonly toRun: number;
  readonly generations: readonly PlannedGeneration[];
}

/** Prompts that are rendered for the price; that of the others has wider bounds. */
const RENDERED = 100;

/** Learns what calls cost once, and then only of those that came since. */
export class Pricing {
  #learner: LedgerReader<Learned> | undefined;
  #ledger = '';

  learned(ledger: string): Learned {
    if (this.#learner === undefined || ledger !== this.#ledger) this.#learner = learnerOf(ledger);
    this.#ledger = ledger;
    return this.#learner.readToEnd();
  }
}

/** A ProblemError where the selectors mean nothing, or the offline model would write over paid answers. */
export async function planPage(facts: Facts, pricing: Pricing, options: PlanPageOptions): Promise<PlanPage> {
  const { session, graph } = facts;
  const plan = await makePlan(session, requestOf(options), facts.judge);
  refuseOfflineOverPaid(plan);
  const learned = (): Promise<Learned> => Promise.resolve(pricing.learned(session.loaded.layout.ledger));
  const price = await pricePlan(plan, { rendered: RENDERED, learned });
  const rows = attemptedRows(plan);
  const { from = 0, most = 100 } = options;
  const judged = { graph, index: session.index, verdicts: plan.judge.verdicts };
  return {
    ...countsOf(plan, undefined, rows),
    price,
    from,
    toRun: rows.length,
    generations: rows.slice(from, from + most).map((row) => ({
      ...explain(judged, row),
      template: graph.templates[graph.template[row] ?? -1]?.id ?? '',
      model: graph.models[graph.model[row] ?? -1] ?? '',
    })),
  };
}
