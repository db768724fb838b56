// What is wrong with a data root, and what cures it, as doctor finds it; and the safe cures, done under the lock. Finds nothing itself.
import { diskUse, type DiskUse } from '../../doctor/diskuse.ts';
import { examine, type OnSurveyed } from '../../doctor/examination.ts';
import type { Finding } from '../../doctor/findings.ts';
import { FINDINGS } from '../../doctor/kinds.ts';
import { applyFixes, fixesIn, fixWords } from '../../doctor/fixing.ts';
import { findingsOf } from '../../doctor/registry.ts';
import type { LoadOptions } from '../../engine/project/options.ts';
import type { Layout } from '../../store/layout.ts';
import { lockRoot } from '../../store/lock.ts';
import { checkOptions, OPTIONS } from '../request.ts';

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

export interface HealthOptions {
  /** Told from time to time how many of the store's folders were looked at, and how many there are. */
  readonly progress?: OnSurveyed | undefined;
}

export async function healthOf(loading: LoadOptions, options: HealthOptions = {}): Promise<Health> {
  checkOptions(options, OPTIONS.health);
  const { progress } = options;
  const examination = await examine(loading, { onSurveyed: progress });
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
    const fixes = fixesIn(await findingsOf(await examine(loading)));
    await applyFixes(layout, fixes, mender);
    return fixes.map(fixWords);
  } finally {
    release();
  }
}
