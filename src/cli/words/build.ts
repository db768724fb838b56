// A build's end in words. Decides nothing.
import type { BuildReport } from '../../api/building/events.ts';
import { STAGES } from '../../generation/stage.ts';
import { ROUNDING } from '../../model/money/budget.ts';
import type { LeftGroup, RunSummary } from '../../run/events.ts';
import { knownUsd, type Spending, unknownIn } from '../../store/ledger/spending.ts';
import type { Console } from '../console.ts';
import { printStanding } from './reasons/standing.ts';
import { printRemote } from './remote.ts';
import { printFailures } from './reasons/failure.ts';
import { moment, momentAfter, nonZero, plural, range, sourcesOf, usd, usdOf } from '../../text/amounts.ts';

type Money = Pick<BuildReport, 'reckoning' | 'cap' | 'drawn' | 'agreed' | 'enough'>;
type Ending = Pick<BuildReport, 'summary' | 'counts' | 'below' | 'reports' | 'remote'> & Money;

/** What the caller knows beside the report. */
export interface Said {
  /** The words that selected. */
  readonly select?: readonly string[];
  /** Whether the plan was said before: where nothing was to run it has said how things stand. */
  readonly plan?: boolean;
}

export function printBuild(
  console: Console,
  { summary, counts, below, reports, remote, ...money }: Ending,
  said: Said = {},
): void {
  if (summary !== undefined) printSummary(console, summary, money);
  if (remote !== undefined) printRemote(console, remote);
  const written = reports.filter(({ result }) => result === 'written').length;
  if (written > 0) console.note(`  ${plural(written, 'report table')} written`);
  if (summary !== undefined || said.plan !== true) printStanding(console, counts);
  const waiting = nonZero(below);
  if (waiting === '') return;
  const command = `daydream build${belowWords(said.select ?? [])}`;
  console.note(console.paint('yellow', `below: ${waiting}; \`${command}\` makes them`));
}

