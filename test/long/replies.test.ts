// What is built from replies as servers really send them: nothing from half of one, nothing asked twice that was paid for, and each
// oddity said in its own words.
import { afterEach, describe, expect, it } from 'vitest';
import { readLedger } from '../../src/store/ledger/ledger.ts';
import { CONFIG_FILE, makeKite, settingsFor, type Kite } from '../support/kite.ts';
import type { Ended } from '../support/program.ts';
import {
  json,
  startServer,
  TEXT,
  whole,
  type Answer,
  type Body,
  type Server,
} from '../support/providerreplies.ts';

let server: Server;
let kite: Kite;
afterEach(() => server.close());

/** A project whose whole cohort is answered in this way. */
async function begin(answer: Answer, more: Readonly<Record<string, unknown>> = {}): Promise<void> {
  server = await startServer(answer);
  kite = makeKite(undefined, { [CONFIG_FILE]: settingsFor(server.url, more) });
}

const build = (...words: readonly string[]): Promise<Ended> => kite.run(['build', '--yes', ...words]);
const everything = ({ stdout, stderr }: Ended): string => stdout + stderr;
/** Each call gets a text of its own: what is asked about equal texts is asked once. */
const answering =
  (
    finish: string,
    message: (number: number) => Body = (number) => ({ content: `${TEXT}.${number}` }),
  ): Answer =>
  (_body, response, number) =>
    json(response, whole(message(number), finish));

describe('half a reply', () => {
  it.each(['MAX_TOKENS', 'insufficient_system_resource', 'SAFETY', 'guardrail_intervened'])(
    'that ends with %s is paid for once, and nothing is made from it',
    async (word) => {
      await begin(answering(word, () => ({ content: 'Half a\nsentence\nand no' })));
      expect((await build()).code).toBe(1);
      expect((await build()).code).toBe(1);
      expect(server.bodies).toHaveLength(4);
      expect(kite.files('data/gens').filter((path) => path.endsWith('parsed.txt'))).toEqual([]);
    },
  );
});

describe('a reply that says nothing', () => {
  it('but what was thought is a cause of its own, and the thoughts are kept', async () => {
    await begin(answering('length', () => ({ content: null, reasoning_content: 'First I weigh it.' })));
    const ended = await build();
    expect([ended.code, server.bodies.length]).toEqual([1, 4]);
    expect(everything(ended)).toMatch(/DD681.*thought until its tokens were used up/s);
    expect(everything(ended)).toContain('Raise max_tokens');
    const kept = JSON.parse(kite.read(`${kite.folder('A:d-one')}/raw_metadata.json`)) as Body;
    expect(kept['thoughts']).toBe('First I weigh it.');
    expect(readLedger(kite.path('data/.daydream/calls.jsonl')).value).toMatchObject(
      Array.from({ length: 4 }, () => ({ outcome: 'only_thoughts', cost: 0.001 })),
    );
  });

  it('but calls a tool is another', async () => {
    await begin(answering('tool_calls', () => ({ tool_calls: [{ function: { name: 'f' } }] })));
    const ended = await build();
    expect([ended.code, server.bodies.length]).toEqual([1, 4]);
    expect(everything(ended)).toContain('DD682');
  });
});

it('a word that nobody knows is said once, and the replies are taken', async () => {
  await begin(answering('gong'));
  const ended = await build();
  expect(ended.code).toBe(0);
  expect(everything(ended).match(/DD683/g)).toHaveLength(1);
  expect(everything(ended)).toContain('lab/w1 ended a reply with "gong"');
});

it('a server that points elsewhere is asked no further, and the address is said', async () => {
  await begin((_body, response) => {
    response.writeHead(308, { location: 'https://api.example.org/v2/chat/completions' }).end();
  });
  const ended = await build('--concurrency', '1');
  expect([ended.code, server.bodies.length]).toEqual([1, 1]);
  expect(everything(ended)).toMatch(/DD677.*https:\/\/api\.example\.org\/v2 instead/s);
});

it('what a provider splits is added up', async () => {
  const usage = {
    prompt_tokens: 9,
    completion_tokens: 9,
    cost: 0,
    cost_details: { upstream_inference_cost: 0.02 },
  };
  await begin((_body, response, number) => {
    json(response, whole({ content: `${TEXT}.${number}` }, 'stop', { usage }));
  });
  expect(everything(await build())).toContain('spent $0.3800 for 19 calls');
});

it('what failed at calls that were billed is counted apart, and never as no call', async () => {
  const usage = { prompt_tokens: 9, completion_tokens: 0, cost: 0.003 };
  await begin((_body, response) => json(response, { error: { message: 'No', code: 400 }, usage }));
  const failed = everything(await build());
  expect(failed).toContain('spent $0.0120 for 4 generations whose calls failed (billed)');
  expect(failed).not.toContain('no call');
});

describe('what stands in the way', () => {
  it('is named: a folder where a file is to be written', async () => {
    await begin(answering('stop'));
    const ended = await kite.run(['export', '--out', 'data', '--format', 'csv']);
    expect(ended).toMatchObject({
      code: 2,
      stderr: expect.stringContaining('DD584 data: a folder stands where a file is wanted') as string,
    });
  });
});

