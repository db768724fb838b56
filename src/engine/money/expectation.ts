// What a call is expected to cost at most when it is about to be sent, by the same rule as a plan's upper bound. Asks nobody.
import type { CallHistory } from '../../model/money/history.ts';
import { costOfTokens, priceOfAsk } from '../../model/money/prices.ts';
import { estimateTokens } from '../../model/money/tokens.ts';
import type { Question } from '../../run/question.ts';
import type { Plan } from '../plan/plan.ts';
import { forecast, type Forecast } from './forecast.ts';

/** USD; undefined where nobody knows: no price, or a price of nothing of which no reply was seen yet. `history` is read when the first call is asked about. */
export function expectation(
  { session: { loaded, index } }: Pick<Plan, 'session'>,
  history: () => CallHistory,
): (question: Question) => number | undefined {
  let seen: CallHistory | undefined;
  let ahead: Forecast | undefined;
  return ({ task, ask, prompt }) => {
    const price = priceOfAsk(ask);
    if (price === undefined) return undefined;
    seen ??= history();
    ahead ??= forecast(loaded.graph, index, seen);
    const tokens = Math.ceil(estimateTokens(prompt.text) * ahead.factor(ask.model));
    const billed = ahead.billed(ask.model, task.stage, price) ?? 0;
    const usd = Math.max(costOfTokens(price, tokens, ahead.reply(task, ask).p90), billed);
    return usd > 0 || seen.bills.knows(ask.model, task.stage) ? usd : undefined;
  };
}
