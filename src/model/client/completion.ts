// Reads a chat completion's body, whole or put together from a stream: a reply, or the failure that it is. Knows no HTTP.
import { trim } from '../../text/python.ts';
import { failure, readError, saysError } from './failure.ts';
import { endingOf } from './ending.ts';
import { limitsOf, type HeaderReader } from './retryafter.ts';
import { field, numberField, textField } from '../fields.ts';
import { callsTool, contentOf, thoughtsOf } from './message.ts';
import { usageIn, usageOf } from './usage.ts';
import type { CallFailure, ModelOutcome, ModelReply, Usage } from '../provider.ts';
import { defined } from '../../defined.ts';

export interface Reading {
  readonly maxTokens: number;
  readonly headers: HeaderReader;
  /** What the config had sent along, by name. */
  readonly settings?: readonly string[];
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
  if (saysError(error)) return errorInside(body, error, reading);
  const choice = choiceOf(body);
  if (choice === undefined && !isBilled(body)) {
    const usage = usageOf(field(body, 'usage'));
    const read = (usage.promptTokens ?? 0) > 0 ? { usage } : {};
    return failure('bad_reply', 'the reply holds no choice', { status: 200, ...read });
  }
  const inner = field(choice, 'error');
  if (saysError(inner)) return errorInside(body, inner, reading);
  return replyOf(body, choice, reading);
}

function errorInside(body: unknown, error: unknown, reading: Reading): ModelOutcome {
  const outcome = readError({ ...reading, status: 200, error, message: 'an error with status 200' });
  return { ...outcome, ...paidBeside(body) };
}

/** The same of a body that an error stands in or beside: where it says nothing and bills nothing, nothing was made. */
export function paidBeside(body: unknown): Pick<CallFailure, 'usage' | 'lostReply'> {
  const began = isBilled(body) || contentOf(field(field(choiceOf(body), 'message'), 'content')) !== '';
  return began ? paidOf(body) : {};
}

/** What a reply that never came whole was billed as; where nobody says, it may have been. */
export function paidOf(body: unknown): Pick<CallFailure, 'usage' | 'lostReply'> {
  return isBilled(body) ? { usage: usageOf(field(body, 'usage')) } : { lostReply: true };
}

/** The first answer: whoever asks for one takes one, however many come. */
function choiceOf(body: unknown): unknown {
  const choices = field(body, 'choices');
  if (!Array.isArray(choices)) return undefined;
  return choices.find((choice: unknown) => numberField(choice, 'index') === 0) ?? choices[0];
}

/** To ask again for what was paid for would be to pay again. */
function isBilled(body: unknown): boolean {
  const { completionTokens = 0, cost = 0 } = usageOf(field(body, 'usage'));
  return completionTokens > 0 || cost > 0;
}

function replyOf(body: unknown, choice: unknown, reading: Reading): ModelOutcome {
  const message = field(choice, 'message');
  const finishReason = textField(choice, 'finish_reason') ?? textField(choice, 'native_finish_reason');
  const { ending, unknown } = endingOf(finishReason);
  if (ending === 'broken')
    return failure('server', 'the provider gave up in the middle of its reply', paidOf(body));
  // Servers that once completed texts still say `text`.
  const said = contentOf(field(message, 'content') ?? field(choice, 'text'));
  const text = trim(said).replaceAll('\r\n', '\n');
  const usage = usageIn(body, reading.headers);
  const thoughts = thoughtsOf(message);
  const refusal =
    ending === 'filtered' || textField(message, 'refusal') !== undefined
      ? 'content_filter'
      : ending === 'tool_call' || (text === '' && callsTool(message))
        ? 'tool_call'
        : text !== ''
          ? undefined
          : thoughts === undefined && (usage.reasoningTokens ?? 0) === 0
            ? 'empty'
            : 'only_thoughts';
  const reply: ModelReply = defined({
    kind: 'reply',
    text,
    finishReason,
    unknownEnding: unknown || undefined,
    truncated: ending === 'cut' || saidTokens(usage) >= reading.maxTokens,
    usage,
    requestId: textField(body, 'id') ?? reading.headers.get('x-request-id') ?? undefined,
    answeredBy: textField(body, 'provider') ?? textField(body, 'model'),
    refusal,
    thoughts: refusal === 'only_thoughts' ? thoughts || undefined : undefined,
    limits: limitsOf(reading.headers, reading.now),
  });
  return reply;
}

/** Of the text alone: a reply that ends by itself is whole, however long was thought about it. */
function saidTokens({ completionTokens = 0, reasoningTokens = 0 }: Usage): number {
  return completionTokens - reasoningTokens;
}
