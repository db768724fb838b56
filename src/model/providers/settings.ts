// What a config says of a provider: its form, and what is in force. Knows no provider by name.
import type { Shape } from '../../inputs/shape.ts';

export interface ProviderConfig {
  /** Of an OpenAI-compatible server, such as `http://localhost:8000/v1`. */
  readonly baseURL: string;
  /** The variable that holds its key; none for a server that wants none. */
  readonly apiKeyEnv?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly stream?: boolean;
  /** The shape of its batch interface, where it has one; known of openrouter.ai and api.openai.com. */
  readonly batch?: 'openrouter' | 'openai';
}

/** With its defaults filled in. */
export type ProviderSettings = Required<Pick<ProviderConfig, 'baseURL' | 'headers' | 'stream'>> &
  Pick<ProviderConfig, 'apiKeyEnv' | 'batch'>;

/** Servers whose batch interface is known, by host. */
const BATCHES: Readonly<Record<string, ProviderConfig['batch']>> = {
  'openrouter.ai': 'openrouter',
  'api.openai.com': 'openai',
};

export function settled(given: ProviderConfig): ProviderSettings {
  const { host } = URL.canParse(given.baseURL) ? new URL(given.baseURL) : { host: '' };
  const batch = BATCHES[host];
  return { headers: {}, stream: true, ...(batch === undefined ? {} : { batch }), ...given };
}

export const PROVIDER: Shape = {
  fields: {
    baseURL: 'text',
    apiKeyEnv: 'text',
    headers: { each: 'text' },
    stream: 'flag',
    batch: ['openrouter', 'openai'],
  },
};
