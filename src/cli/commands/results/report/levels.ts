// daydream report --compare-levels: one dimension in full, each level with its mean and with each other level. Computes nothing itself.
import { levelsOf } from '../../../../api/reading/scores.ts';
import { mixedIn, scaleOf, scoresOfCohorts } from '../../../../engine/results/scores.ts';
import type { Session } from '../../../../engine/project/session.ts';
import { comparisonTable, levelTable } from '../../../../report/tables/levels.ts';
import type { Table } from '../../../../report/tables/table.ts';
import { OVERS } from '../../../../scores/observations.ts';
import type { Invocation } from '../../../call/command.ts';
import { mixedText } from '../../../../scores/measures.ts';
import { type Asked, cautionsOf, noteCaution } from '../counted.ts';
import { printForest } from '../../../words/forest.ts';
import { printTable, tableRecords, type TableFormat } from '../../../words/tables.ts';

/** The words behind `report`: a cohort, and with `--compare-levels` names of levels, with commas between. */
export function wordsOfReport({ words, options }: Pick<Invocation, 'words' | 'options'>): {
  readonly cohort: string | undefined;
  readonly levels: string | undefined;
} {
  const [first, second] = words;
  const alone =
    options.text('compare-levels') !== undefined && second === undefined && first?.includes(',') === true;
  return alone ? { cohort: undefined, levels: first } : { cohort: first, levels: second };
}

/** A word alone that is no cohort but a level of the dimension is meant as one: with what is it to be compared? */
export function refuseLoneLevel(session: Session, dimension: string, word: string | undefined): void {
  const ids = session.loaded.structure.cohorts.map(({ id }) => id);
  if (word === undefined || ids.includes(word)) return;
  const rows = scoresOfCohorts(session, ids);
  if (levelsOf(session, rows, dimension, {}).contenders.some(({ name }) => name === word))
    levelsOf(session, rows, dimension, { levels: [word] });
}

export function printLevels(
  call: Invocation,
  session: Session,
  { cohortIds, rows, counted }: Asked,
  format: TableFormat,
): void {
  const { console, options } = call;
  const names = wordsOfReport(call)
    .levels?.split(',')
    .map((name) => name.trim());
  const over = options.choice('over', OVERS);
  const dimension = options.text('compare-levels') ?? '';
  const ranked = levelsOf(session, counted.of(rows), dimension, { levels: names, over });
  const tables = {
    levels: levelTable([ranked], { scale: scaleOf(session, counted.of(rows)) }),
    comparisons: comparisonTable([ranked]),
  };
  const standing = counted.standing(rows);
  // Rubrics are compared within a scale.
  const mixed = ranked.dimension === 'rubric' ? [] : mixedIn(session, counted.of(rows));
  const tell = (): void => {
    counted.tell(standing);
    noteCaution(console, mixedText(mixed));
  };
  if (format === 'json') {
    const records = Object.entries(tables).map(([name, table]) => [name, tableRecords(table)]);
    return console.printJson({
      version: 1,
      type: 'levels',
      cohorts: cohortIds,
      dimension,
      over: over ?? 'combos',
      family: ranked.family,
      ...Object.fromEntries(records),
      cautions: cautionsOf(mixed),
      standing,
    });
  }
  if (format === 'csv' || format === 'csv-safe') {
    printTable(console, tables.comparisons, format);
    return tell();
  }
  const print = (title: string, table: Table): void => {
    console.write(format === 'md' ? `## ${title}\n\n` : `${title}:\n`);
    if (table.rows.length === 0) console.write('(nothing)\n');
    else if (format === 'md') printTable(console, table, format);
    else printForest(console, table);
    console.write('\n');
  };
  print(`Levels of ${ranked.dimension}, means with 95 % intervals`, tables.levels);
  print('Differences on what two levels have in common, a less b', tables.comparisons);
  tell();
}
