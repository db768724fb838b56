// What happens to batches, in a line each. Decides nothing.
import type { BatchNews } from '../../../engine/build/batching.ts';
import { plural, usd, usdOf } from '../../../text/amounts.ts';

export function isBatchNews<T extends { readonly type: string }>(
  event: T,
): event is T & { readonly type: BatchNews['type'] } {
  return event.type.startsWith('batch_');
}

export function batchText(news: BatchNews): string {
  const { batch } = news;
  const name = `batch ${batch.remote?.id ?? batch.id.slice(0, 8)}`;
  const what = `${plural(batch.rows, 'question')} to ${batch.model}`;
  switch (news.type) {
    case 'batch_sent':
      return `${name}: ${what} sent, ${batch.unpriced === undefined ? mostOf(batch) : 'at a price that nobody knows'}`;
    case 'batch_refused':
      return `${name}: ${news.limited === true ? 'not taken now' : 'refused'}, nothing of it is asked: ${news.message}`;
    case 'batch_unsure':
      return `${name}: ${batch.state === 'sending' ? 'it may be running, so' : 'how it stands can not be told now, and'} its questions are not asked again: ${news.message}; the next \`daydream build\` looks again, and \`daydream batches forget ${batch.id.slice(0, 8)}\` waits no longer`;
    case 'batch_found':
      return `${name}: found again, ${what}`;
    case 'batch_lost':
      return `${name}: it never reached the provider; its questions are asked again`;
    case 'batch_open':
      return `${name}: ${batch.remote?.status ?? 'open'}, ${news.done === undefined ? '' : `${news.done} of `}${what}`;
    case 'batch_taken':
      return `${name}: ${takenText(batch)}${news.message === undefined ? '' : ` (${news.message})`}`;
    default:
      return news satisfies never;
  }
}

/** What it may cost; of a batch all rows ask one model. */
export function mostOf({ reserved, unpriced }: Pick<BatchNews['batch'], 'reserved' | 'unpriced'>): string {
  return unpriced === undefined ? `up to ${usd(reserved)}` : 'unknown';
}

function takenText({ id, remote, ends, cost }: BatchNews['batch']): string {
  const { kept = 0, failed = 0, foreign = 0, unpriced = 0 } = ends ?? {};
  const file = `.daydream/batches/${id}.aside.json`;
  const parts = [
    `${remote?.status ?? 'over'}: ${plural(kept, 'answer')} kept${cost === undefined || (kept === 0 && cost + unpriced === 0) ? '' : `, ${usdOf(cost, unpriced)}`}`,
    ...(failed === 0 ? [] : [`${failed} without an answer, to be asked again`]),
    ...(foreign === 0
      ? []
      : [`${plural(foreign, 'row')} of other batches: what nobody here asked is in ${file}`]),
  ];
  return parts.join('; ');
}
