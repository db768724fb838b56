// A streamed chat completion put together again: server-sent events to one body. Knows no time-outs and no HTTP.
import { contentOf } from './completion.ts';
import { field, textField } from '../fields.ts';

export interface Streamed {
  /** As an unstreamed body would be; what `readCompletion` reads. */
  readonly body: unknown;
  /** True once a finish reason or an error was seen: without one the text is a part, never the whole. */
  readonly whole: boolean;
}

const DONE = '[DONE]';

/**
 * Reads until the stream's end, its `[DONE]` or a break. A break after the finish reason loses nothing but the
 * usage, so the reply stands; before it, the break is thrown on.
 */
export async function readStream(chunks: AsyncIterable<Uint8Array>): Promise<Streamed> {
  const gathered = gathering();
  const events = eventData(chunks);
  try {
    for (let each = await events.next(); each.done !== true; each = await events.next()) {
      if (each.value === DONE) {
        void readToEnd(events);
        break;
      }
      gathered.add(JSON.parse(each.value));
    }
  } catch (error) {
    if (!gathered.result().whole) throw error;
  }
  return gathered.result();
}

/** A stream that is left before its end takes its connection with it; one that is read to its end leaves it for the next call. */
async function readToEnd(events: AsyncGenerator<string>): Promise<void> {
  try {
    while ((await events.next()).done !== true);
  } catch {
    // The reply is whole already.
  }
}

/** The data of each event. Comments and other fields are passed over; an event that the end cuts off is left out. */
async function* eventData(chunks: AsyncIterable<Uint8Array>): AsyncGenerator<string> {
  const decoder = new TextDecoder();
  let pending = '';
  let data: string[] = [];
  for await (const chunk of chunks) {
    const lines = (pending + decoder.decode(chunk, { stream: true })).split('\n');
    pending = lines.pop() ?? '';
    for (const raw of lines) {
      const line = raw.endsWith('\r') ? raw.slice(0, -1) : raw;
      if (line.startsWith('data:')) data.push(line.slice(line[5] === ' ' ? 6 : 5));
      if (line !== '' || data.length === 0) continue;
      yield data.join('\n');
      data = [];
    }
  }
}

function gathering(): { add(chunk: unknown): void; result(): Streamed } {
  const content: string[] = [];
  const found: Record<string, unknown> = {};
  let finishReason: string | undefined;
  let refusal: string | undefined;
  const keep = (name: string, value: unknown): void => {
    if (value !== undefined && value !== null) found[name] = value;
  };
  const add = (chunk: unknown): void => {
    for (const name of ['id', 'model', 'provider', 'usage', 'error']) keep(name, field(chunk, name));
    const choices = field(chunk, 'choices');
    const choice: unknown = Array.isArray(choices) ? choices[0] : undefined;
    const delta = field(choice, 'delta');
    content.push(contentOf(field(delta, 'content')));
    refusal ??= textField(delta, 'refusal');
    finishReason = textField(choice, 'finish_reason') ?? finishReason;
    keep('error', field(choice, 'error'));
  };
  const result = (): Streamed => {
    const message = { content: content.join(''), refusal };
    const body = { ...found, choices: [{ message, finish_reason: finishReason }] };
    return { body, whole: finishReason !== undefined || found['error'] !== undefined };
  };
  return { add, result };
}
