// Keys and questions on a terminal that is made of two pipes.
import { PassThrough } from 'node:stream';
import { setTimeout as wait } from 'node:timers/promises';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { openKeyboard, type Keyboard } from '../../src/cli/commands/flow/keyboard.ts';

const kill = vi.fn<NodeJS.Process['kill']>();
let stdin: PassThrough;
let screen: string;
let keys: string[];
let answers: Promise<string>[];
let keyboard: Keyboard;

beforeEach(() => {
  stdin = Object.assign(new PassThrough(), { setRawMode: () => {}, isTTY: true });
  const stderr = Object.assign(new PassThrough(), { isTTY: true, columns: 80 });
  screen = '';
  stderr.on('data', (data: Buffer) => (screen += data.toString()));
  keys = [];
  answers = [];
  keyboard = openKeyboard({ stdin, stderr, kill, pid: 7 } as never, (key) => {
    keys.push(key);
    if (key === 'w') answers.push(keyboard.ask(`question ${answers.length + 1}? `));
  });
});
afterEach(() => keyboard.close());

/** Presses w, and types the answer once the question is there. */
async function answered(number: number, typed: string): Promise<string | undefined> {
  stdin.write('w');
  await expect.poll(() => screen).toContain(`question ${number}? `);
  stdin.write(typed);
  return answers[number - 1];
}

it('a key that asks is no part of the answer, the first time and later', async () => {
  expect(await answered(1, 'one\r')).toBe('one');
  expect(await answered(2, 'two\r')).toBe('two');
  expect(await answered(3, '\r')).toBe('');
  stdin.write('pq');
  await expect.poll(() => keys).toEqual(['w', 'w', 'w', 'p', 'q']);
});

it('Ctrl-C is an interrupt, and in a question takes the question back', async () => {
  stdin.write('\u0003');
  await expect.poll(() => kill.mock.calls).toEqual([[7, 'SIGINT']]);
  expect(await answered(1, 'half\u0003')).toBe('');
  await wait(0);
  expect(kill).toHaveBeenCalledTimes(1);
});
