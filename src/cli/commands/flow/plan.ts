// daydream plan: what would run and why, at what price. Writes nothing.
import { countsOf, planProject, planReport } from '../../../api/plan.ts';
import { sharing } from '../../../api/sharing.ts';
import type { Bound } from '../../../engine/money/bounds.ts';
import type { PriceLine } from '../../../engine/money/price.ts';
import type { Session } from '../../../engine/project/session.ts';
import { range, usd } from '../../../text/amounts.ts';
import { BATCH_OPTIONS, planOptionsOf, REQUEST_OPTIONS, spendOptionsOf } from './buildrequest.ts';
import type { Invocation, CommandSpec } from '../../call/command.ts';
import type { ExitCode } from '../../call/exitcode.ts';
import { tellBroken } from '../../words/reasons/broken.ts';
import { remoteLooked } from '../../words/remote.ts';
import { basisText, priceText, printPlan } from '../../words/plan.ts';

export const command: CommandSpec = {
  words: '[...selectors]',
  options: [
    ...REQUEST_OPTIONS,
    ...BATCH_OPTIONS,
    {
      flags: '--remote',
      text: "look into the team's remote cache too, for 5 s at most: what is there is no call",
    },
  ],
  examples: ['plan', 'plan template:rolling-* --json', 'plan --force draft', 'plan --batch', 'plan --remote'],
  run: showPlan,
};

export async function showPlan(call: Invocation): Promise<ExitCode> {
  const { console } = call;
  const options = {
    ...planOptionsOf(call),
    ...spendOptionsOf(call),
    remote: call.options.flag('remote'),
  };
  const onOpened = ({ loaded }: Session): void => {
    if (!console.json) console.problems(loaded.warnings);
  };
  const loading = await call.load();
  const priced = await planProject({ ...loading, onOpened }, sharing(options, loading.environment));
  if (console.json) {
    console.printJson({ version: 1, ...(await planReport(priced)) });
    return tellBroken(call, priced.plan.broken, 0);
  }
  const counts = countsOf(priced.plan, priced.part);
  const { price, remote } = priced;
  // Here the plan is the answer, not a word on the way to one.
  printPlan({ ...console, note: console.print }, counts, undefined);
  if (counts.attempted > 0) console.print(priceText(price));
  if (remote !== undefined) for (const line of remoteLooked(remote)) console.print(`  ${line}`);
  for (const line of price.lines) console.print(console.paint('dim', lineText(line)));
  return tellBroken(call, priced.plan.broken, 0);
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
