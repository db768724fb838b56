// Findings about cohorts' own files against their specs.
import { relative } from 'node:path';
import { manifestJson, membershipCsv } from '../cohort/membership.ts';
import { hasSpec } from '../engine/cohortfiles.ts';
import { cohortFile } from '../store/layout.ts';
import type { Examination } from './examination.ts';
import { finding, type Finding } from './findings.ts';

export function cohortFindings(examination: Examination): readonly Finding[] {
  return [...outdated(examination), ...empty(examination)];
}

function outdated({ cohorts, layout, reader, store, asked }: Examination): readonly Finding[] {
  const folders = new Set(store.map(({ stage, genId }) => `${stage}/${genId}`));
  return cohorts.cohorts.flatMap((cohort) => {
    if (!asked.cohort(cohort.id) || !hasSpec(layout, cohort.id)) return [];
    // A cohort that was never built has no files to be wrong.
    const begun = cohort.members.some(({ stage, genId }) => folders.has(`${stage}/${genId}`));
    const texts = { 'membership.csv': membershipCsv(cohort), 'manifest.json': manifestJson(cohort) };
    return Object.entries(texts).flatMap(([name, text]) => {
      const file = cohortFile(layout, cohort.id, name);
      const found = reader.text(file).value;
      if (found === text || (found === undefined && !begun)) return [];
      const what = found === undefined ? 'is missing' : 'is not what the spec compiles to';
      return [
        finding('cohort_files_outdated', `${name} of cohort ${cohort.id} ${what}`, {
          cohort: cohort.id,
          place: { file },
          cure: `Write it anew: \`daydream cohort compile ${cohort.id}\`.`,
          fix: { kind: 'write', path: relative(layout.dataRoot, file), text, replaces: 'nothing' },
        }),
      ];
    });
  });
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
