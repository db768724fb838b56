// The table of known providers, and what a config makes of it.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { KNOWN_PROVIDERS, providersIn, SOURCES } from '../../src/model/providers/known.ts';
import { whyNoAddress } from '../../src/model/providers/sendable.ts';

describe('known providers', () => {
  it('need no address', () => {
    expect(KNOWN_PROVIDERS).toEqual(
      'openrouter openai anthropic gemini mistral groq together deepseek xai ollama vllm lmstudio'.split(' '),
    );
    for (const [name, { baseURL, apiKeyEnv }] of Object.entries(providersIn({}))) {
      expect([name, whyNoAddress(baseURL)]).toEqual([name, undefined]);
      expect([name, apiKeyEnv === undefined]).toEqual([name, baseURL.startsWith('http://localhost')]);
    }
  });

  it('are each described on pages that the table and the docs name', () => {
    const docs = readFileSync(join(import.meta.dirname, '../../docs/providers.md'), 'utf8').split('\n');
    for (const name of KNOWN_PROVIDERS) {
      const pages = SOURCES[name] ?? [];
      expect(pages.length).toBeGreaterThan(0);
      const row = docs.find((line) => line.startsWith(`| \`${name}\``)) ?? '';
      expect(row.match(/https:\/\/[^)\s]+/g)).toEqual(pages);
    }
  });

  it('can be overridden in every part', () => {
    const { mistral } = providersIn({
      mistral: { streamUsage: true, headers: { a: 'b' }, apiKeyEnv: 'OTHER' },
    });
    expect(mistral).toMatchObject({
      baseURL: 'https://api.mistral.ai/v1',
      streamUsage: true,
      headers: { a: 'b' },
      apiKeyEnv: 'OTHER',
    });
  });

  it('keep their quirks at another address, and their key to themselves', () => {
    const { openai, anthropic } = providersIn({
      openai: { baseURL: 'http://127.0.0.1:9/v1' },
      anthropic: { baseURL: 'https://api.anthropic.com/v1/' },
    });
    expect(openai).toMatchObject({ tokensField: 'max_completion_tokens' });
    expect(openai).not.toHaveProperty('apiKeyEnv');
    expect(openai).not.toHaveProperty('batch');
    expect(anthropic).toMatchObject({ apiKeyEnv: 'ANTHROPIC_API_KEY' });
  });

  it('have their batches, whatever a config calls them, unless it says otherwise', () => {
    const { lab, openai, groq, xai } = providersIn({
      lab: { baseURL: 'https://openrouter.ai/api/v1/' },
      openai: { baseURL: 'https://api.groq.com/openai/v1' },
      groq: { baseURL: 'http://127.0.0.1:9/v1', batch: 'openrouter' },
      xai: { baseURL: 'https://openrouter.ai/api/v1', batch: 'openai' },
    });
    expect([lab, openai, groq, xai].map((each) => each?.batch)).toEqual([
      'openrouter',
      'openai',
      'openrouter',
      'openai',
    ]);
  });

  it('and no others: one of the config has what the config says', () => {
    expect(providersIn({ lab: { baseURL: 'http://127.0.0.1:9/v1' } })['lab']).toEqual({
      baseURL: 'http://127.0.0.1:9/v1',
      headers: {},
      stream: true,
      streamUsage: true,
      tokensField: 'max_tokens',
      temperature: true,
      reasoning: 'reasoning_effort',
      seedField: 'seed',
      ignores: [],
    });
    expect(providersIn({ lab: {} })['lab']).toMatchObject({ baseURL: '' });
  });
});
