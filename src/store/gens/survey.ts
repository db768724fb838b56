// What lies in the gens store, file by file: every text and every metadata file read once. Knows no graph, and calls nothing good or
// bad.
import { accessSync, constants } from 'node:fs';
import { digest } from '../../digest.ts';
import { codePointLength, isBlank, nonBlankLines } from '../../text/python.ts';
import {
  genKey,
  ARTIFACTS,
  parentStage,
  STAGES,
  type Artifact,
  type GenId,
  type Stage,
} from '../../generation/stage.ts';
import { traceOf, type Failure } from '../../generation/trace.ts';
import { readIfPresent } from '../writing/atomic.ts';
import { listGenerations, readMetadata, type Metadata } from './genstore.ts';
import { artifactPath, type Layout } from '../layout.ts';

/** One artifact as it lies there. */
export interface TextFacts {
  readonly bytes: number;
  /** Of the text, with every line end read as LF. */
  readonly digest: string;
  /** Unicode code points. */
  readonly length: number;
  readonly blank: boolean;
  readonly lines: number;
  /** Bytes that no text holds: what a crash or a broken disk leaves. */
  readonly torn?: 'not UTF-8' | 'holds NUL bytes';
}

export interface TraceFacts {
  /** Digests of what the steps made. */
  readonly outputs: Readonly<Partial<Record<Artifact, string>>>;
  readonly provider: string | undefined;
  readonly cutOff: boolean;
  readonly failure: Failure['kind'] | undefined;
}

export interface StoredGeneration {
  readonly stage: Stage;
  readonly genId: GenId;
  /** Without its trace. */
  readonly metadata: Metadata | 'damaged' | undefined;
  readonly trace: TraceFacts | 'newer' | undefined;
  readonly rawMetadata: Metadata | 'damaged' | undefined;
  readonly parsedMetadata: 'present' | 'damaged' | undefined;
  readonly texts: Readonly<Partial<Record<Artifact, TextFacts>>>;
  /** Its parent by metadata.json; undefined for drafts, and where none is named. */
  readonly parentId: GenId | undefined;
  /** Whether prompt.txt holds that parent's parsed text; undefined where one of the two is not there. */
  readonly holdsParent: boolean | undefined;
}

/** Every generation folder, by stage and then by id. */
export function surveyStore(layout: Layout): readonly StoredGeneration[] {
  const parents = new RecentTexts(layout);
  return STAGES.flatMap((stage) =>
    listGenerations(layout, stage).map((genId) => surveyGeneration(layout, stage, genId, parents)),
  );
}

function surveyGeneration(
  layout: Layout,
  stage: Stage,
  genId: GenId,
  parents: RecentTexts,
): StoredGeneration {
  const found = readMetadata(layout, stage, genId);
  const { trace: _trace, ...metadata } = found === undefined || found === 'damaged' ? {} : found;
  const parentId = stage === 'draft' ? undefined : wordIn(metadata, 'parent_gen_id');
  const texts: Partial<Record<Artifact, TextFacts>> = {};
  let prompt: string | undefined;
  for (const artifact of ARTIFACTS) {
    const read = readText(artifactPath(layout, stage, genId, artifact));
    if (read === undefined) continue;
    texts[artifact] = read.facts;
    if (artifact === 'prompt') prompt = read.text;
  }
  const parent = parentId === undefined ? undefined : parents.read(parentStage(stage), parentId);
  return {
    stage,
    genId,
    metadata: found === undefined || found === 'damaged' ? found : metadata,
    trace: found === undefined || found === 'damaged' ? undefined : traceFacts(found),
    rawMetadata: readMetadata(layout, stage, genId, 'raw_metadata.json'),
    parsedMetadata: presence(readMetadata(layout, stage, genId, 'parsed_metadata.json')),
    texts,
    parentId,
    holdsParent: prompt === undefined || parent === undefined ? undefined : prompt.includes(parent),
  };
}

export function wordIn(metadata: Metadata, key: string): string | undefined {
  const value = metadata[key];
  return typeof value === 'string' && value !== '' ? value : undefined;
}

function traceFacts(metadata: Metadata): StoredGeneration['trace'] {
  const trace = traceOf(metadata);
  if (trace === undefined || trace === 'newer') return trace;
  const { render, generate, parse, failure } = trace;
  return {
    outputs: {
      ...(render === undefined ? {} : { prompt: render.output }),
      ...(generate === undefined ? {} : { raw: generate.output }),
      ...(parse === undefined ? {} : { parsed: parse.output }),
    },
    provider: generate?.parts['provider'],
    cutOff: generate?.cutOff === true,
    failure: failure?.kind,
  };
}

function presence(found: Metadata | 'damaged' | undefined): StoredGeneration['parsedMetadata'] {
  return found === undefined || found === 'damaged' ? found : 'present';
}

const strict = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

function readText(path: string): { readonly facts: TextFacts; readonly text: string } | undefined {
  const bytes = readIfPresent(path);
  if (bytes === undefined) return undefined;
  const text = bytes.toString('utf8').replaceAll(/\r\n?/g, '\n');
  const torn = bytes.includes(0) ? 'holds NUL bytes' : isUtf8(bytes) ? undefined : 'not UTF-8';
  const facts = {
    bytes: bytes.length,
    digest: digest(text),
    length: codePointLength(text),
    blank: isBlank(text),
    lines: nonBlankLines(text),
  };
  return { facts: torn === undefined ? facts : { ...facts, torn }, text };
}

function isUtf8(bytes: Uint8Array): boolean {
  try {
    strict.decode(bytes);
    return true;
  } catch {
    return false;
  }
}

/** The parsed texts that were asked for last: children of one parent tend to follow one another. */
class RecentTexts {
  readonly #layout: Layout;
  readonly #texts = new Map<string, string | undefined>();

  constructor(layout: Layout) {
    this.#layout = layout;
  }

  read(stage: Stage, genId: GenId): string | undefined {
    const key = genKey({ stage, genId });
    if (!this.#texts.has(key)) {
      if (this.#texts.size >= 256) this.#texts.clear();
      this.#texts.set(key, readText(artifactPath(this.#layout, stage, genId, 'parsed'))?.text);
    }
    return this.#texts.get(key);
  }
}

export function isWritable(folder: string): boolean {
  try {
    accessSync(folder, constants.W_OK);
    return true;
  } catch {
    return false;
  }
}
