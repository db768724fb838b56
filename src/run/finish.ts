// The back half of one generation: parse what was answered and write it all down, in the order that loses nothing.
// Asks nobody.
import { shortName } from '../canonical.ts';
import { inLastLine, LIMITS } from '../generation/parsers/scoreline.ts';
import { seedMetadata } from '../cohort/seed.ts';
import type { Generation } from '../generation/generation.ts';
import { parseReply } from '../generation/reply.ts';
import { ARTIFACTS, type Artifact } from '../generation/stage.ts';
import {
  listed,
  TRACE_VERSION,
  traceOf,
  type Failure,
  type FailureKind,
  type GenerateTrace,
  type Parts,
  type RenderTrace,
  type StepTrace,
  type Trace,
} from '../generation/trace.ts';
import { isCode, type Mode } from '../generation/mode.ts';
import type { BesideText } from '../generation/parsers/parser.ts';
import { scoredDraft } from '../plan/stepparts.ts';
import { at, idAt, partsAt, type Task } from '../graph/graph.ts';
import { writeAtomic } from '../store/writing/atomic.ts';
import { FLAGS, type DigestColumn } from '../store/gens/genindex.ts';
import {
  digestOfText,
  removeArtifact,
  readArtifact,
  readMetadata,
  writeGeneration,
  type Metadata,
} from '../store/gens/genstore.ts';
import type { FailureReport } from './events.ts';
import type { Prompt } from './prepare.ts';
import type { Raw } from './rawtext.ts';
import type { Workshop } from './workshop.ts';
import { FILE } from '../store/layout.ts';
import { parsedMetadataOf, rawMetadataOf, type Named } from '../store/gens/sidefiles.ts';
import { defined } from '../defined.ts';

export interface Finished {
  readonly failure?: FailureReport;
}

/** Writes what is new of a generation and parses its raw text; without `raw`, the raw.txt on disk. */
export async function finish(
  shop: Workshop,
  task: Task,
  made: { readonly prompt?: Prompt; readonly raw?: Raw },
): Promise<Finished> {
  const { metadata, trace: before } = metadataOf(shop, task);
  const rawText = made.raw?.text ?? readArtifact(shop.layout, task.stage, task.genId, 'raw') ?? '';
  const generate = made.raw?.trace ?? before?.generate;
  const parsed = parse(shop, task, rawText, generate);
  const render = renderTrace(made.prompt) ?? before?.render;
  const trace: Trace = defined({
    version: TRACE_VERSION,
    render,
    generate,
    ...('output' in parsed ? { parse: parsed.trace } : { failure: parsed.failure }),
  });
  const artifacts = defined({
    ...(made.prompt?.parts === undefined ? {} : { prompt: made.prompt.text }),
    raw: made.raw?.text,
    ...('output' in parsed ? { parsed: parsed.output } : {}),
  });
  keepEdits(shop, task, [
    ...(Object.keys(artifacts) as Artifact[]),
    ...('output' in parsed ? [] : (['parsed'] as const)),
  ]);
  if (!('output' in parsed)) removeArtifact(shop.layout, shop.index, target(task), 'parsed');
  if (made.raw !== undefined && sameQuestion(before?.generate, made.raw.trace))
    await withdraw(shop, task, { metadata, render: before?.render });
  await writeGeneration(shop, target(task), {
    artifacts,
    ...(made.raw === undefined
      ? {}
      : { rawMetadata: rawMetadataOf(namedOf(task), made.raw.text, made.raw.metadata) }),
    parsedMetadata: parsedMetadataOf(
      namedOf(task),
      'output' in parsed
        ? null
        : { reason: parsed.failure.reason, message: parsed.failure.message, ...parsed.data },
      { parser: task.template.parser, runId: shop.runId },
    ),
    metadata,
    trace,
  });
  return 'output' in parsed ? {} : { failure: reportOf(parsed.failure) };
}

