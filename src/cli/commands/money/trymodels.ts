// daydream models try: one tiny question to each model, its price said first, and what came of it.
import { readModelPrices } from '../../../engine/money/modelprices.ts';
import { trialsOf, tryModels, type Trial, type Tried } from '../../../engine/money/trying.ts';
import { problem, ProblemError } from '../../../problem.ts';
import { problemOfCut } from '../../../model/diagnosis.ts';
import { unpriced } from '../../../model/money/budget.ts';
import { plural, usd, usdOf } from '../../../text/amounts.ts';
import type { Invocation } from '../../call/command.ts';
import type { ExitCode } from '../../call/exitcode.ts';
import { displayText } from '../../../text/display.ts';
import { spendOptionsOf } from '../flow/buildrequest.ts';
import { whileLocked } from '../upkeep/locked.ts';

/** 1 where a model did not answer or refuses a setting, as a check would. */
export async function tryThem(call: Invocation, names: readonly string[]): Promise<ExitCode> {
  const { console, stopping, load, clock } = call;
  const { environment, ...loading } = await load();
  const prices = await readModelPrices({ ...loading, environment });
  const trials = trialsOf(prices, names);
  await consent(call, trials, prices.settings);
  stopping.listen(() => {});
  const found = await whileLocked(call, 'lock', ({ layout }) =>
    tryModels(prices, trials, {
      environment,
      clock,
      signal: stopping.abort,
      ledger: layout.ledger,
      hear: (tried) => {
        if (!console.json) for (const line of linesOf(tried)) console.print(line);
      },
    }),
  );
  if (console.json) console.printJson({ version: 1, models: found });
  console.problems(
    found.flatMap(({ cut, model, promptEstimate, promptTokens }) =>
      cut ? [problemOfCut({ model, estimate: promptEstimate, counted: promptTokens ?? 0 })] : [],
    ),
  );
  if (found.length < trials.length) return 130;
  return found.every(({ answered, refused }) => answered && refused.length === 0) ? 0 : 1;
}

/** Says what it may cost, and asks where that is much or not known. */
async function consent(
  call: Invocation,
  trials: readonly Trial[],
  { confirmAbove, maxCost = Infinity }: { readonly confirmAbove: number; readonly maxCost?: number },
): Promise<void> {
  const unknown = trials.filter(({ ceiling }) => ceiling === undefined);
  const most = trials.reduce((sum, { ceiling = 0 }) => sum + ceiling, 0);
  const price =
    unknown.length === 0
      ? `up to ${usd(most)}`
      : `${most === 0 ? '' : `up to ${usd(most)}, and `}an unknown sum: no price for ${namesOf(unknown)}`;
  call.console.note(`one tiny question to ${plural(trials.length, 'model')}: ${price}`);
  if (maxCost < Infinity && unknown.length > 0)
    throw new ProblemError(unpriced(unknown.map(({ id, ask }) => ({ id, model: ask.model, priced: false }))));
  if (most > maxCost)
    throw new ProblemError([problem('DD603', `that might pass the cap of ${usd(maxCost)} (maxCost)`)]);
  if (most <= confirmAbove && unknown.length === 0) return;
  const { approved, confirm } = spendOptionsOf(call);
  if (approved === true || ((await confirm?.({ usd: most, unpriced: [], words: price })) ?? false)) return;
  // It takes no --max-cost, which the usual cure names.
  const cure = 'Add `--yes`, or name fewer models.';
  throw new ProblemError([problem('DD111', `models try would spend ${price}: a yes is wanted`, { cure })]);
}

const namesOf = (trials: readonly Trial[]): string => trials.map(({ id }) => id).join(', ');

function linesOf({ id, answered, text, seconds, refused, ...money }: Tried): readonly string[] {
  const said = answered ? `answered ${JSON.stringify(displayText(text).slice(0, 60))}` : displayText(text);
  const { cost, costFrom, costUnknown, promptTokens, promptEstimate } = money;
  const known = costFrom === undefined ? '' : ` (${HOW[costFrom]})`;
  const price =
    cost === undefined && !costUnknown ? [] : [`${usdOf(cost ?? 0, costUnknown ? 1 : 0)}${known}`];
  const tokens = `${promptTokens ?? 'nobody counted the'} prompt tokens, ${promptEstimate} estimated`;
  return [
    `${id}: ${said}`,
    `  ${[`${seconds} s`, ...price, ...(answered ? [tokens] : [])].join(', ')}`,
    ...refused.map(({ setting, line }) =>
      line === undefined ? `  refuses ${setting}` : `  refuses ${setting}; in daydream.config.ts: ${line}`,
    ),
  ];
}

const HOW = {
  provider: 'billed',
  tokens: 'counted from tokens',
  estimate: 'estimated without them',
} as const;
