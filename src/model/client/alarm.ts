// One call's own abort: by the caller, by the deadline over the whole body, or by a stream that has gone quiet. Knows no HTTP.
import type { CallFailure } from '../provider.ts';
import { failure } from './failure.ts';

export interface Alarm {
  readonly signal: AbortSignal;
  /** Why it rang; undefined while it has not. */
  rang(): CallFailure | undefined;
  /** The same chunks, each of which shows that the stream is alive. */
  watching(chunks: AsyncIterable<Uint8Array>): AsyncIterable<Uint8Array>;
  stop(): void;
}

/**
 * Both times, in milliseconds, are run in two legs. When this process was too busy to read, the first leg ends late, and what has
 * arrived meanwhile is read before the second one does: our own delay is never taken for the provider's silence.
 */
export function createAlarm(
  { callMs, idleMs }: { readonly callMs: number; readonly idleMs: number | undefined },
  outer: AbortSignal,
): Alarm {
  const controller = new AbortController();
  let reason: CallFailure | undefined;
  const ring = (cause: 'timeout' | 'aborted', message: string): void => {
    reason ??= failure(cause, message, { lostReply: true });
    controller.abort();
  };
  const late = (): void => ring('timeout', `no whole reply within ${String(callMs)} ms`);
  const silent = (): void => ring('timeout', `the stream was silent for ${String(idleMs)} ms`);
  const abort = (): void => ring('aborted', 'the call was given up');
  const deadline = inTwoLegs(callMs, late);
  const quiet = idleMs === undefined ? undefined : inTwoLegs(idleMs, silent);
  outer.addEventListener('abort', abort, { once: true });
  if (outer.aborted) abort();
  return {
    signal: controller.signal,
    rang: () => reason,
    async *watching(chunks) {
      for await (const chunk of chunks) {
        quiet?.restart();
        yield chunk;
      }
    },
    stop() {
      deadline.stop();
      quiet?.stop();
      outer.removeEventListener('abort', abort);
    },
  };
}

function inTwoLegs(ms: number, then: () => void): { restart(): void; stop(): void } {
  let legs = 0;
  const timer = setInterval(() => {
    legs += 1;
    if (legs === 2) then();
  }, ms / 2);
  return {
    restart() {
      legs = 0;
      timer.refresh();
    },
    stop: () => clearInterval(timer),
  };
}
