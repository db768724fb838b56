// The workbench as a command: its one line for programs, its end by Ctrl-C, a port that is taken, and beside a watch in one process.
import { createServer } from 'node:net';
import { describe, expect, it, onTestFinished } from 'vitest';
import { sampleWith } from '../support/project.ts';
import type { Started } from '../support/program.ts';

async function addressOf(started: Started, ...said: readonly string[]): Promise<string> {
  await Promise.all(['"type":"listening"', ...said].map((text) => started.said(text)));
  started.child.kill('SIGINT');
  const { stdout } = await started.ended;
  const line = stdout.split('\n').find((each) => each.includes('"listening"')) ?? '{}';
  return (JSON.parse(line) as { url: string }).url;
}

/** A port of this machine that is taken until the test is over. */
async function takenPort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => void server.close());
  const address = server.address();
  return typeof address === 'object' && address !== null ? address.port : 0;
}

describe('daydream ui', () => {
  it('prints one line with its address, writes nothing into the project, and ends by Ctrl-C', async () => {
    const project = sampleWith();
    const before = project.files();
    const started = project.start(['ui', '--json', '--no-open']);
    expect(await addressOf(started)).toMatch(/^http:\/\/127\.0\.0\.1:\d+\/#t=[\w-]{43}$/);
    expect((await started.ended).code).toBe(130);
    expect(project.files().filter((name) => !name.startsWith('data/.daydream/'))).toEqual(before);
  });

  it('says so where the port is taken', async () => {
    const port = await takenPort();
    const taken = await sampleWith().run(['ui', '--no-open', '--port', String(port)]);
    expect([taken.code, taken.stderr]).toEqual([2, expect.stringContaining('DD167')]);
  });
});

describe('daydream watch --ui', () => {
  it('has its place said as `ui` has, and only with a page', async () => {
    const project = sampleWith();
    const port = await takenPort();
    const taken = await project.run(['watch', '--ui', '--no-open', '--port', String(port)]);
    expect([taken.code, taken.stderr]).toEqual([2, expect.stringContaining(`port ${port}`)]);
    for (const words of [['--no-open'], ['--port', '4700']]) {
      const { code, stderr } = await project.run(['watch', ...words]);
      expect([code, stderr]).toEqual([2, expect.stringContaining(`${words[0] ?? ''} goes with --ui`)]);
    }
  });

  it('is both, and ends as a watch', async () => {
    const project = sampleWith();
    const started = project.start(['watch', '--ui', '--plan', '--json']);
    expect(await addressOf(started, '"type":"watching"')).toMatch(/^http:\/\/127\.0\.0\.1:\d+\/#t=/);
    const { code, stdout } = await started.ended;
    expect([code, stdout.includes('"type":"watching"'), stdout.includes('"type":"stopped"')]).toEqual([
      130,
      true,
      true,
    ]);
  });
});
