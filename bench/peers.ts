// The same graph as a project for ninja and for make: every artifact depends on its template and on its parent's parsed text.
// Knows no timing.
import { spawnSync } from 'node:child_process';
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

const OUTPUTS = ['prompt.txt', 'raw.txt', 'parsed.txt', 'metadata.json'];

interface Edge {
  readonly outputs: readonly string[];
  readonly inputs: readonly string[];
}

/** Edges of a built project, parents first; paths are relative to its root. */
function edgesOf(root: string): readonly Edge[] {
  return (['draft', 'essay', 'evaluation'] as const).flatMap((stage) =>
    readdirSync(join(root, 'data/gens', stage)).map((id): Edge => {
      const folder = `data/gens/${stage}/${id}`;
      const metadata = JSON.parse(readFileSync(join(root, folder, 'metadata.json'), 'utf8')) as Record<
        string,
        string
      >;
      const above =
        stage === 'draft'
          ? 'data/combo_mappings.csv'
          : `data/gens/${stage === 'essay' ? 'draft' : 'essay'}/${metadata['parent_gen_id'] ?? ''}/parsed.txt`;
      return {
        outputs: OUTPUTS.map((file) => `${folder}/${file}`),
        inputs: [`data/1_raw/templates/${stage}/${metadata['template_id'] ?? ''}.txt`, above],
      };
    }),
  );
}

/** Writes build.ninja and Makefile into a built project, and lets ninja fill its log. */
export function writePeers(root: string, peers: readonly string[]): void {
  const edges = edgesOf(root);
  if (peers.includes('ninja')) {
    const builds = edges.map(
      ({ outputs, inputs }) => `build ${outputs.join(' ')}: made ${inputs.join(' ')}\n`,
    );
    writeFileSync(join(root, 'build.ninja'), `rule made\n  command = true\n${builds.join('')}`);
    const filled = spawnSync('ninja', [], { cwd: root, stdio: 'ignore' });
    if (filled.status !== 0) throw new Error('ninja could not fill its log');
  }
  if (peers.includes('make')) {
    const all = edges.flatMap(({ outputs }) => outputs.slice(-1)).join(' ');
    const rules = edges.map(
      ({ outputs, inputs }) => `${outputs.join(' ')} &: ${inputs.join(' ')}\n\t@true\n`,
    );
    writeFileSync(join(root, 'Makefile'), `all: ${all}\n.SUFFIXES:\n${rules.join('')}`);
  }
}
