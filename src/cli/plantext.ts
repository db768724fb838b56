// A plan in words and as JSON: what must run, why, and at what price. Decides nothing.
import { attemptedRows, countSelected, type Plan } from '../engine/planning.ts';
import type { Bound, PlanPrice } from '../engine/pricing.ts';
import { STAGES } from '../generation/stage.ts';
import { at, idAt } from '../graph/graph.ts';
import { STATES, whyWords } from '../plan/verdict.ts';
import type { Console } from './console.ts';

export interface PlanReport {
  readonly total: number;
  readonly attempted: number;
  readonly untraced: number;
  /** By stage: how many in each state that needs work, and how many for each reason. */
  readonly stages: readonly {
    readonly stage: string;
    readonly states: Readonly<Record<string, number>>;
    readonly reasons: Readonly<Record<string, number>>;
  }[];
}

export function reportOf(plan: Plan): PlanReport {
  const { verdicts } = plan.judge;
  const { graph } = plan.session.loaded;
  const stages = STAGES.map((stage) => ({
    stage,
    states: new Map<string, number>(),
    reasons: new Map<string, number>(),
  }));
  const rows = attemptedRows(plan);
  for (const row of rows) {
    const line = at(stages, at(graph.stage, row));
    bump(line.states, STATES[at(verdicts.state, row)] ?? '');
    for (const word of whyWords(at(verdicts.why, row))) bump(line.reasons, word);
  }
  const { total, untraced } = countSelected(plan, plan.selected);
  return {
    total,
    attempted: rows.length,
    untraced,
    stages: stages.map(({ stage, states, reasons }) => ({
      stage,
      states: sorted(states),
      reasons: sorted(reasons),
    })),
  };
}

function bump(counts: Map<string, number>, word: string): void {
  counts.set(word, (counts.get(word) ?? 0) + 1);
}

function sorted(counts: ReadonlyMap<string, number>): Readonly<Record<string, number>> {
  return Object.fromEntries([...counts].sort(([a, x], [b, y]) => y - x || (a < b ? -1 : 1)));
}

export function printPlan(console: Console, report: PlanReport, price: PlanPrice | undefined): void {
  const { total, attempted, untraced } = report;
  if (attempted === 0) {
    console.note(
      `nothing to run: ${total} generation${total === 1 ? ' is' : 's are'} current${untraced > 0 ? ` (${untraced} to be adopted)` : ''}`,
    );
    return;
  }
  console.note(`${attempted} of ${total} generations to run${untraced > 0 ? `, ${untraced} to adopt` : ''}`);
  for (const { stage, states, reasons } of report.stages) {
    if (Object.keys(states).length === 0) continue;
    console.note(`  ${stage.padEnd(10)} ${words(states).padEnd(28)} ${console.paint('dim', words(reasons))}`);
  }
  if (price !== undefined) console.note(priceText(price));
}

function words(counts: Readonly<Record<string, number>>): string {
  return Object.entries(counts)
    .map(([word, count]) => `${count} ${word}`)
    .join(', ');
}

export function priceText({ lower, upper, cached, unpriced }: PlanPrice): string {
  if (upper.calls === 0)
    return `  no paid call${cached > 0 ? `; ${cached} answers come from the response cache` : ''}`;
  const tokens = `${range(lower, upper, ({ promptTokens, replyTokens }) => thousands(promptTokens + replyTokens))} tokens`;
  const usd =
    unpriced.length > 0 && upper.usd === 0
      ? 'price unknown'
      : `${range(lower, upper, (bound) => `$${bound.usd.toFixed(bound.usd < 1 ? 4 : 2)}`)}`;
  const open = unpriced.length > 0 ? ` (no price for ${unpriced.join(', ')})` : '';
  return `  ${range(lower, upper, ({ calls }) => String(calls))} paid calls, ${tokens}, ${usd}${open}${cached > 0 ? `; ${cached} more come from the response cache` : ''}`;
}

function range(lower: Bound, upper: Bound, text: (bound: Bound) => string): string {
  const [low, high] = [text(lower), text(upper)];
  return low === high ? high : `${low}–${high}`;
}

function thousands(count: number): string {
  return count < 10_000 ? String(count) : `${Math.round(count / 1000)}k`;
}

/** Ids of what must run, the first few. */
export function attemptedIds(plan: Plan, limit: number): readonly string[] {
  return attemptedRows(plan)
    .slice(0, limit)
    .map((row) => idAt(plan.session.loaded.graph, row));
}
