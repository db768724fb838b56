// Reads parsed options as the kinds that commands want, with a located problem for each that is not. Knows no command.
import { splitOutsideQuotes } from '../../text/quotes.ts';
import { millisecondsOf } from '../../text/amounts.ts';
import { problem, ProblemError } from '../../problem.ts';
import type { Options } from './command.ts';

export function optionsFrom(values: Readonly<Record<string, unknown>>): Options {
  const value = (name: string): unknown =>
    values[name.replaceAll(/-(.)/g, (_all, letter: string) => letter.toUpperCase())];
  const text = (name: string): string | undefined => {
    const given = value(name);
    if (given === undefined || typeof given === 'boolean') return undefined;
    return String(Array.isArray(given) ? given.at(-1) : given);
  };
  const texts = (name: string): readonly string[] => {
    const given = value(name);
    const all: readonly unknown[] = Array.isArray(given) ? given : [given];
    return all.filter((each) => each !== undefined && typeof each !== 'boolean').map(String);
  };
  const number = (name: string): number | undefined => {
    const given = text(name);
    if (given === undefined) return undefined;
    const value = Number(given);
    if (given.trim() !== '' && Number.isFinite(value) && value >= 0) return value;
    throw misread(name, 'a number of 0 or more', JSON.stringify(given));
  };
  return {
    flag: (name) => value(name) === true || (value(name) !== undefined && value(name) !== false),
    text,
    texts,
    list: (name) =>
      texts(name).flatMap((each) => splitOutsideQuotes(each, /\s+/).filter((word) => word !== '')),
    number,
    count(name, { least = 1, most = Infinity } = {}) {
      const given = number(name);
      if (given === undefined || (Number.isInteger(given) && given >= least && given <= most)) return given;
      const range = most === Infinity ? `of ${least} or more` : `from ${least} to ${most}`;
      throw misread(name, `a whole number ${range}`, String(given));
    },
    span(name) {
      const given = text(name);
      const span = given === undefined ? undefined : millisecondsOf(given);
      if (given === undefined || span !== undefined) return span;
      throw misread(name, 'a time such as 20m, 2h or 1d', JSON.stringify(given));
    },
    choice(name, words) {
      const given = text(name);
      const found = words.find((word) => word === given);
      if (given === undefined || found !== undefined) return found;
      throw misread(name, words.join(' or '), JSON.stringify(given));
    },
  };
}

function misread(name: string, wanted: string, given: string): ProblemError {
  const field = `--${name}`;
  return new ProblemError([
    problem('DD102', `${field} must be ${wanted}, not ${given}`, { place: { field } }),
  ]);
}
