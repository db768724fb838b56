// Providers that need no address: what their documentations say of them, as data, each with its source. All of it can be overridden under
// `providers` in a config. Asks nobody.
import { defined } from '../../defined.ts';
import { urlOf } from '../../text/url.ts';
import { serverOf } from '../server.ts';
import type { ProviderConfig, ProviderSettings } from './settings.ts';

interface Known extends ProviderConfig {
  readonly baseURL: string;
  /** The pages that say so. */
  readonly sources: readonly string[];
}

const KNOWN = {
  openrouter: {
    baseURL: 'https://openrouter.ai/api/v1',
    apiKeyEnv: 'OPENROUTER_API_KEY',
    batch: 'openrouter',
    reasoning: 'reasoning',
    sources: [
      'https://openrouter.ai/docs/api-reference/overview',
      'https://openrouter.ai/docs/use-cases/reasoning-tokens',
    ],
  },
  // `max_tokens` is deprecated there, and its reasoning models refuse it.
  openai: {
    baseURL: 'https://api.openai.com/v1',
    apiKeyEnv: 'OPENAI_API_KEY',
    batch: 'openai',
    tokensField: 'max_completion_tokens',
    sources: [
      'https://platform.openai.com/docs/api-reference/chat/create',
      'https://platform.openai.com/docs/guides/batch',
    ],
  },
  anthropic: {
    baseURL: 'https://api.anthropic.com/v1',
    apiKeyEnv: 'ANTHROPIC_API_KEY',
    reasoning: 'thinking',
    ignores: [
      ...['seed', 'reasoning_effort', 'response_format', 'frequency_penalty', 'presence_penalty'],
      ...['logit_bias', 'logprobs', 'top_logprobs', 'metadata', 'modalities', 'prediction'],
      ...['service_tier', 'store', 'user', 'audio'],
    ],
    sources: ['https://docs.anthropic.com/en/api/openai-sdk'],
  },
  gemini: {
    baseURL: 'https://generativelanguage.googleapis.com/v1beta/openai',
    apiKeyEnv: 'GEMINI_API_KEY',
    sources: ['https://ai.google.dev/gemini-api/docs/openai'],
  },
  // It refuses what it does not know, `stream_options`, `max_completion_tokens` and `seed` among it, and streams usage without being asked.
  mistral: {
    baseURL: 'https://api.mistral.ai/v1',
    apiKeyEnv: 'MISTRAL_API_KEY',
    streamUsage: false,
    seedField: 'random_seed',
    sources: ['https://docs.mistral.ai/api/', 'https://github.com/dnakov/anon-kode/issues/53'],
  },
  groq: {
    baseURL: 'https://api.groq.com/openai/v1',
    apiKeyEnv: 'GROQ_API_KEY',
    batch: 'openai',
    tokensField: 'max_completion_tokens',
    sources: ['https://console.groq.com/docs/openai', 'https://console.groq.com/docs/batch'],
  },
  together: {
    baseURL: 'https://api.together.xyz/v1',
    apiKeyEnv: 'TOGETHER_API_KEY',
    sources: ['https://docs.together.ai/docs/openai-api-compatibility'],
  },
  deepseek: {
    baseURL: 'https://api.deepseek.com/v1',
    apiKeyEnv: 'DEEPSEEK_API_KEY',
    sources: ['https://api-docs.deepseek.com/'],
  },
  xai: {
    baseURL: 'https://api.x.ai/v1',
    apiKeyEnv: 'XAI_API_KEY',
    tokensField: 'max_completion_tokens',
    sources: ['https://docs.x.ai/docs/api-reference'],
  },
  // The context's length is the server's own setting: `num_ctx` in a request does nothing, and a longer prompt is cut without a word.
  ollama: {
    baseURL: 'http://localhost:11434/v1',
    ignores: ['num_ctx', 'logit_bias', 'user', 'n', 'tool_choice'],
    sources: [
      'https://docs.ollama.com/api/openai-compatibility',
      'https://github.com/ollama/ollama/issues/5902',
    ],
  },
  vllm: {
    baseURL: 'http://localhost:8000/v1',
    sources: ['https://docs.vllm.ai/en/latest/serving/openai_compatible_server.html'],
  },
  lmstudio: {
    baseURL: 'http://localhost:1234/v1',
    sources: ['https://lmstudio.ai/docs/developer/openai-compat'],
  },
} as const satisfies Readonly<Record<string, Known>>;

/** Where each of them is described, by its name. */
export const SOURCES: Readonly<Record<string, readonly string[]>> = Object.fromEntries(
  Object.entries(KNOWN).map(([name, { sources }]) => [name, sources]),
);

/** Their names, such as `mistral`. */
export const KNOWN_PROVIDERS: readonly string[] = Object.keys(KNOWN);

/** What is in force of every provider: what is known of it, and over that what the config says. Names of no known one stand as they are. */
export function providersIn(
  config: Readonly<Record<string, ProviderConfig>>,
): Readonly<Record<string, ProviderSettings>> {
  const names = new Set([...KNOWN_PROVIDERS, ...Object.keys(config)]);
  return Object.fromEntries(
    [...names].map((name) => [name, settled(knownAs(name), Object.hasOwn(config, name) ? config[name] : {})]),
  );
}

function knownAs(name: string): ProviderConfig {
  if (!Object.hasOwn(KNOWN, name)) return {};
  const { sources: _sources, ...known }: Known = KNOWN[name as keyof typeof KNOWN];
  return known;
}

function settled(known: ProviderConfig, own: ProviderConfig = {}): ProviderSettings {
  // A key goes to the server that it is for, and to another only where the config says so.
  const elsewhere =
    own.baseURL !== undefined && serverOf(own.baseURL) !== serverOf(known.baseURL ?? own.baseURL);
  const { baseURL = '', apiKeyEnv, batch = batchAt(baseURL), ...rest } = { ...known, ...defined(own) };
  return defined({
    headers: {},
    stream: true,
    streamUsage: true,
    tokensField: 'max_tokens' as const,
    temperature: true,
    reasoning: 'reasoning_effort' as const,
    seedField: 'seed' as const,
    ignores: [],
    ...rest,
    baseURL,
    apiKeyEnv: elsewhere ? own.apiKeyEnv : apiKeyEnv,
    batch: elsewhere ? (own.batch ?? batchAt(baseURL)) : batch,
  });
}

/** The shape of the batches of a server, whatever a config calls it. */
function batchAt(baseURL: string): ProviderConfig['batch'] {
  const host = urlOf(baseURL)?.host;
  return Object.values<Known>(KNOWN).find((known) => urlOf(known.baseURL)?.host === host)?.batch;
}
