// Reads a provider's own list of models: prices, context lengths, and which models have vanished. Knows no catalog file.
import { problem } from '../../problem.ts';
import type { Loaded, Place } from '../../problem.ts';
import { compareCodePoints } from '../../text/python.ts';
import type { Send } from '../../http.ts';
import { redactor, shortened } from './failure.ts';
import { addressUnder } from '../server.ts';
import { field, numberField, textField } from '../fields.ts';
import { defined } from '../../defined.ts';

/** A model as the provider offers it. */
export interface OfferedModel {
  /** The provider's model string. */
  readonly id: string;
  /** USD per million tokens. */
  readonly inputPrice?: number;
  readonly outputPrice?: number;
  readonly batchInputPrice?: number;
  readonly batchOutputPrice?: number;
  /** Tokens, prompt and reply together. */
  readonly contextLength?: number;
}

export interface ModelListOptions {
  readonly baseURL: string;
  /** Empty where the list is open to all. */
  readonly apiKey: string;
  readonly send: Send;
  readonly signal: AbortSignal;
}

const MILLION = 1_000_000;

/** `GET <baseURL>/models`, in code point order of the ids. A list that cannot be read is a problem and an empty list. */
export async function readModelList(options: ModelListOptions): Promise<Loaded<readonly OfferedModel[]>> {
  const { baseURL, apiKey, send, signal } = options;
  const url = addressUnder(baseURL, '/models');
  const failed = (why: string): Loaded<readonly OfferedModel[]> => ({
    value: [],
    problems: [problem('DD617', `${url}: ${redactor(apiKey)(shortened(why))}`, { data: { url } })],
  });
  try {
    const headers = {
      accept: 'application/json',
      ...(apiKey === '' ? {} : { authorization: `Bearer ${apiKey}` }),
    };
    const response = await send(url, { headers, signal });
    if (!response.ok) return failed(`status ${String(response.status)}`);
    const list: unknown = await response.json();
    const rows = field(list, 'data') ?? list;
    if (!Array.isArray(rows)) return failed('no list of models came');
    const models = withBatchPrices(rows.flatMap(offered));
    return { value: models.sort((a, b) => compareCodePoints(a.id, b.id)), problems: [] };
  } catch (error) {
    return failed(error instanceof Error ? error.message : String(error));
  }
}

function offered(row: unknown): readonly OfferedModel[] {
  const id = textField(row, 'id');
  if (id === undefined) return [];
  const pricing = field(row, 'pricing');
  const model = {
    id,
    inputPrice: perMillion(numberField(pricing, 'prompt')),
    outputPrice: perMillion(numberField(pricing, 'completion')),
    contextLength: numberField(row, 'context_length'),
  };
  return [defined(model) as OfferedModel];
}

/** OpenRouter lists what a model costs in batches as a model of its own, `maker/name:batch`. */
function withBatchPrices(models: readonly OfferedModel[]): OfferedModel[] {
  const byId = new Map(models.map((model) => [model.id, model]));
  return models.map((model) => {
    const { inputPrice, outputPrice } = byId.get(`${model.id}:batch`) ?? {};
    if (inputPrice === undefined || outputPrice === undefined) return model;
    return { ...model, batchInputPrice: inputPrice, batchOutputPrice: outputPrice };
  });
}

/** From USD per token, without the dust of the multiplication. A price below zero says that it varies: no price. */
function perMillion(perToken: number | undefined): number | undefined {
  return perToken === undefined || perToken < 0 ? undefined : Number((perToken * MILLION).toPrecision(12));
}

/** What `llm_models.csv` says of a model. */
export interface ListedModel {
  readonly id: string;
  readonly model: string;
  readonly inputPrice?: number;
  readonly outputPrice?: number;
  readonly batchInputPrice?: number;
  readonly batchOutputPrice?: number;
  readonly place: Place;
}

/** The price cells of one row that a refresh fills or changes. */
export interface PriceChange {
  readonly id: string;
  readonly model: string;
  readonly inputPrice: number;
  readonly outputPrice: number;
  /** Absent where the list says nothing of batches: what stands in the catalog stays. */
  readonly batchInputPrice?: number;
  readonly batchOutputPrice?: number;
  readonly before: {
    readonly inputPrice?: number;
    readonly outputPrice?: number;
    readonly batchInputPrice?: number;
    readonly batchOutputPrice?: number;
  };
}

export interface Refresh {
  readonly changes: readonly PriceChange[];
  /** Offered under the same name, with the tokens that it holds, in the order of the rows. */
  readonly contextLengths: ReadonlyMap<string, number>;
}

/** Rows against the provider's list; a row whose model is not offered any more is a problem with its place. */
export function compareWithList(
  rows: readonly ListedModel[],
  list: readonly OfferedModel[],
): Loaded<Refresh> {
  const byId = new Map(list.map((model) => [model.id, model]));
  const known = rows.flatMap((row) => {
    const offer = byId.get(row.model);
    return offer === undefined ? [] : [{ row, offer }];
  });
  const vanished = rows.filter(({ model }) => !byId.has(model));
  return {
    value: {
      changes: known.flatMap(({ row, offer }) => priceChange(row, offer)),
      contextLengths: new Map(
        known.flatMap(({ row, offer }) =>
          offer.contextLength === undefined ? [] : [[row.id, offer.contextLength]],
        ),
      ),
    },
    problems: vanished.map(({ id, model, place }) =>
      problem('DD618', `model "${id}": the provider does not offer ${model}`, {
        severity: 'warning',
        place,
        data: { id, model },
      }),
    ),
  };
}

function priceChange(row: ListedModel, offer: OfferedModel): readonly PriceChange[] {
  const { inputPrice, outputPrice, batchInputPrice, batchOutputPrice } = offer;
  if (inputPrice === undefined || outputPrice === undefined) return [];
  const now = defined({ inputPrice, outputPrice, batchInputPrice, batchOutputPrice });
  if (Object.entries(now).every(([name, price]) => row[name as keyof typeof now] === price)) return [];
  const before = defined({
    inputPrice: row.inputPrice,
    outputPrice: row.outputPrice,
    batchInputPrice: row.batchInputPrice,
    batchOutputPrice: row.batchOutputPrice,
  }) as PriceChange['before'];
  return [{ id: row.id, model: row.model, ...now, before } as PriceChange];
}
