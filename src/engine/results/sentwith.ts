// What would be sent beside the prompt: every setting of the request, as the provider is sent it. Asks nobody.
import { OFFLINE, type Settings } from '../../config.ts';
import { samplingFor } from '../../graph/asking.ts';
import type { Task } from '../../graph/graph.ts';
import { bodyOf } from '../../model/client/openai.ts';
import { displayText } from '../../text/display.ts';
import { defined } from '../../defined.ts';

export interface SentWith {
  readonly provider: string;
  /** The body of the request, without its messages. */
  readonly body: Readonly<Record<string, unknown>>;
}

/** In a line. */
export function sentText({ provider, body }: SentWith): string {
  return displayText(`sent to ${provider} with ${JSON.stringify(body)}`);
}

/** Undefined for a copy, and where the offline model answers. */
export function sentWith({ providers }: Pick<Settings, 'providers'>, task: Task): SentWith | undefined {
  if (task.work.kind === 'copy' || task.work.ask.provider === OFFLINE) return undefined;
  const { stage, replicate } = task;
  const { provider, model, temperature, maxTokens, transport, tokensField } = task.work.ask;
  const sampling = samplingFor(task.work.ask, replicate);
  const asked = { model, temperature, maxTokens, sampling, transport, tokensField, stage, replicate };
  const { stream = true, streamUsage = true } = providers[provider] ?? {};
  const { messages: _prompt, ...body } = bodyOf(defined({ ...asked, prompt: '' }), { stream, streamUsage });
  return { provider, body };
}
