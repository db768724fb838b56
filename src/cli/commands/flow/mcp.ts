// daydream mcp: the project for agents, over standard input and output, until they go.
import { PROVIDER, type Invocation, type CommandSpec } from '../../call/command.ts';
import type { ExitCode } from '../../call/exitcode.ts';

export const command: CommandSpec = {
  words: '',
  options: [
    {
      flags: '--max-cost <usd>',
      text: 'builds that agents ask for may spend so much together; nothing without it',
    },
    PROVIDER,
  ],
  examples: ['mcp', 'mcp --max-cost 1'],
  run: mcp,
};

async function mcp(call: Invocation): Promise<ExitCode> {
  const { options, stopping, commandLine } = call;
  const stopped = new Promise<void>((resolve) => stopping.listen(() => resolve()));
  const [{ Project }, { Builds }, { serveTools }, { toolsOf }] = await Promise.all([
    import('../../../api/project.ts'),
    import('../../../ui/builds.ts'),
    import('../../../mcp/serving.ts'),
    import('../../../mcp/tools.ts'),
  ]);
  const { root, dataRoot, provider } = await call.load();
  const project = await Project.open({ root, dataRoot, provider, name: commandLine });
  const view = await project.view();
  const maxCost = options.number('max-cost') ?? 0;
  const builds = new Builds({ project, view, maxCost, now: () => Date.now(), listen: () => {} });
  const serving = serveTools(toolsOf(project, view, builds));
  try {
    const gone = serving.ended.then((): ExitCode => 0);
    return await Promise.race([gone, stopped.then((): ExitCode => 130)]);
  } finally {
    await serving.close();
    await view.close();
    await project.close();
  }
}
