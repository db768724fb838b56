// The list of what doctor looks at, in the order of its report: a new family of findings is added here.
import { dirname } from 'node:path';
import { asProblems, ProblemError } from '../problem.ts';
import { adoptionFindings } from './families/adoption.ts';
import { batchFindings } from './families/batches.ts';
import { cohortFindings } from './families/cohorts.ts';
import { environmentFindings } from './families/environment.ts';
import type { Examination } from './examination.ts';
import { fileFindings } from './families/files.ts';
import { findingOf, type Finding } from './findings.ts';
import { HEALTH } from './families/health.ts';
import { identityFindings } from './families/identity.ts';
import { MACHINERY } from './families/machinery.ts';
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
  ...HEALTH,
  adoptionFindings,
  ...MACHINERY,
  batchFindings,
];

export async function findingsOf(examination: Examination): Promise<readonly Finding[]> {
  const found: Finding[] = [];
  for (const family of FAMILIES) found.push(...(await orRefusal(family, examination)));
  return eachOnce(found);
}

/** What may not be read ends the family that needs it, and no other. */
async function orRefusal(family: Family, examination: Examination): Promise<readonly Finding[]> {
  try {
    return await family(examination);
  } catch (error) {
    const refused = asProblems(error);
    if (!(refused instanceof ProblemError)) throw error;
    return refused.problems.map(findingOf);
  }
}

/** Several families meet the same, and what lies in a folder that may not be read goes without saying. */
function eachOnce(found: readonly Finding[]): readonly Finding[] {
  const closed = new Set(found.map(closedPath));
  const isBelow = (path: string): boolean => {
    const above = dirname(path);
    return above !== path && (closed.has(above) || isBelow(above));
  };
  const once = new Map(found.map((each) => [JSON.stringify([each.code, each.message, each.place]), each]));
  return [...once.values()].filter((each) => !isBelow(closedPath(each) ?? ''));
}

function closedPath({ code, place }: Finding): string | undefined {
  return code === 'may_not_be_read' ? place?.file : undefined;
}
