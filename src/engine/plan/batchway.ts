// Which questions go into batches: by what a build was told, and by what their pool says. Sends nothing.
import { OFFLINE, type PoolConfig, type Settings } from '../../config.ts';
import type { Ask } from '../../graph/graph.ts';
import { isFree } from '../../model/money/prices.ts';

/**
 * `prefer`: what failed in three batches is asked directly; `never`: nothing is put into one, not even where its pool says so; `now`:
 * everything is asked directly, also what is in a batch that is open.
 */
export type BatchMode = 'only' | 'prefer' | 'never' | 'now';

/** In a batch, as its pool says; directly, as what costs nothing goes anyway; or not at all by whoever asks. */
export function wayOf(
  { pools }: Pick<Settings, 'pools'>,
  mode: BatchMode | undefined,
  { provider, pool, model }: Pick<Ask, 'provider' | 'pool' | 'model'>,
): Exclude<PoolConfig['batch'], boolean | undefined> | 'directly' | 'never' {
  const wanted = pools[pool]?.batch ?? ((mode === 'only' || mode === 'prefer') && !isFree(model));
  if (wanted === false || mode === 'now' || provider === OFFLINE) return 'directly';
  if (mode === 'never') return 'never';
  return wanted === true ? {} : wanted;
}
