// What somebody wants of a watch beyond keeping its own selection current. Data only.
import type { PlanRequest } from '../engine/plan/plan.ts';

export interface Wish {
  readonly request: PlanRequest;
  /** True when nobody need be asked about its price, and no sample is wanted first. */
  readonly approved: boolean;
  /** Who wants it: `the key b`, or the command line of a build in another terminal. */
  readonly by: string;
  /** Where its answer goes; absent for a key. */
  readonly errand?: string;
}
