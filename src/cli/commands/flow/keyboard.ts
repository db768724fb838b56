// Single keys of a terminal, and a line now and then. Knows nothing of what the keys do.
import { createInterface } from 'node:readline/promises';
import { setImmediate as turn } from 'node:timers/promises';

export interface Keyboard {
  /** Asks for a line; keys mean nothing meanwhile. Empty when nothing was given. */
  readonly ask: (question: string) => Promise<string>;
  readonly close: () => void;
}

/** `onKey` hears single characters. Ctrl-C stays an interrupt. */
export function openKeyboard(
  { stdin, stderr, kill, pid }: Pick<NodeJS.Process, 'stdin' | 'stderr' | 'kill' | 'pid'>,
  onKey: (key: string) => void,
): Keyboard {
  let asking = false;
  const onData = (data: Buffer): void => {
    if (asking) return;
    for (const key of data.toString('utf8')) {
      if (key === '\u0003') kill(pid, 'SIGINT');
      else onKey(key);
    }
  };
  stdin.setRawMode(true);
  stdin.on('data', onData);
  stdin.resume();
  return {
    async ask(question) {
      asking = true;
      // A line editor from the question before still hears the key that led to this one: it must not become part of the answer.
      await turn();
      stdin.setRawMode(false);
      const terminal = createInterface({ input: stdin, output: stderr });
      const closed = new AbortController();
      terminal.once('close', () => closed.abort());
      terminal.once('SIGINT', () => terminal.close());
      try {
        return (await terminal.question(question, { signal: closed.signal })).trim();
      } catch {
        stderr.write('\r\u001B[2K');
        return '';
      } finally {
        terminal.close();
        stdin.setRawMode(true);
        stdin.resume();
        asking = false;
      }
    },
    close() {
      stdin.off('data', onData);
      stdin.setRawMode(false);
      stdin.pause();
    },
  };
}
