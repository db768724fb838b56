// A compiled cohort: its membership rows and what its manifest says. Knows nothing of files or of staleness.
import type { Problem } from '../problem.ts';
import type { Generation } from '../generation/generation.ts';
import type { Stage } from '../generation/stage.ts';

export interface Manifest {
  readonly combos: readonly string[];
  readonly templates: Readonly<Record<Stage, readonly string[]>>;
  readonly llms: { readonly generation: readonly string[]; readonly evaluation: readonly string[] };
  readonly replication: Readonly<Record<string, number>>;
}

export interface Cohort {
  /** The folder's name. */
  readonly id: string;
  /** All drafts, then all essays, then all evaluations, each in order of first appearance. */
  readonly members: readonly Generation[];
  readonly manifest: Manifest;
  /** Warnings that the compilation found: two essay models under one id, say. */
  readonly problems: readonly Problem[];
}
