// daydream report --separate: two names, and what would tell them apart, each way with its price. Computes nothing itself.
import { separationOf } from '../../../../api/reading/scores.ts';
import { mixedIn } from '../../../../engine/results/scores.ts';
import type { Session } from '../../../../engine/project/session.ts';
import { comparisonTable } from '../../../../report/tables/levels.ts';
import { noiseTable, separationTable } from '../../../../report/tables/separation.ts';
import type { StatisticsTable } from '../../../../report/tables/table.ts';
import { OVERS } from '../../../../scores/observations.ts';
import { mixedText } from '../../../../scores/measures.ts';
import { isScored } from '../../../../scores/rows.ts';
import type { Invocation } from '../../../call/command.ts';
import { type Asked, cautionsOf, noteCaution } from '../counted.ts';
import { printTable, tableRecords, type TableFormat } from '../../../words/tables.ts';
import { printTitled } from './pages.ts';

export async function printSeparation(
  call: Invocation,
  session: Session,
  { cohortIds, rows, counted }: Asked,
  format: TableFormat,
): Promise<void> {
  const { console, options } = call;
  const names = (options.text('separate') ?? '').split(',').map((name) => name.trim());
  const over = options.choice('over', OVERS);
  const found = separationOf(session, counted.of(rows), names, {
    over,
    difference: options.number('difference'),
  });
  const name = options.text('write');
  const bought =
    name === undefined
      ? undefined
      : await (await import('./buying.ts')).buyCohort(call, name, found.pair, counted.of(rows));
  const tables: readonly StatisticsTable[] = [
    {
      name: 'comparisons',
      title: 'What they differ by now, on what they have in common',
      table: comparisonTable([found.ranked]),
    },
    {
      name: 'noise',
      title: 'Where a score varies about the mean of its way',
      table: noiseTable(found.noises),
    },
    {
      name: 'separation',
      title: `What would show a difference of ${Number(found.pair.wanted.toFixed(3))} in 80 of 100 tries, for these two alone`,
      table: separationTable([found.pair], 'all'),
    },
  ];
  const standing = counted.standing(rows);
  const mixed = found.ranked.dimension === 'rubric' ? [] : mixedIn(session, counted.of(rows));
  if (format === 'json') {
    const scored = counted.of(rows).filter(isScored);
    console.printJson({
      version: 1,
      cohorts: cohortIds,
      evaluations: counted.of(rows).length,
      scored: scored.length,
      essays: new Set(scored.map((row) => row.parentGenId)).size,
      over: over ?? 'combos',
      tables: Object.fromEntries(tables.map(({ name, table }) => [name, tableRecords(table)])),
      cautions: cautionsOf(mixed),
      standing,
      ...(bought === undefined ? {} : { made: bought.made }),
    });
  } else if (format === 'csv' || format === 'csv-safe') {
    for (const { name, table } of tables) if (name === 'separation') printTable(console, table, format);
  } else for (const each of tables) printTitled(console, each, format);
  counted.tell(standing);
  if (format !== 'json') noteCaution(console, mixedText(mixed));
  if (format !== 'json') for (const line of bought?.words ?? []) console.note(line);
}
