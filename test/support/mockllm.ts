// mock-llm, an OpenAI-compatible server that is not this project's own, as a process of its own.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { WITH_PARENT } from './program.ts';

const BIN = resolve(import.meta.dirname, '../../node_modules/@dwmkerr/mock-llm/dist/main.js');
const CONFIG = `
streaming:
  chunkSize: 5
  chunkIntervalMs: 1
rules:
  - path: "/v1/chat/completions"
    match: "@"
    response:
      status: 200
      content: |
        {"id": "chatcmpl-1", "model": "{{jmes request body.model}}",
         "choices": [{"message": {"role": "assistant", "content": "<essay>\\nOne line.\\nTwo lines.\\nThree lines.\\n</essay>\\nSCORE: 7"}, "finish_reason": "stop"}],
         "usage": {"prompt_tokens": 11, "completion_tokens": 5, "cost": 0.002}}
`;

export interface MockLlm {
  readonly url: string;
  readonly stop: () => Promise<void>;
}

/** Resolves once it answers. By default every completion is the same text, which every parser takes, and costs 0.002 USD. */
export async function startMockLlm(config = CONFIG): Promise<MockLlm> {
  const folder = mkdtempSync(join(tmpdir(), 'daydream-mock-'));
  const file = join(folder, 'mock.yaml');
  writeFileSync(file, config);
  const port = await freePort();
  const url = `http://127.0.0.1:${String(port)}`;
  const env = { ...process.env, HOST: '127.0.0.1', PORT: String(port) };
  const words = [...WITH_PARENT, BIN, '--config', file];
  const child = spawn(process.execPath, words, {
    env,
    cwd: folder,
    stdio: ['ignore', 'ignore', 'ignore', 'ipc'],
  });
  const stop = async (): Promise<void> => {
    const ended = once(child, 'exit');
    child.kill();
    await ended;
    rmSync(folder, { recursive: true });
  };
  while (!(await isUp(url))) {
    if (child.exitCode !== null) throw new Error('mock-llm did not start');
    await new Promise((done) => setTimeout(done, 50));
  }
  return { url, stop };
}

async function isUp(url: string): Promise<boolean> {
  try {
    return (await fetch(`${url}/health`)).ok;
  } catch {
    return false;
  }
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, 'close');
  return port;
}
