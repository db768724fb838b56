// A place in words. Knows no console.
import { relative } from 'node:path';
import type { Place } from '../../problem.ts';

/** `data/1_raw/llm_models.csv:3:7 (pool)`, or the generation's id, or nothing. */
export function placeText(place: Place | undefined, directory: string): string {
  if (place === undefined) return '';
  const { file, line, column, field, genId } = place;
  const where =
    file === undefined
      ? (genId ?? '')
      : shortPath(file, directory) +
        [line, column]
          .filter((each) => each !== undefined)
          .map((each) => `:${each}`)
          .join('');
  if (field === undefined) return where;
  return where === '' ? field : `${where} (${field})`;
}

export function shortPath(path: string, directory: string): string {
  const short = relative(directory, path);
  return short === '' ? '.' : short.startsWith('..') && short.length > path.length ? path : short;
}
