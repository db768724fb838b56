// Debian's tinyproxy on the loopback: a real forward proxy, for plain requests and for tunnels. For tests that say that they need it.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync, writeFileSync } from 'node:fs';
import { connect, createServer, type AddressInfo } from 'node:net';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { locate } from './needs.ts';

export interface Tinyproxy {
  /** `http://127.0.0.1:PORT` */
  readonly url: string;
  /** What it wrote down of requests and tunnels. */
  readonly log: () => string;
  readonly close: () => Promise<void>;
}

/** `folder`: where it may write; `more`: further lines of its configuration. */
export async function startTinyproxy(folder: string, more: readonly string[] = []): Promise<Tinyproxy> {
  const port = await freePort();
  const [config, log] = [join(folder, 'tinyproxy.conf'), join(folder, 'tinyproxy.log')];
  const lines = [
    `Port ${port}`,
    'Listen 127.0.0.1',
    'Timeout 60',
    'MaxClients 200',
    `LogFile "${log}"`,
    'LogLevel Connect',
    ...more,
  ];
  writeFileSync(config, `${lines.join('\n')}\n`);
  writeFileSync(log, '');
  const child = spawn(locate('tinyproxy'), ['-d', '-c', config], { stdio: 'ignore' });
  const ended = once(child, 'exit');
  let gone = false;
  void ended.then(() => (gone = true));
  while (!(await answers(port))) {
    if (gone) throw new Error(`tinyproxy ended at once: ${readFileSync(log, 'utf8')}`);
    await pause(20);
  }
  return {
    url: `http://127.0.0.1:${port}`,
    log: () => readFileSync(log, 'utf8'),
    async close() {
      child.kill('SIGKILL');
      await ended;
    },
  };
}

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((ready) => server.listen(0, '127.0.0.1', ready));
  const { port } = server.address() as AddressInfo;
  await new Promise((closed) => server.close(closed));
  return port;
}

function answers(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1', () => {
      socket.destroy();
      resolve(true);
    });
    socket.on('error', () => resolve(false));
  });
}
