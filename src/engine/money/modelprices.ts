// Model prices as the catalog has them and as providers list them, and the catalog's file with the prices brought up to date.
// Judges no generation.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Model } from '../../catalog/catalog.ts';
import { loadModels } from '../../catalog/models.ts';
import { loadProject, OFFLINE, type Settings } from '../../config.ts';
import { hasErrors, problem, ProblemError, type Problem } from '../../problem.ts';
import { openHttp } from '../../http.ts';
import { withCells } from '../../inputs/csv/edit.ts';
import { diskReader } from '../../inputs/disk/diskreader.ts';
import { compareWithList, readModelList, type PriceChange } from '../../model/client/modellist.ts';
import { writeAtomic } from '../../store/writing/atomic.ts';
import { keyOf } from '../../model/providers/keys.ts';
import { bindSettings, servedByNobody } from '../project/modelrules.ts';
import type { LoadOptions } from '../project/options.ts';
import { defined } from '../../defined.ts';

/** A model of the catalog, with what the settings make of it. */
export interface ListedModel {
  readonly id: string;
  readonly model: string;
  readonly provider: string;
  readonly pool: string;
  /** USD per million tokens. */
  readonly inputPrice?: number;
  readonly outputPrice?: number;
  readonly batchInputPrice?: number;
  readonly batchOutputPrice?: number;
  readonly maxTokens?: number;
}

export interface ModelPrices {
  readonly file: string;
  readonly settings: Settings;
  readonly catalog: ReadonlyMap<string, Model>;
  readonly listed: readonly ListedModel[];
}

/** Throws a ProblemError with everything that is wrong with the catalog. */
export async function readModelPrices(options: LoadOptions): Promise<ModelPrices> {
  const { value: project, problems } = await loadProject(options);
  const { settings } = project;
  const file = join(settings.dataRoot, '1_raw', 'llm_models.csv');
  const models = loadModels(diskReader(), file);
  const found = [...problems, ...models.problems, ...servedByNobody(settings, { models: models.value })];
  if (hasErrors(found)) throw new ProblemError(found);
  const { providerOf, poolOf, pricesOf } = bindSettings(settings);
  const listed = [...models.value.values()].map((model) =>
    defined({
      id: model.id,
      model: model.model,
      provider: providerOf(model),
      pool: poolOf(model),
      ...pricesOf(model),
      maxTokens: model.maxTokens,
    }),
  );
  return { file, settings, catalog: models.value, listed };
}

export interface RefreshedPrices {
  readonly changes: readonly PriceChange[];
  /** Tokens, prompt and reply together, by model id. */
  readonly contextLengths: ReadonlyMap<string, number>;
  /** Models that their provider does not offer any more. */
  readonly vanished: readonly Problem[];
}

export interface RefreshOptions {
  readonly environment: LoadOptions['environment'];
  readonly signal: AbortSignal;
}

/** Asks every provider that the catalog needs for its list. Throws a ProblemError when one can not be read. */
export async function comparePrices(prices: ModelPrices, options: RefreshOptions): Promise<RefreshedPrices> {
  const { catalog, listed, settings } = prices;
  const names = [...new Set(listed.map(({ provider }) => provider))]
    .filter((name) => name !== OFFLINE)
    .sort();
  if (names.length === 0) throw new ProblemError([onlyOffline()]);
  const changes: PriceChange[] = [];
  const contextLengths = new Map<string, number>();
  const vanished: Problem[] = [];
  const unread: Problem[] = [];
  const { send } = openHttp(options);
  for (const name of names) {
    const { baseURL } = settings.providers[name] ?? { baseURL: '' };
    const apiKey = keyOf({ settings, environment: options.environment }, name);
    const list = await readModelList({ baseURL, apiKey, send, signal: options.signal });
    unread.push(...list.problems);
    if (list.problems.length > 0) continue;
    const ids = new Set(listed.filter(({ provider }) => provider === name).map(({ id }) => id));
    const rows = [...catalog.values()].filter(({ id }) => ids.has(id));
    const { value, problems } = compareWithList(rows, list.value);
    changes.push(...value.changes);
    for (const [id, tokens] of value.contextLengths) contextLengths.set(id, tokens);
    vanished.push(...problems);
  }
  if (unread.length > 0) throw new ProblemError(unread);
  return { changes, contextLengths, vanished };
}

function onlyOffline(): Problem {
  return problem('DD617', 'every model is answered by the offline model, which costs nothing', {
    reason: 'only_offline',
    cure: 'Name the provider whose prices are wanted: `daydream models refresh --provider openrouter`.',
  });
}

/** Writes the price cells into the catalog and nothing else. */
export function writePrices({ file }: ModelPrices, changes: readonly PriceChange[]): void {
  if (changes.length === 0) return;
  const cells = new Map(
    changes.map(({ id, inputPrice, outputPrice, batchInputPrice, batchOutputPrice }) => [
      id,
      {
        input_price: decimal(inputPrice),
        output_price: decimal(outputPrice),
        ...(batchInputPrice === undefined ? {} : { batch_input_price: decimal(batchInputPrice) }),
        ...(batchOutputPrice === undefined ? {} : { batch_output_price: decimal(batchOutputPrice) }),
      },
    ]),
  );
  const edited = withCells(readFileSync(file, 'utf8'), { key: 'id', cells });
  if (edited === undefined) {
    throw new ProblemError([
      problem('DD211', `the prices can not be put into ${file} without touching other cells`, {
        place: { file },
        reason: 'unsafe_edit',
        cure: 'Fill input_price and output_price by hand; `daydream models refresh --dry-run` shows the values.',
      }),
    ]);
  }
  writeAtomic(file, edited);
}

/** Without an exponent, which other readers of the file might not know. */
function decimal(price: number): string {
  const text = String(price);
  return text.includes('e') ? price.toFixed(12).replace(/\.?0+$/, '') : text;
}