describe('what can not be sent is said at once, and nobody is asked', () => {
  it.each<[string, Readonly<Record<string, unknown>>, string, string]>([
    [
      'an address without a scheme',
      { providers: { lab: { baseURL: '127.0.0.1:1/v1' } } },
      'DD177',
      'such as http://127.0.0.1:1/v1',
    ],
    [
      'a setting that has another place',
      { stages: { draft: { sampling: { temperature: 0 } } } },
      'DD179',
      'stages.draft.sampling.temperature',
    ],
    ['several answers at a time', { stages: { essay: { sampling: { n: 2 } } } }, 'DD179', 'sampling.n'],
    [
      'a header',
      { providers: { lab: { baseURL: 'http://127.0.0.1:1', headers: { 'x-title': 'Kite ☃' } } } },
      'DD178',
      'headers.x-title',
    ],
  ])('%s', async (_what, more, code, words) => {
    await begin(answering('stop'), more);
    const ended = await build();
    expect([ended.code, server.bodies.length], `${everything(ended)}`).toEqual([2, 0]);
    expect(everything(ended)).toContain(code);
    expect(everything(ended)).toContain(words);
  });

  it('a key that holds what can not be seen', async () => {
    await begin(answering('stop'));
    kite.write(CONFIG_FILE, settingsFor(server.url).replace('"stream"', '"apiKeyEnv":"LAB_KEY","stream"'));
    const key = 'sk-abc\u200Bdef0123456789';
    const ended = await kite.run(['build', '--yes', '--max-cost', '2'], { env: { LAB_KEY: key } });
    expect([ended.code, server.bodies.length]).toEqual([2, 0]);
    expect(everything(ended)).toMatch(/DD178.*LAB_KEY holds U\+200B in place 7/s);
    expect(everything(ended)).not.toContain('0123456789');
    const doctor = await kite.run(['doctor'], { env: { LAB_KEY: key } });
    expect(everything(doctor)).toMatch(/DD178.*LAB_KEY holds U\+200B in place 7/s);
    const plain = await kite.run(['build', '--yes'], { env: { LAB_KEY: ' sk-abcdef0123456789\n' } });
    expect(plain.code).toBe(0);
  });
});

describe('what nobody knows is never said to be nothing', () => {
  const MODELS = 'data/1_raw/llm_models.csv';
  const prices = (text: string): string =>
    `id,model,input_price,output_price\nw1,lab/w1,${text}\nw2,lab/w2,${text}\nj1,lab/j1,${text}\n`;
  const told = (usage: Body | undefined): Answer => {
    return (_body, response, number) =>
      json(response, whole({ content: `${TEXT}.${number}` }, 'stop', { usage }));
  };

  it('by a build, its record, and the ledger, where there is neither usage nor price', async () => {
    await begin(told(undefined));
    kite.write(MODELS, prices(','));
    const built = await build();
    expect(built.code).toBe(0);
    expect(everything(built)).toContain('spent: unknown for 19 calls');
    expect(everything(built)).toContain('5 answers from the cache (unknown)');
    const cost = everything(await kite.run(['cost']));
    expect(cost).toMatch(/lab\/j1.*unknown/);
    expect(cost).toContain('unknown for 19 replies');
    expect((await kite.run(['cost', '--format', 'csv'])).stdout).toMatch(/^lab\/w1,\d+,\d+,0,0,,\d+,0$/m);
    expect(everything(await kite.run(['runs']))).toMatch(/unknown/);
    expect(everything(await kite.run(['runs', 'show', 'last']))).toMatch(/spent +unknown/);
    expect([built, cost].map((each) => JSON.stringify(each)).join('')).not.toContain('$0 ');
  });

  it('and against a cap it is not asked', async () => {
    await begin(told(undefined));
    kite.write(MODELS, prices(','));
    const ended = await build('--max-cost', '5');
    expect([ended.code, server.bodies.length]).toEqual([2, 0]);
    expect(everything(ended)).toContain('DD602');
  });

  it('what is known of a sum is said to be the least of it', async () => {
    await begin((body, response, number) => {
      const usage = body['model'] === 'lab/j1' ? undefined : { cost: 0.01 };
      json(response, whole({ content: `${TEXT}.${number}` }, 'stop', { usage }));
    });
    kite.write(MODELS, prices(','));
    expect(everything(await build())).toMatch(
      /spent at least \$0\.0\d+ for 19 calls \(\$0\.0\d+ billed, \d+ replies at an unknown price\)/,
    );
  });

  it.each<[string, Body | undefined, string]>([
    ['billed', { prompt_tokens: 9, completion_tokens: 9, cost: 0.01 }, '(billed)'],
    ['counted from tokens', { prompt_tokens: 900, completion_tokens: 900 }, '(counted from tokens)'],
    ['estimated', undefined, '(estimated without them)'],
  ])('and what is known says how: %s', async (_what, usage, words) => {
    await begin(told(usage));
    kite.write(MODELS, prices('5,5'));
    expect(everything(await build())).toContain(words);
    expect(everything(await kite.run(['cost']))).toContain(words);
    expect(everything(await kite.run(['runs', 'show', 'last']))).toContain(words);
  });
});
