// How calls travel: certificates are verified as Node verifies them and nothing of ours turns that off; proxies of the environment are
// used on every Node.
import { execFileSync } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { createServer as createHttp, type ServerResponse } from 'node:http';
import { createServer as createHttps } from 'node:https';
import { createServer, type AddressInfo } from 'node:net';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { startFakeProvider, type FakeProvider } from '../support/fakeprovider.ts';
import { readLedger } from '../../src/store/ledger/ledger.ts';
import { kiteAnswer, makeKite, type Kite } from '../support/kite.ts';
import { locate, needing } from '../support/needs.ts';
import { scratchFolder } from '../support/project.ts';
import { startTinyproxy, type Tinyproxy } from '../support/tinyproxy.ts';

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

interface Secure {
  readonly url: string;
  /** The file of the certificate that it shows. */
  readonly certificate: string;
  /** What it was asked for. */
  readonly asked: readonly string[];
  /** How often somebody connected. */
  readonly connected: () => number;
}

const closing: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const close of closing.splice(0)) await close();
});

/** The provider behind a certificate that nobody vouches for. */
async function secure(): Promise<Secure> {
  const folder = scratchFolder();
  const certificate = join(folder, 'cert.pem');
  const key = join(folder, 'key.pem');
  const subject = ['-subj', '/CN=localhost', '-addext', 'subjectAltName=DNS:localhost,IP:127.0.0.1'];
  const words = ['req', '-x509', '-newkey', 'rsa:2048', '-nodes', '-days', '2'];
  const files = ['-keyout', key, '-out', certificate];
  execFileSync(locate('openssl'), [...words, ...files, ...subject], { stdio: 'pipe' });
  const asked: string[] = [];
  const options = { key: readFileSync(key), cert: readFileSync(certificate) };
  const server = createHttps(options, (message, response) => {
    asked.push(message.url ?? '');
    const parts: Buffer[] = [];
    message.on('data', (part: Buffer) => parts.push(part));
    message.on('end', () => void passOn(Buffer.concat(parts), response));
  });
  let connections = 0;
  server.on('connection', () => (connections += 1));
  await new Promise<void>((ready) => server.listen(0, '127.0.0.1', ready));
  closing.push(() => new Promise((closed) => void (server.closeAllConnections(), server.close(closed))));
  const url = `https://127.0.0.1:${(server.address() as AddressInfo).port}/v1`;
  return { url, certificate, asked, connected: () => connections };
}

describe('a provider behind a certificate that nobody vouches for', needing('openssl'), () => {
  let server: Secure;
  let kite: Kite;
  beforeEach(async () => {
    server = await secure();
    kite = makeKite(server.url);
  });

  it('is not asked: no prompt and no key reaches it, and it is not tried again', async () => {
    const { code, stdout, stderr } = await kite.run(['build', '--yes', '--concurrency', '1']);
    expect(code).toBe(1);
    expect(stdout + stderr).toMatch(
      /certificate of 127\.0\.0\.1:\d+ can not be trusted \(\w*SELF_SIGNED_CERT/,
    );
    expect(stdout + stderr).toContain('NODE_EXTRA_CA_CERTS');
    expect(readLedger(kite.path('data/.daydream/calls.jsonl')).value).toEqual([]);
    expect(server.connected()).toBe(1);
    expect(server.asked).toEqual([]);
    expect(provider.requests).toEqual([]);
  });

  it('is asked once Node is told who vouches for it', async () => {
    const { code, stderr } = await kite.run(['build', '--yes'], {
      env: { NODE_EXTRA_CA_CERTS: server.certificate },
    });
    expect(code, `${stderr}`).toBe(0);
    expect(server.asked).toHaveLength(24);
    expect(provider.billed).toBe(24);
  });
});

describe('a proxy in the environment', () => {
  /** What a build does whose environment names a proxy that hangs up: how often the proxy was turned to, and how the build ended. */
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
    const building = kite.start(words, { env: { HTTP_PROXY: address, ...env } });
    // One that turns to a proxy that hangs up has shown what it does.
    await Promise.race([building.ended, once(proxy, 'connection')]);
    if (turned > 0) building.child.kill('SIGKILL');
    const { code } = await building.ended;
    await new Promise((closed) => proxy.close(closed));
    return { turned, code };
  }

  it('is used, whichever Node it is', async () => {
    const { turned } = await buildBeside({});
    expect(turned).toBeGreaterThan(0);
    expect(provider.billed).toBe(0);
  });

  it.each([{ NO_PROXY: '127.0.0.1' }, { no_proxy: '*' }, { http_proxy: '' }])(
    'is left alone with %j',
    async (env) => {
      expect(await buildBeside(env)).toEqual({ turned: 0, code: 0 });
      expect(provider.billed).toBe(24);
    },
  );

  it('is used as the .env of the project says', async () => {
    const kite = makeKite(provider.url, { '.env': 'HTTP_PROXY=http://[\n' });
    const { code, stdout, stderr } = await kite.run(['build', '--yes', '--concurrency', '1']);
    expect([code, provider.billed]).toEqual([1, 0]);
    expect(stdout + stderr).toContain('HTTP_PROXY is no address of a proxy');
  });
});

