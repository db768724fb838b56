// The list of what doctor looks at, in the order of its report: a new family of findings is added here.
import { adoptionFindings } from './adoptionfindings.ts';
import { cohortFindings } from './cohortfindings.ts';
import { environmentFindings } from './environmentfindings.ts';
import type { Examination } from './examination.ts';
import { fileFindings } from './filefindings.ts';
import type { Finding } from './findings.ts';
import { healthFindings } from './healthfindings.ts';
import { identityFindings } from './identityfindings.ts';
import { machineryFindings } from './machineryfindings.ts';
import { templateFindings } from './templatefindings.ts';
import { twinFindings } from './twinfindings.ts';

type Family = (examination: Examination) => readonly Finding[] | Promise<readonly Finding[]>;

const FAMILIES: readonly Family[] = [
  environmentFindings,
  templateFindings,
  cohortFindings,
  identityFindings,
  fileFindings,
  twinFindings,
  healthFindings,
  adoptionFindings,
  machineryFindings,
];

export async function findingsOf(examination: Examination): Promise<readonly Finding[]> {
  const found: Finding[] = [];
  for (const family of FAMILIES) found.push(...(await family(examination)));
  return found;
}
