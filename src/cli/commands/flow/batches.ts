// daydream batches: what is in the provider's batches, and what somebody may do about one.
import { batchesOf, unreadableBatches } from '../../../api/reading/batches.ts';
import type { BatchReport } from '../../../engine/build/batching.ts';
import { batchOf, cancelBatch, forgetBatch } from '../../../engine/build/batchcare.ts';
import { loadGraph, locate } from '../../../engine/project/load.ts';
import { problem, ProblemError } from '../../../problem.ts';
import { integerColumn, tableOf, textColumn } from '../../../report/tables/table.ts';
import { usdOf } from '../../../text/amounts.ts';
import { mostOf } from '../../words/reasons/batch.ts';
import type { CommandSpec, Invocation } from '../../call/command.ts';
import type { ExitCode } from '../../call/exitcode.ts';
import { printTable, TABLE_FORMATS } from '../../words/tables.ts';
import { whileLocked } from '../upkeep/locked.ts';

const DONE: ExitCode = 0;

export const command: CommandSpec = {
  words: '[ls|cancel|forget] [batch]',
  options: [{ flags: '--format <format>', text: 'table, csv, json or md' }],
  examples: ['batches', 'batches cancel batch_abc123', 'batches forget 3f2a9c1e'],
  run: batches,
};

function batches(call: Invocation): Promise<ExitCode> {
  const [what = 'ls', id] = call.words;
  if (what === 'ls') return list(call);
  if (what !== 'cancel' && what !== 'forget')
    throw misused(`daydream batches has ls, cancel and forget, and no ${JSON.stringify(what)}`);
  if (id === undefined) throw misused(`which batch? \`daydream batches\` lists them`);
  return what === 'cancel' ? cancel(call, id) : forget(call, id);
}

function misused(message: string): ProblemError {
  return new ProblemError([problem('DD101', message)]);
}

async function list({ console, options, load }: Invocation): Promise<ExitCode> {
  const { layout } = await locate(await load());
  const all = batchesOf(layout);
  console.problems(unreadableBatches(layout));
  const format = console.json ? 'json' : (options.choice('format', TABLE_FORMATS) ?? 'table');
  if (format === 'json') console.printJson({ version: 1, batches: all });
  else if (all.length === 0) console.note('no batch was sent');
  else printTable(console, tableOf(COLUMNS, all), format);
  return 0;
}

const COLUMNS = [
  textColumn<BatchReport>('batch', ({ remote, id }) => remote?.id ?? id.slice(0, 8)),
  textColumn<BatchReport>('state', ({ state }) => state),
  textColumn<BatchReport>('status', ({ remote }) => remote?.status),
  textColumn<BatchReport>('provider', ({ provider }) => provider),
  textColumn<BatchReport>('model', ({ model }) => model),
  integerColumn<BatchReport>('rows', ({ rows }) => rows),
  integerColumn<BatchReport>('kept', ({ ends }) => ends?.kept),
  integerColumn<BatchReport>('failed', ({ ends }) => ends?.failed),
  textColumn<BatchReport>('usd', ({ cost, ends, ...batch }) =>
    cost === undefined ? mostOf(batch) : usdOf(cost, ends?.unpriced ?? 0),
  ),
  textColumn<BatchReport>('created', ({ created }) => created),
];

function cancel(call: Invocation, id: string): Promise<ExitCode> {
  return whileLocked(call, 'lock', async ({ layout }) => {
    const loading = await call.load();
    const { settings } = await loadGraph(loading);
    await cancelBatch(batchOf(layout, id), {
      settings,
      environment: loading.environment,
      now: () => call.clock.now(),
    });
    call.console.note('the provider was asked to stop it; `daydream build` takes what it has done');
    return DONE;
  });
}

function forget(call: Invocation, id: string): Promise<ExitCode> {
  return whileLocked(call, 'lock', async ({ layout }) => {
    await forgetBatch(layout, batchOf(layout, id), call.clock.now());
    call.console.note(
      'its questions count as asked no longer; if it runs all the same, it is billed and lost',
    );
    return DONE;
  });
}
