// Several providers in one build, each asked as it wants to be asked; what is said of models, narrower before wider; and what decides
// an answer's address.
import { afterEach, describe, expect, it } from 'vitest';
import { CONFIG_FILE, configFor, makeKite, settingsFor, type Kite } from '../support/kite.ts';
import type { Ended } from '../support/program.ts';
import {
  json,
  piece,
  startServer,
  stream,
  TEXT,
  whole,
  type Body,
  type Server,
} from '../support/providerreplies.ts';

const MODELS = 'data/1_raw/llm_models.csv';
const servers: Server[] = [];
afterEach(async () => {
  for (const server of servers.splice(0)) await server.close();
});

const refuse = (name: string): Body => ({
  error: { message: `Unsupported parameter: '${name}' is not supported with this model.`, param: name },
});

/** A server that takes no request with one of these fields; each answer is another. */
async function refusing(...names: readonly string[]): Promise<Server> {
  const server = await startServer((body, response, before) => {
    const refused = names.find((name) => Object.hasOwn(body, name) && body[name] !== false);
    if (refused !== undefined) return json(response, refuse(refused), 400);
    const text = `${TEXT}.${before}`;
    if (body['stream'] === true)
      return stream(response, [piece({ content: text }), piece({}, 'stop', { usage: { cost: 0.001 } })]);
    return json(response, whole({ content: text }));
  });
  servers.push(server);
  return server;
}

const everything = ({ stdout, stderr }: Ended): string => stdout + stderr;
const build = (kite: Kite, ...words: readonly string[]): Promise<Ended> =>
  kite.run(['build', '--yes', ...words]);
const fieldsOf = ({ bodies }: Server): readonly string[] =>
  [...new Set(bodies.flatMap((body) => Object.keys(body)))].sort();

describe('two providers in one build', () => {
  it('are each asked in their own way, whoever the catalog says serves a model', async () => {
    const [modern, strict] = [
      await refusing('max_tokens', 'temperature'),
      await refusing('stream_options', 'max_completion_tokens', 'seed'),
    ];
    const kite = makeKite(undefined, {
      [CONFIG_FILE]: JSON.stringify({
        provider: 'openai',
        providers: {
          openai: { baseURL: modern.url, temperature: false },
          mistral: { baseURL: strict.url },
        },
        stages: { essay: { seed: 'replicate' } },
      }),
      [MODELS]:
        'id,model,served_by,input_price,output_price\nw1,gpt,,1,1\nw2,large,mistral,1,1\nj1,gpt-judge,openai,1,1\n',
    });
    const ended = await build(kite);
    expect([ended.code, everything(ended)]).toEqual([0, expect.stringMatching(/\d+ model calls/) as string]);
    expect(fieldsOf(modern)).toEqual([
      'max_completion_tokens',
      'messages',
      'model',
      'stream',
      'stream_options',
    ]);
    expect(fieldsOf(strict)).toEqual([
      'max_tokens',
      'messages',
      'model',
      'random_seed',
      'stream',
      'temperature',
    ]);
    expect(new Set(strict.bodies.map(({ model }) => model))).toEqual(new Set(['large']));
    const { length } = [...modern.bodies, ...strict.bodies];
    expect(everything(ended)).toContain(`${length} model calls`);
    expect((await kite.check()).code).toBe(0);
  });

  it('are told apart by name: one that there is not is a mistake in its cell', async () => {
    const kite = makeKite('http://127.0.0.1:9/v1', {
      [MODELS]: 'id,model,served_by\nw1,a,mistrl\nw2,b,\nj1,c,\n',
    });
    const ended = await kite.run(['plan']);
    expect(ended.code).toBe(2);
    expect(everything(ended)).toMatch(/DD110.*served by mistrl.*did you mean "mistral"/s);
    expect(everything(ended)).toContain('llm_models.csv:2');
  });
});

