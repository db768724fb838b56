// What of a provider's settings can be sent: addresses, headers, keys and settings in their places; and what is said of those that can not.
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { checkNames, checkSendable, type Sendable } from '../../../src/model/providers/checks.ts';
import { keyOf, keyProblems } from '../../../src/model/providers/keys.ts';
import { remedyFor } from '../../../src/model/providers/remedies.ts';
import {
  misplaced,
  trimmedKey,
  whyNoAddress,
  whyNoHeader,
  whyNoKey,
} from '../../../src/model/providers/sendable.ts';

describe('an address', () => {
  it.each([
    'http://127.0.0.1:1234/v1',
    'https://api.example.org',
    'HTTPS://x.org/v1/',
    'https://x.org/mymodels',
    'https://x.org/v1/models/v1',
    'https://me.services.ai.azure.com/models?api-version=2024-05-01-preview',
    'https://x.org/v1\r\n',
    'https://bücher.example/v1',
  ])('can be %s', (address) => {
    expect(whyNoAddress(address)).toBeUndefined();
  });

  it.each<[address: string, why: string]>([
    [
      'localhost:11434/v1',
      '"localhost:11434/v1" is no address that begins with http:// or https://, such as http://localhost:11434/v1',
    ],
    [
      'api.example.org',
      '"api.example.org" is no address that begins with http:// or https://, such as http://api.example.org',
    ],
    ...['ftp://x.org', 'xhttp://x.org', 'httpsx://x.org', '//x.org'].map((address): [string, string] => [
      address,
      `"${address}" is no address that begins with http:// or https://`,
    ]),
    ['', '"" is no address that begins with http:// or https://'],
    ['two words', '"two words" is no address that begins with http:// or https://'],
    ['x:99999/v1', '"x:99999/v1" is no address that begins with http:// or https://'],
    ['https://x.org/v1\u200b', 'it holds U+200B in place 17, which can not be seen: leave it out'],
    ['https://x\u00ad.org', 'it holds U+00AD in place 10, which can not be seen: leave it out'],
    ['https://x.org\u00a0', 'it holds U+00A0 in place 14, which can not be seen: leave it out'],
    ['\ufeffhttps://x.org', 'it holds U+FEFF in place 1, which can not be seen: leave it out'],
    ['https://x.org/v1#top', 'what begins with # is sent to no server: leave #top out'],
    ['https://x.org/v1/chat/completions', '/chat/completions comes after it by itself: leave it out'],
    ['https://x.org/v1/completions/', '/completions/ comes after it by itself: leave it out'],
    ['https://x.org/v1/models', '/models comes after it by itself: leave it out'],
    ['https://x.org/v1beta2/models/', '/models/ comes after it by itself: leave it out'],
    ['https://x.org/v1/responses', '/responses comes after it by itself: leave it out'],
  ])('can not be "%s"', (address, why) => {
    expect(whyNoAddress(address)).toBe(why);
  });

  it.each(['https://me@x.org', 'https://:word@x.org', 'https://me:word@x.org'])(
    'holds no user, who would not be sent (%s)',
    (address) => {
      expect(whyNoAddress(address)).toMatch(/^a user in an address is not sent/);
      expect(whyNoAddress(address)).not.toContain('word');
    },
  );
});

describe('a key', () => {
  it('is without the blanks and line ends round it', () => {
    expect(trimmedKey(' \t\r\nsk-1 2\n \r\t')).toBe('sk-1 2');
  });

  it.each<[key: string, why: string | undefined]>([
    ['sk-abc', undefined],
    [' sk-abc\n', undefined],
    ['', undefined],
    ['!~', undefined],
    ['sk abc', 'holds a space in place 3, which no key holds'],
    ['sk-abc\u200b', 'holds U+200B in place 7, which no key holds'],
    ['sk-\u200babc', 'holds U+200B in place 4, which no key holds'],
    ['\u00fcx', 'holds U+00FC in place 1, which no key holds'],
    ['a\u0007', 'holds U+0007 in place 2, which no key holds'],
    ['a😀b', 'holds U+1F600 in place 2, which no key holds'],
    ['a\u007f', 'holds U+007F in place 2, which no key holds'],
  ])('%j', (key, why) => {
    expect(whyNoKey(key)).toBe(why);
  });
});

