// Ctrl-C: the first stops starting work, the second gives up what is under way. Knows no work.

export interface Stopping {
  /** True from the first signal on. */
  readonly asked: () => boolean;
  /** Aborted by the second signal. */
  readonly abort: AbortSignal;
  /** Called at each signal, with how many there have been; at once where one was asked for already. */
  readonly listen: (listener: (count: number) => void) => void;
}

export interface Stoppable {
  readonly stopping: Stopping;
  /** Stops as the first signal does; does nothing once that has been. */
  readonly ask: () => void;
}

/** Until something listens, the first signal ends the process as usual. */
export function catchSignals(source: Pick<NodeJS.Process, 'on'>): Stoppable {
  const controller = new AbortController();
  const listeners: ((count: number) => void)[] = [];
  let count = 0;
  const onSignal = (): void => {
    count++;
    if (count > 1) controller.abort();
    for (const listener of listeners) listener(count);
  };
  const ask = (): void => {
    if (count === 0) onSignal();
  };
  const stopping: Stopping = {
    asked: () => count > 0,
    abort: controller.signal,
    listen(listener) {
      if (listeners.length === 0) {
        for (const signal of ['SIGINT', 'SIGTERM'] as const) source.on(signal, onSignal);
        // A terminal that closes sends it, and so does its shell: two of them are no second wish.
        source.on('SIGHUP', ask);
      }
      listeners.push(listener);
      if (count > 0) listener(count);
    },
  };
  return { stopping, ask };
}
