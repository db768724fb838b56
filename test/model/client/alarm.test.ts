// One call's own abort: what rings it, what it says then, and what keeps it quiet.
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { createAlarm, type Alarm } from '../../../src/model/client/alarm.ts';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

const LATE = { kind: 'failure', cause: 'timeout', message: 'no whole reply within 1000 ms', lostReply: true };
const SILENT = {
  kind: 'failure',
  cause: 'timeout',
  message: 'the stream was silent for 400 ms',
  lostReply: true,
};
const GIVEN_UP = { kind: 'failure', cause: 'aborted', message: 'the call was given up', lostReply: true };

let outer: AbortController;
beforeEach(() => void (outer = new AbortController()));

const alarmOf = (idleMs?: number): Alarm => createAlarm({ callMs: 1000, idleMs }, outer.signal);

describe('an alarm', () => {
  it('rings when the call has taken its time', () => {
    const alarm = alarmOf();
    vi.advanceTimersByTime(999);
    expect([alarm.signal.aborted, alarm.rang()]).toEqual([false, undefined]);
    vi.advanceTimersByTime(1);
    expect(alarm.signal.aborted).toBe(true);
    expect(alarm.rang()).toEqual(LATE);
  });

  it('rings when whoever asked gives up, and keeps its first reason', () => {
    const alarm = alarmOf();
    outer.abort();
    expect([alarm.signal.aborted, alarm.rang()]).toEqual([true, GIVEN_UP]);
    vi.advanceTimersByTime(5000);
    expect(alarm.rang()).toEqual(GIVEN_UP);
  });

  it('rings at once for a call that was given up before', () => {
    outer.abort();
    expect(alarmOf().rang()).toEqual(GIVEN_UP);
  });

  it('rings when a stream has gone quiet, and only where that is watched', () => {
    const [watched, other] = [alarmOf(400), alarmOf()];
    vi.advanceTimersByTime(399);
    expect(watched.rang()).toBeUndefined();
    vi.advanceTimersByTime(1);
    expect([watched.rang(), other.rang()]).toEqual([SILENT, undefined]);
  });

  it('is kept quiet by each chunk, which comes through as it is, until the call has taken its time', async () => {
    const alarm = alarmOf(400);
    const chunks = [1, 2, 3].map((each) => Uint8Array.of(each));
    const through: unknown[] = [];
    async function* slowly(): AsyncGenerator<Uint8Array> {
      for (const chunk of chunks) {
        vi.advanceTimersByTime(300);
        yield chunk;
      }
    }
    for await (const chunk of alarm.watching(slowly())) through.push(chunk);
    expect(through).toEqual(chunks);
    expect(alarm.rang()).toBeUndefined();
    vi.advanceTimersByTime(100);
    expect(alarm.rang()).toEqual(LATE);
  });

  it('lets chunks through where no silence is watched', async () => {
    async function* one(): AsyncGenerator<Uint8Array> {
      yield Uint8Array.of(1);
    }
    const through: unknown[] = [];
    for await (const chunk of alarmOf().watching(one())) through.push(chunk);
    expect(through).toHaveLength(1);
  });

  it('that was stopped rings no more, whatever happens', () => {
    const alarm = alarmOf(400);
    alarm.stop();
    vi.advanceTimersByTime(5000);
    outer.abort();
    expect([alarm.rang(), alarm.signal.aborted, vi.getTimerCount()]).toEqual([undefined, false, 0]);
  });
});
