// How much room things take: by stage and by cohort, and daydream's own files. Judges nothing.
import { join } from 'node:path';
import { attempt } from '../problem.ts';
import { STAGES } from '../generation/stage.ts';
import { bytesBelow } from '../store/trash.ts';
import { namesIfPresent } from '../store/writing/atomic.ts';
import type { Examination } from './examination.ts';

export interface Room {
  readonly name: string;
  readonly count: number;
  readonly bytes: number;
}

type Sum = { -readonly [key in keyof Room]: Room[key] };

export interface DiskUse {
  readonly stages: readonly Room[];
  /** A generation that several cohorts use counts in each; `(none)` is what no cohort has. */
  readonly cohorts: readonly Room[];
  /** Files and folders of `.daydream` that hold anything, in code point order. */
  readonly own: readonly Room[];
}

export function diskUse({ store, layout, opened }: Examination): DiskUse {
  const stages = new Map<string, Sum>(STAGES.map((name) => [name, { name, count: 0, bytes: 0 }]));
  const cohorts = new Map<string, Sum>();
  const add = (sums: Map<string, Sum>, name: string, bytes: number): void => {
    const sum = sums.get(name) ?? { name, count: 0, bytes: 0 };
    sums.set(name, sum);
    sum.count++;
    sum.bytes += bytes;
  };
  for (const { stage, genId, row, bytes } of store) {
    add(stages, stage, bytes);
    const users = row < 0 ? opened?.usage.of(stage, genId) : opened?.usage.ofRow(row);
    if (users === undefined || users.size === 0) add(cohorts, '(none)', bytes);
    else for (const cohort of users) add(cohorts, cohort, bytes);
  }
  const names = attempt(() => namesIfPresent(layout.state)).value ?? [];
  const own = names.map((name) => ({ name, count: 0, bytes: bytesOf(join(layout.state, name)) }));
  return {
    stages: [...stages.values()],
    cohorts: [...cohorts.values()].sort((a, b) => (a.name < b.name ? -1 : 1)),
    own: own.filter(({ bytes }) => bytes > 0),
  };
}

/** What may not be read is a finding. */
function bytesOf(path: string): number {
  return attempt(() => bytesBelow(path)).value ?? 0;
}
