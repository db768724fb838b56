// One generation from start to end: prepared, asked (or found in the cache), finished. Knows no order and no scheduler.
import { shortName } from '../canonical.ts';
import { partsAt, type Ask, type Task } from '../graph/graph.ts';
import { numberField } from '../model/fields.ts';
import { costOfTokens, priceOfAsk } from '../model/money/prices.ts';
import { knownUsd, type Spending } from '../store/ledger/spending.ts';
import { keptAnswer, type KeptAnswer } from '../store/responses.ts';
import type { Desk } from './desk.ts';
import type { How, Outcome } from './events.ts';
import { adopt, finish, finishFailed, finishPrompt } from './finish.ts';
import { prepare, type Prepared, type Prompt } from './prepare.ts';
import { questionOf, type Question } from './question.ts';
import { isCode } from '../generation/mode.ts';
import { rawOfCopy, rawOfReply, rawOfResponse, retire, type Raw } from './rawtext.ts';
import type { Answer } from './answer.ts';
import type { LookedUp, TeamCache, Workshop } from './workshop.ts';
import { defined } from '../defined.ts';

/** What a run has besides its workshop: calls under way, its own and those that a superseded run let go of. */
export type Floor = Workshop & { readonly desk: Desk };

type Generate = Extract<Prepared, { kind: 'generate' }>;

/** Does what `prepare` found to be left. Resolves when everything is written; rejects only where the disk does. */
export async function execute(
  shop: Floor,
  prepared: Prepared,
  priority: number,
  signal: AbortSignal,
): Promise<Outcome> {
  switch (prepared.kind) {
    case 'settled':
      return { kind: 'unchanged' };
    case 'blocked':
      return { kind: 'blocked', by: prepared.by };
    case 'known_failure':
      return { kind: 'failed', failure: prepared.failure, steps: [] };
    case 'adopt':
      await adopt(shop, prepared.task);
      return { kind: 'adopted' };
    case 'adopt_first':
      await adopt(shop, prepared.task);
      return execute(shop, prepare(shop, prepared.task.row), priority, signal);
    case 'render_failed':
      return { kind: 'failed', failure: await finishFailed(shop, prepared.task, prepared), steps: [] };
    case 'prompt_only':
      await finishPrompt(shop, prepared.task, prepared.prompt);
      return { kind: 'built', steps: ['rendered'] };
    case 'parse':
      return done(shop, prepared.task, { prompt: prepared.prompt });
    case 'generate':
      return generate(shop, prepared, priority, signal);
    default:
      return prepared satisfies never;
  }
}

async function generate(
  shop: Floor,
  prepared: Generate,
  priority: number,
  signal: AbortSignal,
): Promise<Outcome> {
  const { task, prompt, cache } = prepared;
  // Before anything new is kept, so that of two answers to one question the newer one is the later entry.
  await retire(shop, task);
  let question = questionOf(shop, prepared);
  if (question === undefined) {
    const parts = partsAt(shop.graph, shop.graph.generateSet, task.row);
    const how = isCode(task.template) ? 'scored' : 'copied';
    return done(shop, task, { prompt, raw: rawOfCopy(prompt, parts), how });
  }
  // What came after its run was let go of lies in the response cache too, but this run is the first to hear of it, and of what it cost.
  const joins = cache === 'use' && shop.desk.holds(question);
  if (!joins && !shop.unpaid.has(question.ask.provider)) {
    const look = cache === 'use' ? lookFor(shop, question, signal) : undefined;
    // What another generation is asking just now is waited for, not bought twice; so is the team's cache. Between the last look and the
    // asking below nothing is awaited, so that of two that look at once only one asks.
    let found = look?.now();
    while (found === undefined) {
      const more = look?.further();
      if (more === undefined) break;
      await more;
      found = look?.now();
    }
    if (found !== undefined) return done(shop, task, madeOf(shop, found, question));
    // A run that was told to stop while it looked buys nothing more.
    const team = look?.team();
    if (team !== undefined && signal.aborted) return { kind: 'left', why: 'interrupted' };
    if (shop.cache === 'only' && shop.inBatch?.(question.address) === true)
      return { kind: 'left', why: 'submitted' };
    if (shop.cache === 'only')
      return failed(shop, question, { reason: 'offline_miss', message: shop.missed(question, team) });
    if (cache === 'bypass' || team === 'worthless') question = { ...question, replaces: true };
  }
  return answered(shop, question, await shop.desk.ask(shop, question, { priority, signal }));
}

