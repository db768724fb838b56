// What both shapes have in common: pages of a list, and how a batch stands. Knows no row.
import { defined } from '../../defined.ts';
import { field, numberField, textField } from '../fields.ts';
import type { Listed, Standing } from './shape.ts';
import { WireError, type Wire } from './wire.ts';

/** Of one batch, in both shapes. */
export function pathOf(remoteId: string): string {
  return `/batches/${encodeURIComponent(remoteId)}`;
}

const PAGE = 100;
/** Pages that are read at most: a list without an end is none. */
const PAGES = 200;

/** The provider's batches since then (milliseconds since the epoch), the newest first, as both list them. */
export async function listedSince(wire: Wire, since: number): Promise<readonly Listed[]> {
  const found: Listed[] = [];
  let cursor = '';
  for (let page = 0; page < PAGES; page++) {
    const answer = await wire.get(`/batches?limit=${PAGE}${cursor}`);
    const batches = listOf(answer).map(listed);
    found.push(...batches.filter(({ created }) => created === undefined || created >= since));
    const last = batches.at(-1);
    const past = last?.created !== undefined && last.created < since;
    if (field(answer, 'has_more') !== true || past || last === undefined) return found;
    const next = textField(answer, 'next_cursor');
    cursor =
      next === undefined
        ? `&after=${encodeURIComponent(last.remoteId)}`
        : `&cursor=${encodeURIComponent(next)}`;
  }
  throw new WireError('the list of batches has no end', { unsure: false });
}

/** What our batches carry where a provider keeps it, so that one that is found again is known. */
export const OURS = 'daydream_batch';

function listed(batch: unknown): Listed {
  const created = numberField(batch, 'created_at');
  const ours = textField(field(batch, 'metadata'), OURS);
  const model = textField(batch, 'model');
  const rows = numberField(field(batch, 'request_counts'), 'total');
  return {
    remoteId: textField(batch, 'id') ?? '',
    ...defined({ ours, model, rows: rows === 0 ? undefined : rows }),
    ...(created === undefined ? {} : { created: created * 1000 }),
  };
}

/** Statuses after which nothing more comes, whoever says them: OpenAI's and OpenRouter's, Together's in capitals, and those of others. */
const OVER: ReadonlySet<string> = new Set(
  'completed complete success succeeded done finished ended failed error expired timeout_exceeded cancelled canceled'.split(
    ' ',
  ),
);

/** OpenAI says of a batch that it took on a moment before that its queue holds too many tokens. */
const NO_ROOM = /^(token_limit_exceeded|rate_limit\w*)$/i;

export function standingOf(batch: unknown): Standing {
  const status = textField(batch, 'status') ?? 'unknown';
  const errors = field(field(batch, 'errors'), 'data');
  const first: unknown = Array.isArray(errors) ? errors[0] : undefined;
  const error = field(batch, 'error') ?? first;
  const message = textField(error, 'message') ?? textField(first, 'message');
  const limited = NO_ROOM.test(textField(error, 'code') ?? '') ? (true as const) : undefined;
  const done = numberField(field(batch, 'request_counts'), 'completed');
  return {
    status,
    over: OVER.has(
      status
        .trim()
        .toLowerCase()
        .replaceAll(/[^a-z]+/g, '_'),
    ),
    ...defined({ message, done, limited }),
  };
}

/** Of an answer that is a list, or a page of one. Anything else says nothing of what there is; some servers say null where there is nothing. */
export function listOf(answer: unknown): readonly unknown[] {
  const list = field(answer, 'data');
  if (list === null) return [];
  if (!Array.isArray(list))
    throw new WireError(`no list came: ${JSON.stringify(answer).slice(0, 80)}`, { unsure: true });
  return list;
}
