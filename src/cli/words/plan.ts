// A plan in words: what must run, why, and at what price. Decides nothing.
import type { PlanCounts } from '../../api/plan.ts';
import type { PartReport } from '../../api/sharing.ts';
import type { BatchPlan, BatchRound } from '../../engine/money/batchplan.ts';
import type { Bound } from '../../engine/money/bounds.ts';
import type { PlanPrice, PriceLine } from '../../engine/money/price.ts';
import type { Bottleneck, Duration } from '../../model/money/duration.ts';
import { filesText } from '../../plan/reasonwords.ts';
import { plural, range, span, tokens, usd } from '../../text/amounts.ts';
import type { Console } from '../console.ts';
import { cureText, standingText } from './reasons/standing.ts';

export function printPlan(console: Console, report: PlanCounts, price: PlanPrice | undefined): void {
  const { total, attempted, above, counts, part } = report;
  if (part !== undefined) for (const line of partLines(part)) console.note(line);
  if (attempted === 0) {
    console.note(`nothing to run: ${standingText(counts)}`);
    const cure = cureText(counts);
    if (cure !== '') console.note(`  ${cure}`);
    return;
  }
  const they = attempted === 1 ? 'it that it needs' : 'them that they need';
  const needed = above === 0 ? '' : `, and ${above} above ${they}`;
  const adopted = counts.untraced > 0 ? `, ${counts.untraced} to adopt` : '';
  console.note(`${attempted} of ${plural(total, 'generation')} to run${needed}${adopted}`);
  for (const { stage, states, reasons } of report.stages) {
    if (Object.keys(states).length === 0) continue;
    console.note(`  ${stage.padEnd(10)} ${words(states).padEnd(28)} ${console.paint('dim', words(reasons))}`);
  }
  if (report.templateFiles !== undefined)
    console.note(`  ${'changed'.padEnd(10)} ${filesText(report.templateFiles)}`);
  if (price !== undefined) console.note(priceText(price));
}

/** Which part it is, and what that does to the limits. */
function partLines({ index, of, limitsDividedBy, limits, maxCost }: PartReport): readonly string[] {
  const head = `part ${index} of ${of}`;
  if (limitsDividedBy === 1) return [`${head}, with limits of its own`];
  const over = limits.filter(({ whole, part }) => part * limitsDividedBy > whole);
  return [
    `${head}: limits of pools and of money are divided by ${limitsDividedBy}`,
    ...limits.map(({ pool, limit, whole, part }) => `  ${pool} ${limit} ${whole} -> ${part}`),
    ...(maxCost === undefined ? [] : [`  cap ${usd(maxCost.whole)} -> ${usd(maxCost.part)}`]),
    ...over.map(
      ({ pool, limit, whole, part }) =>
        `  ${of} parts of ${pool} with ${part} each pass its ${limit} of ${whole}: fewer parts would keep it`,
    ),
  ];
}

function words(counts: Readonly<Record<string, number>>): string {
  return Object.entries(counts)
    .map(([word, count]) => `${count} ${word}`)
    .join(', ');
}

/** Calls, tokens and money with both bounds; then time; then what the bounds rest on; then what goes into batches. */
export function priceText(price: PlanPrice): string {
  const { lower, upper, cached, team = 0, unpriced, duration, batches } = price;
  const sources = [
    ...(cached === 0 ? [] : [`${plural(cached, 'answer')} from the response cache`]),
    ...(team === 0 ? [] : [`${plural(team, 'answer')} from the team`]),
  ];
  const fromCache = sources.map((each) => `; ${each}`).join('');
  if (upper.calls === 0) return `  no paid call${fromCache}`;
  const between = (text: (bound: Bound) => string): string => range(text(lower), text(upper));
  const money = unpriced.length > 0 && upper.usd === 0 ? 'price unknown' : between((bound) => usd(bound.usd));
  const open = unpriced.length === 0 ? '' : ` (no price for ${unpriced.join(', ')})`;
  const head = `  ${callsText(price)}, ${between(({ promptTokens, replyTokens }) => tokens(promptTokens + replyTokens))} tokens, ${money}${open}${fromCache}`;
  const rest = [
    ...(duration === undefined ? [] : [durationText(duration)]),
    basisText(price, 'these models'),
    ...(batches === undefined ? [] : batchLines(batches)),
  ];
  return [head, ...rest.map((line) => `  ${line}`)].join('\n');
}

