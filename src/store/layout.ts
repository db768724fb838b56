// Every path that daydream writes or reads below the data root. Knows no contents.
import { join } from 'node:path';
import type { Artifact, GenId, Stage } from '../generation/stage.ts';

/** Absolute paths of the data root's files. */
export interface Layout {
  readonly dataRoot: string;
  readonly cohorts: string;
  readonly gens: string;
  readonly combos: string;
  readonly state: string;
  readonly lock: string;
  readonly ledger: string;
  readonly responses: string;
  readonly runs: string;
  readonly texts: string;
  readonly trash: string;
  readonly kept: string;
  readonly experiments: string;
  readonly ratings: string;
}

export function layoutOf(dataRoot: string): Layout {
  const state = join(dataRoot, '.daydream');
  return {
    dataRoot,
    cohorts: join(dataRoot, 'cohorts'),
    gens: join(dataRoot, 'gens'),
    combos: join(dataRoot, 'combo_mappings.csv'),
    state,
    lock: join(state, 'lock.json'),
    ledger: join(state, 'calls.jsonl'),
    responses: join(state, 'responses'),
    runs: join(state, 'runs'),
    texts: join(state, 'texts'),
    trash: join(state, 'trash'),
    kept: join(state, 'kept'),
    experiments: join(dataRoot, 'experiments'),
    ratings: join(dataRoot, 'ratings'),
  };
}

export function genFolder(layout: Layout, stage: Stage, genId: GenId): string {
  return `${layout.gens}/${stage}/${genId}`;
}

export function artifactPath(layout: Layout, stage: Stage, genId: GenId, artifact: Artifact): string {
  return `${layout.gens}/${stage}/${genId}/${artifact}.txt`;
}

/** Where the index is kept. */
export function indexPath({ state }: Pick<Layout, 'state'>): string {
  return join(state, 'gens.bin');
}

/** The files of a generation whose stats the index keeps, in its column order. */
export const INDEXED_FILES = ['prompt.txt', 'raw.txt', 'parsed.txt', 'metadata.json'] as const;

/** Their columns by name. */
export const FILE = { prompt: 0, raw: 1, parsed: 2, metadata: 3 } as const;

export function cohortFile(layout: Layout, cohortId: string, ...rest: readonly string[]): string {
  return join(layout.cohorts, cohortId, ...rest);
}
