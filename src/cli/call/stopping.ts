// Ctrl-C: the first stops starting work, the second gives up what is under way. Knows no work.

export interface Stopping {
  /** True from the first signal on. */
  readonly asked: () => boolean;
  /** Aborted by the second signal. */
  readonly abort: AbortSignal;
  /** Called at each signal, with how many there have been. */
  readonly listen: (listener: (count: number) => void) => void;
}

/** Until something listens, the first signal ends the process as usual. */
export function catchSignals(source: NodeJS.Process): Stopping {
  const controller = new AbortController();
  const listeners: ((count: number) => void)[] = [];
  let count = 0;
  const onSignal = (): void => {
    count++;
    if (count > 1) controller.abort();
    for (const listener of listeners) listener(count);
  };
  return {
    asked: () => count > 0,
    abort: controller.signal,
    listen(listener) {
      if (listeners.length === 0)
        for (const signal of ['SIGINT', 'SIGTERM'] as const) source.on(signal, onSignal);
      listeners.push(listener);
    },
  };
}
