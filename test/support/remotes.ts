// Storage that a team may share, as real servers that others wrote (nginx, Apache, lighttpd, s3rver), an S3 that checks each signature
// with AWS's own code, and a server whose faults a test scripts. Each listens on loopback and keeps what it gets in a scratch folder.
import { Sha256 } from '@aws-crypto/sha256-js';
import { SignatureV4 } from '@smithy/signature-v4';
import { spawn, type ChildProcess } from 'node:child_process';
import { hash } from 'node:crypto';
import { chmodSync, mkdirSync, writeFileSync } from 'node:fs';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { connect, createServer as createSocketServer, type AddressInfo } from 'node:net';
import { dirname, join } from 'node:path';
import S3rver from 's3rver';
import { locate } from './needs.ts';
import { scratchFolder } from './project.ts';

export interface Storage {
  /** For `remote.url` or DAYDREAM_REMOTE. */
  readonly url: string;
  /** For the environment, beside it. */
  readonly env: Readonly<Record<string, string>>;
  readonly close: () => Promise<void>;
}

/** A port that nobody listens on just now. */
export async function freePort(): Promise<number> {
  const server = createSocketServer();
  await new Promise<void>((ready) => server.listen(0, '127.0.0.1', ready));
  const { port } = server.address() as AddressInfo;
  await new Promise((closed) => server.close(closed));
  return port;
}

/** Runs a server until it takes connections; what it said is in the error where it does not. */
async function served(
  program: string,
  args: readonly string[],
  port: number,
): Promise<{ readonly close: () => Promise<void> }> {
  const child = spawn(program, args, { stdio: ['ignore', 'pipe', 'pipe'] });
  let said = '';
  for (const stream of [child.stdout, child.stderr])
    stream.setEncoding('utf8').on('data', (text: string) => (said += text));
  const ended = new Promise<void>((done) => child.once('close', () => done()));
  while (!(await takes(port))) {
    if (hasEnded(child)) throw new Error(`${program} ended: ${said}`);
    await new Promise((again) => setImmediate(again));
  }
  const close = async (): Promise<void> => {
    child.kill('SIGTERM');
    await ended;
  };
  return { close };
}

function hasEnded({ exitCode, signalCode }: ChildProcess): boolean {
  return exitCode !== null || signalCode !== null;
}

function takes(port: number): Promise<boolean> {
  return new Promise((told) => {
    const socket = connect(port, '127.0.0.1');
    socket.once('connect', () => void (socket.destroy(), told(true)));
    socket.once('error', () => told(false));
  });
}

const AS_ROOT = process.getuid?.() === 0;

/** Folders that a server of another user can read and write, where the tests run as root. */
function openFolder(): string {
  const folder = scratchFolder();
  for (const name of ['files', 'tmp', 'locks']) {
    mkdirSync(join(folder, name));
    chmodSync(join(folder, name), 0o777);
  }
  chmodSync(folder, 0o755);
  // The folder for temporary files is root's alone.
  if (AS_ROOT) chmodSync(dirname(folder), 0o711);
  return folder;
}

/** Lines of a server's configuration for `/answers`, with a file of passwords in that folder, and what it serves in `files` of it. */
type SetUp = (folder: string) => string;

