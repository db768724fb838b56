// daydream graph: lineage for a drawing tool or a program, and the map from the assets of old to commands. Read-only.
import { dot, lineageOf, mermaid } from '../../../../graph/lineage.ts';
import type { Table } from '../../../../report/tables/table.ts';
import { ASSET_MAP } from './assetmap.ts';
import { EXCLUDE, type Invocation, type CommandSpec } from '../../../call/command.ts';
import type { ExitCode } from '../../../call/exitcode.ts';
import { openForReading, selectedBy } from '../../../../api/reading/open.ts';
import { printTable, TABLE_FORMATS } from '../../../words/tables.ts';

const DRAWINGS = ['mermaid', 'dot', 'json'] as const;

export const command: CommandSpec = {
  words: '[...selectors]',
  options: [
    {
      flags: '--format <format>',
      text: 'mermaid, dot or json (with --assets: table, csv, json or md); large drawings show templates',
    },
    { flags: '--assets', text: 'which command does the work of which asset of the earlier pipeline' },
    EXCLUDE,
  ],
  examples: [
    'graph +v_51p3df2wmn8o8w4h',
    'graph cohort:first-light --format dot | dot -Tsvg > lineage.svg',
    'graph --assets',
  ],
  run: draw,
};

async function draw(call: Invocation): Promise<ExitCode> {
  const { console, options } = call;
  if (options.flag('assets')) return showAssets(call);
  const format = console.json ? 'json' : (options.choice('format', DRAWINGS) ?? 'mermaid');
  const reading = await openForReading(await call.load());
  const selected = selectedBy({ select: call.words, exclude: options.list('exclude') }, reading);
  const { graph } = reading.judged;
  switch (format) {
    case 'mermaid':
      console.write(mermaid(lineageOf(graph, selected)));
      return 0;
    case 'dot':
      console.write(dot(lineageOf(graph, selected)));
      return 0;
    case 'json':
      console.printJson({ version: 1, ...lineageOf(graph, selected, Number.POSITIVE_INFINITY) });
      return 0;
    default:
      return format satisfies never;
  }
}

function showAssets({ console, options }: Invocation): ExitCode {
  const format = console.json ? 'json' : (options.choice('format', TABLE_FORMATS) ?? 'table');
  if (format === 'json') console.printJson({ version: 1, assetGroups: ASSET_MAP });
  else printTable(console, assetTable(), format);
  return 0;
}

function assetTable(): Table {
  return {
    columns: ['group', 'asset', 'command', 'note'].map((name) => ({ name, kind: 'text' })),
    rows: ASSET_MAP.flatMap(({ group, assets }) =>
      assets.map(({ asset, command, note }) => [group, asset, command, note]),
    ),
  };
}
