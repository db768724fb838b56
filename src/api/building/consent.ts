// Before money is spent: what a cap can not hold is refused, and above the threshold somebody is asked; and again before a running build
// passes what was agreed to.
import { join } from 'node:path';
import type { Plan } from '../../engine/plan/plan.ts';
import { pricePlan, type PlanPrice } from '../../engine/money/price.ts';
import { problem, ProblemError } from '../../problem.ts';
import { Agreement } from '../../model/money/agreement.ts';
import { Budget, unpriced } from '../../model/money/budget.ts';
import { usd } from '../../text/amounts.ts';
import { batchModeOf, type PlanOptions, type SpendOptions, type Spending } from '../request.ts';

/** The cap of a run in USD: its own, else the config's. */
export function capOf({ maxCost }: SpendOptions, { session }: Pick<Plan, 'session'>): number | undefined {
  return maxCost ?? session.loaded.settings.maxCost;
}

/** What such a run draws on; undefined where nothing caps it. */
export function budgetOf(options: SpendOptions, plan: Pick<Plan, 'session'>): Budget | undefined {
  const cap = capOf(options, plan);
  return cap === undefined ? undefined : new Budget(cap);
}

/** What the plan would spend, where somebody has to say yes first. Throws a ProblemError where no yes would do. */
export function consentWanted(options: SpendOptions, plan: Plan, price: PlanPrice): Spending | undefined {
  if (price.upper.calls === 0) return undefined;
  const cap = capOf(options, plan);
  if (cap !== undefined) refuseUnpriced(plan, price);
  const { confirmAbove } = plan.session.loaded.settings;
  const most = Math.min(price.upper.usd, cap ?? Infinity);
  const unknown = price.unpriced.length > 0;
  if (most <= confirmAbove && !unknown) return undefined;
  if (options.maxCost !== undefined || options.approved === true) return undefined;
  const words = unknown
    ? `an unknown sum: ${nameList(price.unpriced)} without a price`
    : `up to ${usd(most)}`;
  return { usd: most, unpriced: price.unpriced, words };
}

/**
 * Resolves when the plan may spend what it costs, and rejects with a ProblemError when it may not. What it may spend before somebody is
 * asked again, in USD; undefined where a cap holds, or a yes was said to whatever it costs.
 */
export async function consent(
  options: SpendOptions,
  plan: Plan,
  price: PlanPrice,
): Promise<number | undefined> {
  const spending = consentWanted(options, plan, price);
  const { confirmAbove } = plan.session.loaded.settings;
  if (spending === undefined) return agreedTo(options, plan, price);
  if (options.confirm === undefined) throw new ProblemError([needsYes(price, spending.words, confirmAbove)]);
  if (!(await options.confirm(spending)))
    throw new ProblemError([problem('DD111', 'the spending was not confirmed, so nothing was run')]);
  return agreedTo(options, plan, price);
}

/** USD that a yes to the plan, or no question about it, allows; undefined where a cap holds, or a yes was said to whatever it costs. */
export function agreedTo(options: SpendOptions, plan: Plan, price: PlanPrice): number | undefined {
  const { maxCost, approved } = options;
  if (maxCost !== undefined || approved === true || price.unpriced.length > 0) return undefined;
  const { confirmAbove } = plan.session.loaded.settings;
  return Math.max(Math.min(price.upper.usd, capOf(options, plan) ?? Infinity), confirmAbove);
}

/** A running build asks again with it before it passes what was agreed to, with what the rest costs by what was learned meanwhile. */
export function agreementOf(
  options: SpendOptions & Pick<PlanOptions, 'batch' | 'now'>,
  plan: Plan,
  agreed: number,
): Agreement {
  const { confirm } = options;
  return new Agreement(agreed, async ({ spent, presumed, cap: before }) => {
    if (confirm === undefined) return undefined;
    const rest = await pricePlan(plan, { batch: batchModeOf(options) });
    const total = Math.min(spent + presumed + rest.upper.usd, capOf(options, plan) ?? Infinity);
    const words = `up to ${usd(total)} in all: ${usd(spent + presumed)} is spent, ${usd(before)} was agreed to`;
    return (await confirm({ usd: total, unpriced: rest.unpriced, words })) ? total : undefined;
  });
}

function nameList(names: readonly string[]): string {
  return names.length === 1 ? `model ${names[0] ?? ''} is` : `models ${names.join(', ')} are`;
}

function needsYes(price: PlanPrice, what: string, confirmAbove: number): ReturnType<typeof problem> {
  const { upper, unpriced: models } = price;
  const message = `the plan would spend ${what}; above ${usd(confirmAbove)} (confirmAbove) a yes is wanted`;
  const data = { ...upper, unpriced: models };
  if (models.length === 0) return problem('DD111', message, { data });
  return problem('DD111', message, {
    reason: 'price_unknown',
    cure: 'Let `daydream models refresh` read the prices, or fill input_price and output_price in llm_models.csv (0 for a model that costs nothing); or add `--yes`.',
    data,
  });
}

/** Unknown is not free: no cap can hold for a model whose price nobody knows. */
function refuseUnpriced({ session: { loaded } }: Plan, price: PlanPrice): void {
  const file = join(loaded.settings.dataRoot, '1_raw', 'llm_models.csv');
  const models = price.unpriced.map((id) => {
    const ask = loaded.graph.asks.find((each) => each?.modelId === id);
    return { id, model: ask?.model ?? id, priced: false, place: { file, field: 'input_price' } };
  });
  const problems = unpriced(models);
  if (problems.length > 0) throw new ProblemError(problems);
}
