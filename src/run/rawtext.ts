// Raw texts and where they come from: a copy, the response cache, a model. Keeps what was paid for before it is used or
// replaced. Asks nobody, parses nothing.
import { mostTokens } from '../graph/asking.ts';
import type { Parts } from '../generation/trace.ts';
import { traceOf, type GenerateTrace } from '../generation/trace.ts';
import type { Task } from '../graph/graph.ts';
import type { ModelReply } from '../model/provider.ts';
import { digestOfText, readArtifact, readMetadata, type Metadata } from '../store/gens/genstore.ts';
import { isKept, readResponse, RESPONSE_VERSION, type StoredResponse } from '../store/responses.ts';
import type { Prompt } from './prepare.ts';
import type { Question } from './question.ts';
import type { Answer } from './answer.ts';
import type { Workshop } from './workshop.ts';
import { FILE } from '../store/layout.ts';
import { defined } from '../defined.ts';

/** A raw text with its trace and what raw_metadata.json says of it. */
export interface Raw {
  readonly text: string;
  readonly trace: GenerateTrace;
  readonly metadata: Metadata;
}

export function rawOfCopy(prompt: Prompt, parts: Parts): Raw {
  return {
    text: prompt.text,
    metadata: { finish_reason: 'copy' },
    trace: traceFor(prompt.text, prompt, parts),
  };
}

export function rawOfResponse(
  found: { name: string; response: StoredResponse },
  prompt: Prompt,
  parts: Parts,
): Raw {
  const { text, rawMetadata } = found.response;
  return { text, metadata: rawMetadata, trace: { ...traceFor(text, prompt, parts), response: found.name } };
}

export function rawOfReply(shop: Workshop, question: Question, answer: Reply): Raw {
  const { text, truncated, refusal } = answer.reply;
  const trace = defined({
    ...traceFor(text, question.prompt, question.parts),
    ...(truncated ? { cutOff: true } : {}),
    refusal,
    response: answer.response,
  });
  return { text, metadata: replyMetadata(shop, question, answer), trace };
}

type Reply = Extract<Answer, { kind: 'reply' }>;

/** Keeps a reply that was paid for, durably and before anything else is written; the name of what was kept goes with it. */
export async function keepReply(shop: Workshop, question: Question, answer: Reply): Promise<Reply> {
  if (shop.unpaid.has(question.ask.provider) || answer.response !== undefined) return answer;
  const { text, truncated, refusal } = answer.reply;
  const response: StoredResponse = {
    version: RESPONSE_VERSION,
    asked: question.asked,
    kind: refusal !== undefined ? 'refused' : truncated ? 'truncated' : 'answer',
    text,
    rawMetadata: replyMetadata(shop, question, answer),
    genId: question.task.genId,
    at: shop.now(),
    ...(question.replaces === true ? { replaces: true } : {}),
  };
  const name = await shop.pen.keep(response, question.address);
  shop.team?.send(response);
  return { ...answer, response: name };
}

function traceFor(text: string, prompt: Prompt, parts: Parts): GenerateTrace {
  return { parts: { ...parts, prompt: prompt.digest }, output: digestOfText(text) };
}

function replyMetadata(shop: Workshop, { task, ask }: Question, answer: Reply): Metadata {
  const { reply, attempts, durationMs } = answer;
  return defined({
    run_id: shop.runId,
    llm_model_id: task.modelId,
    provider: ask.provider,
    model: ask.model,
    transport: ask.transport,
    answered_by: reply.answeredBy,
    duration_s: Math.round(durationMs) / 1000,
    finish_reason: reply.finishReason,
    thoughts: reply.thoughts,
    truncated: reply.truncated,
    usage: usageOf(reply, mostTokens(ask)),
    request_id: reply.requestId,
    ...(attempts.length > 1 ? { attempts } : {}),
  });
}

function usageOf({ usage }: ModelReply, maxTokens: number): Metadata {
  return defined({
    completion_tokens: usage.completionTokens,
    max_tokens: maxTokens,
    prompt_tokens: usage.promptTokens,
    reasoning_tokens: usage.reasoningTokens,
    cost: usage.cost,
  });
}

/** Before a raw text is replaced: an answer that was paid for and is in no cache (another tool's, or a lost cache) is put there. */
export async function retire(shop: Workshop, task: Task): Promise<void> {
  if (!shop.index.has(task.row, FILE.raw)) return;
  const metadata = readMetadata(shop.layout, task.stage, task.genId);
  const trace = metadata === undefined || metadata === 'damaged' ? undefined : traceOf(metadata);
  if (trace === 'newer') return;
  const parts = trace?.generate?.parts ?? partsOfForeign(shop, task);
  const unpaid = shop.unpaid.has(parts['provider'] ?? '');
  if (parts['mode'] !== 'llm' || (unpaid && trace?.generate !== undefined && trace.generate.adopted !== true))
    return;
  const { response: kept, output, refusal } = trace?.generate ?? {};
  const entry = kept === undefined ? undefined : readResponse(shop.layout, kept);
  // After the loss of a cache another answer may have taken the name.
  if (entry !== undefined && typeof entry !== 'string' && digestOfText(entry.text) === output) return;
  const [prompt, text] = [
    readArtifact(shop.layout, task.stage, task.genId, 'prompt'),
    readArtifact(shop.layout, task.stage, task.genId, 'raw'),
  ];
  // A file without a byte is what a power cut leaves: it was never asked, nor answered.
  if (prompt === undefined || prompt === '' || text === undefined || text === '') return;
  // What a hand has changed since is not what was asked, or answered.
  if (trace?.generate !== undefined && trace.generate.output !== digestOfText(text)) return;
  const changed = trace?.generate !== undefined && trace.generate.parts['prompt'] !== digestOfText(prompt);
  const asked = { ...parts, ...(changed ? {} : { prompt }), ...(unpaid ? { provider: 'unknown' } : {}) };
  if (isKept(shop.layout, asked, text)) return;
  const found = readMetadata(shop.layout, task.stage, task.genId, 'raw_metadata.json');
  const rawMetadata = found === undefined || found === 'damaged' ? {} : found;
  const cut = rawMetadata['truncated'] === true;
  await shop.pen.keep({
    version: RESPONSE_VERSION,
    asked,
    kind: refusal !== undefined ? 'refused' : cut ? 'truncated' : 'answer',
    text,
    rawMetadata,
    genId: task.genId,
    at: shop.now(),
  });
}

/** Another tool's answer is taken to have been asked as the configured model is asked. */
function partsOfForeign(shop: Workshop, task: Task): Parts {
  const set = shop.graph.generateSet[task.row];
  return (set === undefined ? undefined : shop.graph.partSets[set]) ?? {};
}
