// A history's builds inside the test's process: the engine as it is, with answers that come from the oracle without a provider.
import { NOTHING_SPENT } from '../../src/store/ledger/spending.ts';
import { runPlan } from '../../src/engine/build/build.ts';
import { writeMembership } from '../../src/engine/cohorts/membershipfiles.ts';
import { countSelected, isGreen, makePlan } from '../../src/engine/plan/plan.ts';
import { judge, openSession, type Session } from '../../src/engine/project/session.ts';
import { idAt } from '../../src/graph/graph.ts';
import { STATES } from '../../src/plan/verdict.ts';
import { Desk } from '../../src/run/desk.ts';
import type { RunEvent } from '../../src/run/events.ts';
import type { Answer } from '../../src/run/answer.ts';
import type { Question } from '../../src/run/question.ts';
import type { ModelReply } from './enginemodel.ts';
import type { Driver } from './history.ts';
import type { Oracle } from './imagined.ts';

type Answerer = NonNullable<Parameters<typeof runPlan>[1]['through']>['answerer'];

export const engineDriver: Driver = {
  url: 'http://127.0.0.1:9/v1',
  async build(root, request, oracle) {
    const session = await open(root);
    const lines: string[] = [];
    writeMembership(session);
    const plan = await makePlan(session, {
      select: request.select === undefined ? [] : [`stage:${request.select}`],
      exclude: [],
      ...(request.force === undefined ? {} : { force: [request.force] }),
      edits: request.discards ? 'discard' : 'keep',
      retry: new Set(request.retries),
    });
    const { counts } = await runPlan(plan, {
      clock: { now: () => Date.now(), ticks: () => performance.now(), sleep: () => Promise.resolve() },
      random: () => 0.5,
      environment: {},
      runId: 'run',
      listen: (event) => lines.push(...lineOf(event)),
      abort: new AbortController().signal,
      stopping: () => false,
      failFast: false,
      cache: 'use',
      through: { answerer: answererOf(oracle), desk: new Desk() },
    });
    return { lines, green: isGreen(counts) };
  },
  async judge(root) {
    const session = await open(root);
    const judged = await judge(session);
    const { graph } = session.loaded;
    const rows = Array.from({ length: graph.size }, (_, row) => row);
    const everyRow = new Uint8Array(graph.size).fill(1);
    return {
      states: new Map(rows.map((row) => [idAt(graph, row), STATES[judged.verdicts.state[row] ?? 0] ?? ''])),
      green: isGreen(countSelected({ judge: judged }, everyRow)),
    };
  },
};

function open(root: string): Promise<Session> {
  return openSession({ root, environment: {}, now: () => Date.now() });
}

/** What happened to a generation, in the model's words. */
export function lineOf(event: RunEvent): readonly string[] {
  if (event.type !== 'generation') return [];
  const { genId, outcome } = event;
  if (outcome.kind === 'adopted') return [`${genId} adopted`];
  if (outcome.kind === 'built') return [`${genId} ${outcome.steps.join(' ')}`];
  if (outcome.kind === 'failed' && outcome.failure.reason !== 'as_before')
    return [[genId, ...outcome.steps, `failed: ${outcome.failure.kind}`].join(' ')];
  return [];
}

function answererOf(oracle: Oracle): Answerer {
  const answer = ({ task, ask, prompt }: Question): Promise<Answer> => {
    const question = {
      template: task.template.id,
      model: ask.model,
      replicate: task.replicate,
      maxTokens: String(ask.maxTokens),
      prompt: prompt.text,
    };
    const reply = oracle.reply(question);
    return Promise.resolve(reply === 'failed' ? DOWN : answered(reply));
  };
  return {
    answer,
    windowOf: () => 3,
    dispatcher: undefined,
    stopStarting: () => {},
    trouble: () => undefined,
    close: () => {},
  };
}

const DOWN: Answer = {
  kind: 'failure',
  reason: 'bad_request',
  message: 'down',
  attempts: [],
  spent: NOTHING_SPENT,
};

function answered({ text, kind }: Exclude<ModelReply, 'failed'>): Answer {
  const rest = kind === 'refused' ? { refusal: 'content_filter' as const } : {};
  return {
    kind: 'reply',
    reply: { kind: 'reply', text, truncated: kind === 'truncated', usage: {}, ...rest },
    attempts: [],
    spent: NOTHING_SPENT,
    durationMs: 0,
  };
}
