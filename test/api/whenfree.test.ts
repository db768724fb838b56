// A lock that somebody holds: waited for where that is wanted, by every command that takes it.
import { describe, expect, it } from 'vitest';
import { whenFree, type Patience } from '../../src/api/building/whenfree.ts';
import type { Code } from '../../src/errors.ts';
import { problem, ProblemError } from '../../src/problem.ts';
import { layoutOf } from '../../src/store/layout.ts';
import { lockRoot } from '../../src/store/lock.ts';
import { makeKite } from '../support/kite.ts';

/** Throws what it is told to, one after the other, and then is free. */
function held(...codes: readonly Code[]): () => string {
  const left = [...codes];
  return () => {
    const code = left.shift();
    if (code !== undefined) throw new ProblemError([problem(code, `for ${code}`)]);
    return 'taken';
  };
}

function patience(wait: boolean | undefined): Patience & { readonly said: string[] } {
  const said: string[] = [];
  return {
    wait,
    said,
    stopping: { asked: () => false, abort: new AbortController().signal },
    clock: { sleep: () => Promise.resolve() },
    onWaiting: ({ message }) => void said.push(message),
  };
}

describe('a lock that somebody holds', () => {
  it('is waited for until it is free, and that is said once', async () => {
    const waiting = patience(true);
    await expect(whenFree(held('DD501', 'DD502', 'DD501'), waiting)).resolves.toBe('taken');
    expect(waiting.said).toEqual(['for DD501']);
  });

  it('is a problem where nobody wants to wait, or to wait no longer', async () => {
    await expect(whenFree(held('DD501'), patience(undefined))).rejects.toThrow(ProblemError);
    const stopped = { asked: () => true, abort: AbortSignal.abort() };
    await expect(whenFree(held('DD501'), { ...patience(true), stopping: stopped })).rejects.toThrow(
      ProblemError,
    );
  });

  it('is not what every problem means', async () => {
    await expect(whenFree(held('DD504'), patience(true))).rejects.toThrow('for DD504');
  });

  it('is waited for by what removes, restores or accepts', async () => {
    const kite = makeKite();
    await kite.build();
    const claim = { command: 'daydream build', since: '2026-11-29T00:00:00.000Z' };
    const release = lockRoot(layoutOf(kite.path('data')), claim);
    const words = [
      ['gc', '--yes'],
      ['adopt', 'state:current'],
      ['rm', kite.id('A:d-one/e-llm/v-one'), '--yes'],
    ];
    for (const each of words)
      expect(await kite.run(each)).toMatchObject({
        code: 2,
        stderr: expect.stringContaining('DD501') as unknown,
      });
    const [first = []] = words;
    const waiting = kite.start([...first, '--wait']);
    await waiting.said('waiting: `daydream build`');
    release();
    expect(await waiting.ended).toMatchObject({ code: 0 });
  });
});
