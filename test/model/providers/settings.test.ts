// What a config may say of a provider.
import { describe, expect, it } from 'vitest';
import { checkShape } from '../../../src/inputs/shape.ts';
import { PROVIDER } from '../../../src/model/providers/settings.ts';

const wrong = (value: unknown): readonly string[] =>
  checkShape(value, PROVIDER, { path: 'p', place: {} }).map(({ message }) => message);

const GOOD = {
  baseURL: 'http://localhost:8000/v1',
  apiKeyEnv: 'KEY',
  headers: { 'x-title': 'kite' },
  stream: true,
  streamUsage: false,
  tokensField: 'max_completion_tokens',
  temperature: false,
  ignores: ['seed'],
  reasoning: 'thinking',
  batch: 'openai',
};

describe('a provider of a config', () => {
  it('may say all that there is, or nothing', () => {
    expect(wrong(GOOD)).toEqual([]);
    expect(wrong({})).toEqual([]);
  });

  it.each([
    ['tokensField', 'max_tokens'],
    ['reasoning', 'reasoning'],
    ['reasoning', 'reasoning_effort'],
    ['batch', 'openrouter'],
  ])('may say of %s that it is %s', (name, value) => {
    expect(wrong({ ...GOOD, [name]: value })).toEqual([]);
  });

  it.each(Object.keys(GOOD))('is refused where %s is of another kind', (name) => {
    expect(wrong({ ...GOOD, [name]: 7 })).toHaveLength(1);
  });

  it('is refused where a list or a table holds another kind', () => {
    expect(wrong({ headers: { a: 1 } })).toHaveLength(1);
    expect(wrong({ ignores: [1] })).toHaveLength(1);
  });
});