/** Selects what is below the selection too; where that can not be written term by term, everything. */
function belowWords(select: readonly string[]): string {
  const plain = select.length > 0 && select.every((word) => !/[\s,+*'"]/.test(word));
  return plain ? ` ${select.map((word) => `${word}+`).join(' ')}` : '';
}

function printSummary(console: Console, summary: RunSummary, money: Money): void {
  console.note(`built ${builtText(summary)}`);
  console.note(`  ${howText(summary) || (summary.paidFailures === undefined ? 'no call' : 'no answer')}`);
  const { offline } = summary.how;
  if (offline > 0)
    console.note(
      console.paint(
        'yellow',
        `  ${plural(offline, 'text')} ${offline === 1 ? 'was' : 'were'} written by the offline model: no model was asked`,
      ),
    );
  const { adopted, unchanged, failed, blocked } = summary;
  const others = nonZero({ adopted, 'unchanged below': unchanged, failed, blocked });
  if (others !== '') console.note(`  ${others}`);
  for (const line of moneyLines(summary, money)) console.note(`  ${line}`);
  if (summary.team.answers > 0) console.note(`  ${teamText(summary.team)}`);
  printFailures(console, summary.failures);
  for (const group of summary.leftBy) console.note(console.paint('yellow', `  ${leftText(group, money)}`));
}

/** `2 drafts, 1 essay`, or `nothing`. */
export function builtText({ built }: Pick<RunSummary, 'built'>): string {
  const parts = STAGES.flatMap((stage) => (built[stage] > 0 ? [plural(built[stage], stage)] : []));
  return parts.length === 0 ? 'nothing' : parts.join(', ');
}

function howText({ how }: RunSummary): string {
  return nonZero({
    ...counted(how.called, 'model call', 'model calls'),
    ...counted(how.offline, 'offline answer', 'offline answers'),
    ...counted(how.cached, 'answer from the cache', 'answers from the cache'),
    ...counted(how.copied, 'copy', 'copies'),
    'scored by code': how.scored,
    rendered: how.rendered,
    parsed: how.parsed,
  });
}

function counted(count: number, one: string, many: string): Readonly<Record<string, number>> {
  return { [count === 1 ? one : many]: count };
}

/** What it cost against what it was estimated to cost, and what was not paid again. */
function moneyLines(summary: RunSummary, { reckoning }: Money): readonly string[] {
  const what = callsText(summary);
  const lost = lostText(summary.spent.maybeBilled);
  if (reckoning === undefined) {
    const { cost, spent } = summary;
    return cost === 0 && unknownIn(spent) === 0 ? lost : [spentText(spent, what), ...lost];
  }
  const { estimated, actual, saved } = reckoning;
  const { lower, upper, calls, unpriced } = estimated;
  const estimate = `${range(usdOf(lower, unpriced.lower), usdOf(upper, unpriced.upper))} for ${range(String(calls.lower), String(calls.upper))}`;
  const { cached, unchanged } = saved;
  const kept = [
    ...(cached.answers === 0
      ? []
      : [`${plural(cached.answers, 'answer')} from the cache (${usdOf(cached.cost, cached.unknown)})`]),
    ...(unchanged.generations === 0
      ? []
      : [
          `${plural(unchanged.generations, 'unchanged generation')} (${usdOf(unchanged.cost, unchanged.unknown)})`,
        ]),
  ];
  return [
    `${spentText(actual.spent, what)}, estimated ${estimate}`,
    ...lost,
    ...(kept.length === 0 ? [] : [`not paid again: ${kept.join(', ')}`]),
  ];
}

/** What others of the team have paid for. */
export function teamText({ answers, saved, unknown = 0 }: RunSummary['team']): string {
  return `saved by the team: ${usdOf(saved, unknown)} for ${plural(answers, 'answer')}`;
}

/** What calls cost, and how that is known. */
function spentText(spent: Spending, calls: string): string {
  const sum = usdOf(knownUsd(spent), unknownIn(spent));
  const sources = sum === 'unknown' ? '' : sourcesOf(spent);
  const of = calls === '' && sum !== 'unknown' ? plural(0, 'call') : calls;
  const how = sources === '' ? '' : ` (${sources})`;
  return `spent${sum === 'unknown' ? ':' : ''} ${sum}${of === '' ? '' : ` for ${of}`}${how}`;
}

/** What it was spent on. A generation that failed counts once, however many calls for it were billed. */
function callsText({ how: { called }, paidFailures = 0, unusedRows = 0 }: RunSummary): string {
  return [
    ...(called === 0 ? [] : [plural(called, 'call')]),
    ...(paidFailures === 0 ? [] : [`${plural(paidFailures, 'generation')} whose calls failed`]),
    ...(unusedRows === 0 ? [] : [`${plural(unusedRows, 'row')} of batches that made nothing here`]),
  ].join(' and ');
}

function lostText(lost: number): readonly string[] {
  return lost === 0
    ? []
    : [`${plural(lost, 'reply', 'replies')} lost on the way, which may have been billed all the same`];
}

/** A cap is passed only by bills that nobody could know before: of a model that is called free, or dearer than its prices say. */
function capText(cap: number | undefined, drawn = 0): string {
  if (cap === undefined) return 'the next call might have passed the cap';
  return drawn > cap + ROUNDING
    ? `the cap of ${usd(cap)} is passed, since replies were billed more than their prices say: ${usd(drawn)}`
    : `the next call might have passed the cap of ${usd(cap)}`;
}

/** Why work is left, and how it goes on. */
function leftText({ why, count, pool, until }: LeftGroup, { cap, drawn, agreed, enough }: Money): string {
  const left = `${plural(count, 'generation')} left`;
  switch (why) {
    case 'over_budget':
      return `${left}: ${capText(cap, drawn)}; ${enough === undefined ? 'a higher --max-cost goes on' : `\`--max-cost ${enough}\` would do for the rest`}`;
    case 'over_agreed':
      return `${left}: the next call was expected to pass ${agreed === undefined ? 'what was' : `the ${usd(agreed)} that were`} agreed to; \`daydream build --yes\`${enough === undefined ? '' : `, or \`--max-cost ${enough}\`,`} goes on`;
    case 'parked':
      return `${left}: pool ${pool ?? ''} is done until ${until === undefined ? 'its reset' : moment(until)}; \`daydream build\` then goes on, \`daydream watch\` does by itself`;
    case 'interrupted':
      return `${left}: nothing more was started; \`daydream build\` goes on`;
    case 'submitted':
      return `${left}: put into batches, which \`daydream batches\` shows, or below what is; \`daydream build\` takes what has ended`;
    case 'for_batch':
      return `${left}: their pool goes by batches, which a watch does not send; \`daydream build\` does`;
    case 'batches_full':
      return `${left}: as many batches of their pool are open as its maxInFlight allows; the next \`daydream build\` goes on`;
    case 'batch_refused':
      return `${left}: their batch was refused, so nothing of it is asked`;
    case 'batch_limited':
      return `${left}: the provider takes no batch of theirs ${until === undefined ? 'for now' : `before ${momentAfter(until)}`}; \`daydream build --batch\` tries again`;
    case 'superseded':
      return `${left}: what they were asked is no longer wanted`;
    default:
      return why satisfies never;
  }
}
