// One generation from start to end: prepared, asked (or found in the cache), finished. Knows no order and no scheduler.
import { shortName } from '../canonical.ts';
import { partsAt, type Ask, type Task } from '../graph/graph.ts';
import { numberField } from '../model/fields.ts';
import { costOfTokens, priceOfAsk } from '../model/money/prices.ts';
import { knownUsd, type Spending } from '../store/ledger/spending.ts';
import { keptAnswer } from '../store/responses.ts';
import type { Desk } from './desk.ts';
import type { How, Outcome } from './events.ts';
import { adopt, finish, finishFailed, finishPrompt } from './finish.ts';
import { prepare, type Prepared, type Prompt } from './prepare.ts';
import { questionOf, type Question } from './question.ts';
import { rawOfCopy, rawOfReply, rawOfResponse, retire, type Raw } from './rawtext.ts';
import type { Answer } from './answer.ts';
import type { Workshop } from './workshop.ts';
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
  const question = questionOf(shop, prepared);
  if (question === undefined) {
    const parts = partsAt(shop.graph, shop.graph.generateSet, task.row);
    return done(shop, task, { prompt, raw: rawOfCopy(prompt, parts), how: 'copied' });
  }
  if (!shop.unpaid.has(question.ask.provider)) {
    // What another generation is asking just now is waited for, not bought twice. Between the last look and the asking below nothing
    // is awaited, so that of two that look at once only one asks.
    const find = (): ReturnType<typeof keptAnswer> =>
      cache === 'use' ? keptAnswer(shop, question.asked) : undefined;
    const elsewhere = (): Promise<unknown> | undefined =>
      cache === 'use' && !signal.aborted ? shop.desk.elsewhere(question) : undefined;
    let found = find();
    for (let other = elsewhere(); found === undefined && other !== undefined; other = elsewhere()) {
      await other;
      found = find();
    }
    if (found !== undefined)
      return done(shop, task, {
        prompt,
        raw: rawOfResponse(found, prompt, question.parts),
        how: 'cached',
        saved: worthOf(question.ask, found.response.rawMetadata),
      });
    if (shop.cache === 'only')
      return failed(shop, question, { reason: 'offline_miss', message: shop.missed(question) });
  }
  return answered(shop, question, await shop.desk.ask(shop, question, { priority, signal }));
}

async function answered(shop: Workshop, question: Question, answer: Answer): Promise<Outcome> {
  switch (answer.kind) {
    case 'parked':
      return { kind: 'left', why: 'parked', until: answer.until, pool: answer.pool };
    case 'over_budget':
    case 'over_agreed':
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
}

async function done(shop: Workshop, task: Task, { prompt, raw, how, spent, saved }: Made): Promise<Outcome> {
  const { failure } = await finish(shop, task, defined({ prompt, raw }));
  const steps: readonly How[] = [
    ...(prompt?.parts === undefined ? [] : (['rendered'] as const)),
    ...(how === undefined ? [] : [how]),
    ...(failure === undefined ? (['parsed'] as const) : []),
  ];
  const money = defined({ ...paid(spent), saved });
  return failure === undefined
    ? { kind: 'built', steps, ...money }
    : { kind: 'failed', failure, steps, ...money };
}

function paid(spent: Spending | undefined): { readonly cost?: number; readonly spent?: Spending } {
  return spent === undefined ? {} : { cost: knownUsd(spent), spent };
}
