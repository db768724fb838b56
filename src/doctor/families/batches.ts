// Findings about what is in the provider's batches, or may be. Asks no provider.
import { relative } from 'node:path';
import {
  batchFiles,
  isLive,
  listBatches,
  recordPath,
  rowsOf,
  rowsPath,
  unreadableBatches,
  type BatchRecord,
} from '../../model/batch/journal.ts';
import type { Examination } from '../examination.ts';
import { finding, type Finding, type FindingCode } from '../findings.ts';

/** Milliseconds: the slowest providers take up to 96 hours. */
const LONG = 4 * 86_400_000;

export function batchFindings(examination: Examination): readonly Finding[] {
  const { layout } = examination;
  return [
    ...unreadableBatches(layout).map(({ file, why }) =>
      finding(
        'batch_damaged',
        `the record of a batch ${why === 'newer' ? 'is of a newer daydream' : 'can not be read'}`,
        {
          place: { file },
        },
      ),
    ),
    ...listBatches(layout)
      .filter(isLive)
      .flatMap((batch) => openBatch(batch, examination)),
    ...leftBehind(examination),
  ];
}

/** At most one finding: the first that keeps it from being taken. */
function openBatch(batch: BatchRecord, { layout, settings, now }: Examination): readonly Finding[] {
  const { id, state, provider, questions, created } = batch;
  const [record, rows] = [recordPath(layout, id), rowsPath(layout, id)];
  const held = `${questions.length} question${questions.length === 1 ? '' : 's'} to ${batch.model}`;
  const about = (code: FindingCode, what: string, file = record): readonly Finding[] => [
    finding(code, `batch ${batch.remote?.id ?? id} holds back ${held}: ${what}`, {
      place: { file },
      data: { id, questions: questions.length, reserved: batch.reserved },
    }),
  ];
  if (rowsOf(layout, batch) === undefined)
    return about('batch_rows_damaged', 'its rows can not be read', rows);
  if (settings.providers[provider]?.batch === undefined)
    return about('batch_unreachable', `provider ${provider} has no batches`);
  if (state === 'sending') return about('batch_unsure', 'it may or may not have been sent');
  if (now - Date.parse(created) > LONG) return about('batch_old', `it is open since ${created}`);
  return [];
}

function leftBehind({ layout }: Examination): readonly Finding[] {
  const live = new Set(
    listBatches(layout)
      .filter(isLive)
      .map(({ id }) => id),
  );
  const unreadable = new Set(unreadableBatches(layout).map(({ file }) => file));
  return batchFiles(layout).flatMap(({ id, kind, file }): readonly Finding[] => {
    if (kind === 'aside')
      return [finding('batch_aside', `rows that nobody here asked for are in ${file}`, { place: { file } })];
    const waited = live.has(id) || unreadable.has(recordPath(layout, id));
    if (kind === 'record' || waited) return [];
    return [
      finding('batch_orphan', `nobody waits for the rows in ${file}`, {
        place: { file },
        fix: { kind: 'trash', paths: [relative(layout.dataRoot, file)] },
      }),
    ];
  });
}
