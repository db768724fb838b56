// Waiting for a moment while the machine sleeps, or its clock is set.
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { whenItIs } from '../../src/watch/planning/daybreak.ts';

const HOUR = 3_600_000;

describe('a moment in six hours', () => {
  let set = 0;
  let called = 0;
  let callOff = (): void => {};
  const begun = Date.UTC(2026, 10, 23, 18);
  let passed = 0;
  const clock = { now: () => begun + passed + set, ticks: () => passed };
  beforeEach(() => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
    [set, called, passed] = [0, 0, 0];
    callOff = whenItIs(clock, begun + 6 * HOUR, () => void called++);
  });
  afterEach(() => {
    callOff();
    vi.useRealTimers();
  });
  const pass = (ms: number): void => {
    for (let at = 0; at < ms; at += 60_000) {
      passed += 60_000;
      vi.advanceTimersByTime(60_000);
    }
  };

  it('comes once', () => {
    pass(6 * HOUR - 60_000);
    expect(called).toBe(0);
    pass(HOUR);
    expect(called).toBe(1);
  });

  it('is no further away when the clock is set back', () => {
    pass(HOUR);
    set = -365 * 24 * HOUR;
    pass(5 * HOUR - 60_000);
    expect(called).toBe(0);
    pass(60_000);
    expect(called).toBe(1);
  });

  it('has come when the clock says so: the machine slept', () => {
    pass(HOUR);
    set = 5 * HOUR;
    pass(60_000);
    expect(called).toBe(1);
  });

  it('does not come once it is called off', () => {
    callOff();
    pass(7 * HOUR);
    expect(called).toBe(0);
  });
});
