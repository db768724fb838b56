// Which project is opened, and by whose word: what the command line, a program and the environment say before anything of it is read.
import { setTimeout as sleep } from 'node:timers/promises';
import type { Clock } from '../../model/clock.ts';
import { hash } from 'node:crypto';
import { resolve } from 'node:path';
import type { BrokenCohort } from '../../cohort/cohort.ts';
import { environmentOf, findProject } from '../../config.ts';
import { problem, ProblemError } from '../../problem.ts';

export interface LoadOptions {
  /** The project's folder. */
  readonly root: string;
  readonly dataRoot?: string | undefined;
  /** From the command line: meant for every model. */
  readonly provider?: string | undefined;
  readonly environment: Readonly<Record<string, string | undefined>>;
  /** Milliseconds since the epoch. */
  readonly now: () => number;
  /** Hears of cohorts that can not be used and were left out, each time that there are any; without it they are a ProblemError. */
  readonly onBroken?: ((broken: readonly BrokenCohort[]) => void) | undefined;
  /** `refused`: generations that share an id with others are a ProblemError; else they are told as warnings. */
  readonly merges?: 'refused' | 'told';
}

export function optionsOf({
  root,
  dataRoot,
  provider,
}: LoadOptions): Readonly<Record<'root' | 'dataRoot' | 'provider', string | null>> {
  return { root, dataRoot: dataRoot ?? null, provider: provider ?? null };
}

/** Values may be secrets: only a digest of them is kept. */
export function digestOfVariable(value: string | undefined): string | null {
  return value === undefined ? null : hash('sha256', value);
}

/** Where a project is looked for. */
export interface Whereabouts {
  /** Absolute: from here upwards, unless a root is named; other paths are relative to it. */
  readonly directory: string;
  readonly root?: string | undefined;
  readonly dataRoot?: string | undefined;
  readonly provider?: string | undefined;
  /** The environment over a folder's `.env`; read anew where it is left out. */
  readonly environmentIn?: (folder: string) => LoadOptions['environment'];
}

/** Throws a ProblemError where no project is. A data root that is named, here or in the environment, needs no config beside it. */
export function loadOptionsFor({
  directory,
  root,
  dataRoot: named,
  provider,
  environmentIn = environmentOf,
}: Whereabouts): LoadOptions {
  const project = root === undefined ? findProject(directory) : resolve(directory, root);
  const dataRoot = named === undefined ? undefined : resolve(directory, named);
  const environment = environmentIn(project ?? directory);
  const found =
    project ??
    (dataRoot !== undefined || environment['DAYDREAMING_DATA_ROOT'] !== undefined ? directory : undefined);
  if (found === undefined || (root !== undefined && findProject(found) !== found && dataRoot === undefined)) {
    throw new ProblemError([
      problem('DD103', `there is no daydream.config.ts in ${root ?? `${directory} or above it`}`, {
        place: { file: root ?? directory },
      }),
    ]);
  }
  return { root: found, dataRoot, provider, environment, now: () => Date.now() };
}

/** The machine's own. */
export const CLOCK: Clock = {
  now: () => Date.now(),
  ticks: () => Math.round(performance.now()),
  async sleep(ms, signal) {
    await sleep(ms, undefined, { signal }).catch(() => {});
  },
};