function sameQuestion(before: GenerateTrace | undefined, now: GenerateTrace): boolean {
  if (before === undefined || before.output === now.output) return false;
  // Earlier versions named the provider by its label.
  return shortName({ ...before.parts, provider: now.parts['provider'] ?? '' }) === shortName(now.parts);
}

/**
 * Lets a generation vouch for its texts no longer, before another answer to the same question replaces them: a crash in between
 * would otherwise look like an edit by hand.
 */
async function withdraw(
  shop: Workshop,
  task: Task,
  { metadata, render }: { readonly metadata: Metadata; readonly render: RenderTrace | undefined },
): Promise<void> {
  const trace: Trace = defined({ version: TRACE_VERSION, render });
  await writeGeneration(shop, target(task), { artifacts: {}, metadata, trace });
}

/** Writes down a step that gave nothing. Artifacts stay as they are; a first prompt is kept to be looked at. */
export async function finishFailed(
  shop: Workshop,
  task: Task,
  failed: { readonly failure: Omit<Failure, 'at'>; readonly prompt?: Prompt },
): Promise<FailureReport> {
  const { metadata, trace: before } = metadataOf(shop, task);
  const failure = { ...failed.failure, at: shop.now() };
  const first = failed.prompt?.parts !== undefined && !shop.index.has(task.row, FILE.raw);
  const render = first ? renderTrace(failed.prompt) : before?.render;
  if (first) keepEdits(shop, task, ['prompt']);
  await writeGeneration(shop, target(task), {
    artifacts: first && failed.prompt !== undefined ? { prompt: failed.prompt.text } : {},
    metadata,
    trace: defined({ version: TRACE_VERSION, ...before, render, failure }),
  });
  return reportOf(failure);
}

/** Puts it on record that what failed stays missing; nothing happens to one that did not fail. */
export async function acceptFailure(
  shop: Pick<Workshop, 'layout' | 'index' | 'pen' | 'graph' | 'originOf'>,
  task: Task,
  accepted: NonNullable<Failure['accepted']>,
): Promise<void> {
  const { metadata, trace } = metadataOf(shop, task);
  if (trace?.failure === undefined) return;
  const failure = { ...trace.failure, accepted };
  await writeGeneration(shop, target(task), { artifacts: {}, metadata, trace: { ...trace, failure } });
}

/** Rewrites prompt.txt alone: it was missing, or made from other parts to the same text. */
export async function finishPrompt(shop: Workshop, task: Task, prompt: Prompt): Promise<void> {
  const { metadata, trace: before } = metadataOf(shop, task);
  const { failure: _obsolete, ...current } = before ?? { version: TRACE_VERSION };
  const render = renderTrace(prompt);
  keepEdits(shop, task, ['prompt']);
  await writeGeneration(shop, target(task), {
    artifacts: { prompt: prompt.text },
    metadata,
    trace: defined({ ...current, render }),
  });
}

/** Writes a trace for artifacts that are right as they stand, or that the user accepts as they stand. */
export async function adopt(
  shop: Pick<Workshop, 'layout' | 'index' | 'pen' | 'graph' | 'judge' | 'originOf'>,
  task: Task,
): Promise<void> {
  const { metadata } = metadataOf(shop, task);
  const { index, judge } = shop;
  const { row } = task;
  const cut = readRawMetadata(shop, task)['truncated'] === true;
  const generate = partsAt(shop.graph, shop.graph.generateSet, row);
  const draft = scoredDraft(shop.graph, row);
  const parse = {
    ...at(shop.graph.partSets, at(shop.graph.parseSet, row) + (cut ? 1 : 0)),
    ...(draft < 0 ? {} : { draft: index.get('parsedFile', draft) }),
  };
  const [prompt, raw, parsed] = [
    index.get('promptFile', row),
    index.get('rawFile', row),
    index.get('parsedFile', row),
  ];
  const rendered = judge.partsNow(row, 'render');
  const trace: Trace = {
    version: TRACE_VERSION,
    render: {
      parts: rendered,
      output: prompt,
      ...listed(rendered, shop.graph.templateFiles[at(shop.graph.promptTemplate, row)]?.files),
    },
    ...(index.has(row, FILE.raw) && !index.isEmpty(row, FILE.raw)
      ? {
          generate: {
            parts: { ...generate, prompt },
            output: raw,
            ...(cut ? { cutOff: true } : {}),
            adopted: true,
          },
        }
      : {}),
    ...(index.has(row, FILE.parsed) && !index.isEmpty(row, FILE.parsed)
      ? { parse: { parts: { ...parse, raw }, output: parsed } }
      : {}),
  };
  await writeGeneration(shop, target(task), { artifacts: {}, metadata, trace });
}

