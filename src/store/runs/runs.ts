// The record of every build that did something, one JSON file a run. Knows no plan and no graph.
import { join } from 'node:path';
import type { GenId, Stage } from '../../generation/stage.ts';
import { namesIfPresent, readIfPresent, writeDurable } from '../writing/atomic.ts';
import type { Spending } from '../ledger/spending.ts';
import type { Layout } from '../layout.ts';

export const RUN_VERSION = 1;

/** Which generations: whole cohorts by name, and the others one by one. */
export interface Covered {
  readonly cohorts: readonly string[];
  readonly generations: readonly GenId[];
}

export interface RunRecord {
  readonly version: 1;
  readonly id: string;
  readonly command: string;
  /** ISO times. */
  readonly started: string;
  readonly ended: string;
  readonly durationMs: number;
  readonly daydream: string;
  readonly node: string;
  readonly tags: Readonly<Record<string, string>>;
  /** Folder of the copied spec, relative to the data root. */
  readonly snapshot?: string;
  /** Folder of the copied templates, concepts, catalogs and config, relative to the data root. */
  readonly inputs?: string;
  /** What is kept of the generations that were covered: their digests and scores, or their files too. */
  readonly made?: 'digests' | 'files';
  readonly selectors: readonly string[];
  readonly excluded: readonly string[];
  /** What was selected, whether or not it had to run. */
  readonly covered: Covered;
  /** The plan that was run, with its price. */
  readonly plan: unknown;
  /** By stage: the generations that were made. */
  readonly built: Readonly<Record<Stage, readonly GenId[]>>;
  /** How many artifacts were rendered, called for, found in the cache … */
  readonly how: Readonly<Record<string, number>>;
  readonly adopted: number;
  readonly unchanged: number;
  readonly failed: number;
  readonly blocked: number;
  readonly left: number;
  /** USD that it cost, as far as it is known. */
  readonly cost: number;
  /** What that consists of, and what is not known; absent in records of earlier versions. */
  readonly spent?: Spending;
  /** Answers that somebody else of the team bought, and what they cost then; absent in records of earlier versions. */
  readonly team?: { readonly answers: number; readonly saved: number; readonly unknown?: number };
  readonly failures: readonly {
    readonly kind: string;
    /** Absent in records of earlier versions. */
    readonly reason?: string;
    readonly message: string;
    readonly genIds: readonly GenId[];
  }[];
  readonly parked: readonly { readonly pool: string; readonly until: number }[];
  /** Why something was left, if it was. */
  readonly why: readonly string[];
  /** What the remote cache did, and what did not get there. */
  readonly remote?: Readonly<Record<string, unknown>>;
  /** Of what was selected, by state, once the run was over. */
  readonly states: Readonly<Record<string, number>>;
}

export function runPath(layout: Layout, id: string): string {
  return join(layout.runs, `${id}.json`);
}

/** Safe on the disk when it resolves: unlike a generation, a record that a power cut empties can not be made again. */
export async function writeRun(layout: Layout, record: RunRecord): Promise<void> {
  await writeDurable(runPath(layout, record.id), JSON.stringify(record, null, 2));
}

/** Undefined when there is no such run, `damaged` when its file is no record. */
export function readRun(layout: Layout, id: string): RunRecord | 'damaged' | undefined {
  const bytes = readIfPresent(runPath(layout, id));
  if (bytes === undefined) return undefined;
  try {
    const value = JSON.parse(bytes.toString('utf8')) as Partial<RunRecord>;
    const whole =
      typeof value.id === 'string' &&
      typeof value.tags === 'object' &&
      Array.isArray(value.covered?.cohorts) &&
      Array.isArray(value.covered.generations);
    return whole ? (value as RunRecord) : 'damaged';
  } catch {
    return 'damaged';
  }
}

/** Ids of all runs, oldest first. */
export function listRuns(layout: Layout): readonly string[] {
  return namesIfPresent(layout.runs)
    .filter((name) => name.endsWith('.json') && !name.startsWith('.'))
    .map((name) => name.slice(0, -'.json'.length));
}

/** Every readable run, oldest first. */
export function readRuns(layout: Layout): readonly RunRecord[] {
  return listRuns(layout).flatMap((id) => {
    const run = readRun(layout, id);
    return run === undefined || run === 'damaged' ? [] : [run];
  });
}

/**
 * A name for a run, or for what goes to the trash, that sorts behind all that were before: by the time, or where the clock was ahead
 * once, by that of the last one and a little more.
 */
export function runIdOf({ runs, trash }: Layout, now: number, random: () => number): string {
  const before = [runs, trash].map((folder) => namesIfPresent(folder).findLast((name) => STAMP.test(name)));
  const moments = before.flatMap((name) => (name === undefined ? [] : [momentIn(name)]));
  const stamp = stampOf(Math.max(now, ...moments.map((moment) => moment + 1)));
  return `${stamp}-${Math.floor(random() * 0x10000)
    .toString(16)
    .padStart(4, '0')}`;
}

const STAMP = /^\d{8}T\d{9}-/;

function stampOf(moment: number): string {
  return new Date(moment).toISOString().replaceAll(/[-:.]/g, '').slice(0, 18);
}

/** Milliseconds since the epoch; 0 for digits that are no date. */
function momentIn(name: string): number {
  const iso = name.replace(/^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)(\d{3}).*$/, '$1-$2-$3T$4:$5:$6.$7Z');
  const moment = Date.parse(iso);
  return Number.isNaN(moment) ? 0 : moment;
}
