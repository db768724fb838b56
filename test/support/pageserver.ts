// A workbench on the sample, from the sources, for tests that speak to its server. Knows no expectation.
import { connect } from 'node:net';
import { openProject } from '../../src/api.ts';
import { openWorkbench, type WorkbenchOptions } from '../../src/ui/workbench.ts';
import { sampleWith, type TestProject } from './project.ts';

export interface Bench {
  readonly files: TestProject;
  readonly url: string;
  readonly port: number;
  readonly token: string;
  readonly close: () => Promise<void>;
}

/** Closed when the caller says so. */
export async function openBench(
  files: TestProject = sampleWith(),
  options: Partial<WorkbenchOptions> = {},
): Promise<Bench> {
  const project = await openProject({ root: files.root });
  const bench = await openWorkbench({ project, port: 0, ...options });
  const { port, hash } = new URL(bench.url);
  return {
    files,
    url: bench.url,
    port: Number(port),
    token: hash.slice('#t='.length),
    async close() {
      await bench.close();
      await project.close();
    },
  };
}

export interface RawReply {
  readonly status: number;
  readonly headers: ReadonlyMap<string, string>;
  readonly body: string;
}

/** Sends these very bytes, and reads what comes until the server has nothing more to say. */
export function raw(port: number, request: string): Promise<RawReply> {
  return new Promise((resolve, reject) => {
    const socket = connect({ host: '127.0.0.1', port });
    let text = '';
    const done = (): void => {
      socket.destroy();
      const [head = '', body = ''] = text.split('\r\n\r\n');
      const [first = '', ...lines] = head.split('\r\n');
      const headers = new Map(
        lines.map((line) => {
          const at = line.indexOf(':');
          return [line.slice(0, at).toLowerCase(), line.slice(at + 1).trim()];
        }),
      );
      resolve({ status: Number(first.split(' ')[1] ?? 0), headers, body });
    };
    socket.setEncoding('utf8');
    socket.on('error', reject);
    socket.on('data', (part: string) => {
      text += part;
      // A stream does not end by itself.
      if (text.includes('text/event-stream')) done();
    });
    socket.on('end', done);
    socket.write(request);
  });
}

/** A request as the page sends it, with what is given in place of its own lines; `undefined` leaves a line out. */
export function request(
  { port }: Pick<Bench, 'port'>,
  line: string,
  changes: Readonly<Record<string, string | undefined>> = {},
  body = '',
): string {
  const isPost = line.startsWith('POST');
  const headers: Readonly<Record<string, string | undefined>> = {
    Host: `127.0.0.1:${port}`,
    Connection: 'close',
    ...(isPost
      ? {
          Origin: `http://127.0.0.1:${port}`,
          'Content-Type': 'application/json',
          'X-Daydream': '1',
          'Content-Length': String(Buffer.byteLength(body)),
        }
      : {}),
    ...changes,
  };
  const lines = Object.entries(headers).flatMap(([name, value]) =>
    value === undefined ? [] : [`${name}: ${value}`],
  );
  return `${[`${line} HTTP/1.1`, ...lines].join('\r\n')}\r\n\r\n${body}`;
}

/** The cookie that the token buys, as a request's line. */
export async function cookieOf(bench: Bench): Promise<string> {
  const reply = await raw(
    bench.port,
    request(bench, 'POST /api/session', {}, JSON.stringify({ token: bench.token })),
  );
  return (reply.headers.get('set-cookie') ?? '').split(';')[0] ?? '';
}

export interface Given {
  readonly status: number;
  readonly document: Readonly<Record<string, unknown>>;
}

export interface Client {
  readonly get: (path: string) => Promise<Given>;
  readonly post: (path: string, body: unknown) => Promise<Given>;
  /** Listens until a message is what is waited for. */
  readonly hears: (isMeant: (news: Readonly<Record<string, unknown>>) => boolean) => Promise<void>;
}

/** Asks as the page does. */
export async function clientOf(bench: Bench): Promise<Client> {
  const base = `http://127.0.0.1:${bench.port}`;
  const cookie = await cookieOf(bench);
  const given = async (reply: Response): Promise<Given> => {
    const text = await reply.text();
    return {
      status: reply.status,
      document: text.startsWith('{') ? (JSON.parse(text) as Given['document']) : {},
    };
  };
  return {
    get: async (path) => given(await fetch(`${base}/api/${path}`, { headers: { cookie } })),
    async hears(isMeant) {
      const abort = new AbortController();
      const { body } = await fetch(`${base}/api/events`, { headers: { cookie }, signal: abort.signal });
      let text = '';
      for await (const part of body ?? []) {
        text += Buffer.from(part).toString('utf8');
        const messages = text.split('\n\n');
        text = messages.pop() ?? '';
        const data = messages.flatMap((each) => /^data: (.*)$/m.exec(each)?.[1] ?? []);
        if (data.some((each) => isMeant(JSON.parse(each) as Readonly<Record<string, unknown>>))) break;
      }
      abort.abort();
    },
    post: async (path, body) =>
      given(
        await fetch(`${base}/api/${path}`, {
          method: 'POST',
          headers: { cookie, origin: base, 'content-type': 'application/json', 'x-daydream': '1' },
          body: JSON.stringify(body),
        }),
      ),
  };
}