describe('tinyproxy', needing('tinyproxy'), () => {
  let proxy: Tinyproxy;
  const begin = async (...more: readonly string[]): Promise<void> => {
    proxy = await startTinyproxy(scratchFolder(), more);
  };
  afterEach(() => proxy.close());

  it('takes a whole build to its provider', async () => {
    await begin();
    const kite = makeKite(provider.url);
    const { code, stderr } = await kite.run(['build', '--yes'], { env: { HTTP_PROXY: proxy.url } });
    expect([code, provider.billed], `${stderr}`).toEqual([0, 24]);
    expect(provider.requests.map(({ headers }) => headers.via !== undefined)).not.toContain(false);
  });

  it('that wants a name and a password gets them, and is not asked twice without', async () => {
    await begin('BasicAuth wright flyer1903');
    const words = ['build', '--yes', '--concurrency', '1'];
    const refused = await makeKite(provider.url).run(words, { env: { HTTP_PROXY: proxy.url } });
    expect([refused.code, provider.billed]).toEqual([1, 0]);
    expect(refused.stdout + refused.stderr).toContain('DD678');
    const wrong = { HTTP_PROXY: proxy.url.replace('//', '//wright:bicycle@') };
    const mistaken = await makeKite(provider.url).run(words, { env: wrong });
    expect([mistaken.code, provider.billed]).toEqual([1, 0]);
    expect(mistaken.stdout + mistaken.stderr).toContain('DD678');
    const env = { HTTP_PROXY: proxy.url.replace('//', '//wright:flyer1903@') };
    const kite = makeKite(provider.url);
    const { code, stdout, stderr } = await kite.run(words, { env });
    expect([code, provider.billed], `${stderr}`).toEqual([0, 24]);
    expect(stdout + stderr + kite.read('data/.daydream/calls.jsonl')).not.toContain('flyer1903');
  });

  it('tunnels to a provider with TLS', needing('openssl'), async () => {
    await begin();
    const { url, certificate, asked } = await secure();
    const kite = makeKite(url);
    const { code, stderr } = await kite.run(['build', '--yes'], {
      env: { HTTPS_PROXY: proxy.url, NODE_EXTRA_CA_CERTS: certificate },
    });
    expect([code, asked.length, provider.billed], `${stderr}`).toEqual([0, 24, 24]);
    expect(proxy.log()).toContain('CONNECT 127.0.0.1:');
  });
});

describe('a provider that is not there', () => {
  it('is said at once, with the reason and the next try, and the build goes on once it is', async () => {
    const place = createServer();
    await new Promise<void>((ready) => place.listen(0, '127.0.0.1', ready));
    const { port } = place.address() as AddressInfo;
    await new Promise((closed) => place.close(closed));
    const kite = makeKite(`http://127.0.0.1:${port}/v1`);
    const building = kite.start(['build']);
    await building.said(
      `lab does not answer (no connection to 127.0.0.1:${port} (ECONNREFUSED)): it rests, next try in 5 s`,
    );
    const late = createHttp((message, response) => {
      const parts: Buffer[] = [];
      message.on('data', (part: Buffer) => parts.push(part));
      message.on('end', () => void passOn(Buffer.concat(parts), response));
    });
    await new Promise<void>((ready) => late.listen(port, '127.0.0.1', ready));
    const { code, stderr } = await building.ended;
    late.closeAllConnections();
    late.close();
    expect(stderr).toContain('lab answers again');
    expect(code).toBe(0);
    expect(provider.billed).toBe(24);
  });
});
