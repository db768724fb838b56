// Findings about cohorts' own files against their specs.
import { relative } from 'node:path';
import { hasSpec } from '../../engine/cohorts/sources.ts';
import { cohortFile } from '../../store/layout.ts';
import type { Examination } from '../examination.ts';
import { finding, type Finding } from '../findings.ts';
import { isBroken } from './identity.ts';
import { shellWord } from '../../text/quotes.ts';

export function cohortFindings(examination: Examination): readonly Finding[] {
  return [...outdated(examination), ...empty(examination)];
}

function outdated(examination: Examination): readonly Finding[] {
  const { cohorts, files, layout, reader, stored, asked } = examination;
  const misled = misledCohorts(examination);
  return cohorts.cohorts.flatMap((cohort) => {
    if (!asked.cohort(cohort.id) || !hasSpec(layout, cohort.id) || misled.has(cohort.id)) return [];
    // A cohort that was never built has no files to be wrong.
    const isBegun = (): boolean =>
      cohort.members.some(({ stage, genId }) => stored(stage, genId) !== undefined);
    return Object.entries(files.get(cohort.id) ?? {}).flatMap(([name, text]) => {
      const file = cohortFile(layout, cohort.id, name);
      const { value: found, problems } = reader.text(file);
      const [unreadable] = problems;
      if (unreadable !== undefined)
        return [
          finding('cohort_files_outdated', unreadable.message, {
            cohort: cohort.id,
            place: { file },
            cure: `Move it away, then write it anew: \`daydream cohort compile ${shellWord(cohort.id)}\`.`,
          }),
        ];
      if (found === text || (found === undefined && !isBegun())) return [];
      const what = found === undefined ? 'is missing' : 'is not what the spec compiles to';
      return [
        finding('cohort_files_outdated', `${name} of cohort ${cohort.id} ${what}`, {
          cohort: cohort.id,
          place: { file },
          cure: `Write it anew: \`daydream cohort compile ${shellWord(cohort.id)}\`.`,
          fix: { kind: 'write', path: relative(layout.dataRoot, file), text, replaces: 'nothing' },
        }),
      ];
    });
  });
}

/** Cohorts that have another id for a generation as long as its metadata.json is wrong: what they compile to now is not to be kept. */
function misledCohorts(examination: Examination): ReadonlySet<string> {
  const { opened, store } = examination;
  if (opened === undefined) return new Set();
  const rows = store.flatMap((each) =>
    isBroken(examination, each) ? (opened.displaced(each.stage, each.genId) ?? []) : [],
  );
  const misled = opened.session.loaded.structure.cohorts.filter(({ members }) =>
    rows.some((row) => members.includes(row)),
  );
  return new Set(misled.map(({ id }) => id));
}

function empty({ cohorts, layout, reader, asked }: Examination): readonly Finding[] {
  return reader
    .folders(layout.cohorts)
    .filter((id) => !cohorts.ids.includes(id) && asked.cohort(id))
    .map((id) =>
      finding('cohort_empty', `cohorts/${id} holds neither spec/config.yaml nor membership.csv`, {
        cohort: id,
        place: { file: cohortFile(layout, id) },
        cure: `Write spec/config.yaml, or remove the folder.`,
      }),
    );
}
