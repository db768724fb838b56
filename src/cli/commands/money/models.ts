// daydream models: the model catalog with its prices, and the providers' prices brought into it. Runs nothing.
import {
  comparePrices,
  readModelPrices,
  writePrices,
  type ListedModel,
} from '../../../engine/money/modelprices.ts';
import { problem, ProblemError } from '../../../problem.ts';
import type { PriceChange } from '../../../model/client/modellist.ts';
import { integerColumn, tableOf, textColumn } from '../../../report/tables/table.ts';
import { PROVIDER, type Invocation, type CommandSpec } from '../../call/command.ts';
import type { ExitCode } from '../../call/exitcode.ts';
import { shortPath } from '../../words/place.ts';
import { printTable, TABLE_FORMATS } from '../../words/tables.ts';

export const command: CommandSpec = {
  words: '[action] [...model]',
  actions: ['ls', 'refresh', 'try'],
  options: [
    { flags: '-n, --dry-run', text: 'refresh: only say what would change' },
    { flags: '--format <format>', text: 'ls: table, csv, json or md' },
    { flags: '-y, --yes', text: 'try: ask, whatever it costs' },
    PROVIDER,
  ],
  examples: [
    'models',
    'models refresh --dry-run',
    'models refresh --provider openrouter',
    'models try w1 j1',
  ],
  run: models,
};

async function models(call: Invocation): Promise<ExitCode> {
  const [action = 'ls'] = call.words;
  if (action === 'ls') return list(call);
  if (action === 'refresh') return refresh(call);
  if (action === 'try') return (await import('./trymodels.ts')).tryThem(call, call.words.slice(1));
  throw new ProblemError([problem('DD102', `models can \`ls\`, \`refresh\` and \`try\`, not \`${action}\``)]);
}

const priced = (price: number | undefined): string => (price === undefined ? '' : String(price));

const COLUMNS = [
  textColumn<ListedModel>('id', ({ id }) => id),
  textColumn<ListedModel>('model', ({ model }) => model),
  textColumn<ListedModel>('provider', ({ provider }) => provider),
  textColumn<ListedModel>('pool', ({ pool }) => pool),
  textColumn<ListedModel>('input_price', ({ inputPrice }) => priced(inputPrice)),
  textColumn<ListedModel>('output_price', ({ outputPrice }) => priced(outputPrice)),
  textColumn<ListedModel>('batch_input_price', ({ batchInputPrice }) => priced(batchInputPrice)),
  textColumn<ListedModel>('batch_output_price', ({ batchOutputPrice }) => priced(batchOutputPrice)),
  integerColumn<ListedModel>('max_tokens', ({ maxTokens }) => maxTokens),
];

async function list({ console, options, load }: Invocation): Promise<ExitCode> {
  const { listed } = await readModelPrices(await load());
  const format = console.json ? 'json' : (options.choice('format', TABLE_FORMATS) ?? 'table');
  if (format === 'json') console.printJson({ version: 1, models: listed });
  else printTable(console, tableOf(COLUMNS, listed), format);
  return 0;
}

async function refresh({ console, options, load, stopping, directory }: Invocation): Promise<ExitCode> {
  const loading = await load();
  const prices = await readModelPrices(loading);
  stopping.listen(() => {});
  const found = await comparePrices(prices, {
    environment: loading.environment,
    signal: stopping.abort,
  });
  const { changes, contextLengths, vanished } = found;
  const dry = options.flag('dry-run');
  if (!dry) writePrices(prices, changes);
  if (console.json) {
    const lengths = Object.fromEntries(contextLengths);
    console.printJson({
      version: 1,
      written: !dry && changes.length > 0,
      changes,
      contextLengths: lengths,
      vanished,
    });
    return 0;
  }
  for (const change of changes) console.print(changeText(change));
  for (const [id, tokens] of contextLengths) {
    const most = prices.catalog.get(id)?.maxTokens;
    if (most !== undefined && most >= tokens)
      console.note(
        console.paint(
          'yellow',
          `${id}: max_tokens ${most} leaves no room for a prompt in its ${tokens} tokens`,
        ),
      );
  }
  console.problems(vanished);
  const file = shortPath(prices.file, directory);
  const what = `${changes.length} price${changes.length === 1 ? '' : 's'}`;
  if (changes.length === 0) console.note('no price has changed');
  else console.note(dry ? `${what} would change in ${file}` : `${what} written to ${file}`);
  return 0;
}

/** USD per million tokens, prompt and reply. */
function changeText({ id, model, before, ...now }: PriceChange): string {
  const { batchInputPrice, batchOutputPrice } = now;
  const batches =
    batchInputPrice === undefined ? '' : `; in batches ${batchInputPrice} and ${batchOutputPrice ?? '?'}`;
  return `${id} (${model}): ${oldText(before)}, now ${now.inputPrice} and ${now.outputPrice} per million tokens${batches}`;
}

function oldText({ inputPrice, outputPrice }: PriceChange['before']): string {
  if (inputPrice === undefined && outputPrice === undefined) return 'no price';
  return `${inputPrice ?? '?'} and ${outputPrice ?? '?'}`;
}
