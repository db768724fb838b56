// A streamed chat completion put together again: server-sent events to one body. Knows no time-outs and no HTTP.
import { callsTool, contentOf, thoughtsOf } from './message.ts';
import { defined } from '../../defined.ts';
import { saysError } from './failure.ts';
import { field, numberField, textField } from '../fields.ts';

export interface Streamed {
  /** As an unstreamed body would be; what `readCompletion` reads. */
  readonly body: unknown;
  /** True once a finish reason, `[DONE]` or an error was seen: without one the text is a part, never the whole. */
  readonly whole: boolean;
  /** What came in the place of events, where not one came: a whole body, it may be. */
  readonly other?: string;
}

const DONE = '[DONE]';
const DATA = 'data:';
/** What a line of an event begins with; a comment begins with a colon. */
const FIELD = /^(?:data|event|id|retry)?:/;

/**
 * Reads until the stream's end, its `[DONE]` or a break. A break after the finish reason loses nothing but the
 * usage, so the reply stands; before it, the break is thrown on.
 */
export async function readStream(
  chunks: AsyncIterable<Uint8Array> | Iterable<Uint8Array>,
): Promise<Streamed> {
  const gathered = gathering();
  const other: string[] = [];
  const events = eventData(chunks, other);
  try {
    for (let each = await events.next(); each.done !== true; each = await events.next()) {
      const value = each.value.trim();
      // A sign of life.
      if (value === '') continue;
      if (value === DONE) {
        gathered.end();
        void readToEnd(events);
        break;
      }
      gathered.add(JSON.parse(value));
    }
  } catch (error) {
    if (!gathered.result().whole) throw error;
  }
  const result = gathered.result();
  return result.whole || other.length === 0 ? result : { ...result, other: other.join('\n') };
}

/** A stream that is left before its end takes its connection with it; one that is read to its end leaves it for the next call. */
async function readToEnd(events: AsyncGenerator<string>): Promise<void> {
  try {
    while ((await events.next()).done !== true);
  } catch {
    // The reply is whole already.
  }
}

/**
 * The data of each event. Comments and other fields are passed over; the last event may do without the blank line behind it. `other`
 * takes lines that belong to no event, as long as none came.
 */
async function* eventData(
  chunks: AsyncIterable<Uint8Array> | Iterable<Uint8Array>,
  other: string[],
): AsyncGenerator<string> {
  const decoder = new TextDecoder();
  const lineFeeds = lineFeedsOnly();
  let pending = '';
  let data: string[] = [];
  let came = false;
  const take = (line: string): string | undefined => {
    // A space behind the colon is one of JSON's.
    if (line.startsWith(DATA)) data.push(line.slice(DATA.length));
    else if (!came && line !== '' && !FIELD.test(line)) other.push(line);
    if (line !== '' || data.length === 0) return undefined;
    came = true;
    const event = data.join('\n');
    data = [];
    return event;
  };
  for await (const chunk of chunks) {
    const lines = (pending + lineFeeds(decoder.decode(chunk, { stream: true }))).split('\n');
    pending = lines.pop() ?? '';
    for (const line of lines) {
      const event = take(line);
      if (event !== undefined) yield event;
    }
  }
  const last = take(pending) ?? take('');
  if (last !== undefined && (last.trim() === DONE || isJson(last))) yield last;
}

/** Lines end with a line feed, a carriage return, or both, which may come in two chunks. */
function lineFeedsOnly(): (text: string) => string {
  let half = false;
  return (text) => {
    const rest = half && text.startsWith('\n') ? text.slice(1) : text;
    if (text !== '') half = text.endsWith('\r');
    return rest.includes('\r') ? rest.replaceAll(/\r\n?/g, '\n') : rest;
  };
}

/** A text that the end cut off is none. */
function isJson(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}

function gathering(): { add(chunk: unknown): void; end(): void; result(): Streamed } {
  const parts = { content: [] as string[], thoughts: [] as string[] };
  const found: Record<string, unknown> = {};
  let finishReason: string | undefined;
  let refusal: string | undefined;
  let calls: unknown;
  let ended = false;
  const keep = (name: string, value: unknown): void => {
    if (value !== undefined && value !== null) found[name] = value;
  };
  const add = (chunk: unknown): void => {
    for (const name of ['id', 'model', 'provider', 'usage']) keep(name, field(chunk, name));
    // Groq's, where it was not asked for.
    keep('usage', field(field(chunk, 'x_groq'), 'usage'));
    const choice = firstOf(field(chunk, 'choices'));
    for (const error of [field(chunk, 'error'), field(choice, 'error')])
      if (saysError(error)) found['error'] = error;
    // Some servers that stream all the same send the whole message.
    const delta = field(choice, 'delta') ?? field(choice, 'message');
    parts.content.push(contentOf(field(delta, 'content') ?? field(choice, 'text')));
    const thought = thoughtsOf(delta);
    if (thought !== undefined) parts.thoughts.push(thought);
    refusal ??= textField(delta, 'refusal');
    if (callsTool(delta)) calls = [delta];
    finishReason =
      textField(choice, 'finish_reason') ?? textField(choice, 'native_finish_reason') ?? finishReason;
  };
  const result = (): Streamed => {
    const thought = parts.thoughts.length > 0;
    const message = defined({
      content: parts.content.join(''),
      reasoning_content: thought ? parts.thoughts.join('') : undefined,
      reasoning_details: thought ? [{}] : undefined,
      refusal,
      tool_calls: calls,
    });
    const body = { ...found, choices: [{ message, finish_reason: finishReason }] };
    return { body, whole: ended || finishReason !== undefined || found['error'] !== undefined };
  };
  return { add, end: () => void (ended = true), result };
}

/** Pieces of further answers, where more than one comes, belong to none that was asked for. */
function firstOf(choices: unknown): unknown {
  if (!Array.isArray(choices)) return undefined;
  return choices.find((choice: unknown) => (numberField(choice, 'index') ?? 0) === 0);
}
