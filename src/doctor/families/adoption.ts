// Findings about what another tool made: what will be taken over as it is, what is stale, and at what price it would be made again.
import { pricePlan, type PlanPrice } from '../../engine/money/price.ts';
import { at } from '../../graph/graph.ts';
import { termOf } from '../../graph/selectors.ts';
import { WHY } from '../../plan/verdict.ts';
import { shellWord } from '../../text/quotes.ts';
import type { Examination, Opened } from '../examination.ts';
import { finding, type Finding } from '../findings.ts';

export async function adoptionFindings({ opened, asked }: Examination): Promise<readonly Finding[]> {
  if (opened === undefined) return [];
  const { graph } = opened.session.loaded;
  const { verdicts } = opened.plan.judge;
  const found: Finding[] = [];
  for (const { id: cohort, members } of graph.cohorts) {
    if (!asked.cohort(cohort)) continue;
    const adopted = members.filter((row) => at(verdicts.untraced, row) === 1).length;
    if (adopted > 0) {
      const message = `cohort ${cohort}: ${adopted} generations of another tool fit the inputs and will be taken over as they are`;
      found.push(finding('to_adopt', message, { cohort, data: { count: adopted } }));
    }
    const stale = members.filter((row) => (at(verdicts.why, row) & WHY.foreign_prompt) !== 0);
    if (stale.length > 0) found.push(await staleFinding(opened, cohort, stale));
  }
  return found;
}

async function staleFinding(opened: Opened, cohort: string, stale: Uint32Array): Promise<Finding> {
  const { graph } = opened.session.loaded;
  const scope = new Uint8Array(graph.size);
  for (const row of stale) scope[row] = 1;
  // What is below them may have to be made again too.
  for (let row = 0; row < graph.size; row++) {
    const parent = at(graph.parent, row);
    if (parent >= 0 && scope[parent] === 1) scope[row] = 1;
  }
  const price = await pricePlan({ ...opened.plan, scope });
  const message = `cohort ${cohort}: ${stale.length} generations of another tool were made from other prompts; to make them current takes ${priceWords(price)}`;
  const term = termOf('cohort', cohort);
  return finding('foreign_stale', message, {
    cohort,
    data: { count: stale.length, lower: price.lower, upper: price.upper, unpriced: price.unpriced },
    cure: `Accept them as they are: \`daydream adopt ${shellWord(`${term},state:stale`)}\`; or make them again: \`daydream build ${shellWord(term)}\`.`,
  });
}

function priceWords({ lower, upper, unpriced }: PlanPrice): string {
  const [least, most] = [lower.calls - lower.free, upper.calls - upper.free];
  const calls = least === most ? String(most) : `${least} to ${most}`;
  const open =
    unpriced.length === 0 ? '' : `, without the price of ${unpriced.join(', ')}, which is not known`;
  return `${calls} paid calls, $${lower.usd.toFixed(2)} to $${upper.usd.toFixed(2)}${open}`;
}
