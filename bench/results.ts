// Keeps RESULTS.md: a section a script, each replaced when its script is run again. Knows nothing of measuring.
import { existsSync, readFileSync, statfsSync, writeFileSync } from 'node:fs';
import { cpus, release } from 'node:os';
import { join } from 'node:path';

const FILE = join(import.meta.dirname, 'RESULTS.md');
const HEAD = `# Results

Machines are noisy: read the ratios, which compare what was measured in the same run. Each section is made by the command that it names.
`;

const FILE_SYSTEMS = new Map([
  [0xef53, 'ext4'],
  [0x01021994, 'tmpfs'],
  [0x9123683e, 'btrfs'],
  [0x58465342, 'xfs'],
]);

/** The date, the machine and where its files were, for the first line of a section. */
export function circumstances(folder: string): string {
  const [first] = cpus();
  const files = FILE_SYSTEMS.get(statfsSync(folder).type) ?? 'another file system';
  return `${new Date().toISOString().slice(0, 10)}, ${cpus().length} × ${first?.model.trim() ?? 'unknown'}, Node ${process.version}, Linux ${release()}, files on ${files}`;
}

export function tableOf(header: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]): string => `| ${cells.join(' | ')} |`;
  return [line(header), line(header.map(() => '---')), ...rows.map(line)].join('\n');
}

/** Writes a section in its place, or at the end, and prints it. */
export function writeSection(title: string, body: string): void {
  const section = `## ${title}\n\n${body.trim()}\n`;
  const sections = (existsSync(FILE) ? readFileSync(FILE, 'utf8') : '').split(/^(?=## )/m).slice(1);
  const place = sections.findIndex((each) => each.startsWith(`## ${title}\n`));
  if (place < 0) sections.push(section);
  else sections[place] = section;
  writeFileSync(FILE, [HEAD, ...sections].map((each) => `${each.trim()}\n`).join('\n'));
  console.log(section);
}
