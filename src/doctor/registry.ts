// The list of what doctor looks at, in the order of its report: a new family of findings is added here.
import { adoptionFindings } from './families/adoption.ts';
import { batchFindings } from './families/batches.ts';
import { cohortFindings } from './families/cohorts.ts';
import { environmentFindings } from './families/environment.ts';
import type { Examination } from './examination.ts';
import { fileFindings } from './families/files.ts';
import type { Finding } from './findings.ts';
import { healthFindings } from './families/health.ts';
import { identityFindings } from './families/identity.ts';
import { machineryFindings } from './families/machinery.ts';
import { remoteFindings } from './families/remote.ts';
import { templateFindings } from './families/templates.ts';
import { twinFindings } from './families/twins.ts';

type Family = (examination: Examination) => readonly Finding[] | Promise<readonly Finding[]>;

const FAMILIES: readonly Family[] = [
  environmentFindings,
  remoteFindings,
  templateFindings,
  cohortFindings,
  identityFindings,
  fileFindings,
  twinFindings,
  healthFindings,
  adoptionFindings,
  machineryFindings,
  batchFindings,
];

export async function findingsOf(examination: Examination): Promise<readonly Finding[]> {
  const found: Finding[] = [];
  for (const family of FAMILIES) found.push(...(await family(examination)));
  return found;
}
