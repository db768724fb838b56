// Builds by batches that die, at each step of what they write down, and one of 20,000 rows. Whatever happens, the next build ends with
// everything current, and the server billed what the ledger says: each row once.
import { afterEach, describe, expect, it } from 'vitest';
import { ROW_COST, startBatchServer, type BatchServer } from '../support/batchserver.ts';
import { answer, buildHere, costIn, kiteWith, SHAPES } from '../support/batching.ts';
import type { BuildReport } from '../../src/api/building/events.ts';
import type { Kite } from '../support/kite.ts';
import { faulty } from '../support/wreck.ts';

let server: BatchServer;
afterEach(() => server.close());

const SOAK = process.env['DAYDREAM_SOAK'] !== undefined;
const steps = (count: number): number[] => Array.from({ length: count }, (_, step) => step + 1);
const WAITING = { batch: true, batchWait: 7_200_000 } as const;

interface After {
  /** Of the build after the one that died. */
  readonly end: string;
  readonly current: number;
  readonly direct: number;
  /** Rows that were billed more than once. */
  readonly twice: number;
  /** Rows by what the ledger's lines cost, less those that were billed. */
  readonly unbilled: number;
}

const WHOLE: After = { end: 'done', current: 28, direct: 0, twice: 0, unbilled: 0 };

function standing(kite: Kite, { end, counts }: BuildReport): After {
  const twice = server.billed.length - new Set(server.billed).size;
  const unbilled = Math.round(costIn(kite) / ROW_COST) - server.billed.length;
  return { end, current: counts.states.current, direct: server.direct.length, twice, unbilled };
}

/** How things are after a build that died at a step, and one that went on where it was. */
async function after(
  shape: (typeof SHAPES)[number],
  round: 'submits' | 'takes',
  fault: object,
): Promise<After> {
  server = await startBatchServer({ shape, answer });
  const kite = kiteWith(server, shape);
  if (round === 'takes') {
    await buildHere(kite, { batch: true });
    server.end();
  }
  const { code } = await kite.run(['build', '--batch'], { env: faulty(kite, fault) });
  if (code === 0 || code === 3) throw new Error(`it did not die: ${code}`);
  const report = await buildHere(kite, WAITING, ({ type }) => type === 'batch_open' && server.end());
  return standing(kite, report);
}

/**
 * Of what a build writes about its batches: the folder, rows and record, five steps a file (open, write, flush, rename, flush of the
 * folder). After the eleventh the provider is asked, and has it from the twelfth on.
 */
const SUBMITTING = SOAK ? steps(16) : [1, 5, 8, 10, 11, 12, 14, 16];
/** The record as `ended` and as `taken`; then its rows go. */
const TAKING = SOAK ? steps(11) : [1, 4, 5, 7, 10, 11];
const shapeOf = (step: number): (typeof SHAPES)[number] => SHAPES[step % 2] ?? 'openai';

describe('a build that is killed', () => {
  it.each(SUBMITTING)('at step %i of writing down what it sends', async (at) => {
    expect(await after(shapeOf(at), 'submits', { match: '/batches', at, fault: 'kill' })).toEqual(WHOLE);
  });

  it.each(TAKING)('at step %i of writing down what it takes', async (at) => {
    expect(await after(shapeOf(at + 1), 'takes', { match: '/batches', at, fault: 'kill' })).toEqual(WHOLE);
  });

  it.each([
    ['responses', 9],
    ['responses', 14],
    ['calls.jsonl', 3],
    ['gens', 5],
  ])('while it keeps what came, in %s at step %i', async (match, at) => {
    expect(await after(shapeOf(at), 'takes', { match: `/${match}`, at, fault: 'kill' })).toEqual(WHOLE);
  });
});

describe('a build that is cut from the power', () => {
  it.each([
    ['submits', '/batches', 13],
    ['takes', '/batches', 9],
    ['takes', '/responses', 12],
    ['takes', '/calls.jsonl', 4],
  ] as const)('while it %s, in %s at step %i', async (round, match, at) => {
    expect(await after(shapeOf(at), round, { match, at, fault: 'cut', seed: at })).toEqual(WHOLE);
  });
});

describe('a build on a full disk', () => {
  it.each([
    ['submits', '/batches', 3],
    ['submits', '/batches', 12],
    ['takes', '/batches', 2],
    ['takes', '/responses', 2],
  ] as const)('while it %s, in %s at step %i, says so and loses nothing', async (round, match, at) => {
    expect(await after(shapeOf(at), round, { match, at, fault: 'ENOSPC', lasting: true })).toEqual(WHOLE);
  });
});

describe('many evaluations', () => {
  // 20,000 of them in the long form: a minute of processor time.
  const [replicates, size] = SOAK ? [2500, 5000] : [100, 200];

  it('in batches of many rows are billed as the ledger says, none twice, and end current', async () => {
    server = await startBatchServer({ shape: 'openrouter', answer, prompt: true });
    const kite = kiteWith(
      server,
      'openrouter',
      { pools: { llm_api_paid: { batch: { size } } } },
      {
        'data/1_raw/replication_config.csv': `stage,replicates\ndraft,1\nessay,1\nevaluation,${replicates}\n`,
      },
    );
    const report = await buildHere(kite, WAITING);
    const evaluations = 8 * replicates;
    expect(standing(kite, report)).toEqual({ ...WHOLE, current: evaluations + 12 });
    expect(server.batches.map(({ rows }) => rows.length).sort((a, b) => a - b)).toEqual([
      4,
      4,
      ...Array.from({ length: evaluations / size }, () => size),
    ]);
    expect(server.billed).toHaveLength(evaluations + 8);
    expect(report.summary?.cost).toBeCloseTo((evaluations + 8) * ROW_COST, 6);
  });
});
