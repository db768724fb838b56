// Where words go: data to standard output, messages to standard error, colour only where it is wanted. Knows no command.
import { stripVTControlCharacters } from 'node:util';
import type { Problem } from '../problem.ts';
import { placeText } from './words/place.ts';
import { displayText } from '../text/display.ts';
import type { Outlet } from './call/outlets.ts';

export type Colour = 'red' | 'green' | 'yellow' | 'cyan' | 'dim' | 'bold';
const CODES: Readonly<Record<Colour, number>> = { red: 31, green: 32, yellow: 33, cyan: 36, dim: 2, bold: 1 };

export interface Console {
  readonly json: boolean;
  readonly verbosity: 'quiet' | 'normal' | 'verbose';
  /** True when a person sits at both ends. */
  readonly interactive: boolean;
  /** True when standard error is a terminal on which lines can be rewritten. */
  readonly live: boolean;
  /** Columns of the terminal that standard output is; undefined when it is none. */
  readonly width: number | undefined;
  /** A line of the answer, to standard output. */
  print(line?: string): void;
  /** A text of a model or a file: byte for byte, but on a terminal without what that would act upon. */
  write(text: string): void;
  /** The answer as one JSON document, or one event a line. */
  printJson(value: unknown, form?: 'document' | 'line'): void;
  /** A message, to standard error; kept back when quiet. */
  note(line?: string): void;
  problems(problems: readonly Problem[]): void;
  /** Rewrites the last lines of the terminal in place; does nothing where that can not be done. */
  status(lines: readonly string[]): void;
  paint(colour: Colour, text: string): string;
}

export interface Streams {
  readonly out: Outlet;
  readonly err: Outlet;
  readonly in: { readonly isTTY: boolean };
}

export interface ConsoleOptions {
  readonly json: boolean;
  readonly verbosity: Console['verbosity'];
  readonly colour: 'auto' | 'never';
  readonly environment: Readonly<Record<string, string | undefined>>;
  /** Paths in messages are shown relative to it. */
  readonly directory: string;
}

export function createConsole(streams: Streams, options: ConsoleOptions): Console {
  const { json, verbosity, environment } = options;
  const coloured = wantsColour(streams.err, options);
  const live =
    streams.err.isTTY &&
    !set(environment['CI']) &&
    environment['TERM'] !== 'dumb' &&
    !json &&
    verbosity !== 'quiet';
  const colouredOut = wantsColour(streams.out, options);
  let shown = 0;
  const clear = (): void => {
    if (shown > 0) streams.err.write(`\u001B[${shown}A\u001B[0J`);
    shown = 0;
  };
  const note = (line = ''): void => {
    if (verbosity === 'quiet') return;
    clear();
    streams.err.write(`${line}\n`);
  };
  return {
    json,
    verbosity,
    live,
    width: streams.out.columns,
    interactive: streams.err.isTTY && streams.in.isTTY && !set(environment['CI']) && !json,
    note,
    print(line = '') {
      clear();
      // A pipe beside a terminal, `daydream why … | less`, gets no colour.
      streams.out.write(`${colouredOut ? line : stripVTControlCharacters(line)}\n`);
    },
    write(text) {
      clear();
      streams.out.write(streams.out.isTTY ? onTerminal(text) : text);
    },
    printJson(value, form = 'document') {
      streams.out.write(`${form === 'line' ? JSON.stringify(value) : JSON.stringify(value, null, 2)}\n`);
    },
    problems(problems) {
      clear();
      for (const each of problems) {
        const colour = each.severity === 'error' ? 'red' : 'yellow';
        const head = paint(coloured, colour, `${each.severity} ${each.code}`);
        const place = displayText(placeText(each.place, options.directory));
        const message = displayText(each.message);
        // What begins with the option that it is about says already where it is.
        const isSaid = place === '' || message.startsWith(`${place} `);
        const words = `${isSaid ? '' : `${place}: `}${message}\n      ${displayText(each.cure)}`;
        streams.err.write(`${head} ${words}\n`);
      }
    },
    status(lines) {
      if (!live) return;
      clear();
      for (const line of lines) streams.err.write(`${line.slice(0, streams.err.columns)}\n`);
      shown = lines.length;
    },
    paint: (colour, text) => paint(coloured, colour, text),
  };
}

function onTerminal(text: string): string {
  return displayText(text).replace(/(?<!\n)$/, '\n');
}

function wantsColour(stream: Outlet, { colour, environment }: ConsoleOptions): boolean {
  if (colour === 'never' || set(environment['NO_COLOR'])) return false;
  if (set(environment['FORCE_COLOR'])) return environment['FORCE_COLOR'] !== '0';
  return stream.isTTY && !set(environment['CI']) && environment['TERM'] !== 'dumb';
}

function set(value: string | undefined): boolean {
  return value !== undefined && value !== '';
}

function paint(coloured: boolean, colour: Colour, text: string): string {
  return coloured ? `\u001B[${CODES[colour]}m${text}\u001B[0m` : text;
}