describe('a setting', () => {
  const withSettings = (url: string, more: Readonly<Record<string, unknown>>): Kite =>
    makeKite(undefined, { [CONFIG_FILE]: settingsFor(url, more) });

  it('that the provider ignores is a warning, once', async () => {
    const server = await refusing();
    const kite = makeKite(undefined, {
      [CONFIG_FILE]: JSON.stringify({
        provider: 'anthropic',
        providers: { anthropic: { baseURL: server.url } },
        stages: { draft: { seed: 7 }, essay: { seed: 7 } },
      }),
    });
    const ended = await build(kite);
    expect([ended.code, everything(ended).match(/DD180/g)?.length]).toEqual([0, 1]);
    expect(everything(ended)).toContain('provider anthropic ignores seed');
  });

  it('that is refused is named with the line that leaves it out, and that line is heeded', async () => {
    const server = await refusing('temperature');
    const kite = withSettings(server.url, {});
    expect(everything(await build(kite))).toContain(
      'in daydream.config.ts: models: { "w1": { temperature: null } }',
    );
    kite.write(CONFIG_FILE, settingsFor(server.url, { models: { '*': { temperature: null } } }));
    expect((await build(kite, '--retry', 'all')).code).toBe(0);
    const trace = JSON.parse(kite.read(`${kite.folder('A:d-one')}/metadata.json`)) as {
      readonly trace: { readonly generate: { readonly parts: Body } };
    };
    expect(Object.keys(trace.trace.generate.parts)).not.toContain('temperature');
  });

  it('without a value is as if it did not stand there', async () => {
    const server = await refusing();
    const kite = makeKite(undefined, {
      'daydream.config.ts': configFor(
        server.url,
        `stages: { draft: { temperature: undefined, maxTokens: undefined, minLines: undefined, sampling: { top_p: undefined } } },
         models: { w1: { seed: undefined, sampling: undefined }, w9: undefined }, timeouts: { call: undefined },`,
      ),
    });
    expect((await build(kite, 'stage:draft')).code).toBe(0);
    expect(server.bodies[0]).toMatchObject({ temperature: 0.7, max_tokens: 20_480 });
    expect(fieldsOf(server)).toEqual(['max_tokens', 'messages', 'model', 'stream', 'temperature']);
  });

  it('of the model wins over the one of its row, and that over the one of the stage', async () => {
    const server = await refusing();
    const kite = makeKite(undefined, {
      [CONFIG_FILE]: settingsFor(server.url, {
        stages: {
          draft: {
            temperature: 0.1,
            reasoning: 'low',
            seed: 'replicate',
            sampling: { top_p: 0.1, top_k: 9 },
          },
        },
        models: { w2: { temperature: 0.3, reasoning: null, maxTokens: 77, sampling: { top_k: null } } },
      }),
      [MODELS]:
        'id,model,input_price,output_price,temperature,max_tokens,reasoning,seed,sampling\n' +
        'w1,one,1,1,,,,,\nw2,two,1,1,0.2,66,high,5,"{""top_p"": 0.2}"\nj1,three,1,1,none,,,,\n',
    });
    expect((await build(kite)).code).toBe(0);
    const sent = (model: string): Body =>
      server.bodies.find((body) => body['model'] === model && JSON.stringify(body).includes('top_p')) ?? {};
    expect(sent('one')).toMatchObject({
      temperature: 0.1,
      reasoning_effort: 'low',
      seed: 1,
      top_p: 0.1,
      top_k: 9,
    });
    expect(sent('two')).toMatchObject({ temperature: 0.3, seed: 5, max_tokens: 77, top_p: 0.2 });
    expect(Object.keys(sent('two'))).not.toContain('reasoning_effort');
    expect(Object.keys(sent('two'))).not.toContain('top_k');
    const judged = server.bodies.filter(({ model }) => model === 'three');
    expect(judged.flatMap((body) => Object.keys(body))).not.toContain('temperature');
  });

  it('of the way is sent and recorded, and asks nothing again', async () => {
    const server = await refusing();
    const kite = withSettings(server.url, {});
    expect((await build(kite)).code).toBe(0);
    const config = settingsFor(server.url, { stages: { essay: { transport: { service_tier: 'flex' } } } });
    kite.write(CONFIG_FILE, config);
    expect((await kite.check()).code).toBe(0);
    expect((await build(kite, 'stage:essay', '--force')).code).toBe(0);
    expect(server.bodies.at(-1)).toMatchObject({ service_tier: 'flex' });
    expect(JSON.parse(kite.read(`${kite.folder('A:d-one/e-llm')}/raw_metadata.json`))).toMatchObject({
      transport: { service_tier: 'flex' },
    });
  });

  it('makes stale what it decides the text of, and nothing where it says what holds anyway or decides price and way', async () => {
    const server = await refusing();
    const kite = makeKite(undefined, { [CONFIG_FILE]: settingsFor(server.url) });
    expect((await build(kite, 'stage:draft')).code).toBe(0);
    const staleAfter = async (places: readonly Body[]): Promise<readonly Body[]> => {
      const stale: Body[] = [];
      for (const place of places)
        for (const where of [{ stages: { draft: place } }, { models: { w1: place } }]) {
          kite.write(CONFIG_FILE, settingsFor(server.url, where));
          if ((await kite.check('stage:draft')).code !== 0) stale.push(where);
        }
      return stale;
    };
    const same = [
      ...[{ temperature: 0.7 }, { maxTokens: 20_480 }, { seed: null }, { reasoning: null }, { sampling: {} }],
      ...[
        { system: '' },
        { system: ' \n' },
        { transport: { service_tier: 'flex', provider: { order: ['x'] } } },
      ],
    ];
    expect(await staleAfter(same)).toEqual([]);
    const others = [
      ...[
        { temperature: 0 },
        { temperature: null },
        { maxTokens: 20_479 },
        { seed: 0 },
        { seed: 'replicate' },
      ],
      ...[{ reasoning: 'low' }, { sampling: { top_p: 1 } }, { system: 'Be brief.' }],
    ];
    expect(await staleAfter(others)).toHaveLength(2 * others.length);
    for (const rule of [
      { inputPrice: 9, outputPrice: 9 },
      { tokensField: 'max_completion_tokens' },
      { pool: 'p' },
    ]) {
      kite.write(CONFIG_FILE, settingsFor(server.url, { models: { w1: rule } }));
      expect([rule, (await kite.check('stage:draft')).code]).toEqual([rule, 0]);
    }
  });

  it.each([
    ['stages', { draft: { transport: { top_p: 1 } } }, 'stages.draft.transport.top_p'],
    ['models', { w1: { sampling: { temperature: 1 } } }, 'models.w1.sampling.temperature'],
    ['stages', { draft: { seed: 1, sampling: { seed: 2 } } }, 'stages.draft.sampling.seed'],
    ['models', { w1: { reasoning: 'low', sampling: { thinking: {} } } }, 'models.w1.sampling.thinking'],
  ])('in the wrong place under %s is said', async (name, value, path) => {
    const kite = withSettings('http://127.0.0.1:9/v1', { [name]: value });
    const ended = await kite.run(['plan']);
    expect([ended.code, everything(ended)]).toEqual([2, expect.stringContaining(path) as string]);
    expect(everything(ended)).toContain('DD179');
  });

  it('of reasoning that the provider has no words for is said', async () => {
    const kite = withSettings('http://127.0.0.1:9/v1', { models: { w1: { reasoning: 2000 } } });
    const ended = await kite.run(['plan']);
    expect([ended.code, everything(ended)]).toEqual([2, expect.stringContaining('DD182') as string]);
    expect(everything(ended)).toContain('daydream.config.json (models.w1.reasoning)');
    kite.write(MODELS, 'id,model,reasoning\nw1,one,\nw2,two,2000\nj1,three,\n');
    kite.write(CONFIG_FILE, settingsFor('http://127.0.0.1:9/v1', { stages: { draft: { reasoning: 5 } } }));
    const others = everything(await kite.run(['plan']));
    expect(others).toContain('daydream.config.json (stages.draft.reasoning)');
    expect(others).toContain('llm_models.csv:3 (reasoning)');
  });
});