/** Where an answer may come from before anybody is asked for it. */
interface Look {
  /** What the response cache holds at this moment, as far as it is known. */
  readonly now: () => KeptAnswer | undefined;
  /** Something to wait for, after which there may be more; undefined when there is nothing left to wait for. */
  readonly further: () => Promise<unknown> | undefined;
  /** What came of the look into the team's cache, once it was looked into. */
  readonly team: () => LookedUp | undefined;
}

/** The response cache, then the same question under way elsewhere, then the team. */
function lookFor(shop: Floor, question: Question, signal: AbortSignal): Look {
  const { team } = shop;
  let came: LookedUp | undefined;
  const askTeam = async (cache: TeamCache): Promise<void> => {
    came = await cache.lookUp(question, shop.pen.keepBrought, signal);
  };
  return {
    now: () => (typeof came === 'object' ? came : keptAnswer(shop, question)),
    further: () => {
      if (signal.aborted) return undefined;
      const other = shop.desk.elsewhere(question);
      return other ?? (team === undefined || came !== undefined ? undefined : askTeam(team));
    },
    team: () => came,
  };
}

async function answered(shop: Workshop, question: Question, answer: Answer): Promise<Outcome> {
  switch (answer.kind) {
    case 'parked':
      return { kind: 'left', why: 'parked', until: answer.until, pool: answer.pool };
    case 'over_budget':
    case 'over_agreed':
    case 'submitted':
    case 'for_batch':
    case 'batches_full':
      return { kind: 'left', why: answer.kind };
    case 'aborted':
      return { kind: 'left', why: 'interrupted' };
    case 'failure':
      return failed(shop, question, answer);
    case 'reply': {
      const { task, prompt, ask } = question;
      const raw = rawOfReply(shop, question, answer);
      return done(shop, task, {
        prompt,
        raw,
        how: shop.unpaid.has(ask.provider) ? 'offline' : 'called',
        spent: answer.spent,
      });
    }
    default:
      return answer satisfies never;
  }
}

async function failed(
  shop: Workshop,
  { task, prompt, parts }: Question,
  why: { reason: string; message: string; spent?: Spending },
): Promise<Outcome> {
  const { reason, message, spent } = why;
  const failure = {
    step: 'generate',
    kind: 'api',
    reason,
    message,
    parts: shortName({ ...parts, prompt: prompt.digest }),
  } as const;
  return defined({
    kind: 'failed',
    failure: await finishFailed(shop, task, { failure, prompt }),
    steps: [],
    ...paid(spent),
  });
}

/** An answer that a batch brought just now was paid for just now, once: by the first that uses it; every other was bought before. */
function madeOf({ claim }: Workshop, { name, response }: KeptAnswer, { prompt, parts, ask }: Question): Made {
  const { origin, rawMetadata } = response;
  const spent = claim(name);
  const raw = rawOfResponse({ name, response }, prompt, parts);
  if (spent !== undefined) return { prompt, raw, how: 'called', spent };
  const saved = worthOf(ask, rawMetadata);
  return { prompt, raw, how: 'cached', saved, ...(origin === 'remote' ? { from: 'team' } : {}) };
}

/** What a kept answer cost, by its own record, else by its tokens; undefined where neither says. */
function worthOf(ask: Ask, { usage }: Readonly<Record<string, unknown>>): number | undefined {
  const price = priceOfAsk(ask);
  const [cost, prompt, reply] = ['cost', 'prompt_tokens', 'completion_tokens'].map((name) =>
    numberField(usage, name),
  );
  if (cost !== undefined) return cost;
  if (price === undefined) return undefined;
  const free = price.input === 0 && price.output === 0;
  if (prompt === undefined || reply === undefined) return free ? 0 : undefined;
  return costOfTokens(price, prompt, reply);
}

interface Made {
  readonly prompt?: Prompt | undefined;
  readonly raw?: Raw;
  readonly how?: How;
  readonly spent?: Spending;
  /** USD that the answer cost when it was bought. */
  readonly saved?: number | undefined;
  /** Somebody else of the team bought it. */
  readonly from?: 'team';
}

async function done(
  shop: Workshop,
  task: Task,
  { prompt, raw, how, spent, saved, from }: Made,
): Promise<Outcome> {
  const { failure } = await finish(shop, task, defined({ prompt, raw }));
  const steps: readonly How[] = [
    ...(prompt?.parts === undefined ? [] : (['rendered'] as const)),
    ...(how === undefined ? [] : [how]),
    ...(failure === undefined ? (['parsed'] as const) : []),
  ];
  const money = defined({ ...paid(spent), saved, from });
  return failure === undefined
    ? { kind: 'built', steps, ...money }
    : { kind: 'failed', failure, steps, ...money };
}

function paid(spent: Spending | undefined): { readonly cost?: number; readonly spent?: Spending } {
  return spent === undefined ? {} : { cost: knownUsd(spent), spent };
}
