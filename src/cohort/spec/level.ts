// A level: one value of an axis, and how it compares and prints. Knows nothing of axes or rules.
import type { Literal, Scalar } from '../../inputs/yaml/scalar.ts';
import { equalityKey } from '../../inputs/yaml/tree.ts';

/** An array stands for a row of a CSV include with several columns, or for a value that a rule made of several axes. */
export type Level = Scalar | readonly Level[];

/** Levels with the same key are one level: 1, 1.0 and true; never 1 and "1". */
export function levelKey(level: Level): string {
  if (!isTuple(level)) return equalityKey(level);
  return `(${level
    .map((item) => levelKey(item))
    .map((key) => `${key.length}:${key}`)
    .join(',')})`;
}

/** First occurrences, in order. */
export function distinctLevels(levels: readonly Level[]): readonly Level[] {
  const seen = new Map<string, Level>();
  for (const level of levels) {
    const key = levelKey(level);
    if (!seen.has(key)) seen.set(key, level);
  }
  return [...seen.values()];
}

/** As Python's `str()` prints it; nothing for null. */
export function levelText(level: Level): string {
  if (level === null) return '';
  if (typeof level === 'string') return level;
  if (typeof level === 'number') return String(level);
  if (typeof level === 'boolean') return level ? 'True' : 'False';
  return isTuple(level) ? `(${level.map(repr).join(', ')}${level.length === 1 ? ',' : ''})` : level.text;
}

/** For messages and JSON: what JSON has no number for becomes text. */
export function levelJson(level: Level): unknown {
  if (isTuple(level)) return level.map((item) => levelJson(item));
  if (typeof level !== 'object' || level === null) return level;
  const number = Number(level.text);
  return level.kind === 'number' && Number.isFinite(number) && Math.abs(number) <= Number.MAX_SAFE_INTEGER
    ? number
    : level.text;
}

export function isTuple(level: Level): level is readonly Level[] {
  return Array.isArray(level);
}

export function isLiteral(level: Level): level is Literal {
  return typeof level === 'object' && level !== null && !isTuple(level);
}

function repr(level: Level): string {
  if (level === null) return 'None';
  return typeof level === 'string' ? `'${level.replace(/[\\']/g, String.raw`\$&`)}'` : levelText(level);
}
