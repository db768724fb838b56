// One line of the call ledger, as most are.
import type { LedgerEntry } from '../../src/store/ledger/ledger.ts';

export const ledgerLine = (change: Partial<LedgerEntry> = {}): LedgerEntry => ({
  when: '2026-11-23T23:59:59.000Z',
  stage: 'draft',
  gen_id: 'd_1',
  model: 'maker/one',
  provider: 'openrouter',
  pool: 'paid',
  attempt: 1,
  outcome: 'reply',
  prompt_tokens: 10,
  completion_tokens: 20,
  cost: 0.5,
  duration_ms: 1200,
  ...change,
});
