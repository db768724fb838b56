// The call ledger: one line for each attempt that reached a provider, added at the end and never changed. Knows no provider and no price.
import {
  closeSync,
  fstatSync,
  fsyncSync,
  ftruncateSync,
  mkdirSync,
  openSync,
  readSync,
  writeSync,
} from 'node:fs';
import { dirname } from 'node:path';
import { problem, ProblemError, warning } from '../errors.ts';
import type { Loaded, Problem } from '../errors.ts';
import type { GenId, Stage } from '../generation/stage.ts';
import { compareCodePoints } from '../generation/text.ts';
import { readIfPresent } from './atomic.ts';

/** Of a line; a line that names none is of version 1. */
const LEDGER_VERSION = 1;

export interface LedgerEntry {
  /** When the attempt ended: ISO 8601, UTC. */
  readonly when: string;
  readonly stage: Stage;
  readonly gen_id: GenId;
  /** The cohort that the build was for, and the template, where the caller says so. */
  readonly cohort?: string;
  readonly template?: string;
  /** The provider's model string. */
  readonly model: string;
  readonly provider: string;
  readonly pool: string;
  /** From 1. */
  readonly attempt: number;
  /** `reply`, `empty`, `content_filter`, `truncated`, or the cause of the failure. */
  readonly outcome: string;
  /** HTTP's status, for failures. */
  readonly status?: number;
  /** The provider's own words about a failure, without keys. */
  readonly message?: string;
  /** Our own count of the prompt, by which the estimate is calibrated. */
  readonly prompt_estimate?: number;
  readonly prompt_tokens?: number;
  readonly completion_tokens?: number;
  /** USD. Absent where nothing was billed or nobody knows. */
  readonly cost?: number;
  readonly cost_from?: 'provider' | 'tokens' | 'estimate';
  /** A reply may have been billed that never arrived. */
  readonly maybe_billed?: true;
  readonly duration_ms: number;
  readonly request_id?: string;
  /** Who really answered, where the provider says so. */
  readonly answered_by?: string;
}

export interface Ledger {
  /** Throws when the line cannot be written. */
  record(entry: LedgerEntry): void;
  close(): void;
}

/** Opens the file with the first entry only, so that a build that asks nothing writes nothing. A torn last line is cut off. */
export function openLedger(path: string): Ledger {
  let file: number | undefined;
  return {
    record(entry) {
      file ??= openForAppending(path);
      const line = Buffer.from(`${JSON.stringify({ version: LEDGER_VERSION, ...entry })}\n`, 'utf8');
      for (let written = 0; written < line.length;) written += writeSync(file, line, written);
    },
    close() {
      if (file === undefined) return;
      const open = file;
      file = undefined;
      try {
        fsyncSync(open);
      } finally {
        closeSync(open);
      }
    },
  };
}

function openForAppending(path: string): number {
  mkdirSync(dirname(path), { recursive: true });
  const file = openSync(path, 'a+');
  try {
    mendTail(file);
    return file;
  } catch (error) {
    closeSync(file);
    throw error;
  }
}

/** What follows the last line feed is a line that a crash tore: whole after all, it gets its line feed, else it goes. */
function mendTail(file: number): void {
  const { size } = fstatSync(file);
  const longest = Buffer.alloc(Math.min(size, 65_536));
  readSync(file, longest, 0, longest.length, size - longest.length);
  const tail = longest.subarray(longest.lastIndexOf(10) + 1);
  if (tail.length === 0) return;
  if (entryOf(tail.toString('utf8')) === undefined) ftruncateSync(file, size - tail.length);
  else writeSync(file, '\n');
}

/**
 * All readable entries, in their order; one warning names the lines that are not. A missing file is an empty ledger. Throws a
 * ProblemError where a newer daydream wrote a line: sums without it would be wrong.
 */
export function readLedger(path: string): Loaded<readonly LedgerEntry[]> {
  const lines = (readIfPresent(path)?.toString('utf8') ?? '').split('\n');
  const value: LedgerEntry[] = [];
  const damaged: number[] = [];
  for (const [index, line] of lines.entries()) {
    if (line === '') continue;
    const entry = entryOf(line);
    if (entry === 'newer') throw newerLine(path, index + 1);
    if (entry === undefined) damaged.push(index + 1);
    else value.push(entry);
  }
  return { value, problems: damagedLines(path, damaged) };
}

