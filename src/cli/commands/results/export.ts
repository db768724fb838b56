// daydream export: one tidy row a generation, as a file for notebooks. Writes that file and nothing else.
import { plural } from '../../../text/amounts.ts';
import { exportFile, exportTarget, type ExportReport } from '../../../api/exporting.ts';
import { openForReading } from '../../../api/reading/open.ts';
import { EXPORT_FORMATS } from '../../../engine/export/columns.ts';
import { EXCLUDE, PROVIDER, VERIFY, type Invocation, type CommandSpec } from '../../call/command.ts';
import type { ExitCode } from '../../call/exitcode.ts';
import { noteCaution } from './counted.ts';
import { shortPath } from '../../words/place.ts';
import { scoresText } from '../../words/scores.ts';

export const command: CommandSpec = {
  words: '[cohort]',
  options: [
    { flags: '--out <file>', text: 'where to; what it held before is replaced' },
    {
      flags: '--format <format>',
      text: 'parquet, csv, csv-safe (for spreadsheets: no cell is a formula) or jsonl; by the ending of the file without it',
    },
    { flags: '--texts', text: 'with prompts, raw and parsed texts' },
    { flags: '--select <selector>', text: 'only these, such as `stage:evaluation`', many: true },
    EXCLUDE,
    { flags: '--current', text: 'leave out what is not current' },
    PROVIDER,
    VERIFY,
  ],
  examples: [
    'export --out all.parquet',
    'export first-light --out first-light.parquet --texts',
    'export first-light --select stage:evaluation --current --out scores.csv',
  ],
  run: exportRows,
};

async function exportRows(call: Invocation): Promise<ExitCode> {
  const { console, options, words, directory, stopping } = call;
  const asked = exportTarget({
    out: options.text('out'),
    format: options.choice('format', EXPORT_FORMATS),
  });
  const stop = new AbortController();
  stopping.listen(() => stop.abort());
  const reading = await openForReading({ ...(await call.load()), verify: options.flag('verify') });
  const report = await exportFile(
    reading,
    {
      ...asked,
      cohort: words[0],
      current: options.flag('current'),
      texts: options.flag('texts'),
      select: options.list('select'),
      exclude: options.list('exclude'),
      signal: stop.signal,
      progress: (written, total) => console.status([`${written} of ${total} rows`]),
    },
    directory,
  );
  console.status([]);
  if (report.end === 'interrupted') {
    console.note(`interrupted: ${shortPath(report.path, directory)} is as it was`);
    return 130;
  }
  if (console.json) console.printJson({ version: 1, ...report });
  else console.note(`wrote ${plural(report.rows, 'row')} to ${shortPath(report.path, directory)}`);
  tellStanding(call, report);
  return 0;
}

/** Says how the texts and the scores of the file stand, where not all is current; a JSON document has it in it. */
function tellStanding({ console, options }: Invocation, { standing, texts }: ExportReport): void {
  if (console.json) return;
  const only = options.flag('current') ? 'current' : 'all';
  const ofTexts = { evaluations: texts.count, states: texts.states, unlisted: 0, earlier: [] };
  noteCaution(console, scoresText(ofTexts, only, 'text'));
  noteCaution(console, scoresText(standing, only));
}
