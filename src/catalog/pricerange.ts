// Prices that can hardly be meant: entered by the token, or in another unit than dollars a million tokens. Knows no model.
import { warning, type Place, type Problem } from '../problem.ts';

/** USD per million tokens: a tenth of what the cheapest models take, and ten times what the dearest do. */
const LIKELY = { from: 0.001, to: 10_000 };
const MILLION = 1_000_000;

/** `what` names the price; nothing is odd about a model that costs nothing. */
export function oddPrice(what: string, usd: number | undefined, place: Place): readonly Problem[] {
  if (usd === undefined || usd === 0 || (usd >= LIKELY.from && usd <= LIKELY.to)) return [];
  const each = Number((usd * MILLION).toPrecision(6));
  const hint = usd < LIKELY.from ? `; of a price by the token it would be ${each}` : '';
  const message = `${what} is ${usd} USD per million tokens, which can hardly be meant${hint}.`;
  return [warning('DD289', message, { place, reason: 'odd_price', data: { usd } })];
}
