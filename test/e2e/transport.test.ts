// How calls travel: certificates are verified as Node verifies them and nothing of ours turns that off; proxies are used as Node uses them.
import { execFileSync } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import type { ServerResponse } from 'node:http';
import { createServer as createHttps, type Server } from 'node:https';
import { createServer, type AddressInfo } from 'node:net';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { startFakeProvider, type FakeProvider } from '../support/fakeprovider.ts';
import { readLedger } from '../../src/store/ledger/ledger.ts';
import { configFor, kiteAnswer, makeKite, type Kite } from '../support/kite.ts';
import { locate, needing } from '../support/needs.ts';
import { scratchFolder } from '../support/project.ts';

let provider: FakeProvider;
beforeEach(async () => {
  provider = await startFakeProvider({ answer: kiteAnswer });
});
afterEach(() => provider.close());

/** What lies behind is the plain provider: the server in front only speaks TLS for it. */
async function passOn(body: Buffer, response: ServerResponse): Promise<void> {
  const reply = await fetch(`${provider.url}/chat/completions`, { method: 'POST', body });
  response.writeHead(reply.status, { 'content-type': 'application/json' });
  response.end(await reply.text());
}

describe('a provider behind a certificate that nobody vouches for', needing('openssl'), () => {
  let server: Server;
  let certificate: string;
  let kite: Kite;
  const asked: string[] = [];
  beforeEach(async () => {
    const folder = scratchFolder();
    certificate = join(folder, 'cert.pem');
    const key = join(folder, 'key.pem');
    const subject = ['-subj', '/CN=localhost', '-addext', 'subjectAltName=DNS:localhost,IP:127.0.0.1'];
    const words = [
      'req',
      '-x509',
      '-newkey',
      'rsa:2048',
      '-nodes',
      '-days',
      '2',
      '-keyout',
      key,
      '-out',
      certificate,
    ];
    execFileSync(locate('openssl'), [...words, ...subject], { stdio: 'pipe' });
    asked.length = 0;
    server = createHttps({ key: readFileSync(key), cert: readFileSync(certificate) }, (message, response) => {
      asked.push(message.url ?? '');
      const parts: Buffer[] = [];
      message.on('data', (part: Buffer) => parts.push(part));
      message.on('end', () => void passOn(Buffer.concat(parts), response));
    });
    await new Promise<void>((ready) => server.listen(0, '127.0.0.1', ready));
    const { port } = server.address() as AddressInfo;
    kite = makeKite(undefined, { 'daydream.config.ts': configFor(`https://127.0.0.1:${port}/v1`) });
  });
  afterEach(() => new Promise((closed) => void (server.closeAllConnections(), server.close(closed))));

  it('is not asked: no prompt and no key reaches it, and it is not tried again', async () => {
    const { code, stdout, stderr } = await kite.run(['build', '--yes', '--concurrency', '1']);
    expect(code).toBe(1);
    expect(stdout + stderr).toMatch(
      /certificate of 127\.0\.0\.1:\d+ can not be trusted \(\w*SELF_SIGNED_CERT/,
    );
    expect(stdout + stderr).toContain('NODE_EXTRA_CA_CERTS');
    expect(readLedger(kite.path('data/.daydream/calls.jsonl')).value).toMatchObject([
      { outcome: 'certificate', attempt: 1 },
    ]);
    expect(asked).toEqual([]);
    expect(provider.requests).toEqual([]);
  });

  it('is asked once Node is told who vouches for it', async () => {
    const { code, stderr } = await kite.run(['build', '--yes'], {
      env: { NODE_EXTRA_CA_CERTS: certificate },
    });
    expect(code, `${stderr}`).toBe(0);
    expect(asked).toHaveLength(24);
    expect(provider.billed).toBe(24);
  });
});

describe('a proxy in the environment', () => {
  const [major = 0, minor = 0] = process.versions.node.split('.').map(Number);
  const nodeKnowsProxies = major >= 24 || (major === 22 && minor >= 21);

  /** What a build does whose environment names a proxy: how often the proxy was turned to, and how the build ended. */
  async function buildBeside(
    env: Readonly<Record<string, string>>,
  ): Promise<{ turned: number; code: number | null }> {
    let turned = 0;
    const proxy = createServer((socket) => {
      turned++;
      socket.destroy();
    });
    await new Promise<void>((ready) => proxy.listen(0, '127.0.0.1', ready));
    const address = `http://127.0.0.1:${(proxy.address() as AddressInfo).port}`;
    const kite = makeKite(provider.url);
    const words = ['build', '--yes', '--fail-fast', '--concurrency', '1'];
    const building = kite.start(words, { env: { HTTP_PROXY: address, http_proxy: address, ...env } });
    // One that turns to a proxy that hangs up has shown what it does.
    await Promise.race([building.ended, once(proxy, 'connection')]);
    if (turned > 0) building.child.kill('SIGKILL');
    const { code } = await building.ended;
    await new Promise((closed) => proxy.close(closed));
    return { turned, code };
  }

  it('is left alone where Node was not told to use it', async () => {
    expect(await buildBeside({})).toEqual({ turned: 0, code: 0 });
    expect(provider.billed).toBe(24);
  });

  it('is used where Node knows how and was told to', async () => {
    const { turned } = await buildBeside({ NODE_USE_ENV_PROXY: '1' });
    expect(turned > 0).toBe(nodeKnowsProxies);
    expect(provider.billed).toBe(nodeKnowsProxies ? 0 : 24);
  });
});
