// A place in words, and text made safe to show. Knows no console.
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

// Control sequences are just what must not reach the terminal.
/* oxlint-disable no-control-regex */
const CONTROL =
  /\u001B(?:\[[0-?]*[ -/]*[@-~]|\][^\u0007\u001B]*(?:\u0007|\u001B\\)?|[@-_])|[\u0000-\u0008\u000B-\u001F\u007F-\u009F]/g;
/* oxlint-enable no-control-regex */

/** Text of a model or a file, without what a terminal would act upon. On disk it stays as it is. */
export function displayText(text: string): string {
  return text.replaceAll(CONTROL, '');
}
