// What is wrong with a data root, and what cures it, as doctor finds it; and the safe cures, done under the lock. Finds nothing itself.
import { diskUse, type DiskUse } from '../../doctor/diskuse.ts';
import { examine } from '../../doctor/examination.ts';
import type { Finding } from '../../doctor/findings.ts';
import { FINDINGS } from '../../doctor/kinds.ts';
import { applyFixes, fixesIn, fixWords } from '../../doctor/fixing.ts';
import { findingsOf } from '../../doctor/registry.ts';
import type { LoadOptions } from '../../engine/project/options.ts';
import type { Layout } from '../../store/layout.ts';
import { lockRoot } from '../../store/lock.ts';

export interface Health {
  readonly findings: readonly (Finding & {
    readonly title: string;
    /** What the safe cure would do, in words; null where there is none. */
    readonly offered: string | null;
  })[];
  /** What the safe cures of all of them would do. */
  readonly fixes: readonly string[];
  readonly disk: DiskUse;
}

export async function healthOf(loading: LoadOptions): Promise<Health> {
  const examination = await examine(loading, undefined);
  const findings = await findingsOf(examination);
  return {
    findings: findings.map((finding) => ({
      ...finding,
      title: FINDINGS[finding.code].title,
      offered: finding.fix === undefined ? null : fixWords(finding.fix),
    })),
    fixes: fixesIn(findings).map(fixWords),
    disk: diskUse(examination),
  };
}

/** For whom cures are done. */
export interface Mender {
  readonly command: string;
  /** ISO time. */
  readonly at: string;
  /** Of the batch in the trash. */
  readonly name: string;
}

/** Does what is safe, with what is replaced in the trash; throws a ProblemError where another build or watch holds the lock. */
export async function mend(loading: LoadOptions, layout: Layout, mender: Mender): Promise<readonly string[]> {
  const release = lockRoot(layout, { command: mender.command, since: mender.at });
  try {
    const fixes = fixesIn(await findingsOf(await examine(loading, undefined)));
    applyFixes(layout, fixes, mender);
    return fixes.map(fixWords);
  } finally {
    release();
  }
}
