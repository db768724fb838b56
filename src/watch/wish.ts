// What somebody wants of a watch beyond keeping its own selection current, and what is left of that after half a run. Runs nothing.
import { stillForced, type Plan, type PlanRequest } from '../engine/plan/plan.ts';

export interface Wish {
  readonly request: PlanRequest;
  /** True when nobody need be asked about its price, and no sample is wanted first. */
  readonly approved: boolean;
  /** Who wants it: `the key b`, or the command line of a build in another terminal. */
  readonly by: string;
  /** Where its answer goes; absent for a key. */
  readonly errand?: string;
}

/**
 * A wish whose run was superseded: forced rows that were done are not forced again, and failures not tried again. What a key
 * approved was another plan.
 */
export function stillToDo(wish: Wish, plan: Plan): Wish {
  const approved = wish.approved && wish.errand !== undefined;
  return {
    ...wish,
    approved,
    request: { ...wish.request, stillForced: stillForced(plan), retry: new Set() },
  };
}
