// What a config may hold, key by key, as the check of it reads it. Gives no key a meaning.
import { REMOTE } from './remote/place.ts';
import type { Shape } from './inputs/shape.ts';
import { PROVIDER, TOKENS_FIELD } from './model/providers/settings.ts';

const POOL: Shape = {
  fields: {
    concurrency: { either: ['count', ['auto']] },
    requestsPerMinute: 'count',
    tokensPerMinute: 'count',
    requestsPerDay: 'count',
    batch: { either: ['flag', { fields: { size: 'count', maxInFlight: 'count' } }] },
  },
};
/** What may be said of a question: by stage, and of a model. */
const ASKING: Readonly<Record<string, Shape>> = {
  temperature: { either: ['number', 'nothing'] },
  maxTokens: 'count',
  reasoning: { either: ['word', 'count', 'nothing'] },
  seed: { either: ['whole', ['replicate'], 'nothing'] },
  sampling: { each: 'json' },
  transport: { each: 'json' },
};
const STAGE: Shape = {
  fields: {
    ...ASKING,
    minLines: 'number',
    truncation: ['reject', 'accept'],
    thoughts: ['keep', 'apart'],
    system: 'text',
  },
};
export const CONFIG: Shape = {
  fields: {
    dataRoot: 'text',
    templatesRoot: 'text',
    provider: 'text',
    baseURL: 'text',
    providers: { each: PROVIDER },
    models: {
      each: {
        fields: {
          ...ASKING,
          provider: 'text',
          pool: 'text',
          inputPrice: 'number',
          outputPrice: 'number',
          batchInputPrice: 'number',
          batchOutputPrice: 'number',
          tokensField: TOKENS_FIELD,
          system: { either: ['text', 'nothing'] },
        },
      },
    },
    stages: { fields: { draft: STAGE, essay: STAGE, evaluation: STAGE } },
    replication: ['catalog', 'spec'],
    pools: { each: POOL },
    confirmAbove: 'number',
    maxCost: 'number',
    parsers: {
      list: {
        fields: {
          name: 'text',
          stages: { list: ['draft', 'essay', 'evaluation'] },
          version: 'text',
          parse: 'function',
        },
      },
    },
    scorers: { list: { fields: { name: 'text', version: 'text', score: 'function' } } },
    timeouts: { fields: { call: 'positive', idle: 'positive', remote: 'positive' } },
    remote: REMOTE,
    reports: { fields: { perfectScore: 'number' } },
    families: { each: 'text' },
    watch: { fields: { settle: 'number', poll: 'flag', scan: 'positive', sweep: 'positive' } },
  },
};