function damagedLines(path: string, lines: readonly number[]): readonly Problem[] {
  const [first] = lines;
  if (first === undefined) return [];
  const message = `${String(lines.length)} unreadable line(s) in the call ledger, the first is line ${String(first)}`;
  return [warning('DD620', message, { place: { file: path, line: first }, data: { lines } })];
}

function newerLine(file: string, line: number): ProblemError {
  const message = `line ${String(line)} of the call ledger was written by a newer daydream`;
  return new ProblemError([problem('DD503', message, { place: { file, line } })]);
}

function entryOf(line: string): LedgerEntry | 'newer' | undefined {
  try {
    const { version, ...entry } = JSON.parse(line) as Partial<LedgerEntry> & { readonly version?: unknown };
    if (typeof version === 'number' && version > LEDGER_VERSION) return 'newer';
    const whole =
      typeof entry.when === 'string' &&
      typeof entry.gen_id === 'string' &&
      typeof entry.model === 'string' &&
      typeof entry.outcome === 'string' &&
      typeof entry.attempt === 'number';
    return whole ? (entry as LedgerEntry) : undefined;
  } catch {
    return undefined;
  }
}

export const LEDGER_KEYS = ['model', 'stage', 'day', 'cohort'] as const;
export type LedgerKey = (typeof LEDGER_KEYS)[number];

export interface LedgerTotal {
  /** A model string, stage, day (`2026-11-23`, UTC) or cohort, empty where the entries name none; several are lines. */
  readonly key: string;
  readonly attempts: number;
  /** Attempts that were answered, refusals and truncated replies among them. */
  readonly replies: number;
  readonly promptTokens: number;
  readonly completionTokens: number;
  /** USD. */
  readonly cost: number;
  /** Replies whose cost nobody knows. */
  readonly unpriced: number;
  /** Attempts that may have been billed although no reply arrived. */
  readonly maybeBilled: number;
}

/** Sums by one key or several together, in code point order of the keys. */
export function ledgerTotals(
  entries: readonly LedgerEntry[],
  ...by: readonly LedgerKey[]
): readonly LedgerTotal[] {
  const totals = new Map<string, LedgerTotal>();
  for (const entry of entries) {
    const key = by.map((each) => keyOf(entry, each)).join('\n');
    totals.set(key, plus(totals.get(key) ?? nothing(key), entry));
  }
  return [...totals.values()].sort((a, b) => compareCodePoints(a.key, b.key));
}

/** The sum over all entries. */
export function ledgerTotal(entries: readonly LedgerEntry[]): LedgerTotal {
  return entries.reduce(plus, nothing(''));
}

function nothing(key: string): LedgerTotal {
  return {
    key,
    attempts: 0,
    replies: 0,
    promptTokens: 0,
    completionTokens: 0,
    cost: 0,
    unpriced: 0,
    maybeBilled: 0,
  };
}

function plus(total: LedgerTotal, entry: LedgerEntry): LedgerTotal {
  const answered = isAnswered(entry);
  return {
    key: total.key,
    attempts: total.attempts + 1,
    replies: total.replies + (answered ? 1 : 0),
    promptTokens: total.promptTokens + (entry.prompt_tokens ?? 0),
    completionTokens: total.completionTokens + (entry.completion_tokens ?? 0),
    cost: total.cost + (entry.cost ?? 0),
    unpriced: total.unpriced + (answered && entry.cost === undefined ? 1 : 0),
    maybeBilled: total.maybeBilled + (entry.maybe_billed === true ? 1 : 0),
  };
}

const ANSWERED = new Set(['reply', 'truncated', 'empty', 'content_filter']);

export function isAnswered(entry: LedgerEntry): boolean {
  return ANSWERED.has(entry.outcome);
}

function keyOf(entry: LedgerEntry, by: LedgerKey): string {
  switch (by) {
    case 'model':
      return entry.model;
    case 'stage':
      return entry.stage;
    case 'day':
      return entry.when.slice(0, 10);
    case 'cohort':
      return entry.cohort ?? '';
    default:
      return by satisfies never;
  }
}

/** Attempts of one UTC day (`2026-11-23`) by pool: what is used up of a limit per day. */
export function attemptsByPool(entries: readonly LedgerEntry[], day: string): ReadonlyMap<string, number> {
  const counts = new Map<string, number>();
  for (const entry of entries) {
    if (entry.when.startsWith(day)) counts.set(entry.pool, (counts.get(entry.pool) ?? 0) + 1);
  }
  return counts;
}
