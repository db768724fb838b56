// What a step's result was made from, part by part. The names are what `daydream why` speaks in. Knows nothing of files.
import type { Step } from './stage.ts';

/** Part names by step, in the order in which reasons are told. */
export const PARTS = {
  render: ['template', 'concepts', 'parent', 'renderer'],
  generate: ['prompt', 'provider', 'model', 'temperature', 'max_tokens', 'sampling', 'mode', 'replicate'],
  parse: ['raw', 'parser', 'min_lines', 'truncation', 'draft', 'text', 'thoughts'],
} as const satisfies Record<Step, readonly string[]>;

export type PartName = (typeof PARTS)[Step][number];

/** Content digests or short literals by part name. */
export type Parts = Readonly<Record<string, string>>;

export interface StepTrace {
  readonly parts: Parts;
  /** The digest of the artifact that the step made. */
  readonly output: string;
}

/** Digests of files by path from the templates root; null for one that was looked for and is not there. */
export type FileDigests = Readonly<Record<string, string | null>>;

export interface RenderTrace extends StepTrace {
  /** What the part `template` is the digest of, where that is more than a file: it only says which of them changed. */
  readonly files?: FileDigests;
}

/** What is loaded by a name that is worked out may be many files: a generation does not list more. */
const MOST_FILES = 50;

/** As a trace lists them: not where a single file says it all, and not where they are too many. */
export function listed({ template }: Parts, files: FileDigests | undefined): Pick<RenderTrace, 'files'> {
  const names = Object.keys(files ?? {});
  const plain = names.length === 1 && files?.[names[0] ?? ''] === template;
  return files === undefined || plain || names.length > MOST_FILES ? {} : { files };
}

/**
 * Why a reply is no answer: a filter, or the model, refused; nothing came; nothing came but thoughts; a tool was called, and there are
 * none.
 */
export const REFUSALS = ['content_filter', 'empty', 'only_thoughts', 'tool_call'] as const;
export type Refusal = (typeof REFUSALS)[number];

export interface GenerateTrace extends StepTrace {
  /** The response's name in the cache; absent for copies and for the offline model. */
  readonly response?: string;
  /** True when the reply was cut off by its token limit. */
  readonly cutOff?: boolean;
  /** Why the reply is no answer at all. */
  readonly refusal?: Refusal;
  /** True for an answer that was found and accepted: who gave it is not known. */
  readonly adopted?: true;
}

export const FAILURE_KINDS = ['api', 'refused', 'truncated', 'too_short', 'unparsable', 'render'] as const;
export type FailureKind = (typeof FAILURE_KINDS)[number];

/** A step that was tried and gave nothing. Only a failure of kind `api` is tried again by the next build. */
export interface Failure {
  readonly step: Step;
  readonly kind: FailureKind;
  readonly reason: string;
  readonly message: string;
  /** The digest of the step's parts when it failed: with other parts the step is tried again. */
  readonly parts: string;
  readonly at: string;
  /** Somebody has said that it stays missing, and why; holds as long as the parts are the same. */
  readonly accepted?: { readonly reason: string; readonly at: string };
}

/** Traces of a generation, as its metadata.json holds them under `trace`. */
export interface Trace {
  readonly version: 1;
  readonly render?: RenderTrace;
  readonly generate?: GenerateTrace;
  readonly parse?: StepTrace;
  readonly failure?: Failure;
}

export const TRACE_VERSION = 1;

/** The trace in a metadata.json: undefined when there is none, `newer` when a later daydream wrote it. */
export function traceOf(metadata: Readonly<Record<string, unknown>>): Trace | 'newer' | undefined {
  const trace = metadata['trace'];
  if (trace === null || typeof trace !== 'object' || Array.isArray(trace)) return undefined;
  const version = (trace as { version?: unknown }).version;
  if (typeof version === 'number' && version > TRACE_VERSION) return 'newer';
  return version === TRACE_VERSION && wellFormed(trace) ? (trace as Trace) : undefined;
}

function wellFormed(trace: object): boolean {
  return ['render', 'generate', 'parse'].every((step) => {
    const entry = (trace as Record<string, unknown>)[step];
    return entry === undefined || isStepTrace(entry);
  });
}

function isStepTrace(entry: unknown): boolean {
  const { parts, output } = (entry ?? {}) as { parts?: unknown; output?: unknown };
  return (
    typeof output === 'string' &&
    /^[0-9a-f]{16}$/.test(output) &&
    parts !== null &&
    typeof parts === 'object' &&
    Object.values(parts).every((part) => typeof part === 'string')
  );
}

/** Undefined where a trace lists none; what a hand has made of them is nothing that anybody goes by. */
export function filesIn(render: RenderTrace | undefined): FileDigests | undefined {
  const files: unknown = render?.files;
  if (files === null || typeof files !== 'object' || Array.isArray(files)) return undefined;
  return Object.values(files).every((each) => each === null || typeof each === 'string')
    ? (files as FileDigests)
    : undefined;
}