type Parsed =
  | { readonly output: string; readonly trace: StepTrace }
  | { readonly failure: Failure; readonly data: Readonly<Record<string, unknown>> };

function parse(shop: Workshop, task: Task, raw: string, generate: GenerateTrace | undefined): Parsed {
  const cut = generate?.cutOff === true;
  const set = at(shop.graph.partSets, at(shop.graph.parseSet, task.row) + (cut ? 1 : 0));
  const beside = isCode(task.template) ? besideOf(shop, task) : undefined;
  const parts: Parts = defined({ ...set, raw: digestOfText(raw), ...beside?.read });
  const failed = (
    kind: FailureKind,
    reason: string,
    data: Readonly<Record<string, unknown>> = {},
  ): Parsed => ({
    failure: {
      step: 'parse',
      kind,
      reason,
      message: failureMessage(reason, data),
      parts: shortName(parts),
      at: shop.now(),
    },
    data,
  });
  if (generate?.refusal !== undefined) return failed('refused', generate.refusal);
  const { minLines, truncation, thoughts, parser: name } = task.template;
  const parser = shop.parsers.find(task.stage, name);
  if (parser === undefined) return failed('unparsable', 'missing_parser', { parser: name });
  const result = parseReply(
    { raw: normalized(raw), minLines, truncated: cut, truncation, thoughts },
    parser,
    beside?.texts,
  );
  if (result.ok) return { output: result.text, trace: { parts, output: digestOfText(result.text) } };
  const kind =
    result.reason === 'truncated_raw'
      ? 'truncated'
      : result.reason === 'min_lines_not_met'
        ? 'too_short'
        : result.reason === 'only_thoughts'
          ? 'refused'
          : 'unparsable';
  return failed(kind, result.reason, result.data);
}

/** What a score may hold an essay against, and the parts that say what of it was really read; undefined for what is not there. */
function besideOf(
  { graph, layout, texts }: Workshop,
  task: Task,
): { readonly texts: BesideText; readonly read: Readonly<Record<'draft' | 'text', string | undefined>> } {
  const row = scoredDraft(graph, task.row);
  const draft = row < 0 ? undefined : (readArtifact(layout, 'draft', idAt(graph, row), 'parsed') ?? '');
  const own = texts.plain(task.template);
  return {
    texts: { draft, text: own?.text },
    read: { draft: draft === undefined ? undefined : digestOfText(draft), text: own?.digest },
  };
}

function normalized(raw: string): string {
  return raw.includes('\r') ? raw.replaceAll(/\r\n?/g, '\n') : raw;
}

function failureMessage(reason: string, data: Readonly<Record<string, unknown>>): string {
  switch (reason) {
    case 'truncated_raw':
      return 'the reply was cut off by its token limit';
    case 'min_lines_not_met':
      return `the reply has ${String(data['observed'])} lines of text where ${String(data['required'])} are needed`;
    case 'content_filter':
      return 'the provider filtered the reply';
    case 'empty':
      return 'the reply is empty';
    case 'only_thoughts':
      return 'the model thought until its tokens were used up, and said nothing';
    case 'tool_call':
      return 'the model called a tool, and there is none here';
    case 'parse_failed':
      if (data['cause'] === 'out_of_range' && data['parser'] === inLastLine.name)
        return `the score ${String(data['value'])} is out of range: parser ${inLastLine.name} takes ${LIMITS}`;
      return `parser ${String(data['parser'])} found nothing: ${String(data['cause'])}`;
    default:
      return reason.replaceAll('_', ' ');
  }
}

