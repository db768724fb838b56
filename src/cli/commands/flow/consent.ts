// Before money is spent: what a cap can not hold is refused, and above the threshold somebody is asked. Prices nothing itself.
import { join } from 'node:path';
import { createInterface } from 'node:readline/promises';
import type { Plan } from '../../../engine/plan/plan.ts';
import type { PlanPrice } from '../../../engine/money/price.ts';
import { problem, ProblemError } from '../../../problem.ts';
import { unpriced } from '../../../model/money/budget.ts';
import type { Invocation } from '../../call/command.ts';
import { usd } from '../../words/money.ts';

/** The cap of a run in USD: `--max-cost`, else the config's. */
export function capOf({ options }: Pick<Invocation, 'options'>, plan: Plan): number | undefined {
  return options.number('max-cost') ?? plan.session.loaded.settings.maxCost;
}

/** What the plan would spend, in words, where somebody has to say yes first. Throws a ProblemError where no yes would do. */
export function wordWanted(
  call: Pick<Invocation, 'options'>,
  plan: Plan,
  price: PlanPrice,
): string | undefined {
  if (price.upper.calls === 0) return undefined;
  const cap = capOf(call, plan);
  if (cap !== undefined) refuseUnpriced(plan, price);
  const { confirmAbove } = plan.session.loaded.settings;
  const most = Math.min(price.upper.usd, cap ?? Infinity);
  const unknown = price.unpriced.length > 0;
  if (most <= confirmAbove && !unknown) return undefined;
  if (call.options.number('max-cost') !== undefined || call.options.flag('yes')) return undefined;
  return unknown ? `an unknown sum: ${nameList(price.unpriced)} without a price` : `up to ${usd(most)}`;
}

/** Returns when the plan may spend what it costs, and throws a ProblemError when it may not. */
export async function consent(call: Invocation, plan: Plan, price: PlanPrice): Promise<void> {
  const what = wordWanted(call, plan, price);
  if (what === undefined) return;
  const { confirmAbove } = plan.session.loaded.settings;
  if (!call.console.interactive) throw new ProblemError([needsYes(price, what, confirmAbove)]);
  if (!(await isConfirmed(`Spend ${what}? [y/N] `)))
    throw new ProblemError([problem('DD111', 'the spending was not confirmed, so nothing was run')]);
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

/** Anything but a yes is a no; so is the end of the input. */
async function isConfirmed(question: string): Promise<boolean> {
  const terminal = createInterface({ input: process.stdin, output: process.stderr });
  const closed = new AbortController();
  terminal.once('close', () => closed.abort());
  try {
    const answer = await terminal.question(question, { signal: closed.signal });
    return /^y(es)?$/i.test(answer.trim());
  } catch {
    return false;
  } finally {
    terminal.close();
  }
}
