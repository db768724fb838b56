// Reads a chat completion's body, whole or put together from a stream: a reply, or the failure that it is. Knows no HTTP.
import { trim } from '../../text/python.ts';
import { failure, readError } from './failure.ts';
import { limitsOf, type HeaderReader } from './retryafter.ts';
import { field, numberField, textField } from '../fields.ts';
import type { ModelOutcome, ModelReply, Usage } from '../provider.ts';
import { defined } from '../../defined.ts';

export interface Reading {
  readonly maxTokens: number;
  readonly headers: HeaderReader;
  /** Milliseconds since the epoch. */
  readonly now: number;
}

/** A JSON body with status 200, as text. A body that was cut off is no JSON. */
export function readBody(text: string, reading: Reading): ModelOutcome {
  let body: unknown;
  try {
    body = JSON.parse(text);
  } catch {
    const start = text.trimStart().slice(0, 80);
    if (start.startsWith('<')) return failure('bad_reply', `a web page came instead of a reply: ${start}`);
    const what = start === '' ? 'an empty body' : `no whole JSON, it starts: ${start}`;
    return failure('bad_reply', `the reply is ${what}`, { status: 200, lostReply: true });
  }
  return readCompletion(body, reading);
}

export function readCompletion(body: unknown, reading: Reading): ModelOutcome {
  const error = field(body, 'error');
  if (error !== undefined && error !== null) return errorInside(error, reading);
  const choices = field(body, 'choices');
  const choice: unknown = Array.isArray(choices) ? choices[0] : undefined;
  if (choice === undefined) return failure('bad_reply', 'the reply holds no choice', { status: 200 });
  const inner = field(choice, 'error');
  if (inner !== undefined && inner !== null) return errorInside(inner, reading);
  const finishReason = textField(choice, 'finish_reason');
  if (finishReason === 'error') return failure('server', 'the provider gave up in the middle of its reply');
  return replyOf(body, choice, reading);
}

function errorInside(error: unknown, { headers, now }: Reading): ModelOutcome {
  return readError({ status: 200, headers, error, message: 'an error with status 200', now });
}

function replyOf(body: unknown, choice: unknown, reading: Reading): ModelReply {
  const message = field(choice, 'message');
  const finishReason = textField(choice, 'finish_reason');
  const text = trim(contentOf(field(message, 'content'))).replaceAll('\r\n', '\n');
  const usage = usageOf(field(body, 'usage'));
  const filtered = finishReason === 'content_filter' || textField(message, 'refusal') !== undefined;
  const refusal = filtered ? 'content_filter' : text === '' ? 'empty' : undefined;
  const requestId = textField(body, 'id') ?? reading.headers.get('x-request-id') ?? undefined;
  const answeredBy = textField(body, 'provider') ?? textField(body, 'model');
  const limits = limitsOf(reading.headers, reading.now);
  return defined({
    kind: 'reply',
    text,
    finishReason,
    truncated: finishReason?.toLowerCase() === 'length' || (usage.completionTokens ?? 0) >= reading.maxTokens,
    usage,
    requestId,
    answeredBy,
    refusal,
    limits,
  });
}

/** Text, or the text parts of a list of parts. */
export function contentOf(content: unknown): string {
  if (typeof content === 'string') return content;
  if (!Array.isArray(content)) return '';
  return content.map((part: unknown) => textField(part, 'text') ?? '').join('');
}

function usageOf(usage: unknown): Usage {
  const promptTokens = amount(usage, 'prompt_tokens');
  const completionTokens = amount(usage, 'completion_tokens');
  const cost = amount(usage, 'cost');
  return defined({ promptTokens, completionTokens, cost });
}

/** What is below nothing is no count and no price: believed, it would make a budget last longer. */
function amount(usage: unknown, name: string): number | undefined {
  const number = numberField(usage, name);
  return number === undefined || number < 0 ? undefined : number;
}
