// The client of a provider as tests use it: over real HTTP, patient, with the real clock. Knows no server.
import { openHttp } from '../../src/http.ts';
import { createOpenAiProvider, type OpenAiOptions } from '../../src/model/client/openai.ts';
import type { Provider } from '../../src/model/provider.ts';

/** Without a proxy, whatever the environment says. */
const http = openHttp({ environment: {} });
export const send = http.send;

/** A client of the provider at this base URL; `more` takes the place of what is usual. */
export function clientOf(baseURL: string, more: Partial<OpenAiOptions> = {}): Provider {
  return createOpenAiProvider({
    name: 'x',
    baseURL,
    apiKey: '',
    stream: false,
    streamUsage: true,
    timeoutMs: 10_000,
    idleTimeoutMs: 10_000,
    http,
    now: Date.now,
    ...more,
  });
}
