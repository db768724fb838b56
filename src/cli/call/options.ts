// Reads parsed options as the kinds that commands want, with a located problem for each that is not. Knows no command.
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
  return {
    flag: (name) => value(name) === true || (value(name) !== undefined && value(name) !== false),
    text,
    list(name) {
      const given = value(name);
      const all = Array.isArray(given) ? given : [given];
      return all
        .filter((each) => each !== undefined && typeof each !== 'boolean')
        .flatMap((each) =>
          String(each)
            .split(/\s+/)
            .filter((word) => word !== ''),
        );
    },
    number(name) {
      const given = text(name);
      if (given === undefined) return undefined;
      const number = Number(given);
      if (given.trim() !== '' && Number.isFinite(number) && number >= 0) return number;
      throw new ProblemError([
        problem('DD102', `--${name} must be a number of 0 or more, not ${JSON.stringify(given)}`, {
          place: { field: `--${name}` },
        }),
      ]);
    },
    choice(name, words) {
      const given = text(name);
      const found = words.find((word) => word === given);
      if (given === undefined || found !== undefined) return found;
      throw new ProblemError([
        problem('DD102', `--${name} must be ${words.join(' or ')}, not ${JSON.stringify(given)}`, {
          place: { field: `--${name}` },
        }),
      ]);
    },
  };
}
