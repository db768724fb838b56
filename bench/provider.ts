// A provider in a process of its own (`jiti bench/provider.ts MILLISECONDS`): answers each completion after so long, and tells at
// /seen when calls came and how many were open at most. Knows nothing of who asks.
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

/** What the provider saw since it was asked last. */
export interface Seen {
  /** When each call came, in milliseconds on its own clock. */
  readonly arrivals: readonly number[];
  /** Most calls at a time. */
  readonly most: number;
}

const REPLY = `${'A line of a reply that says nothing in particular.\n'.repeat(30)}SCORE: 7.0`;
const USAGE = { prompt_tokens: 340, completion_tokens: 380, cost: 0.000_01 };

function serve(latencyMs: number): void {
  let arrivals: number[] = [];
  let most = 0;
  let open = 0;
  const answer = (message: IncomingMessage, response: ServerResponse): void => {
    if (message.url === '/seen') {
      response.end(JSON.stringify({ arrivals, most } satisfies Seen));
      [arrivals, most] = [[], open];
      return;
    }
    const number = arrivals.push(performance.now());
    open += 1;
    most = Math.max(most, open);
    response.on('close', () => (open -= 1));
    let body = '';
    message.setEncoding('utf8').on('data', (part: string) => (body += part));
    message.on('end', () =>
      setTimeout(() => send(response, body.includes('"stream":true'), number), latencyMs),
    );
  };
  const server = createServer({ keepAliveTimeout: 60_000 }, answer);
  server.listen(0, '127.0.0.1', 4096, () => {
    process.stdout.write(`http://127.0.0.1:${String((server.address() as AddressInfo).port)}\n`);
  });
}

/** Each reply is another text: what is asked about equal texts comes out of the response cache. */
function send(response: ServerResponse, stream: boolean, number: number): void {
  const content = `Reply ${String(number)}.\n${REPLY}`;
  response.writeHead(200, { 'content-type': stream ? 'text/event-stream' : 'application/json' });
  response.end(stream ? streamOf(content) : JSON.stringify(bodyOf({ message: { content } })));
}

function streamOf(content: string): string {
  return `data: ${JSON.stringify(bodyOf({ delta: { content } }))}\n\ndata: [DONE]\n\n`;
}

function bodyOf(choice: Readonly<Record<string, unknown>>): unknown {
  return { id: 'g', choices: [{ index: 0, ...choice, finish_reason: 'stop' }], usage: USAGE };
}

serve(Number(process.argv[2]));
