// The call ledger: one line for each attempt that reached a provider, added at the end and never changed. Knows no provider and no price.
import { closeSync, fstatSync, fsyncSync, ftruncateSync, mkdirSync, openSync, writeSync } from 'node:fs';
import { dirname } from 'node:path';
import { problem, ProblemError, warning } from '../../problem.ts';
import type { Loaded, Problem } from '../../problem.ts';
import type { GenId, Stage } from '../../generation/stage.ts';
import { REFUSALS } from '../../generation/trace.ts';
import { defined } from '../../defined.ts';
import { readBytes, readIfPresent } from '../writing/atomic.ts';

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
  /** `reply`, `truncated`, why the reply is no answer (`empty`, `content_filter` …), or the cause of the failure. */
  readonly outcome: string;
  /** HTTP's status, for failures. */
  readonly status?: number;
  /** The provider's own words about a failure, without keys. */
  readonly message?: string;
  /** Our own count of the prompt, by which the estimate is calibrated. */
  readonly prompt_estimate?: number;
  readonly prompt_tokens?: number;
  readonly completion_tokens?: number;
  /** USD, of a failure too that the provider says it billed. Absent where nothing was billed or nobody knows. */
  readonly cost?: number;
  readonly cost_from?: 'provider' | 'tokens' | 'estimate';
  /** A reply may have been billed that never arrived. */
  readonly maybe_billed?: true;
  readonly duration_ms: number;
  readonly request_id?: string;
  /** Who really answered, where the provider says so. */
  readonly answered_by?: string;
  /** Of several processes that shared the work: which one (`2/8`), and the name of its machine. */
  readonly shard?: string;
  readonly host?: string;
  /** The provider's batch that it was answered in. */
  readonly batch?: string;
}

export interface Ledger {
  /** Throws when the line cannot be written. */
  record(entry: LedgerEntry): void;
  close(): void;
}

/**
 * Opens the file with the first entry only, so that a build that asks nothing writes nothing, and another one where `path` says that it
 * is elsewhere by now. A torn last line is cut off.
 */
export function openLedger(path: string | (() => string)): Ledger {
  const place = typeof path === 'string' ? () => path : path;
  let open: { readonly file: number; readonly path: string } | undefined;
  const close = (): void => {
    if (open === undefined) return;
    const { file } = open;
    open = undefined;
    try {
      fsyncSync(file);
    } finally {
      closeSync(file);
    }
  };
  return {
    record(entry) {
      const now = place();
      if (open?.path !== now) close();
      open ??= { file: openForAppending(now), path: now };
      const line = Buffer.from(`${JSON.stringify({ version: LEDGER_VERSION, ...entry })}\n`, 'utf8');
      for (let written = 0; written < line.length;) written += writeSync(open.file, line, written);
    },
    close,
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
  const tail = tailOf(file, size);
  if (tail.length === 0) return;
  if (entryOf(tail.toString('utf8')) === undefined) ftruncateSync(file, size - tail.length);
  else writeSync(file, '\n');
}

/** What follows the last line feed, however long it is. */
function tailOf(file: number, size: number): Buffer {
  for (let length = Math.min(size, 65_536); ; length = Math.min(size, length * 4)) {
    const bytes = Buffer.alloc(length);
    readBytes(file, bytes, size - length);
    const feed = bytes.lastIndexOf(10);
    if (feed >= 0 || length === size) return bytes.subarray(feed + 1);
  }
}

/**
 * All readable entries, in their order; one warning names the lines that are not. A missing file is an empty ledger. Throws a
 * ProblemError where a newer daydream wrote a line: sums without it would be wrong.
 */
export function readLedger(path: string): Loaded<readonly LedgerEntry[]> {
  const lines = (readIfPresent(path)?.toString('utf8') ?? '').split('\n');
  const { entries, damaged } = parseLines(lines, { file: path, line: 1 });
  return { value: entries, problems: damagedLines(path, damaged) };
}

/** The same of several files as one: a line that stands in two of them, since one was copied into the other, is one entry. */
export function readLedgers(paths: readonly string[]): Loaded<readonly LedgerEntry[]> {
  const read = paths.map(readLedger);
  const seen = new Map<string, number>();
  const value = read.flatMap(({ value: entries }, file) =>
    entries.filter((entry) => {
      const first = seen.get(identityOf(entry)) ?? file;
      seen.set(identityOf(entry), first);
      return first === file;
    }),
  );
  return { value, problems: read.flatMap(({ problems }) => problems) };
}

/** A provider names each reply once; what has no such name is known by all that is said of it. */
function identityOf(entry: LedgerEntry): string {
  return entry.request_id === undefined ? JSON.stringify(entry) : `${entry.request_id}\n${entry.when}`;
}

export interface ParsedLines {
  readonly entries: readonly LedgerEntry[];
  /** Numbers of the lines that are no entries. */
  readonly damaged: readonly number[];
}

/** `start`: where the first of the lines is. Throws a ProblemError where a newer daydream wrote one of them. */
export function parseLines(
  lines: readonly string[],
  start: { readonly file: string; readonly line: number },
): ParsedLines {
  const entries: LedgerEntry[] = [];
  const damaged: number[] = [];
  for (const [index, line] of lines.entries()) {
    if (line === '' || line === '\r') continue;
    const entry = entryOf(index === 0 ? line.replace(MARK, '') : line);
    if (entry === 'newer') throw newerLine(start.file, start.line + index);
    if (entry === undefined) damaged.push(start.line + index);
    else entries.push(entry);
  }
  return { entries, damaged };
}

/** One warning that names them; none where there are none. */
export function damagedLines(path: string, lines: readonly number[]): readonly Problem[] {
  const [first] = lines;
  if (first === undefined) return [];
  const message = `${String(lines.length)} unreadable line(s) in the call ledger, the first is line ${String(first)}`;
  return [warning('DD620', message, { place: { file: path, line: first }, data: { lines } })];
}

function newerLine(file: string, line: number): ProblemError {
  const message = `line ${String(line)} of the call ledger was written by a newer daydream`;
  return new ProblemError([problem('DD503', message, { place: { file, line } })]);
}

/** What some editors put before the first letter of a file. */
const MARK = /^\uFEFF/;

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
    return whole ? counted(entry as LedgerEntry) : undefined;
  } catch {
    return undefined;
  }
}

const AMOUNTS = ['cost', 'prompt_tokens', 'completion_tokens'] as const;

/** Amounts that are none, as a hand may leave them, are not known: added up, they would make the whole sum one that is none. */
function counted(entry: LedgerEntry): LedgerEntry {
  const odd = AMOUNTS.filter(
    (name) => entry[name] !== undefined && !(Number.isFinite(entry[name]) && entry[name] >= 0),
  );
  if (odd.length === 0) return entry;
  return defined({ ...entry, ...Object.fromEntries(odd.map((name) => [name, undefined])) });
}

const ANSWERED: ReadonlySet<string> = new Set(['reply', 'truncated', ...REFUSALS]);

/** For a generation: what is learned from is one of these. */
export function isAnswered(entry: LedgerEntry): boolean {
  return ANSWERED.has(entry.outcome);
}

/** For nobody in particular too, as by `models try`: what is paid for is one of these. */
export function isReply(entry: LedgerEntry): boolean {
  return isAnswered(entry) || entry.outcome === 'tried';
}
