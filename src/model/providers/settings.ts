// What a config says of a provider: its form, and what is in force. Knows no provider by name.
import type { Shape } from '../../inputs/shape.ts';

export interface ProviderConfig {
  /** Of an OpenAI-compatible server, such as `http://localhost:8000/v1`. */
  readonly baseURL: string;
  /** The variable that holds its key; none for a server that wants none. */
  readonly apiKeyEnv?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly stream?: boolean;
  /** The shape of its batch interface, where it has one. */
  readonly batch?: 'openrouter' | 'openai';
}

/** With its defaults filled in. */
export type ProviderSettings = Required<Pick<ProviderConfig, 'baseURL' | 'headers' | 'stream'>> &
  Pick<ProviderConfig, 'apiKeyEnv' | 'batch'>;

export const PROVIDER: Shape = {
  fields: {
    baseURL: 'text',
    apiKeyEnv: 'text',
    headers: { each: 'text' },
    stream: 'flag',
    batch: ['openrouter', 'openai'],
  },
};