describe('a header', () => {
  it.each([
    ['x-title', 'My title'],
    ["!#$%&'*+.^_`|~09AZaz-", ''],
    ['x', '\t ~\u0080\u00ff'],
  ])('can be %s: %j', (name, value) => {
    expect(whyNoHeader(name, value)).toBeUndefined();
  });

  it.each(['', 'x title', 'x:', 'ü', 'x\n', '(x', 'x)'])('has a name, which %j is not', (name) => {
    expect(whyNoHeader(name, 'x')).toBe('is no name of a header');
  });

  it.each(['a\nb', '\u0100', '\u007f', '\n', 'x\u0000', '😀'])('carries nothing like %j', (value) => {
    expect(whyNoHeader('x', value)).toBe('holds what a header can not carry');
  });
});

describe('a setting', () => {
  it.each(['temperature', 'max_tokens', 'model', 'messages', 'stream', 'stream_options', 'n'])(
    'that has a place of its own stands nowhere else: %s',
    (setting) => {
      for (const place of ['sampling', 'transport'] as const)
        expect(misplaced(place, { [place]: { [setting]: 1 } })).toEqual([
          [`${place}.${setting}`, expect.stringMatching(/\w/) as unknown],
        ]);
    },
  );

  it.each(
    'top_p top_k min_p seed stop reasoning reasoning_effort thinking response_format frequency_penalty presence_penalty repetition_penalty logit_bias tools tool_choice max_completion_tokens models plugins transforms verbosity chat_template_kwargs num_ctx functions function_call modalities web_search_options top_a random_seed safe_prompt prompt_mode options repeat_penalty enable_thinking thinking_budget typical_p min_tokens best_of stop_token_ids length_penalty structured_outputs guided_json guided_regex guided_choice guided_grammar grammar json_schema'.split(
      ' ',
    ),
  )('that decides the text stands under sampling: %s', (setting) => {
    expect(misplaced('sampling', { sampling: { [setting]: 1 } })).toEqual([]);
    expect(misplaced('transport', { transport: { [setting]: 1 } })).toEqual([
      [`transport.${setting}`, 'it decides the text, so it stands under sampling'],
    ]);
  });

  it.each([
    ['seed', { seed: 4 }, ['seed']],
    ['reasoning', { reasoning: 'low' }, ['reasoning', 'reasoning_effort', 'thinking']],
  ] as const)('is said once: as %s beside sampling, or in it', (own, said, names) => {
    const sampling = Object.fromEntries([...names, 'top_p'].map((name) => [name, 1]));
    expect(misplaced('sampling', { ...said, sampling })).toEqual(
      names.map((name) => [`sampling.${name}`, `\`${own}\` beside sampling says it`]),
    );
    for (const nothing of [{}, { [own]: null }])
      expect(misplaced('sampling', { ...nothing, sampling })).toEqual([]);
    expect(misplaced('transport', { ...said, transport: sampling }).map(([, why]) => why)).toEqual(
      [...names, 'top_p'].map(() => 'it decides the text, so it stands under sampling'),
    );
  });

  it('that has words of its own says them where they are known', () => {
    const word = ['sampling.seed', 'only `seed` beside sampling knows that word'];
    expect(misplaced('sampling', { sampling: { seed: 'replicate' } })).toEqual([word]);
    const more = { reasoning: 'high', sampling: { seed: 'replicate', thinking: 1 } };
    expect(misplaced('sampling', more)).toEqual([
      word,
      ['sampling.thinking', '`reasoning` beside sampling says it'],
    ]);
  });

  it('may be any other, or none', () => {
    expect(misplaced('transport', { transport: { service_tier: 'flex', provider: {} } })).toEqual([]);
    expect(misplaced('sampling', {})).toEqual([]);
    expect(misplaced('sampling', { transport: { top_p: 1 } })).toEqual([]);
  });
});