/** Round by round, at both prices, and what is not known of them. */
function batchLines({ rounds, undiscounted, without, ...all }: BatchPlan): readonly string[] {
  const head = `batches: ${roundText(all)}, in ${plural(rounds.length, 'round')}: each takes minutes as a rule, at most a day or so`;
  const unknown = `no batch price is known of ${undiscounted.join(', ')}, so no discount is counted: \`daydream models refresh\` reads what the provider lists`;
  const nowhere = without.map(
    (provider) =>
      `provider ${provider} has no batches: what is to go into them fails; set providers.${provider}.batch`,
  );
  return [
    ...(rounds.length === 0 ? [] : [head]),
    ...rounds.map((round) => `  ${round.stage.padEnd(10)} ${roundText(round)}`),
    ...(undiscounted.length === 0 ? [] : [unknown]),
    ...nowhere,
  ];
}

function roundText({ lower, upper, directly }: Omit<BatchRound, 'stage'>): string {
  const count = range(String(lower.calls), String(upper.calls));
  const questions = `${count} question${upper.calls === 1 ? '' : 's'}`;
  if (upper.unpriced === upper.calls) return `${questions}, price unknown`;
  const [batched, now] = [
    range(usd(lower.usd), usd(upper.usd)),
    range(usd(directly.lower), usd(directly.upper)),
  ];
  const unknown = upper.unpriced === 0 ? '' : `, and ${upper.unpriced} of unknown price`;
  return `${questions}, ${batched}${batched === now ? '' : ` instead of ${now}`}${unknown}`;
}

/** Calls that cost nothing are no paid ones. */
function callsText({ lower, upper }: Pick<PriceLine, 'lower' | 'upper'>): string {
  const kinds = [
    { word: 'paid call', least: lower.calls - lower.free, most: upper.calls - upper.free },
    { word: 'free call', least: lower.free, most: upper.free },
  ];
  return kinds
    .filter(({ most }) => most > 0)
    .map(({ word, least, most }) => `${range(String(least), String(most))} ${word}${most === 1 ? '' : 's'}`)
    .join(', ');
}

/** What an estimate rests on. */
export function basisText(line: Omit<PriceLine, 'by' | 'name'>, whose: string): string {
  const { upper, seen, unseen, billed = 0, unpricedAsBilled } = line;
  const dearer =
    billed === 0
      ? ''
      : `; ${billed === upper.calls ? '' : `${plural(billed, 'call')} `}billed more before than llm_models.csv says`;
  const asBilled =
    unpricedAsBilled === undefined
      ? ''
      : `; ${upper.unpriced === upper.calls ? '' : 'those without a price come to '}${usd(unpricedAsBilled)} as such replies were billed`;
  const bills = dearer + asBilled;
  if (seen === 0 || unseen === upper.calls) return `nothing known: max_tokens${bills}`;
  const known = `from ${seen} ${seen === 1 ? 'reply' : 'replies'} of ${whose}`;
  const open = unseen === 0 ? '' : `; of ${plural(unseen, 'call')} nothing known: max_tokens`;
  return `${known}${open}${bills}`;
}

const LIMITS: Readonly<Record<Bottleneck, string>> = {
  concurrency: 'calls at a time',
  requests_per_minute: 'requests a minute',
  tokens_per_minute: 'tokens a minute',
  requests_per_day: 'requests a day',
};

/** How long at most, by which limit of which pool, and what must wait for another day. */
function durationText({ ms, pools }: Duration): string {
  const [slowest] = [...pools].sort((a, b) => b.ms - a.ms);
  if (slowest === undefined) return `about ${span(ms)}`;
  const { pool, bottleneck, callsToday } = slowest;
  const today = bottleneck === 'requests_per_day' ? `, ${callsToday} of them today` : '';
  return `up to about ${span(ms)}: pool ${pool} is held by its ${LIMITS[bottleneck]}${today}`;
}
