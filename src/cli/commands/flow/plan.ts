// daydream plan: what would run and why, at what price. Writes nothing.
import { attemptedRows, makePlan, refuseOfflineOverPaid } from '../../../engine/plan/plan.ts';
import { pricePlan, type Bound, type PriceLine } from '../../../engine/money/price.ts';
import { openSession } from '../../../engine/project/session.ts';
import { requestOf, REQUEST_OPTIONS } from './buildrequest.ts';
import type { Invocation, CommandSpec } from '../../call/command.ts';
import type { ExitCode } from '../../call/exitcode.ts';
import { range, usd } from '../../words/money.ts';
import { basisText, priceText, printPlan, reportOf } from '../../words/plan.ts';

export const command: CommandSpec = {
  words: '[...selectors]',
  options: REQUEST_OPTIONS,
  examples: ['plan', 'plan template:rolling-* --json', 'plan --force draft'],
  run: showPlan,
};

export async function showPlan(call: Invocation): Promise<ExitCode> {
  const { console } = call;
  const request = requestOf(call);
  const session = await openSession({ ...(await call.load()), verify: call.options.flag('verify') });
  if (!console.json) console.problems(session.loaded.warnings);
  const plan = await makePlan(session, request);
  refuseOfflineOverPaid(plan);
  const offline = call.options.flag('offline');
  const price = await pricePlan(plan, {
    concurrency: call.options.count('concurrency'),
    calls: offline ? 'none' : 'allowed',
  });
  const report = reportOf(plan);
  if (console.json) {
    const { explain } = await import('../../../plan/explain.ts');
    const { graph } = session.loaded;
    const generations = attemptedRows(plan).map((row) =>
      explain({ graph, index: session.index, verdicts: plan.judge.verdicts }, row),
    );
    console.printJson({ version: 1, ...report, price, warnings: session.loaded.warnings, generations });
    return 0;
  }
  // Here the plan is the answer, not a word on the way to one.
  printPlan({ ...console, note: console.print }, report, undefined);
  if (report.attempted > 0) console.print(priceText(price));
  for (const line of price.lines) console.print(console.paint('dim', lineText(line)));
  return 0;
}

function lineText(line: PriceLine): string {
  const { by, name, lower, upper } = line;
  const calls = range(String(lower.calls), String(upper.calls));
  const basis = by === 'model' ? `, ${basisText(line, 'this model')}` : '';
  return `    ${by.padEnd(6)} ${name.padEnd(24)} ${calls} ${upper.calls === 1 ? 'call' : 'calls'}  ${moneyText(lower, upper)}${basis}`;
}

/** Nothing is a price too, for models of which one is known. */
function moneyText(lower: Bound, upper: Bound): string {
  if (upper.unpriced === upper.calls) return 'price unknown';
  const money = range(usd(lower.usd), usd(upper.usd));
  return upper.unpriced === 0 ? money : `${money}, and ${upper.unpriced} of unknown price`;
}
