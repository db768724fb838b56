// A long table drawn as far as it is seen: its first rows and columns at once, more as one comes near their end, all of them on paper.
// Knows no table.
import { useEffect, useRef, useState } from 'preact/hooks';

/** Pixels beyond the edge of the frame within which an end is near. */
const NEAR = 400;

interface Coming<T> {
  readonly shown: readonly T[];
  /** To be the last cell of those that are shown. */
  readonly end: preact.RefObject<HTMLTableCellElement | null>;
}

/** As many as `atOnce` to begin with, and again as many whenever their end is near. */
export function useComing<T>(all: readonly T[], atOnce: number): Coming<T> {
  const [many, draw] = useState(atOnce);
  const end = useRef<HTMLTableCellElement>(null);
  const isWhole = many >= all.length;
  useEffect(() => {
    const last = end.current;
    if (isWhole || last === null) return undefined;
    const watcher = new IntersectionObserver(
      (seen) => {
        if (seen.some(({ isIntersecting }) => isIntersecting)) draw(many + atOnce);
      },
      { root: last.closest('.frame'), rootMargin: `${NEAR}px` },
    );
    watcher.observe(last);
    const drawAll = (): void => draw(Infinity);
    addEventListener('beforeprint', drawAll);
    return () => {
      watcher.disconnect();
      removeEventListener('beforeprint', drawAll);
    };
  }, [many, isWhole, atOnce]);
  return { shown: isWhole ? all : all.slice(0, many), end };
}
