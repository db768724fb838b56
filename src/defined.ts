// An object without what is not there. Knows nothing of what it is about.

/** What may be undefined is optional instead. */
export type Defined<T> = {
  [K in keyof T as undefined extends T[K] ? never : K]: T[K];
} & {
  [K in keyof T as undefined extends T[K] ? K : never]?: Exclude<T[K], undefined>;
};

/** The object without its undefined fields, in the order that they have. */
export function defined<const T extends object>(value: T): Defined<T> {
  // Some ten times a call: a list of pairs, another of those that are kept and an object of them take four times as long.
  const given = value as Readonly<Record<string, unknown>>;
  const kept: Record<string, unknown> = {};
  for (const name of Object.keys(given)) if (given[name] !== undefined) kept[name] = given[name];
  return kept as Defined<T>;
}

/** The same at any depth of objects; what stands in a list, or is of a class, stays as it is. */
export function definedThroughout(value: unknown): unknown {
  if (!isRecord(value)) return value;
  return Object.fromEntries(
    Object.entries(value).flatMap(([name, inner]) =>
      inner === undefined ? [] : [[name, definedThroughout(inner)]],
    ),
  );
}

/** An object of no class, whatever realm it comes from: neither a list nor, say, a date. */
export function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  if (value === null || typeof value !== 'object' || Array.isArray(value)) return false;
  const above: unknown = Object.getPrototypeOf(value);
  return above === null || Object.getPrototypeOf(above) === null;
}
