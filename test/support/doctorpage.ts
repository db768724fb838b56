// Writes docs/doctor.md from the table of findings. Knows no finding.
import type { FindingKind } from '../../src/doctor/kinds.ts';

const INTRODUCTION = `# Doctor

\`daydream doctor\` looks at a whole data root, or with a name at one cohort: config, catalogs, specs, every file of the store, and its own
state. It writes nothing and asks nobody. Each finding says what is wrong, where, why it matters, and what cures it; where the
cure is a command, the first one named does it. \`--fix\` shows what can be done safely and does it: nothing is deleted, what is replaced goes to
the trash (\`daydream restore\`). \`--json\` gives all of it as one document. The exit code is 1 when there is an error among the
findings, else 0.

\`--unlock HOST\` looks at nothing: it takes away the lock that a process of another host left in the data root (a job that died with its node, a
container that is gone), says whose it was and since when, and ends with 0, also where there is no lock. To name the host, which the
message of a refused build does, is to say that nothing runs there any more: from here that can not be seen. The lock of any other
host stays, and so does one of this host that is held. Should a build go on there all the same, it stops once somebody else has taken the lock (DD586).

On a data root that another tool made, run it first: it says what will be taken over as it is, what is stale, and what it would cost
to make that current, before anything runs.

Beside the findings it prints how much room the stages, the cohorts and daydream's own files take.

<!-- Written from src/doctor/kinds.ts: edit there, then run \`npx vitest run test/doctor -u\`. -->
`;

/** The whole page, findings in the order of the table. */
export function doctorPage(findings: Readonly<Record<string, FindingKind>>): string {
  const sections = Object.entries(findings).map(([code, { level, title, why, cure, fix }]) =>
    [
      `## ${code}: ${title}\n`,
      `${level}. ${prose(why)}\n`,
      `**Cure:** ${prose(cure)}${fix === undefined ? '' : ` \`--fix\` ${fix}.`}\n`,
    ].join('\n'),
  );
  return [INTRODUCTION, ...sections].join('\n');
}

/** Code spans as they are; elsewhere nothing may read as markup. */
function prose(text: string): string {
  return text
    .split(/(`[^`]*`)/)
    .map((part) =>
      part.startsWith('`') ? part : part.replace(/[\\<*[\]]|(?<!\w)_|_(?!\w)/g, String.raw`\$&`),
    )
    .join('');
}
