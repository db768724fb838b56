// Who a watch asks: the providers and pools of the settings in force, kept from run to run so that their limits hold across them.
// Knows no plan beyond the names in it.
import { OFFLINE, type Settings } from '../config.ts';
import { needsOf } from '../engine/build/answerer.ts';
import { openAnswerer, type Answerer, type AnswererOptions } from '../engine/build/answerer.ts';
import { attemptedRows, type Plan } from '../engine/plan/plan.ts';
import type { Desk } from '../run/desk.ts';

type Fixed = Pick<
  AnswererOptions,
  'clock' | 'random' | 'concurrency' | 'budget' | 'agreement' | 'expect' | 'attempts' | 'onHealth' | 'odd'
>;

export class Answerers {
  readonly #fixed: Fixed;
  readonly #desk: Desk;
  #open:
    | { readonly key: string; readonly answerer: Answerer; readonly names: ReadonlySet<string> }
    | undefined;

  constructor(fixed: Fixed, desk: Desk) {
    this.#fixed = fixed;
    this.#desk = desk;
  }

  /** Throws a ProblemError when a key is missing that the plan needs. */
  for(plan: Plan, environment: AnswererOptions['environment']): Answerer {
    const { graph, settings, layout } = plan.session.loaded;
    const needs = needsOf(graph, attemptedRows(plan));
    const key = keyOf(settings, environment);
    const wanted = [...needs.providers, ...needs.pools];
    if (this.#open?.key === key && wanted.every((name) => this.#open?.names.has(name) === true))
      return this.#open.answerer;
    const providers = new Set([...needs.providers, ...askable(plan, environment)]);
    const pools = new Set([...needs.pools, ...graph.asks.flatMap((ask) => ask?.pool ?? [])]);
    const answerer = openAnswerer({ settings, layout, environment, ...this.#fixed, providers, pools });
    this.close();
    this.#open = { key, answerer, names: new Set([...providers, ...pools]) };
    return answerer;
  }

  /** Nothing waiting is started any more; the next plan is asked through others. */
  stopStarting(): void {
    this.#open?.answerer.dispatcher?.stopStarting();
    this.close();
  }

  /** What is in flight ends first. */
  close(): void {
    const answerer = this.#open?.answerer;
    this.#open = undefined;
    if (answerer !== undefined) void this.#desk.settled().then(() => answerer.close());
  }
}

/** Providers of the graph that could be asked, whether or not this plan needs them. */
function askable({ session }: Plan, environment: AnswererOptions['environment']): readonly string[] {
  const { graph, settings } = session.loaded;
  const names = new Set(graph.asks.flatMap((ask) => ask?.provider ?? []));
  return [...names].filter((name) => {
    const variable = settings.providers[name]?.apiKeyEnv;
    return name !== OFFLINE && (variable === undefined || (environment[variable] ?? '') !== '');
  });
}

function keyOf(
  { providers, pools, timeouts }: Settings,
  environment: AnswererOptions['environment'],
): string {
  const keys = Object.values(providers).map(({ apiKeyEnv }) => environment[apiKeyEnv ?? ''] ?? '');
  return JSON.stringify([providers, pools, timeouts, keys]);
}