/** The metadata.json on disk less its trace, or a seeded one; its trace apart. */
function metadataOf(
  shop: Pick<Workshop, 'layout' | 'index' | 'graph' | 'originOf'>,
  task: Task,
): { metadata: Metadata; trace: Trace | undefined } {
  const known = (at(shop.index.flags, task.row) & FLAGS.metadata) !== 0;
  const found = known ? readMetadata(shop.layout, task.stage, task.genId) : undefined;
  if (found === undefined || found === 'damaged')
    return { metadata: seedMetadata(generationOf(task), shop.originOf(task.row)), trace: undefined };
  const { trace: _trace, ...metadata } = found;
  const trace = traceOf(found);
  const seed = seedMetadata(generationOf(task), shop.originOf(task.row));
  const coordinates = {
    mode: seed['mode'],
    template_id: seed['template_id'],
    llm_model_id: seed['llm_model_id'],
    replicate: seed['replicate'],
  };
  return { metadata: { ...seed, ...metadata, ...coordinates }, trace: trace === 'newer' ? undefined : trace };
}

export function generationOf(task: Task): Generation {
  const { genId, replicate, modelId } = task;
  const mode: Mode = isCode(task.template) ? 'code' : task.work.kind;
  const { stage, parentId } = task;
  const [templateId, comboId] = [task.template.id, task.combo.id];
  // Written out, since they are made by the hundred thousand.
  return stage === 'draft' || parentId === undefined
    ? { stage: 'draft', genId, templateId, modelId, replicate, mode, comboId }
    : { stage, parentId, genId, templateId, modelId, replicate, mode, comboId };
}

function namedOf({ stage, genId, work, template }: Task): Named {
  return { stage, genId, mode: isCode(template) ? 'code' : work.kind };
}

function readRawMetadata(shop: Pick<Workshop, 'layout'>, task: Task): Metadata {
  const found = readMetadata(shop.layout, task.stage, task.genId, 'raw_metadata.json');
  return found === undefined || found === 'damaged' ? {} : found;
}

/** A file that a hand has changed is copied aside before it is replaced. */
function keepEdits(shop: Workshop, task: Task, replaced: readonly Artifact[]): void {
  const { index } = shop;
  if ((at(index.flags, task.row) & FLAGS.traced) === 0) return;
  for (const artifact of replaced) {
    const [file, made] = DIGESTS[artifact];
    if (!index.has(task.row, ARTIFACTS.indexOf(artifact)) || index.same(file, task.row, made)) continue;
    const text = readArtifact(shop.layout, task.stage, task.genId, artifact);
    if (text !== undefined)
      writeAtomic(`${shop.layout.kept}/${task.genId}/${artifact}-${index.get(file, task.row)}.txt`, text);
  }
}

/** Where the index has the digest of what lies there, and of what was made. */
const DIGESTS = {
  prompt: ['promptFile', 'promptOut'],
  raw: ['rawFile', 'rawOut'],
  parsed: ['parsedFile', 'parsedOut'],
} as const satisfies Record<Artifact, readonly [file: DigestColumn, made: DigestColumn]>;

function renderTrace(prompt: Prompt | undefined): RenderTrace | undefined {
  return prompt?.parts === undefined
    ? undefined
    : { parts: prompt.parts, output: prompt.digest, ...listed(prompt.parts, prompt.files) };
}

function target(task: Task): { stage: Task['stage']; genId: string; row: number } {
  return { stage: task.stage, genId: task.genId, row: task.row };
}

function reportOf({ step, kind, reason, message }: Failure): FailureReport {
  return { step, kind, reason, message };
}
