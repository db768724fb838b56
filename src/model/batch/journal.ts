// The journal of batches: what is sent, written durably before it is, and what became of it. One file a batch for its state, one for
// its rows. Asks nobody.
import { dirname, join } from 'node:path';
import { genKey, type GenId, type Stage } from '../../generation/stage.ts';
import type { Asked } from '../../store/responses.ts';
import type { Layout } from '../../store/layout.ts';
import { discard, namesIfPresent, readTextIfPresent, writeDurable } from '../../store/writing/atomic.ts';
import { goneAway, isAway } from '../../store/writing/lodging.ts';
import { defined } from '../../defined.ts';
import { ProblemError } from '../../problem.ts';
import type { Call } from '../call.ts';
import { field, numberField, textField } from '../fields.ts';

/**
 * - `sending`: it may or may not have reached the provider
 * - `sent`: the provider has it, under `remote.id`
 * - `ended`: the provider is done with it, and its rows are being kept
 * - `taken`: everything that it brought is kept
 * - `given_up`: it never reached the provider, or nobody waits for it any more
 */
const STATES = ['sending', 'sent', 'ended', 'taken', 'given_up'] as const;
export type BatchState = (typeof STATES)[number];

export const BATCH_VERSION = 1;

/** How many rows came to what end. */
export interface Ends {
  /** Answers, refused and cut off ones among them: all of them are kept. */
  readonly kept: number;
  /** Errors of single rows, rows that expired, and rows that never came. */
  readonly failed: number;
  /** Rows that are none of this batch. What nobody here asked is put aside, in `ID.aside.json`. */
  readonly foreign: number;
  /** Rows that were billed and whose cost nobody knows. */
  readonly unpriced?: number;
}

export interface BatchRecord {
  readonly version: 1;
  /** A UUID of ours. */
  readonly id: string;
  readonly state: BatchState;
  /** The provider's word in the config. */
  readonly provider: string;
  readonly shape: string;
  /** The provider's model string. */
  readonly model: string;
  readonly pool: string;
  /** How many rows it has; absent in older records, where every row is among the questions. */
  readonly rows?: number;
  /** What its rows ask, under which address, and for which generation. Once it is taken: of those only of which something is left to say. */
  readonly questions: readonly (readonly [address: string, stage: Stage, genId: GenId])[];
  /** USD that the rows may cost at most, at the batch's price. */
  readonly reserved: number;
  /** Rows that it leaves out, since nobody knows their price. */
  readonly unpriced?: number;
  /** ISO times. */
  readonly created: string;
  readonly sent?: string;
  readonly ended?: string;
  /** What the provider calls it; its own word for its state. */
  readonly remote?: { readonly id: string; readonly status?: string };
  /** True where the provider's batch is taken for this one since it looks alike: its rows will tell. */
  readonly alike?: true;
  /** Batches of the provider that look alike and whose rows are others'. */
  readonly notOurs?: readonly string[];
  readonly ends?: Ends;
  /** USD that its rows cost, as far as that is known; nothing where it was never taken on. */
  readonly cost?: number;
  /** Answers that are none to use (refused, cut off) and that no generation has heard of yet: address → name in the archive. */
  readonly unheard?: Readonly<Record<string, string>>;
  /** Answers to questions that were asked again on purpose, and that no generation has heard of yet: address → name in the archive. */
  readonly renewed?: Readonly<Record<string, string>>;
  /** Why rows have no answer: address → reason. They are asked again; once one is answered, that is said no more. */
  readonly failures?: Readonly<Record<string, string>>;
}

/** What one row asks, and for whom. */
export interface BatchRow {
  /** The row's `custom_id`: where the archive keeps answers to it. */
  readonly address: string;
  readonly asked: Asked;
  readonly modelId: string;
  readonly maxTokens: number;
  /** As the ledger wants it. */
  readonly call: Omit<Call, 'onSent' | 'priority'>;
  /** USD that it may cost at most, at the batch's price. */
  readonly reserved: number;
  /** Asked although there is an answer. */
  readonly replaces?: true;
}

function folderOf({ state }: Pick<Layout, 'state'>): string {
  return join(state, 'batches');
}

export function recordPath(layout: Pick<Layout, 'state'>, id: string): string {
  return join(folderOf(layout), `${id}.json`);
}

