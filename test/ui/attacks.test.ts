// The workbench's server against everybody who is not its page: raw sockets, so that no client tidies a request up.
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { cookieOf, openBench, raw, request, type Bench } from '../support/pageserver.ts';
import { sampleWith } from '../support/project.ts';

let bench: Bench;
let cookie: string;
const ID = 'd_5dpejqnni3lflpgx';

beforeAll(async () => {
  bench = await openBench(sampleWith());
  cookie = await cookieOf(bench);
});
afterAll(() => bench?.close());

const get = (
  path: string,
  changes: Readonly<Record<string, string | undefined>> = {},
): ReturnType<typeof raw> => raw(bench.port, request(bench, `GET ${path}`, { Cookie: cookie, ...changes }));
const post = (
  path: string,
  changes: Readonly<Record<string, string | undefined>> = {},
  body = '{}',
): ReturnType<typeof raw> =>
  raw(bench.port, request(bench, `POST ${path}`, { Cookie: cookie, ...changes }, body));

describe('the token', () => {
  it('buys a cookie that no script reads, no other site sends, and whose name holds the port', async () => {
    const body = JSON.stringify({ token: bench.token });
    const { status, headers } = await post('/api/session', { Cookie: undefined }, body);
    expect(status).toBe(200);
    expect(headers.get('set-cookie')).toMatch(
      new RegExp(`^daydream-${bench.port}=[\\w-]{43}; HttpOnly; SameSite=Strict; Path=/$`),
    );
    expect(bench.token).toMatch(/^[\w-]{43}$/);
  });

  it.each(['', 'x'.repeat(43), 'x'.repeat(10_000)])('is not %j', async (token) => {
    const { status, headers } = await post('/api/session', { Cookie: undefined }, JSON.stringify({ token }));
    expect([status, headers.has('set-cookie')]).toEqual([401, false]);
  });

  it.each(['[]', 'null', '{"token":1}', '"x"'])('is not in %s', async (body) => {
    expect((await post('/api/session', { Cookie: undefined }, body)).status).toBe(401);
  });
});

describe('a document', () => {
  it('is for our page', async () => {
    const { status, body } = await get('/api/status');
    expect(status).toBe(200);
    expect(JSON.parse(body)).toMatchObject({ version: 1, type: 'status', total: 116 });
  });

  it.each<[string, Readonly<Record<string, string | undefined>>, number]>([
    ['no cookie', { Cookie: undefined }, 401],
    ['a wrong cookie', { Cookie: 'daydream=1' }, 401],
    ['another name for the host, as rebinding gives it', { Host: 'evil.example:80' }, 403],
    ['our host without its port', { Host: '127.0.0.1' }, 403],
    ['a host that begins with ours', { Host: '127.0.0.1:1.evil.example' }, 403],
    ['a foreign origin', { Origin: 'http://evil.example' }, 403],
    ['another port of this machine', { Origin: 'http://127.0.0.1:1' }, 403],
    ['an origin of nobody', { Origin: 'null' }, 403],
    ['another site, as a browser says it', { 'Sec-Fetch-Site': 'cross-site' }, 403],
    ['another port, as a browser says it', { 'Sec-Fetch-Site': 'same-site' }, 403],
  ])('is refused: %s', async (_title, changes, status) => {
    for (const path of ['/api/status', '/api/events', `/api/text?id=${ID}`]) {
      const reply = await get(path, changes);
      expect([reply.status, reply.body.includes('116')]).toEqual([status, false]);
    }
  });

  it('is refused with two hosts, or none', async () => {
    const two = await raw(
      bench.port,
      request(bench, 'GET /api/status', { Cookie: cookie, 'X-Now': `1\r\nHost: evil.example` }),
    );
    expect([400, 403]).toContain(two.status);
    expect([400, 403]).toContain((await get('/api/status', { Host: undefined })).status);
  });

  it.each([
    '/../../etc/passwd',
    '/api/../../etc/passwd',
    '/%2e%2e/%2e%2e/etc/passwd',
    '//etc/passwd',
    'http://evil.example/api/status',
    '/api/text?id=../../../../etc/passwd',
    '/api/text?id=..%2f..%2f1_raw%2fconcepts.csv&file=parsed',
    `/api/text?id=${ID}&file=../../../daydream.config.json`,
    '/api/nothing',
    '/api/constructor',
    '/api/__proto__',
    '/app.js/../../package.json',
    '/chunks/',
  ])('is not found by a path: %s', async (path) => {
    const { status, body } = await get(path);
    expect([400, 404, 422]).toContain(status);
    expect(body).not.toMatch(/root:|templatesRoot|"name": "daydream"/);
  });

  it('takes an id with markup as a name that nothing bears, and says so in JSON that no browser takes for a page', async () => {
    const id = '<img src=x onerror=alert(1)>';
    const { status, headers, body } = await get(`/api/generation?id=${encodeURIComponent(id)}`);
    expect(status).toBe(422);
    expect(headers.get('content-type')).toBe('application/json; charset=utf-8');
    expect(headers.get('x-content-type-options')).toBe('nosniff');
    expect(JSON.parse(body)).toMatchObject({ type: 'problems', problems: [{ code: 'DD505' }] });
  });

  it.each(['POST', 'PUT', 'DELETE', 'OPTIONS', 'HEAD', 'PATCH'])('is not to be had by %s', async (method) => {
    const { status, headers } = await raw(
      bench.port,
      request(bench, `${method} /api/status`, { Cookie: cookie, Origin: `http://127.0.0.1:${bench.port}` }),
    );
    expect(status).toBe(405);
    expect([...headers.keys()].filter((name) => name.startsWith('access-control'))).toEqual([]);
  });
});

