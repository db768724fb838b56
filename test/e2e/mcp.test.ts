// The project for agents: what its tools give, page by page; that a build answers at once and spends nothing that was not allowed; and the
// protocol over standard input and output.
import { describe, expect, it, onTestFinished } from 'vitest';
import { openProject } from '../../src/api.ts';
import { toolsOf, type Tool } from '../../src/mcp/tools.ts';
import { Builds, type BuildNews } from '../../src/ui/builds.ts';
import { startFakeProvider } from '../support/fakeprovider.ts';
import { CONFIG_FILE, kiteAnswer, makeKite, settingsFor } from '../support/kite.ts';
import { sampleWith, type TestProject } from '../support/project.ts';

const MODELS = `id,model,provider,display_name,specialization,input_price,output_price,pool
w1,lab/w1,lab,W1,gen,10,10,
w2,lab/w2,lab,W2,gen,10,10,
j1,lab/j1,lab,J1,judge,10,10,
`;

interface Agent {
  readonly ask: (name: string, given?: object) => Promise<Readonly<Record<string, unknown>>>;
  /** Resolves once the build has ended. */
  readonly ended: Promise<unknown>;
}

async function agentOf(files: TestProject, maxCost = 0): Promise<Agent> {
  const project = await openProject({ root: files.root });
  const view = await project.view();
  onTestFinished(async () => {
    await view.close();
    await project.close();
  });
  let hear: (news: BuildNews) => void = () => {};
  const ended = new Promise<unknown>((resolve) => {
    hear = (news) => (news.state === 'ended' ? resolve(news) : undefined);
  });
  const builds = new Builds({ project, view, maxCost, now: () => Date.now(), listen: (news) => hear(news) });
  const tools = new Map(toolsOf(project, view, builds).map((tool): [string, Tool] => [tool.name, tool]));
  return {
    ended,
    ask: async (name, given = {}) => (await tools.get(name)?.run(given)) as Readonly<Record<string, unknown>>,
  };
}

describe('what an agent asks', () => {
  it('is answered 50 rows at a time, and a wrong argument with what is wrong', async () => {
    const { ask } = await agentOf(sampleWith());
    const seen: unknown[] = [];
    for (let cursor: unknown = '0'; typeof cursor === 'string';) {
      const page = await ask('plan', { cursor });
      expect(page).toMatchObject({ type: 'plan', total: 116, toRun: 116 });
      const rows = page['generations'] as { genId: string }[];
      expect(rows.length).toBeLessThanOrEqual(50);
      seen.push(...rows.map(({ genId }) => genId));
      cursor = page['cursor'];
    }
    expect(new Set(seen).size).toBe(116);
    const [id] = seen;
    expect(await ask('why', { id })).toMatchObject({ type: 'why', verdict: { state: 'missing' } });
    expect(await ask('status')).toMatchObject({ type: 'status', total: 116, holder: null, cursor: null });
    expect(await ask('show', { id, file: 'prompt' })).toMatchObject({
      type: 'show',
      file: 'prompt',
      text: null,
    });
    expect(await ask('scores', { order: 'worst' })).toMatchObject({ type: 'scores', total: 12 });
    await expect(ask('show', { id: 'e_none' })).rejects.toThrow('e_none');
    for (const [name, given, wrong] of [
      ['show', {}, 'id is missing'],
      ['plan', { cursor: 'x' }, 'the cursor is none'],
      ['build', { maxCost: 100 }, 'no argument maxCost'],
      ['build', { select: 'stage:draft' }, 'select'],
    ] as const)
      await expect(ask(name, given)).rejects.toThrow(wrong);
  });

  it('is told of what is on disk when it asks: what was edited before it came, and what it has just saved', async () => {
    const files = sampleWith();
    const built = await openProject({ root: files.root });
    await built.build().report;
    await built.close();
    const essay = files.files('data/gens/essay').find((name) => name.endsWith('parsed.txt'));
    files.write(essay ?? '', 'Another text.\n');
    const { ask } = await agentOf(files);
    expect(await ask('status')).toMatchObject({ states: { edited: 1, stale: 8 } });
    expect(await ask('plan')).toMatchObject({ toRun: 8 });
    files.write('templates/draft/rolling-thread.txt', 'Think of {{ concepts[0].name }}.\n');
    const { toRun } = await ask('plan', { select: ['stage:draft'] });
    expect(toRun).toBe(4);
  });

  it('is built when it costs nothing, and its run says so', async () => {
    const { ask, ended } = await agentOf(sampleWith());
    expect(await ask('run')).toMatchObject({ type: 'run', run: null, state: 'none' });
    expect(await ask('build', { select: ['stage:draft'] })).toMatchObject({ run: '1', state: 'planning' });
    await ended;
    expect(await ask('run')).toMatchObject({
      run: '1',
      state: 'ended',
      built: 8,
      record: expect.any(String),
    });
  });

  it('asks no paid model where the server was started without a cap', async () => {
    const server = await startFakeProvider({ answer: kiteAnswer, cost: () => 0.01 });
    onTestFinished(() => server.close());
    const files = { [CONFIG_FILE]: settingsFor(server.url), 'data/1_raw/llm_models.csv': MODELS };
    const { ask, ended } = await agentOf(makeKite(undefined, files));
    await ask('build');
    await ended;
    expect(await ask('run')).toMatchObject({ state: 'ended', built: 0, cost: 0, remaining: 0 });
    expect(server.requests).toHaveLength(0);
  });
});

describe('daydream mcp', () => {
  it('speaks the protocol on standard output and nothing else, and ends with its input', async () => {
    const lines = [
      {
        id: 1,
        method: 'initialize',
        params: { protocolVersion: '2025-06-18', capabilities: {}, clientInfo: { name: 't', version: '1' } },
      },
      { method: 'notifications/initialized' },
      { id: 2, method: 'tools/list' },
    ];
    const input = lines.map((line) => `${JSON.stringify({ jsonrpc: '2.0', ...line })}\n`).join('');
    const { code, stdout } = await sampleWith().run(['mcp'], { input });
    const replies = stdout
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as { id: number; result: object });
    expect(replies.map(({ id }) => id)).toEqual([1, 2]);
    const { tools } = (replies[1] ?? { result: {} }).result as {
      tools: { name: string; annotations: { readOnlyHint: boolean } }[];
    };
    expect(tools.map(({ name, annotations }) => [name, annotations.readOnlyHint])).toEqual([
      ['status', true],
      ['plan', true],
      ['why', true],
      ['show', true],
      ['scores', true],
      ['build', false],
      ['run', false],
    ]);
    expect(code).toBe(0);
  });
});