export function rowsPath(layout: Pick<Layout, 'state'>, id: string): string {
  return join(folderOf(layout), `${id}.rows.json`);
}

function asidePath(layout: Pick<Layout, 'state'>, id: string): string {
  return join(folderOf(layout), `${id}.aside.json`);
}

const ID = /^[0-9a-f-]{36}\.json$/;

/** All that are on record, the oldest first. Damaged files are left out: `unreadableBatches` names them. */
export function listBatches(layout: Pick<Layout, 'state'>): readonly BatchRecord[] {
  return idsIn(layout)
    .flatMap((id) => {
      const record = readBatch(layout, id);
      return typeof record === 'string' ? [] : record;
    })
    .sort((a, b) => (a.created < b.created ? -1 : a.created > b.created ? 1 : 0));
}

/** Records that can not be read, or not by this version: what their batches asked can not be told. */
export function unreadableBatches(
  layout: Pick<Layout, 'state'>,
): readonly { readonly file: string; readonly why: 'damaged' | 'newer' }[] {
  return idsIn(layout).flatMap((id) => {
    const why = readBatch(layout, id);
    return typeof why === 'string' ? [{ file: recordPath(layout, id), why }] : [];
  });
}

function idsIn(layout: Pick<Layout, 'state'>): readonly string[] {
  return namesIfPresent(folderOf(layout))
    .filter((name) => ID.test(name))
    .map((name) => name.slice(0, -'.json'.length));
}

function readBatch(layout: Pick<Layout, 'state'>, id: string): BatchRecord | 'damaged' | 'newer' {
  try {
    const value = JSON.parse(readTextIfPresent(recordPath(layout, id)) ?? '') as unknown;
    const version = numberField(value, 'version');
    if (version !== undefined && version > BATCH_VERSION) return 'newer';
    return isRecord(value, id) ? value : 'damaged';
  } catch {
    return 'damaged';
  }
}

export interface BatchFile {
  readonly id: string;
  readonly kind: 'record' | 'rows' | 'aside';
  readonly file: string;
}

/** Every file that is about a batch. */
export function batchFiles(layout: Pick<Layout, 'state'>): readonly BatchFile[] {
  return namesIfPresent(folderOf(layout)).flatMap((name) => {
    const [, id = '', what = 'record'] = /^([0-9a-f-]{36})(?:\.(rows|aside))?\.json$/.exec(name) ?? [];
    const kind = what as BatchFile['kind'];
    return id === '' ? [] : [{ id, kind, file: join(folderOf(layout), name) }];
  });
}

/** What everything else takes for granted, since a hand may have been at it. */
function isRecord(value: unknown, id: string): value is BatchRecord {
  const questions = field(value, 'questions');
  const remote = field(value, 'remote');
  return (
    field(value, 'version') === BATCH_VERSION &&
    field(value, 'id') === id &&
    (STATES as readonly unknown[]).includes(field(value, 'state')) &&
    ['provider', 'model', 'pool'].every((name) => textField(value, name) !== undefined) &&
    !Number.isNaN(Date.parse(textField(value, 'created') ?? '')) &&
    typeof field(value, 'reserved') === 'number' &&
    (remote === undefined || textField(remote, 'id') !== undefined) &&
    Array.isArray(questions) &&
    questions.every(
      (each: unknown) =>
        Array.isArray(each) && each.length === 3 && each.every((word) => typeof word === 'string'),
    )
  );
}

/** Undefined where the file is gone or damaged: what was asked can not be told then. */
export function rowsOf(
  layout: Pick<Layout, 'state'>,
  { id, questions }: Pick<BatchRecord, 'id' | 'questions'>,
): readonly BatchRow[] | undefined {
  try {
    const rows = JSON.parse(readTextIfPresent(rowsPath(layout, id)) ?? '') as readonly BatchRow[];
    const asked = new Set(rows.map(({ address }) => address));
    const isWhole = questions.every(([address]) => asked.has(address)) && rows.every(saysWhom);
    return isWhole ? rows.map(withPrompt) : undefined;
  } catch {
    return undefined;
  }
}

/** Without a model and a stage nothing could be kept of an answer, and no call be told of. */
function saysWhom({ call: { request } }: BatchRow): boolean {
  return typeof request.model === 'string' && typeof request.stage === 'string';
}

