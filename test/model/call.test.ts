// The ledger's line of one attempt: what is said of a reply and of a failure, what they cost, and what may have been billed.
import { describe, expect, it } from 'vitest';
import { attemptLine } from '../../src/model/call.ts';
import type { ModelOutcome } from '../../src/model/provider.ts';
import type { LedgerEntry } from '../../src/store/ledger/ledger.ts';
import { call, failed, reply } from '../support/dispatching.ts';

const price = { input: 1000, output: 2000 };

const lineOf = (
  outcome: ModelOutcome,
  { paid = true, number = 1, of = call('x'.repeat(40), { price }) } = {},
): LedgerEntry =>
  attemptLine({
    call: of,
    provider: { name: 'lab', paid },
    number,
    outcome,
    durationMs: 1500,
    endedAt: Date.UTC(2026, 10, 23, 12),
  });

const USAGE = { promptTokens: 10, completionTokens: 5 };

describe('a line', () => {
  it('says who asked what of whom, when it ended and how long it took', () => {
    expect(
      lineOf(reply({ usage: { ...USAGE, cost: 0.5 }, requestId: 'q', answeredBy: 'lab/exact' }), {
        number: 3,
        of: call('x'.repeat(40), { cohort: 'c', template: 't', price }),
      }),
    ).toEqual({
      when: '2026-11-23T12:00:00.000Z',
      stage: 'draft',
      gen_id: `d_${'x'.repeat(40)}`,
      cohort: 'c',
      template: 't',
      model: 'maker/one',
      provider: 'lab',
      pool: 'main',
      attempt: 3,
      outcome: 'reply',
      prompt_tokens: 10,
      completion_tokens: 5,
      cost: 0.5,
      cost_from: 'provider',
      answered_by: 'lab/exact',
      prompt_estimate: 10,
      duration_ms: 1500,
      request_id: 'q',
    });
  });

  it('leaves out what nobody knows', () => {
    expect(Object.keys(lineOf(reply(), { paid: false }))).toEqual([
      'when',
      'stage',
      'gen_id',
      'model',
      'provider',
      'pool',
      'attempt',
      'outcome',
      'prompt_estimate',
      'duration_ms',
    ]);
  });
});

describe('a reply', () => {
  it.each([
    ['reply', {}],
    ['truncated', { truncated: true }],
    ['empty', { refusal: 'empty' }],
    ['content_filter', { refusal: 'content_filter', truncated: true }],
  ] as const)('came to be %s', (outcome, change) => {
    expect(lineOf(reply(change)).outcome).toBe(outcome);
  });

  it('costs what its tokens do where the provider says no price, and what they are estimated at where it says no tokens', () => {
    expect(lineOf(reply({ usage: USAGE }))).toMatchObject({ cost: 0.02, cost_from: 'tokens' });
    expect(lineOf(reply({ usage: {}, text: 'y'.repeat(20) }))).toMatchObject({
      cost: 0.02,
      cost_from: 'estimate',
    });
  });

  it('costs nothing that is known where the provider is not paid, or nobody knows a price', () => {
    expect(lineOf(reply({ usage: USAGE }), { paid: false })).not.toHaveProperty('cost');
    expect(lineOf(reply({ usage: USAGE }), { of: call('x') })).not.toHaveProperty('cost');
  });
});

describe('a failure', () => {
  it('has its cause, its status and its words', () => {
    const line = lineOf(failed('server', { status: 503, message: 'away', requestId: 'q' }));
    expect(line).toMatchObject({ outcome: 'server', status: 503, message: 'away', request_id: 'q' });
    for (const name of ['cost', 'maybe_billed', 'answered_by']) expect(line).not.toHaveProperty(name);
  });

  it('may have been billed where its reply was lost', () => {
    expect(lineOf(failed('timeout', { lostReply: true }))).toMatchObject({ maybe_billed: true });
  });

  it('costs what was billed, by the provider or by its tokens', () => {
    const billed = lineOf(failed('server', { usage: { ...USAGE, cost: 0.5 } }));
    expect(billed).toMatchObject({
      cost: 0.5,
      cost_from: 'provider',
      prompt_tokens: 10,
      completion_tokens: 5,
    });
    expect(billed).not.toHaveProperty('maybe_billed');
    expect(lineOf(failed('server', { usage: USAGE }))).toMatchObject({ cost: 0.02, cost_from: 'tokens' });
  });

  it('costs its prompt alone where nothing is said of a reply', () => {
    expect(lineOf(failed('bad_reply', { usage: { promptTokens: 10 } }))).toMatchObject({
      cost: 0.01,
      cost_from: 'estimate',
    });
  });

  it('may have been billed where tokens were used, and nobody knows a price', () => {
    expect(lineOf(failed('server', { usage: USAGE }), { of: call('x') })).toMatchObject({
      maybe_billed: true,
    });
  });
});