describe('models try', () => {
  it('says the price, then who answers, in what time, at what cost, and what is refused with the line to write', async () => {
    const server = await refusing('max_tokens', 'temperature');
    const kite = makeKite(undefined, {
      [CONFIG_FILE]: settingsFor(server.url),
      [MODELS]: 'id,model,input_price,output_price\nw1,one,1,2\nw2,two,1,2\nj1,three,1,2\n',
    });
    const ended = await kite.run(['models', 'try', 'w1', 'j1']);
    expect(ended.code).toBe(1);
    expect(ended.stderr).toMatch(/one tiny question to 2 models: up to \$0\.00/);
    expect(ended.stdout).toContain('w1: answered "A first line.');
    expect(ended.stdout).toMatch(/s, \$0\.0010 \(billed\), 100 prompt tokens, \d+ estimated/);
    expect(ended.stdout).toContain(`models: { "w1": { tokensField: 'max_completion_tokens' } }`);
    expect(ended.stdout).toContain('models: { "j1": { temperature: null } }');
    expect(server.bodies).toHaveLength(6);
    const costs = JSON.parse((await kite.run(['cost', '--json'])).stdout) as { total: Body };
    expect(costs.total).toMatchObject({ cost: 0.002, replies: 2, unpriced: 0 });
    expect(kite.files('data').filter((path) => path.includes('gens/'))).toEqual([]);
  });

  it('asks nobody at a price that nobody knows, until somebody says yes', async () => {
    const server = await refusing();
    const kite = makeKite(undefined, {
      [CONFIG_FILE]: settingsFor(server.url),
      [MODELS]: 'id,model\nw1,one\nw2,two\nj1,three\n',
    });
    const refused = await kite.run(['models', 'try', 'w1']);
    expect([refused.code, server.bodies.length]).toEqual([2, 0]);
    expect(everything(refused)).toContain('DD111');
    expect(everything(refused)).not.toContain('--max-cost');
    expect((await kite.run(['models', 'try', 'w1', '--yes'])).code).toBe(0);
    expect(server.bodies).toHaveLength(1);
  });

  it('tells of a server that cuts prompts without a word', async () => {
    const server = await startServer((_body, response) =>
      json(
        response,
        whole({ content: 'ready' }, 'stop', { usage: { prompt_tokens: 2048, completion_tokens: 1 } }),
      ),
    );
    servers.push(server);
    const kite = makeKite(undefined, {
      [CONFIG_FILE]: JSON.stringify({ provider: 'ollama', providers: { ollama: { baseURL: server.url } } }),
      [MODELS]: 'id,model,input_price,output_price\nw1,one,0,0\nw2,two,0,0\nj1,three,0,0\n',
    });
    const ended = await kite.run(['models', 'try', 'w1']);
    expect(everything(ended)).toMatch(/DD684.*one counted 2048 tokens of a prompt that has about \d{4}/s);
  });

  it.each(['0', '1'])('tells of cut prompts of a server of any name, at a price of %s too', async (price) => {
    const server = await startServer((_body, response) =>
      json(
        response,
        whole({ content: 'ready' }, 'stop', { usage: { prompt_tokens: 3, completion_tokens: 1 } }),
      ),
    );
    servers.push(server);
    const kite = makeKite(undefined, {
      [CONFIG_FILE]: settingsFor(server.url),
      [MODELS]: `id,model,input_price,output_price\nw1,one,${price},1\nw2,two,0,0\nj1,three,0,0\n`,
    });
    const ended = await kite.run(['models', 'try', 'w1', 'j1', '--yes']);
    expect(everything(ended)).toMatch(/DD684.*one counted 3 tokens of a prompt that has about \d\n/s);
    expect(everything(ended)).toMatch(/DD684.*three counted 3 tokens of a prompt that has about \d{4}/s);
  });

  it('names whatever the config had sent along, and goes on where no stream is taken', async () => {
    const server = await refusing('chat-template', 'route', 'stream', 'temperature');
    const kite = makeKite(undefined, {
      [CONFIG_FILE]: settingsFor(server.url, {
        models: { w1: { sampling: { 'chat-template': 'x' }, transport: { route: 'y' } } },
      }).replace('"stream":false', '"stream":true'),
    });
    const ended = await kite.run(['models', 'try', 'w1', '--yes']);
    const told = (text: string): string => `in daydream.config.ts: ${text}`;
    expect(everything(ended)).toContain(told('models: { "w1": { sampling: { "chat-template": null } } }'));
    expect(everything(ended)).toContain(told('models: { "w1": { transport: { route: null } } }'));
    expect(everything(ended)).toContain(told('providers: { "lab": { stream: false } }'));
    expect(everything(ended)).toContain(told('models: { "w1": { temperature: null } }'));
    expect(everything(ended)).toContain('w1: answered "');
  });

  it('names what a build finds out by itself too: usage that may not be asked for in a stream', async () => {
    const server = await refusing('stream_options');
    const kite = makeKite(undefined, {
      [CONFIG_FILE]: settingsFor(server.url).replace('"stream":false', '"stream":true'),
    });
    const ended = await kite.run(['models', 'try', 'w1', '--yes']);
    expect(everything(ended)).toContain(
      'refuses stream_options; in daydream.config.ts: providers: { "lab": { streamUsage: false } }',
    );
    expect([ended.code, server.bodies.length]).toEqual([1, 2]);
  });

  it('leaves a budget of thoughts its room, and says what was billed of what is no answer', async () => {
    const server = await startServer((body, response) => {
      const { thinking, max_tokens: most } = body as {
        thinking: { budget_tokens: number };
        max_tokens: number;
      };
      if (body['model'] === 'lost') return stream(response, [piece({ content: 'Hal' })], { end: '' });
      if (most <= thinking.budget_tokens)
        return json(
          response,
          { error: { message: 'max_tokens must be greater than thinking.budget_tokens' } },
          400,
        );
      return json(response, {
        error: { code: 502, message: 'gone' },
        choices: [],
        usage: { completion_tokens: 5, cost: 0.25 },
      });
    });
    servers.push(server);
    const kite = makeKite(undefined, {
      [CONFIG_FILE]: settingsFor(server.url, { stages: { draft: { reasoning: 2000 } } }).replace(
        '"stream"',
        '"reasoning":"thinking","stream"',
      ),
      [MODELS]: 'id,model,input_price,output_price\nw1,one,1,1\nw2,lost,1,1\nj1,three,1,1\n',
    });
    const ended = await kite.run(['models', 'try', 'w1', 'w2']);
    expect(ended.stdout).toMatch(/^w1: one: gone.*\n {2}\d\S* s, \$0\.2500 \(billed\)$/m);
    expect(ended.stdout).toMatch(/^w2: lost: .*\n {2}\d\S* s, unknown$/m);
    expect(server.bodies[0]).toMatchObject({ max_tokens: 2500, thinking: { budget_tokens: 2000 } });
    const { stdout } = await kite.run(['models', 'try', 'w1', 'w2', '--json']);
    expect(JSON.parse(stdout)).toMatchObject({
      models: [{ cost: 0.25, costFrom: 'provider', costUnknown: false }, { costUnknown: true }],
    });
  });

  it('asks nothing at a price that nobody knows under the cap of the config, whoever says yes', async () => {
    const server = await refusing();
    const kite = makeKite(undefined, {
      [CONFIG_FILE]: settingsFor(server.url, { maxCost: 1 }),
      [MODELS]: 'id,model,input_price,output_price\nw1,one,,\nw2,two,1,1\nj1,three,1,1\n',
    });
    const ended = await kite.run(['models', 'try', 'w1', 'w2', '--yes']);
    expect([ended.code, server.bodies.length]).toEqual([2, 0]);
    expect(ended.stderr).toMatch(
      /2 models: up to \$0\.00\d+, and an unknown sum: no price for w1\n[^]*DD602/,
    );
  });

  it('counts an answer whose price nobody knows as that', async () => {
    const server = await startServer((_body, response) =>
      json(response, whole({ content: 'ready' }, 'stop', { usage: { prompt_tokens: 9 } })),
    );
    servers.push(server);
    const kite = makeKite(undefined, {
      [CONFIG_FILE]: settingsFor(server.url),
      [MODELS]: 'id,model\nw1,one\nw2,two\nj1,three\n',
    });
    expect((await kite.run(['models', 'try', 'w1', '--yes'])).code).toBe(0);
    const costs = JSON.parse((await kite.run(['cost', '--json'])).stdout) as { total: Body };
    expect(costs.total).toMatchObject({ cost: 0, replies: 1, unpriced: 1 });
  });
});

