// Speaks the Model Context Protocol over standard input and output. Knows no tool.
import { Server } from '@modelcontextprotocol/server';
import { serveStdio } from '@modelcontextprotocol/server/stdio';
import { asQuestions } from '../api/request.ts';
import { ProblemError } from '../problem.ts';
import { TOOL_VERSION } from '../version.ts';
import { TAKES, type Tool } from './tools.ts';

export interface Serving {
  /** Resolves when whoever asked has gone. */
  readonly ended: Promise<void>;
  readonly close: () => Promise<void>;
}

export function serveTools(tools: readonly Tool[]): Serving {
  const ended = new Promise<void>((resolve) => process.stdin.once('end', resolve).once('close', resolve));
  const handle = serveStdio(() => serverOf(tools));
  return { ended, close: () => handle.close() };
}

function serverOf(tools: readonly Tool[]): Server {
  const server = new Server({ name: 'daydream', version: TOOL_VERSION }, { capabilities: { tools: {} } });
  server.setRequestHandler('tools/list', () => ({
    tools: tools.map(({ name, description, fields, needed, writes }) => ({
      name,
      description,
      inputSchema: {
        type: 'object' as const,
        properties: { ...fields },
        required: [...needed],
        additionalProperties: false,
      },
      annotations: { readOnlyHint: !writes, destructiveHint: false, openWorldHint: writes },
    })),
  }));
  server.setRequestHandler('tools/call', async ({ params }) => {
    const tool = tools.find(({ name }) => name === params.name);
    if (tool === undefined) return said({ problems: [{ message: `there is no tool ${params.name}` }] }, true);
    try {
      return said(await tool.run(params.arguments ?? {}), false);
    } catch (error) {
      const problems =
        error instanceof ProblemError
          ? asQuestions(error.problems, TAKES)
          : [{ message: error instanceof Error ? error.message : String(error) }];
      return said({ type: 'problems', problems }, true);
    }
  });
  return server;
}

interface Said {
  readonly content: { readonly type: 'text'; readonly text: string }[];
  readonly isError: boolean;
}

function said(document: object, isError: boolean): Said & { [key: string]: unknown } {
  return { content: [{ type: 'text', text: JSON.stringify({ version: 1, ...document }) }], isError };
}
