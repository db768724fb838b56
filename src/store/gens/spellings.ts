// What belongs to a sequence of texts, found text by text: of sequences that come again and again no key is to be put together each time.

/** Where a sequence has led so far; `value` is what belongs to it, once somebody has put it there. */
export interface Spelled<T> {
  readonly further: Map<string | undefined, Spelled<T>>;
  value: T | undefined;
}

export function unspelled<T>(): Spelled<T> {
  return { further: new Map(), value: undefined };
}

/** With one text more; undefined stands for one that is not there. */
export function spelledFurther<T>({ further }: Spelled<T>, text: string | undefined): Spelled<T> {
  let next = further.get(text);
  if (next === undefined) further.set(text, (next = unspelled()));
  return next;
}