/** As somebody sets a server up who follows the page: its block for it, with the places of this machine. */
export function asOnThePage(page: string, begins: string): SetUp {
  const block = page.split(/^```\w*\n/m).find((each) => each.startsWith(begins));
  if (block === undefined) throw new Error(`no block begins with ${begins}`);
  return (folder) => {
    mkdirSync(join(folder, 'files/answers'));
    chmodSync(join(folder, 'files/answers'), 0o777);
    writeFileSync(join(folder, 'team.htpasswd'), `ada:{SHA}${hash('sha1', 'secret', 'base64')}\n`);
    return block
      .replaceAll(/\/etc\/\w+\//g, `${folder}/`)
      .replaceAll('/srv', `${folder}/files`)
      .replaceAll('10.0.0.0', '127.0.0.0');
  };
}

/** `read`: it answers 403 to what would write. */
export async function startNginx({
  rights = 'both',
  as,
}: { readonly rights?: 'both' | 'read'; readonly as?: SetUp } = {}): Promise<Storage> {
  const [folder, port] = [openFolder(), await freePort()];
  const limited = rights === 'read' ? 'limit_except GET HEAD { deny all; }' : '';
  writeFileSync(
    join(folder, 'nginx.conf'),
    `${AS_ROOT ? 'user root;' : ''}
daemon off; worker_processes 1; pid ${folder}/pid; error_log ${folder}/error.log;
events { worker_connections 1024; }
http {
  access_log off; client_body_temp_path ${folder}/tmp; client_max_body_size 64m;
  proxy_temp_path ${folder}/tmp; fastcgi_temp_path ${folder}/tmp; uwsgi_temp_path ${folder}/tmp; scgi_temp_path ${folder}/tmp;
  server {
    listen 127.0.0.1:${port};
    ${as?.(folder) ?? `location / { root ${folder}/files; dav_methods PUT; create_full_put_path on; ${limited} }`}
  }
}
`,
  );
  const { close } = await served(
    locate('nginx'),
    ['-p', `${folder}/`, '-e', `${folder}/error.log`, '-c', `${folder}/nginx.conf`],
    port,
  );
  return { url: `http://127.0.0.1:${port}/team`, env: {}, close };
}

/** WebDAV with a password, which is in the URL. */
export async function startApache({ as }: { readonly as?: SetUp } = {}): Promise<Storage> {
  const [folder, port] = [openFolder(), await freePort()];
  const modules = '/usr/lib/apache2/modules';
  const names = 'mpm_event authn_core authn_file authz_core authz_user auth_basic alias dav dav_fs'.split(
    ' ',
  );
  writeFileSync(join(folder, 'users'), `team:{SHA}${hash('sha1', 'p@ss word', 'base64')}\n`);
  writeFileSync(
    join(folder, 'apache.conf'),
    `${names.map((name) => `LoadModule ${name}_module ${modules}/mod_${name}.so`).join('\n')}
ServerName localhost
ServerRoot ${folder}
PidFile ${folder}/tmp/pid
DefaultRuntimeDir ${folder}/tmp
ErrorLog ${folder}/tmp/error.log
Listen 127.0.0.1:${port}
${AS_ROOT ? 'User www-data\nGroup www-data' : ''}
DocumentRoot ${folder}/files
DavLockDB ${folder}/locks/db
${
  as?.(folder) ??
  `<Directory ${folder}/files>
  Dav On
  AuthType Basic
  AuthName team
  AuthUserFile ${folder}/users
  Require valid-user
</Directory>`
}
`,
  );
  const { close } = await served(locate('apache2'), ['-DFOREGROUND', '-f', `${folder}/apache.conf`], port);
  return { url: `http://team:p%40ss%20word@127.0.0.1:${port}/answers`, env: {}, close };
}

export async function startLighttpd({ as }: { readonly as?: SetUp } = {}): Promise<Storage> {
  const [folder, port] = [openFolder(), await freePort()];
  locate('lighttpd-mod-webdav');
  writeFileSync(
    join(folder, 'lighttpd.conf'),
    `server.modules = (${as === undefined ? '"mod_webdav"' : ''})
server.document-root = "${folder}/files"
server.upload-dirs = ("${folder}/tmp")
server.port = ${port}
server.bind = "127.0.0.1"
${as?.(folder) ?? 'webdav.activate = "enable"\nwebdav.is-readonly = "disable"'}
`,
  );
  const { close } = await served(locate('lighttpd'), ['-D', '-f', `${folder}/lighttpd.conf`], port);
  return { url: `http://127.0.0.1:${port}/deep/below`, env: {}, close };
}

const KEYS = { AWS_ACCESS_KEY_ID: 'S3RVER', AWS_SECRET_ACCESS_KEY: 'S3RVER' };

/** Speaks S3 as the real ones do, and looks at no signature. */
export async function startS3rver(): Promise<Storage> {
  const directory = scratchFolder();
  const server = new S3rver({
    address: '127.0.0.1',
    port: 0,
    silent: true,
    directory,
    configureBuckets: [{ name: 'team' }],
  });
  const { port } = await server.run();
  return {
    url: `s3://team/exp one?endpoint=http://127.0.0.1:${port}&region=eu-central-1`,
    env: KEYS,
    close: async () => void (await server.close()),
  };
}

export interface SignedBucket extends Storage {
  /** What was asked, and with which status it was answered: `PUT /team/ac/… 200`. */
  readonly log: readonly string[];
  readonly objects: ReadonlyMap<string, string>;
}

/** An S3 that recomputes each signature with AWS's own code, looks at the body's digest, and keeps `If-None-Match`. */
export async function startSignedBucket({
  key = KEYS.AWS_SECRET_ACCESS_KEY,
  session,
  conditional = true,
}: {
  readonly key?: string;
  readonly session?: string;
  readonly conditional?: boolean;
} = {}): Promise<SignedBucket> {
  const objects = new Map<string, string>();
  const log: string[] = [];
  const answer = (message: IncomingMessage, response: ServerResponse, status: number, body = ''): void => {
    log.push(`${message.method} ${decodeURIComponent(message.url ?? '')} ${status}`);
    response.writeHead(status, { 'content-type': 'application/xml' }).end(body);
  };
  const server = createServer((message, response) => {
    void (async () => {
      const body = await bodyOf(message);
      const path = message.url ?? '';
      const refused = await whyRefused(message, body, key, session);
      if (refused !== undefined)
        return answer(message, response, 403, `<Error><Code>${refused}</Code></Error>`);
      const there = objects.get(path);
      if (message.method !== 'PUT') {
        if (there === undefined)
          return answer(message, response, 404, '<Error><Code>NoSuchKey</Code></Error>');
        return answer(message, response, 200, message.method === 'HEAD' ? '' : there);
      }
      const careful = message.headers['if-none-match'] === '*';
      if (careful && !conditional)
        return answer(message, response, 501, '<Error><Code>NotImplemented</Code></Error>');
      if (careful && there !== undefined) return answer(message, response, 412);
      objects.set(path, body.toString('utf8'));
      answer(message, response, 200);
    })();
  });
  const { port, close } = await listening(server);
  return {
    url: `s3://team/a+b (c)?endpoint=http://127.0.0.1:${port}&region=eu-west-3`,
    env: { ...KEYS, ...(session === undefined ? {} : { AWS_SESSION_TOKEN: session }) },
    log,
    objects,
    close,
  };
}

/** S3's word for what is wrong with a request; undefined where nothing is. */
async function whyRefused(
  message: IncomingMessage,
  body: Buffer,
  secret: string,
  session: string | undefined,
): Promise<string | undefined> {
  const given = String(message.headers.authorization ?? '');
  const [, region = '', signedHeaders = ''] =
    /Credential=[^/]+\/\d{8}\/([^/]+)\/s3\/aws4_request, SignedHeaders=([^,]+)/.exec(given) ?? [];
  if (signedHeaders === '') return 'AccessDenied';
  if (message.headers['x-amz-content-sha256'] !== hash('sha256', body)) return 'XAmzContentSHA256Mismatch';
  const { pathname } = new URL(`http://${message.headers.host}${message.url}`);
  const signer = new SignatureV4({
    service: 's3',
    region,
    sha256: Sha256,
    // S3 signs a path as it is sent.
    uriEscapePath: false,
    applyChecksum: false,
    credentials: {
      accessKeyId: KEYS.AWS_ACCESS_KEY_ID,
      secretAccessKey: secret,
      ...(session === undefined ? {} : { sessionToken: session }),
    },
  });
  const names = signedHeaders.split(';');
  const [, date = ''] = /^(\d{8}T\d{6}Z)$/.exec(String(message.headers['x-amz-date'])) ?? [];
  const signed = await signer.sign(
    {
      method: message.method ?? '',
      protocol: 'http:',
      hostname: '127.0.0.1',
      path: pathname,
      headers: Object.fromEntries(names.map((name) => [name, String(message.headers[name])])),
      query: {},
    },
    {
      signingDate: new Date(date.replace(/(....)(..)(..)T(..)(..)(..)Z/, '$1-$2-$3T$4:$5:$6Z')),
      signableHeaders: new Set(names),
    },
  );
  return signed.headers['authorization'] === given ? undefined : 'SignatureDoesNotMatch';
}

export interface ScriptedRequest {
  /** From 0. */
  readonly index: number;
  readonly method: string;
  /** The last part of the path. */
  readonly name: string;
  readonly headers: IncomingMessage['headers'];
}

/** What a scripted server does instead of what it should. */
export type Mischief =
  | { readonly kind: 'status'; readonly status: number }
  /** Says nothing: from the start, or after half of the body. */
  | { readonly kind: 'hang'; readonly when: 'before' | 'within' }
  | { readonly kind: 'reset' }
  /** A page to sign in, as a network says to whoever is new there. */
  | { readonly kind: 'page' }
  /** Half of the body, and that it was all. */
  | { readonly kind: 'half' }
  /** Another text than the one that lies there. */
  | { readonly kind: 'text'; readonly text: (there: string | undefined) => string };

export interface ScriptedStorage extends Storage {
  readonly requests: readonly ScriptedRequest[];
  readonly objects: Map<string, string>;
  /** Most requests that were open at the same time. */
  readonly most: number;
  /** Resolves when so many requests have come, from the start on. */
  readonly arrived: (count: number) => Promise<void>;
}

/** A plain storage in memory, with faults. */
export async function startScripted({
  mischief = () => undefined,
  latencyMs,
  gate,
}: {
  readonly mischief?: (request: ScriptedRequest) => Mischief | undefined;
  readonly latencyMs?: number;
  /** Nothing is answered before this. */
  readonly gate?: Promise<void>;
} = {}): Promise<ScriptedStorage> {
  const objects = new Map<string, string>();
  const requests: ScriptedRequest[] = [];
  const watchers: { readonly count: number; readonly met: () => void }[] = [];
  const tally = { open: 0, most: 0 };
  const server = createServer((message, response) => {
    void (async () => {
      tally.open += 1;
      tally.most = Math.max(tally.most, tally.open);
      response.on('close', () => (tally.open -= 1));
      const body = await bodyOf(message);
      const request: ScriptedRequest = {
        index: requests.length,
        method: message.method ?? '',
        name: (message.url ?? '').split('/').at(-1) ?? '',
        headers: message.headers,
      };
      requests.push(request);
      for (const { count, met } of watchers) if (requests.length >= count) met();
      await gate;
      if (latencyMs !== undefined) await new Promise((go) => setTimeout(go, latencyMs));
      if (response.destroyed) return;
      respond({ request, response, objects, body: body.toString('utf8') }, mischief(request));
    })();
  });
  const { port, close } = await listening(server);
  return {
    url: `http://127.0.0.1:${port}`,
    env: {},
    requests,
    objects,
    get most() {
      return tally.most;
    },
    arrived: (count) =>
      new Promise((met) => {
        if (requests.length >= count) met();
        else watchers.push({ count, met });
      }),
    close,
  };
}

interface Exchange {
  readonly request: ScriptedRequest;
  readonly response: ServerResponse;
  readonly objects: Map<string, string>;
  readonly body: string;
}

function respond(
  { request: { method, name }, response, objects, body }: Exchange,
  mischief: Mischief | undefined,
): void {
  const there = objects.get(name);
  const text = mischief?.kind === 'text' ? mischief.text(there) : there;
  switch (mischief?.kind) {
    case 'status':
      return void response.writeHead(mischief.status).end();
    case 'reset':
      return void response.destroy();
    case 'page':
      return void response
        .writeHead(200, { 'content-type': 'text/html; charset=utf-8' })
        .end('<html>Sign in');
    case 'hang':
      if (mischief.when === 'before') return;
      response.writeHead(200, { 'content-length': String(text?.length ?? 100) });
      return void response.write((text ?? '{').slice(0, (text?.length ?? 2) / 2));
    case 'half':
      return void response.writeHead(200).end((text ?? '').slice(0, (text?.length ?? 0) / 2));
    default:
  }
  if (method === 'PUT') {
    if (there !== undefined && mischief === undefined && response.req.headers['if-none-match'] === '*')
      return void response.writeHead(412).end();
    objects.set(name, body);
    return void response.writeHead(201).end();
  }
  if (text === undefined) return void response.writeHead(404).end();
  response.writeHead(200, { 'content-type': 'application/json' }).end(method === 'HEAD' ? undefined : text);
}

async function listening(
  server: ReturnType<typeof createServer>,
): Promise<{ readonly port: number; readonly close: () => Promise<void> }> {
  await new Promise<void>((ready) => server.listen(0, '127.0.0.1', ready));
  const { port } = server.address() as AddressInfo;
  const close = (): Promise<void> =>
    new Promise((closed) => {
      server.close(() => closed());
      server.closeAllConnections();
    });
  return { port, close };
}

async function bodyOf(message: IncomingMessage): Promise<Buffer> {
  const parts: Buffer[] = [];
  for await (const part of message) parts.push(part as Buffer);
  return Buffer.concat(parts);
}

/** A folder that a team shares. */
export function folderStorage(): Storage & { readonly path: string } {
  const path = scratchFolder();
  return { url: `file:${path}`, env: {}, path, close: async () => {} };
}
