// Reads a document's query: names and numbers, each checked, none of them a path. Knows no document.
import { problem, ProblemError } from '../../problem.ts';
import { FACETS, type Facet, type Where } from '../../scores/book/scoretable.ts';
import type { Query } from '../server/server.ts';

/** Undefined where it is not given, or empty. */
export function text(query: Query, name: string): string | undefined {
  const given = query.get(name)?.[0];
  return given === undefined || given === '' ? undefined : given;
}

export function needed(query: Query, name: string): string {
  const given = text(query, name);
  if (given === undefined) throw unfit(name, 'is missing');
  return given;
}

/** All that are given of a name. */
export function texts(query: Query, name: string): readonly string[] | undefined {
  const given = query.get(name)?.filter((each) => each !== '');
  return given === undefined || given.length === 0 ? undefined : given;
}

/** A whole number from 0 to `most`. */
export function count(query: Query, name: string, most: number): number | undefined {
  const given = text(query, name);
  if (given === undefined) return undefined;
  const value = Number(given);
  if (Number.isInteger(value) && value >= 0 && value <= most) return value;
  throw unfit(name, `must be a whole number from 0 to ${most}`);
}

export function choice<T extends string>(query: Query, name: string, words: readonly T[]): T | undefined {
  const given = text(query, name);
  const found = words.find((word) => word === given);
  if (given === undefined || found !== undefined) return found;
  throw unfit(name, `must be one of ${words.join(', ')}`);
}

export function facet(query: Query, name: string): Facet | undefined {
  return choice(query, name, FACETS);
}

/** `draft_template=a&judge=b&judge=c`. */
export function where(query: Query): Where {
  return Object.fromEntries(
    FACETS.flatMap((each) => {
      const names = texts(query, each);
      return names === undefined ? [] : [[each, names]];
    }),
  );
}

function unfit(name: string, what: string): ProblemError {
  return new ProblemError([problem('DD168', `${name} ${what}`, { place: { field: name } })]);
}
