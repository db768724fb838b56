// A list of any length: only the lines that are seen are in the page, and only the pages of lines that were looked at are asked for.
// Knows no line.
import {
  elementScroll,
  observeElementOffset,
  observeElementRect,
  Virtualizer,
  type VirtualItem,
} from '@tanstack/virtual-core';
import { useEffect, useReducer, useRef, useState } from 'preact/hooks';

interface VirtualInput {
  readonly label: string;
  readonly total: number;
  /** Pixels of a line. */
  readonly height: number;
  readonly line: (place: number) => preact.ComponentChildren;
  /** Hears which lines are seen. */
  readonly onSeen: (from: number, to: number) => void;
}

export function VirtualList({ label, total, height, line, onSeen }: VirtualInput): preact.JSX.Element {
  const frame = useRef<HTMLDivElement>(null);
  const [, draw] = useReducer((turn: number) => turn + 1, 0);
  const [virtual] = useState(
    () =>
      new Virtualizer<HTMLDivElement, HTMLDivElement>({
        count: total,
        getScrollElement: () => frame.current,
        estimateSize: () => height,
        overscan: 12,
        scrollToFn: elementScroll,
        observeElementRect,
        observeElementOffset,
        onChange: () => draw(undefined),
      }),
  );
  useEffect(() => {
    virtual._willUpdate();
    return virtual._didMount();
  }, [virtual]);
  virtual.setOptions({ ...virtual.options, count: total });
  useEffect(() => {
    virtual.measure();
  }, [total, virtual]);
  const items: readonly VirtualItem[] = virtual.getVirtualItems();
  const [from, to] = [items[0]?.index ?? 0, items.at(-1)?.index ?? 0];
  useEffect(() => onSeen(from, to), [from, to, onSeen]);
  return (
    <div class="frame list" ref={frame} tabIndex={0} role="region" aria-label={label}>
      <div class="lines" role="list" style={{ height: `${virtual.getTotalSize()}px` }}>
        {items.map(({ index, start }) => (
          <div
            key={index}
            class="item"
            role="listitem"
            aria-setsize={total}
            aria-posinset={index + 1}
            style={{ transform: `translateY(${start}px)`, height: `${height}px` }}
          >
            {line(index)}
          </div>
        ))}
      </div>
    </div>
  );
}
