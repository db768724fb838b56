// A history's builds through the command line and over HTTP: words in, exit codes and JSON lines out, answers from a server that asks the
// oracle.
import type { RunEvent } from '../../src/run/events.ts';
import { lineOf } from './enginedriver.ts';
import { faults, startFakeProvider, type FakeRequest, type Fault } from './fakeprovider.ts';
import { wordsOf, type Driver } from './history.ts';
import type { Oracle } from './imagined.ts';
import { start, type Ended } from './program.ts';
import { startResident } from './resident.ts';

export interface CommandDriver extends Driver {
  /** From now on this oracle answers. */
  answersFrom(oracle: Oracle): void;
  close(): Promise<void>;
}

type Running = (words: readonly string[], cwd: string) => Promise<Ended>;

/** `apart`: a process for each command. `resident`: one process for all, which costs a third. */
export async function startCommandDriver(how: 'apart' | 'resident'): Promise<CommandDriver> {
  let oracle: Oracle | undefined;
  const server = await startFakeProvider({
    fault: (request) => (oracle === undefined ? faults.status(500) : replyOf(oracle, request)),
  });
  const resident = how === 'resident' ? startResident() : undefined;
  const command: Running = resident?.run ?? ((words, cwd) => start(words, { cwd }).ended);
  return {
    url: server.url,
    answersFrom(next) {
      oracle = next;
    },
    async build(root, request, answering) {
      oracle = answering;
      const ended = await command(['build', ...wordsOf(request), '--json', '--yes'], root);
      if (ended.code !== 0 && ended.code !== 1) throw new Error(`exit code ${ended.code}: ${told(ended)}`);
      const events = ended.stdout
        .split('\n')
        .filter((line) => line !== '')
        .map((line) => JSON.parse(line) as RunEvent);
      return { lines: events.flatMap(lineOf), green: ended.code === 0 };
    },
    async judge(root) {
      const ls = await command(['ls', '--format', 'csv', '--columns', 'gen_id,state'], root);
      const rows = ls.stdout.trim().split('\n').slice(1);
      const check = await command(['check'], root);
      if (ls.code !== 0 || (check.code !== 0 && check.code !== 1)) throw new Error(told(ls) + told(check));
      return {
        states: new Map(rows.map((row) => row.split(',') as [string, string])),
        green: check.code === 0,
      };
    },
    async close() {
      await resident?.close();
      await server.close();
    },
  };
}

function told({ stdout, stderr }: Ended): string {
  return `${stdout}${stderr}`;
}

function replyOf(oracle: Oracle, { prompt, model, body }: FakeRequest): Fault {
  const reply = oracle.reply({
    template: oracle.templateOf(prompt),
    model,
    replicate: 1,
    maxTokens: String(body['max_tokens'] ?? body['max_completion_tokens']),
    prompt,
  });
  if (reply === 'failed') return faults.status(400, { error: { message: 'down', code: 400 } });
  const finish = { answer: 'stop', truncated: 'length', refused: 'content_filter' }[reply.kind];
  return faults.reply({ content: reply.text, finishReason: finish });
}
