// Writes docs/errors.md from the table of codes. Knows no code.
import type { CodeEntry } from '../../src/errors.ts';

const AREAS: Readonly<Record<string, string>> = {
  DD1: 'usage, configuration, environment',
  DD2: 'input files and catalogs',
  DD3: 'cohort specs and membership',
  DD4: 'templates, prompts and parsers',
  DD5: 'the store',
  DD6: 'models, limits and money',
  DD7: 'reports',
  DD8: 'watch',
};

const INTRODUCTION = `# Errors

Whatever \`daydream\` finds wrong has a code, a place and a cure. A code keeps its meaning for ever, so it can be searched for
and relied on in scripts (\`--json\` carries it too). An error in what a command reads ends it with exit code 2 before anything
is written; the same code may also come as a warning, which stops nothing.

<!-- Written from src/errors.ts: edit there, then run \`npx vitest run test/errors.test.ts -u\`. -->
`;

/** The whole page, codes in the order of the table. */
export function errorPage(codes: Readonly<Record<string, CodeEntry>>): string {
  const entries = Object.entries(codes);
  const areas = [...new Set(entries.map(([code]) => code.slice(0, 3)))];
  const sections = areas.map((area) => {
    const own = entries
      .filter(([code]) => code.startsWith(area))
      .map(([code, entry]) => section(code, entry));
    return [`## ${area}xx: ${AREAS[area] ?? 'other'}\n`, ...own].join('\n');
  });
  return [INTRODUCTION, ...sections].join('\n');
}

function section(code: string, { title, why, cure }: CodeEntry): string {
  return `### ${code}: ${prose(title)}\n\n${prose(why)}\n\n**Cure:** ${prose(cure)}\n`;
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