describe('a system prompt', () => {
  const BESIDE = 'data/1_raw/templates/draft/d-one.system.txt';
  const messages = ({ bodies }: Server): readonly (readonly Body[])[] =>
    bodies.map(({ messages: sent }) => sent as readonly Body[]);

  it('lies beside a template or stands in the config, is rendered, sent before the prompt, and decides the answer', async () => {
    const server = await refusing();
    const plain = settingsFor(server.url);
    const kite = makeKite(undefined, { [CONFIG_FILE]: plain });
    expect((await build(kite)).code).toBe(0);
    const before = { asked: server.bodies.length, raw: kite.read(`${kite.folder('A:d-one')}/raw.txt`) };
    expect(messages(server).every((sent) => sent.length === 1)).toBe(true);

    kite.write(BESIDE, 'You write of {{ concepts[0].name }}.\n');
    const check = await kite.check();
    expect([check.code, everything(check)]).toEqual([1, expect.stringContaining('template') as string]);
    expect((await build(kite, 'stage:draft')).code).toBe(0);
    expect(messages(server).slice(before.asked)).toEqual(
      ['Kite', 'Keel'].map((name) => [
        { role: 'system', content: `You write of ${name}.` },
        { role: 'user', content: expect.stringContaining('Use:') as string },
      ]),
    );
    const rendered = await kite.run(['render', kite.id('A:d-one')]);
    expect(rendered.stdout).toBe(kite.read(`${kite.folder('A:d-one')}/prompt.txt`));
    expect(rendered.stdout).toMatch(/^\[system: 18 characters\]\nYou write of Kite\.\n\[prompt\]\nUse:/);
    expect(rendered.stderr).toContain(
      'sent to lab with {"model":"lab/w1","temperature":0.7,"max_tokens":20480',
    );
    expect((await kite.run(['show', kite.id('A:d-one'), '--prompt'])).stderr).toContain('"max_tokens":20480');

    kite.remove(BESIDE);
    const asked = server.bodies.length;
    expect((await build(kite, 'stage:draft')).code).toBe(0);
    expect([server.bodies.length, kite.read(`${kite.folder('A:d-one')}/raw.txt`)]).toEqual([
      asked,
      before.raw,
    ]);

    kite.write(CONFIG_FILE, settingsFor(server.url, { stages: { essay: { system: 'Be brief.' } } }));
    expect((await build(kite)).code).toBe(0);
    const [again] = messages(server).slice(asked);
    expect(again?.[0]).toEqual({ role: 'system', content: 'Be brief.' });
    expect((await kite.check()).code).toBe(0);
  });

  it('with a mistake is said with its place', async () => {
    const kite = makeKite('http://127.0.0.1:9/v1', { [BESIDE]: 'For {{ nobody }}\n' });
    const ended = await kite.run(['plan']);
    expect([ended.code, everything(ended)]).toEqual([
      2,
      expect.stringContaining('d-one.system.txt') as string,
    ]);
  });
});
