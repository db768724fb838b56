// What a config says of a provider: its form, and what is in force. Knows no provider by name.
import type { ReasoningForm, SeedField, TokensField } from '../../graph/asking.ts';
import type { Shape } from '../../inputs/shape.ts';

export interface ProviderConfig {
  /** Of an OpenAI-compatible server, such as `http://localhost:8000/v1`. A known provider needs none. */
  readonly baseURL?: string;
  /** The variable that holds its key; none for a server that wants none. */
  readonly apiKeyEnv?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly stream?: boolean;
  /** Whether it takes `stream_options`, by which usage comes in streams: where not, none are sent. */
  readonly streamUsage?: boolean;
  readonly tokensField?: TokensField;
  /** Whether it takes a temperature: where not, none is sent and none stands in the record. */
  readonly temperature?: boolean;
  /** Settings that it takes and does nothing with: such a one is a warning. */
  readonly ignores?: readonly string[];
  readonly reasoning?: ReasoningForm;
  readonly seedField?: SeedField;
  /** The shape of its batch interface, where it has one; known of the servers of the known providers. */
  readonly batch?: 'openrouter' | 'openai';
}

/** With its defaults filled in. */
export type ProviderSettings = Required<Omit<ProviderConfig, 'apiKeyEnv' | 'batch'>> &
  Pick<ProviderConfig, 'apiKeyEnv' | 'batch'>;

export const TOKENS_FIELD: Shape = ['max_tokens', 'max_completion_tokens'];

export const PROVIDER: Shape = {
  fields: {
    baseURL: 'text',
    apiKeyEnv: 'text',
    headers: { each: 'text' },
    stream: 'flag',
    streamUsage: 'flag',
    tokensField: TOKENS_FIELD,
    temperature: 'flag',
    ignores: { list: 'text' },
    reasoning: ['reasoning', 'reasoning_effort', 'thinking'],
    seedField: ['seed', 'random_seed'],
    batch: ['openrouter', 'openai'],
  },
};
