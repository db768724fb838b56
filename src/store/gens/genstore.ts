// The gens store: the folders of generations, the one truth about what was made. Knows no graph and judges nothing.
import { rmSync } from 'node:fs';
import { digest } from '../../digest.ts';
import { ARTIFACTS, type Artifact, type GenId, type Stage } from '../../generation/stage.ts';
import { traceOf, type Trace } from '../../generation/trace.ts';
import { stampedBytesIn } from '../../inputs/disk/onlyfiles.ts';
import {
  entriesIfPresent,
  isMissing,
  readIfPresent,
  readTextIfPresent,
  type FileStamp,
} from '../writing/atomic.ts';
import { FLAGS, type GenIndex } from './genindex.ts';
import { FILE, artifactPath, genFolder, INDEXED_FILES, type Layout } from '../layout.ts';
import type { Pen } from '../writing/pen.ts';

export type Metadata = Readonly<Record<string, unknown>>;

/** A metadata file as an object: undefined when absent or emptied by a power cut, `damaged` when it is not a JSON object. */
export function readMetadata(
  layout: Layout,
  stage: Stage,
  genId: GenId,
  file = 'metadata.json',
): Metadata | 'damaged' | undefined {
  return parseMetadata(readIfPresent(`${genFolder(layout, stage, genId)}/${file}`));
}

export function parseMetadata(content: Buffer | string | undefined): Metadata | 'damaged' | undefined {
  if (content === undefined || content.length === 0) return undefined;
  try {
    const value: unknown = JSON.parse(String(content));
    return value !== null && typeof value === 'object' && !Array.isArray(value)
      ? (value as Metadata)
      : 'damaged';
  } catch {
    return 'damaged';
  }
}

export function readArtifact(
  layout: Layout,
  stage: Stage,
  genId: GenId,
  artifact: Artifact,
): string | undefined {
  return readTextIfPresent(artifactPath(layout, stage, genId, artifact));
}

/** The digest of a file's bytes as they are read back: CRLF and lone CR count as LF. */
function digestOfFile(bytes: Buffer): string {
  return bytes.includes(13) ? digest(bytes.toString('utf8').replaceAll(/\r\n?/g, '\n')) : digest(bytes);
}

/** The digest of a text as it will be read back. */
export function digestOfText(text: string): string {
  return digest(text.includes('\r') ? text.replaceAll(/\r\n?/g, '\n') : text);
}

/** Reads one file of a generation into the index, its stamp taken before its contents. */
export function refreshFile(index: GenIndex, row: number, file: number, path: string): void {
  const found = readStamped(path);
  index.stamp(row, file, found?.stamp);
  if (file !== FILE.metadata)
    return index.setFileDigest(row, file, found === undefined ? undefined : digestOfFile(found.bytes));
  const metadata = parseMetadata(found?.bytes);
  const trace = typeof metadata === 'object' ? traceOf(metadata) : undefined;
  setMetadata(index, row, metadata, trace);
}

/** A file's stamp and then its bytes, by one open; undefined when there is no such file. */
function readStamped(path: string): { readonly stamp: FileStamp; readonly bytes: Buffer } | undefined {
  try {
    const { stat, bytes } = stampedBytesIn(path);
    const { size, mtimeMs, ino } = stat;
    return { stamp: { size, mtimeMs, ino }, bytes };
  } catch (error) {
    if (isMissing(error)) return undefined;
    throw error;
  }
}

/** Puts what a metadata.json says into the index, its trace read already. */
export function setMetadata(
  index: GenIndex,
  row: number,
  metadata: Metadata | 'damaged' | undefined,
  trace: Trace | 'newer' | undefined,
): void {
  if (metadata === undefined) return index.setTrace(row, undefined, 0);
  if (metadata === 'damaged') return index.setTrace(row, undefined, FLAGS.metadata | FLAGS.damaged);
  if (trace === 'newer') return index.setTrace(row, undefined, FLAGS.metadata | FLAGS.newer);
  return index.setTrace(row, trace, FLAGS.metadata);
}

/** Every generation folder of a stage, in code point order; empty when there is none. */
export function listGenerations(layout: Layout, stage: Stage): readonly GenId[] {
  return entriesIfPresent(`${layout.gens}/${stage}`)
    .filter((entry) => entry.isDirectory() && !entry.name.startsWith('.'))
    .map((entry) => entry.name);
}

/** What one run of a generation writes; absent artifacts stay as they are, null ones are removed by the caller. */
export interface Written {
  readonly artifacts: Readonly<Partial<Record<Artifact, string>>>;
  readonly rawMetadata?: Metadata;
  readonly parsedMetadata?: Metadata;
  readonly metadata: Metadata;
  readonly trace: Trace;
}

/** Where generations are written, what is remembered of them, and who writes. */
export interface Store {
  readonly layout: Layout;
  readonly index: GenIndex;
  readonly pen: Pen;
}

export interface Target {
  readonly stage: Stage;
  readonly genId: GenId;
  readonly row: number;
}

/**
 * Writes artifacts, then metadata.json, then the index row: the order in which a crash loses nothing. A generation that is not
 * there yet appears whole, by the rename of its folder.
 */
export async function writeGeneration(
  { layout, index, pen }: Store,
  target: Target,
  written: Written,
): Promise<void> {
  const folder = genFolder(layout, target.stage, target.genId);
  const files = filesOf(written);
  const fresh =
    index.flags[target.row] === 0 && !INDEXED_FILES.some((_name, file) => index.has(target.row, file));
  const stamps = await pen.write({ folder, files, fresh });
  for (const [place, [name, content]] of files.entries()) {
    const file = INDEXED_FILES.findIndex((indexed) => indexed === name);
    if (file < 0) continue;
    index.stamp(target.row, file, stamps[place]);
    if (file !== FILE.metadata) index.setFileDigest(target.row, file, digestOfText(content));
  }
  index.setTrace(target.row, written.trace, FLAGS.metadata);
}

/** In the order in which they are written: metadata.json, which vouches for the others, is last. */
function filesOf(written: Written): readonly (readonly [name: string, content: string])[] {
  const { artifacts, rawMetadata, parsedMetadata, metadata, trace } = written;
  const texts = ARTIFACTS.flatMap((artifact) => {
    const text = artifacts[artifact];
    return text === undefined ? [] : ([[`${artifact}.txt`, text]] as const);
  });
  return [
    ...texts,
    ...(rawMetadata === undefined ? [] : ([['raw_metadata.json', json(rawMetadata)]] as const)),
    ...(parsedMetadata === undefined ? [] : ([['parsed_metadata.json', json(parsedMetadata)]] as const)),
    ['metadata.json', json({ ...metadata, trace })],
  ];
}

export function removeArtifact(layout: Layout, index: GenIndex, target: Target, artifact: Artifact): void {
  rmSync(artifactPath(layout, target.stage, target.genId, artifact), { force: true });
  const file = ARTIFACTS.indexOf(artifact);
  index.stamp(target.row, file, undefined);
  index.setFileDigest(target.row, file, undefined);
}

function json(value: unknown): string {
  return JSON.stringify(value, null, 2);
}