describe('what changes something', () => {
  const body = (): string => JSON.stringify({ token: bench.token });

  it.each<[string, Readonly<Record<string, string | undefined>>, number]>([
    ['no origin', { Origin: undefined }, 403],
    ['a foreign origin', { Origin: 'http://evil.example' }, 403],
    ['our origin by another name', { Origin: 'http://localhost.evil.example' }, 403],
    ['plain text, which needs no asking first', { 'Content-Type': 'text/plain' }, 415],
    ['a form', { 'Content-Type': 'application/x-www-form-urlencoded' }, 415],
    ['no type', { 'Content-Type': undefined }, 415],
    ['no header of ours', { 'X-Daydream': undefined }, 403],
    ['another host', { Host: 'evil.example', Origin: 'http://evil.example' }, 403],
  ])('is refused: %s', async (_title, changes, status) => {
    const reply = await post('/api/session', changes, body());
    expect([reply.status, reply.headers.has('set-cookie')]).toEqual([status, false]);
  });

  it('is refused by GET', async () => {
    expect((await get('/api/session')).status).toBe(405);
  });

  it('is refused when it is too long, or no JSON', async () => {
    expect((await post('/api/session', {}, `{"token":"${'x'.repeat(70_000)}"}`)).status).toBe(413);
    expect((await post('/api/session', {}, '{')).status).toBe(422);
  });
});

describe('the page itself', () => {
  it('comes without a cookie, holds no word of the project, and lets nothing foreign in', async () => {
    const { status, headers, body } = await get('/', { Cookie: undefined });
    expect(status).toBe(200);
    expect(body).not.toContain('first-light');
    expect(body).not.toMatch(/<script(?![^>]*src=)|<style|style=| on\w+=/);
    const policy = headers.get('content-security-policy') ?? '';
    expect(policy).toContain("default-src 'none'");
    expect(policy).toContain("frame-ancestors 'none'");
    expect(policy).not.toMatch(/unsafe|https?:|\*/);
    expect(headers.get('referrer-policy')).toBe('no-referrer');
    expect(headers.get('cross-origin-resource-policy')).toBe('same-origin');
  });

  it('is refused to a name that somebody points here', async () => {
    expect((await get('/', { Host: `evil.example:${bench.port}` })).status).toBe(403);
  });

  it('is all there at no more than 200 KB on the wire', async () => {
    const sizes = await Promise.all(
      ['/', '/early.js', '/app.js', '/app.css'].map(async (path) => {
        const reply = await fetch(`http://127.0.0.1:${bench.port}${path}`);
        expect(reply.headers.get('content-encoding')).toBe('gzip');
        return Number(reply.headers.get('content-length') ?? (await reply.arrayBuffer()).byteLength);
      }),
    );
    expect(sizes.reduce((sum, size) => sum + size, 0)).toBeLessThan(200_000);
    // What draws plots comes once the first screen is there; of the chart library only what is drawn with.
    const folder = join(import.meta.dirname, '../../dist/ui/chunks');
    const chunks = readdirSync(folder).map((name) => gzipSync(readFileSync(join(folder, name))).byteLength);
    expect(chunks.reduce((sum, size) => sum + size, 0)).toBeLessThan(100_000);
  });
});
