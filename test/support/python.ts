// Asks Debian's Python for numbers to compare with: one process a question, JSON in and JSON out. Knows no formula.
import { spawnSync } from 'node:child_process';
import { locate, type Need } from './needs.ts';

const PRELUDE = `import json, sys
given = json.load(sys.stdin)
answer = lambda value: print(json.dumps(value, default=lambda each: each.tolist()))`;

/** What the program hands to `answer`; it finds the input in `given`. Both ways as JSON, numpy's numbers and arrays included. */
export function askPython<T>(need: Need, program: string, given: unknown): T {
  const script = `${PRELUDE}\n${program}`;
  const { status, stdout, stderr } = spawnSync(locate(need), ['-c', script], {
    input: JSON.stringify(given),
    encoding: 'utf8',
    maxBuffer: 2 ** 28,
    // Threads of its own for small matrices only get into each other's way, and into that of the tests beside.
    env: { ...process.env, OPENBLAS_NUM_THREADS: '1', OMP_NUM_THREADS: '1' },
  });
  if (status !== 0) throw new Error(`Python failed: ${stderr}`);
  return JSON.parse(stdout) as T;
}
