// What Node itself charges for the same work, with no engine at all: `stat MANIFEST` loads a binary manifest and looks at the files
// on one thread; `prepare MANIFEST GENS` writes it; `write FOLDER GENS` writes the same files again from a plain loop, and
// `read GENS` reads each of them.
import { mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';

const INDEXED = ['prompt.txt', 'raw.txt', 'parsed.txt', 'metadata.json'];
const ALL = [...INDEXED, 'raw_metadata.json', 'parsed_metadata.json'];
const [mode, target, gens] = process.argv.slice(2);

function* folders(root) {
  for (const stage of ['draft', 'essay', 'evaluation'])
    for (const id of readdirSync(`${root}/${stage}`)) yield `${stage}/${id}`;
}

if (mode === 'prepare') {
  const names = [...folders(gens)].map((name) => `${gens}/${name}`);
  const stats = new Float64Array(names.length * INDEXED.length * 2);
  let place = 0;
  for (const name of names)
    for (const file of INDEXED) {
      const { size, mtimeMs } = statSync(`${name}/${file}`);
      stats[place++] = size;
      stats[place++] = mtimeMs;
    }
  writeFileSync(target, Buffer.concat([Buffer.from(stats.buffer), Buffer.from(names.join('\n'))]));
  writeFileSync(`${target}.count`, String(names.length));
  writeFileSync(
    `${target}.paths`,
    names.flatMap((name) => INDEXED.map((file) => `${name}/${file}`)).join('\n') + '\n',
  );
} else if (mode === 'stat') {
  const bytes = readFileSync(target);
  const count = Number(readFileSync(`${target}.count`, 'utf8'));
  const length = count * INDEXED.length * 2;
  const stats = new Float64Array(bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + length * 8));
  const names = bytes.toString('utf8', length * 8).split('\n');
  let different = 0;
  let place = 0;
  for (const name of names)
    for (const file of INDEXED) {
      const stat = statSync(`${name}/${file}`, { throwIfNoEntry: false });
      if (stat === undefined || stat.size !== stats[place] || stat.mtimeMs !== stats[place + 1]) different++;
      place += 2;
    }
  if (different > 0) throw new Error(`${different} files differ`);
} else if (mode === 'read') {
  let bytes = 0;
  for (const name of folders(target))
    for (const file of ALL) bytes += readFileSync(`${target}/${name}/${file}`).length;
  if (bytes === 0) throw new Error('nothing was read');
} else if (mode === 'write') {
  const one = new Map();
  for (const stage of ['draft', 'essay', 'evaluation']) {
    const id = readdirSync(`${gens}/${stage}`)[0];
    one.set(
      stage,
      ALL.map((file) => [file, readFileSync(`${gens}/${stage}/${id}/${file}`)]),
    );
  }
  // A rate is asked for: of a million folders a tenth will do.
  const names = [...folders(gens)].slice(0, 100_000);
  const started = process.hrtime.bigint();
  for (const name of names) {
    const folder = `${target}/${name}`;
    mkdirSync(folder, { recursive: true });
    for (const [file, content] of one.get(name.split('/')[0])) writeFileSync(`${folder}/${file}`, content);
  }
  process.stderr.write(`${Number(process.hrtime.bigint() - started) / 1e3 / names.length}\n`);
}
