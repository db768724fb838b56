// Runs a build in this process, so that a test can choose the randomness and hear every event. The disk, the network and the clock
// are real.
import { runPlan, type BuildOptions } from '../../src/engine/build/build.ts';
import { type BuildResult } from '../../src/engine/build/record.ts';
import { makePlan, PLAIN_REQUEST, type Plan, type PlanRequest } from '../../src/engine/plan/plan.ts';
import { openSession } from '../../src/engine/project/session.ts';
import type { RunEvent } from '../../src/run/events.ts';
import { realClock } from './realclock.ts';

export interface EngineRun extends BuildResult {
  readonly plan: Plan;
  readonly events: readonly RunEvent[];
}

export interface EngineOptions extends Partial<BuildOptions> {
  readonly root: string;
  readonly request?: Partial<PlanRequest>;
}

/** Without randomness a backoff is no wait at all. */
export async function buildHere({ root, request, ...options }: EngineOptions): Promise<EngineRun> {
  const environment = options.environment ?? {};
  const session = await openSession({ root, environment, now: () => realClock.now() });
  const plan = await makePlan(session, { ...PLAIN_REQUEST, ...request });
  const events: RunEvent[] = [];
  const result = await runPlan(plan, {
    clock: realClock,
    random: () => 0,
    environment,
    runId: 'test',
    listen: (event) => events.push(event),
    abort: new AbortController().signal,
    stopping: () => false,
    failFast: false,
    cache: 'use',
    ...options,
  });
  return { ...result, plan, events };
}