describe('problems of a config', () => {
  const place = { file: 'daydream.config.ts' };
  const check = (settings: Partial<Sendable>) =>
    checkSendable({ providers: {}, stages: {}, models: {}, ...settings }, place).map(
      ({ code, message, place: at }) => [code, message, at?.field, at?.file],
    );
  const provider = (baseURL: string, headers = {}) => ({ baseURL, headers });

  it('are none where all can be sent', () => {
    expect(
      check({
        providers: { lab: provider('https://x.org', { 'x-a': 'b' }) },
        stages: { draft: { sampling: { top_p: 1 } } },
        models: { m: { transport: { service_tier: 'flex' } }, n: {} },
      }),
    ).toEqual([]);
  });

  it('are warnings of what decides the price or the way and stands among what decides the text', () => {
    const settings = { stages: { draft: { sampling: { top_p: 1, service_tier: 'flex', provider: {} } } } };
    expect(checkSendable({ providers: {}, models: {}, ...settings }, place)).toMatchObject([
      { code: 'DD181', severity: 'warning', place: { field: 'stages.draft.sampling.service_tier' } },
      {
        message:
          'stages.draft.sampling.provider decides the price or the way, and no text: it belongs under transport',
      },
    ]);
  });

  it('name the setting, and the file', () => {
    expect(
      check({
        providers: { lab: provider('x y', { 'x:': 'a' }) },
        stages: { draft: { sampling: { n: 2 } } },
        models: { m: { transport: { seed: 1 } } },
      }),
    ).toEqual([
      [
        'DD177',
        'providers.lab.baseURL: "x y" is no address that begins with http:// or https://',
        'providers.lab.baseURL',
        'daydream.config.ts',
      ],
      [
        'DD178',
        'providers.lab.headers.x: is no name of a header',
        'providers.lab.headers.x:',
        'daydream.config.ts',
      ],
      [
        'DD179',
        'stages.draft.sampling.n is not sent: one answer is asked for at a time; replicates ask again',
        'stages.draft.sampling.n',
        'daydream.config.ts',
      ],
      [
        'DD179',
        'models.m.transport.seed is not sent: it decides the text, so it stands under sampling',
        'models.m.transport.seed',
        'daydream.config.ts',
      ],
    ]);
  });

  it('name the variable that holds OpenRouter’s address', () => {
    expect(check({ providers: { openrouter: provider('x y') } })[0]?.[1]).toMatch(
      /^OPENROUTER_BASE_URL, or baseURL: "x y"/,
    );
  });

  it('tell an address that is missing from one that is none', () => {
    expect(check({ providers: { lab: provider('') } })[0]?.[1]).toMatch(
      /^providers\.lab\.baseURL: it is missing, and only known providers need none: openrouter, openai,/,
    );
    expect(check({ providers: { openai: provider('') } })[0]?.[1]).toMatch(/"" is no address/);
  });
});

describe('names of providers', () => {
  const settings = {
    provider: 'lab',
    providers: { lab: {}, other: {} },
    models: { m: { provider: 'other' }, n: {} },
  };
  const at = { named: undefined, place: { file: 'config' } };

  it('are those of the config, and of who answers without being one', () => {
    expect(checkNames(settings, [], at)).toEqual([]);
    expect(checkNames({ ...settings, provider: 'offline' }, ['offline'], at)).toEqual([]);
  });

  it('that nobody has are problems, with the nearest', () => {
    const wrong = { ...settings, models: { m: { provider: 'othr' } } };
    expect(checkNames(wrong, ['offline'], at)).toMatchObject([
      {
        code: 'DD110',
        place: { file: 'config', field: 'models.m.provider' },
        data: { name: 'othr', known: ['offline', 'lab', 'other'] },
      },
    ]);
    expect(checkNames(wrong, ['offline'], at)[0]?.message).toMatch(
      /^there is no provider othr\W.*\bother\b.*: there are offline, lab, other$/,
    );
  });

  it('of the command line are told to be there', () => {
    const wrong = { ...settings, provider: 'lub' };
    expect(checkNames(wrong, [], { ...at, named: 'lub' })).toMatchObject([
      { place: { field: '--provider' } },
    ]);
    expect(checkNames(wrong, [], { ...at, named: 'lab' })).toMatchObject([{ place: { file: 'config' } }]);
  });
});

