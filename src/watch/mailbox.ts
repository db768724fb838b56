// What a build in another terminal asks of a running watch, as small files in one folder of the data root: `<id>.json` goes in,
// `<id>.answer.json` comes back. Knows nothing of plans.
import { rmSync, statSync } from 'node:fs';
import { join } from 'node:path';
import type { BuildResult } from '../engine/build/record.ts';
import type { PlanRequest } from '../engine/plan/plan.ts';
import type { Problem } from '../problem.ts';
import { FAILURE_KINDS, type FailureKind } from '../generation/trace.ts';
import { namesIfPresent, readIfPresent, writeAtomic } from '../store/writing/atomic.ts';
import type { Layout } from '../store/layout.ts';

const ERRAND_VERSION = 1;

export interface Errand {
  readonly id: string;
  /** The command line that sent it. */
  readonly command: string;
  readonly request: PlanRequest;
  /** True when nobody need be asked about its price. */
  readonly approved: boolean;
}

export type ErrandNews =
  | { readonly state: 'accepted' }
  | { readonly state: 'declined'; readonly message: string; readonly reason: 'dear' | 'broken' | 'stopping' }
  /** What is asked for can not be planned. */
  | { readonly state: 'refused'; readonly problems: readonly Problem[] }
  | { readonly state: 'finished'; readonly result: BuildResult };

export const UNUSABLE: ErrandNews = {
  state: 'declined',
  reason: 'broken',
  message: 'the inputs can not be used; see the watch',
};
export const TOO_DEAR: ErrandNews = {
  state: 'declined',
  reason: 'dear',
  message: 'the plan is dearer than confirmAbove',
};

export function mailboxOf({ state }: Layout): string {
  return join(state, 'requests');
}

export function sendErrand(mailbox: string, { id, command, request, approved }: Errand): void {
  const sent = {
    version: ERRAND_VERSION,
    id,
    command,
    approved,
    request: { ...request, retry: [...request.retry] },
  };
  writeAtomic(join(mailbox, `${id}.json`), JSON.stringify(sent));
}

/** An errand that was not taken for so many milliseconds has nobody who waits for it. */
const STALE = 60_000;

/** Takes every errand out of the folder, the oldest id first; what is no errand, or a stale one, is thrown away. */
export function takeErrands(mailbox: string, now: number): readonly Errand[] {
  return namesIfPresent(mailbox).flatMap((name) => {
    if (!/^[\w-]+\.json$/.test(name)) return [];
    const path = join(mailbox, name);
    const sent = statSync(path, { throwIfNoEntry: false })?.mtimeMs ?? 0;
    const text = readIfPresent(path)?.toString('utf8');
    rmSync(path, { force: true });
    const errand = text === undefined || now - sent > STALE ? undefined : errandOf(text);
    return errand === undefined ? [] : [errand];
  });
}

export function answerErrand(mailbox: string, id: string, news: ErrandNews): void {
  writeAtomic(answerPath(mailbox, id), JSON.stringify({ version: ERRAND_VERSION, ...news }));
}

/** The latest news of an errand; undefined before there are any. */
export function readNews(mailbox: string, id: string): ErrandNews | undefined {
  const text = readIfPresent(answerPath(mailbox, id))?.toString('utf8');
  return text === undefined ? undefined : (JSON.parse(text) as ErrandNews);
}

/** Takes an errand and its answer away, whoever they are still meant for. */
export function withdraw(mailbox: string, id: string): void {
  rmSync(join(mailbox, `${id}.json`), { force: true });
  rmSync(answerPath(mailbox, id), { force: true });
}

/** Throws away the answers that an earlier watch gave and nobody fetched. */
export function clearAnswers(mailbox: string): void {
  for (const name of namesIfPresent(mailbox))
    if (!/^[\w-]+\.json$/.test(name)) rmSync(join(mailbox, name), { force: true });
}

function answerPath(mailbox: string, id: string): string {
  return join(mailbox, `${id}.answer.json`);
}

function errandOf(text: string): Errand | undefined {
  try {
    const { version, id, command, approved, request } = JSON.parse(text) as Partial<Errand> & {
      version?: number;
      request?: { select?: unknown; exclude?: unknown; force?: unknown; edits?: unknown; retry?: unknown };
    };
    if (version !== ERRAND_VERSION || typeof id !== 'string' || request === undefined) return undefined;
    const force = request.force === 'all' ? 'all' : words(request.force);
    return {
      id,
      command: String(command),
      approved: approved === true,
      request: {
        select: words(request.select),
        exclude: words(request.exclude),
        edits: request.edits === 'discard' ? 'discard' : 'keep',
        retry: new Set(words(request.retry).filter(isFailureKind)),
        ...(request.force === undefined ? {} : { force }),
      },
    };
  } catch {
    return undefined;
  }
}

function words(value: unknown): readonly string[] {
  return Array.isArray(value) ? value.filter((each) => typeof each === 'string') : [];
}

function isFailureKind(word: string): word is FailureKind {
  return FAILURE_KINDS.some((kind) => kind === word);
}