/**
 * Throws a ProblemError (DD586) while the data root is away, and makes nothing in its place: what stands on record there is enough to
 * find the batch again, and to take what it brings.
 */
async function keep({ state }: Pick<Layout, 'state'>, path: string, text: string): Promise<void> {
  const root = { dataRoot: dirname(state) };
  if (isAway(root)) throw new ProblemError([goneAway(root)]);
  await writeDurable(path, text);
}

/** Resolves once rows and record are safe on the disk, in this order: a record without its rows would reserve nothing. */
export async function openRecord(
  layout: Pick<Layout, 'state'>,
  record: BatchRecord,
  rows: readonly BatchRow[],
): Promise<void> {
  await keep(layout, rowsPath(layout, record.id), `[${rows.map(rowText).join(',\n')}]`);
  await writeRecord(layout, record);
}

/** The prompt stands in what was asked already, and is most of a row. */
function rowText({ call, ...row }: BatchRow): string {
  const { prompt: _once, ...request } = call.request;
  return JSON.stringify({ ...row, call: { ...call, request } });
}

function withPrompt(row: BatchRow): BatchRow {
  const { call, asked } = row;
  return { ...row, call: { ...call, request: { ...call.request, prompt: asked['prompt'] ?? '' } } };
}

export async function writeRecord(layout: Pick<Layout, 'state'>, record: BatchRecord): Promise<void> {
  await keep(layout, recordPath(layout, record.id), JSON.stringify(record));
}

/** The same for a batch that nobody waits for any more: what it asked is of no use then. */
export async function closeRecord(layout: Pick<Layout, 'state'>, record: BatchRecord): Promise<void> {
  const { questions, failures = {}, unheard = {}, renewed = {} } = record;
  const left = questions.filter(([address]) =>
    [failures, unheard, renewed].some((said) => said[address] !== undefined),
  );
  await writeRecord(layout, { ...record, rows: rowsIn(record), questions: left });
  discard(rowsPath(layout, record.id));
}

export function rowsIn({ rows, questions }: BatchRecord): number {
  return rows ?? questions.length;
}

/** What is said of these addresses is said no more: a generation has heard of it, or they were answered since. */
export async function forgetSaid(
  layout: Pick<Layout, 'state'>,
  batches: readonly BatchRecord[],
  addresses: { has(address: string): boolean },
): Promise<void> {
  for (const batch of batches) {
    const said = [batch.unheard, batch.failures, batch.renewed];
    if (!said.some((each = {}) => Object.keys(each).some((address) => addresses.has(address)))) continue;
    const [unheard, failures, renewed] = said.map((each = {}) =>
      Object.fromEntries(Object.entries(each).filter(([address]) => !addresses.has(address))),
    );
    await writeRecord(layout, defined({ ...batch, unheard, failures, renewed }));
  }
}

/** Rows that nobody here asked, as the provider sent them: they may be paid for. */
export async function putAside(
  layout: Pick<Layout, 'state'>,
  { id }: BatchRecord,
  rows: readonly unknown[],
): Promise<void> {
  await keep(layout, asidePath(layout, id), JSON.stringify(rows, null, 2));
}

/** Addresses of the questions that are in a batch, which counts as asked. */
export function reservedAddresses(batches: readonly BatchRecord[]): Set<string> {
  return new Set(batches.filter(isLive).flatMap(({ questions }) => questions.map(([address]) => address)));
}

/** Whether its questions count as asked. */
export function isLive({ state }: BatchRecord): boolean {
  return state === 'sending' || state === 'sent' || state === 'ended';
}

/** Generations, by stage and id, that were asked for again on purpose and whose answers have come. */
export function renewedKeys(batches: readonly BatchRecord[]): ReadonlySet<string> {
  return new Set(
    batches.flatMap(({ questions, renewed = {} }) =>
      questions
        .filter(([address]) => renewed[address] !== undefined)
        .map(([, stage, genId]) => genKey({ stage, genId })),
    ),
  );
}

/** Why a question has no answer, once for each batch that it was in since it was last answered, the latest last; by address. */
export function failuresBy(batches: readonly BatchRecord[]): ReadonlyMap<string, readonly string[]> {
  const found = new Map<string, string[]>();
  for (const { failures = {} } of batches)
    for (const [address, why] of Object.entries(failures))
      found.set(address, [...(found.get(address) ?? []), why]);
  return found;
}
