// What stands in a message, or in a piece of one, in the words of many providers: text, thoughts, calls of tools. Knows no ending.
import { field, textField } from '../fields.ts';

/** Text, a part that holds one, or the text parts of a list of parts. */
export function contentOf(content: unknown): string {
  if (typeof content === 'string') return content;
  if (!Array.isArray(content)) return textField(content, 'text') ?? '';
  return content.map((part: unknown) => (isThought(part) ? '' : (textField(part, 'text') ?? ''))).join('');
}

/** Mistral, and Anthropic's own, put thoughts among the parts: `{ type: 'thinking', thinking: … }`. */
function isThought(part: unknown): boolean {
  return /think|reason/.test(textField(part, 'type') ?? '');
}

/** A text, or parts of one. */
function thoughtIn(part: unknown): string {
  return textField(part, 'text') ?? contentOf(field(part, 'thinking'));
}

/**
 * OpenRouter says `reasoning`, DeepSeek and vLLM `reasoning_content`, some `thinking`; details are OpenRouter's. Empty where the provider
 * says that there are thoughts, and not which.
 */
export function thoughtsOf(message: unknown): string | undefined {
  for (const name of ['reasoning_content', 'reasoning', 'thinking']) {
    const text = textField(message, name);
    if (text !== undefined) return text;
  }
  const content = field(message, 'content');
  const parts = Array.isArray(content) ? content.filter(isThought) : [];
  if (parts.length > 0) return parts.map(thoughtIn).join('');
  const details = field(message, 'reasoning_details');
  if (!Array.isArray(details) || details.length === 0) return undefined;
  const said = details.map((part: unknown) => textField(part, 'text') ?? textField(part, 'summary') ?? '');
  return said.join('');
}

export function callsTool(message: unknown): boolean {
  const calls = field(message, 'tool_calls');
  const call = field(message, 'function_call');
  return (Array.isArray(calls) && calls.length > 0) || (typeof call === 'object' && call !== null);
}