describe('keys out of the environment', () => {
  const providers = {
    lab: { apiKeyEnv: 'LAB_KEY' },
    openrouter: { apiKeyEnv: 'OPENROUTER_API_KEY' },
    open: {},
  };
  const keys = (environment: Readonly<Record<string, string>>) => ({
    settings: { root: '/p', providers },
    environment,
  });

  it('are sent without the blanks round them; who wants none has none', () => {
    const here = keys({ LAB_KEY: ' sk-1\n', '': 'nobody’s' });
    expect([
      keyOf(here, 'lab'),
      keyOf(here, 'openrouter'),
      keyOf(keys({}), 'open'),
      keyOf(keys({}), 'none'),
    ]).toEqual(['sk-1', '', '', '']);
  });

  it('that are missing are named, by provider, with where they belong', () => {
    expect(keyProblems(keys({}), new Set(['openrouter', 'open', 'lab']))).toMatchObject([
      {
        code: 'DD107',
        reason: 'missing_api_key',
        message: 'LAB_KEY is not set, and provider lab needs it',
        place: { file: '/p/.env', field: 'LAB_KEY' },
        data: { provider: 'lab', variable: 'LAB_KEY' },
      },
      { code: 'DD107', reason: 'missing_openrouter_api_key', data: { provider: 'openrouter' } },
    ]);
  });

  it('that are missing where .env can not be read have that as the reason', () => {
    const root = mkdtempSync(join(tmpdir(), 'daydream-keys-'));
    mkdirSync(join(root, '.env'));
    const found = keyProblems({ settings: { root, providers }, environment: {} }, ['lab']);
    rmSync(root, { recursive: true });
    expect(found).toMatchObject([
      { message: 'LAB_KEY is not set, and provider lab needs it; .env is a folder' },
    ]);
  });

  it('of blanks are missing, and such as can not be sent are told without them', () => {
    expect(keyProblems(keys({ LAB_KEY: ' \n' }), ['lab'])).toMatchObject([{ code: 'DD107' }]);
    const [problem, ...more] = keyProblems(keys({ LAB_KEY: 'sk secret' }), ['lab']);
    expect(problem).toMatchObject({
      code: 'DD178',
      message: 'LAB_KEY holds a space in place 3, which no key holds',
      place: { file: '/p/.env', field: 'LAB_KEY' },
    });
    expect([JSON.stringify(problem).includes('secret'), more]).toEqual([false, []]);
  });

  it('that are there are no problem', () => {
    expect(keyProblems(keys({ LAB_KEY: 'sk-1' }), ['lab', 'open', 'none'])).toEqual([]);
  });
});

describe('what to write where a setting is refused', () => {
  const asked = { modelId: 'w', provider: 'lab', transport: { service_tier: 'flex', 'a b': 1 } };

  it.each<[setting: string, line: string]>([
    ['temperature', 'models: { "w": { temperature: null } }'],
    ['max_tokens', `models: { "w": { tokensField: 'max_completion_tokens' } }`],
    ['max_completion_tokens', `models: { "w": { tokensField: 'max_tokens' } }`],
    ['stream', 'providers: { "lab": { stream: false } }'],
    ['stream_options', 'providers: { "lab": { streamUsage: false } }'],
    ['seed', 'models: { "w": { seed: null, sampling: { seed: null } } }'],
    ['random_seed', 'models: { "w": { seed: null, sampling: { random_seed: null } } }'],
    ['reasoning', 'models: { "w": { reasoning: null, sampling: { reasoning: null } } }'],
    ['reasoning_effort', 'models: { "w": { reasoning: null, sampling: { reasoning_effort: null } } }'],
    ['thinking', 'models: { "w": { reasoning: null, sampling: { thinking: null } } }'],
    ['service_tier', 'models: { "w": { transport: { service_tier: null } } }'],
    ['top_p', 'models: { "w": { sampling: { top_p: null } } }'],
    ['top2', 'models: { "w": { sampling: { top2: null } } }'],
    ['a.b', 'models: { "w": { sampling: { "a.b": null } } }'],
    ['a b', 'models: { "w": { transport: { "a b": null } } }'],
  ])('%s', (setting, line) => {
    expect(remedyFor(setting, asked)).toBe(line);
  });
});
