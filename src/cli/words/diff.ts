// Differences of two texts, line by line: unified, or side by side. The only door to the diff package; knows nothing of the texts.
import { createTwoFilesPatch, diffArrays, FILE_HEADERS_ONLY } from 'diff';
import { displayText } from '../../text/display.ts';
import type { Colour, Console } from '../console.ts';

export interface NamedText {
  readonly name: string;
  readonly text: string;
}

/** Texts that differ in more lines than this are shown as wholly different: finding more costs the square of it. */
const MOST_EDITS = 2000;

/** As `diff -u` writes it; empty when the texts are equal. */
export function unifiedDiff(before: NamedText, after: NamedText): string {
  if (before.text === after.text) return '';
  const options = { headerOptions: FILE_HEADERS_ONLY, maxEditLength: MOST_EDITS };
  const [from, to] = [before.name, after.name];
  return (
    createTwoFilesPatch(from, to, before.text, after.text, undefined, undefined, options) ??
    `--- ${from}\n+++ ${to}\n${marked(before.text, '-')}${marked(after.text, '+')}`
  );
}

function marked(text: string, mark: string): string {
  return linesOf(text)
    .map((line) => `${mark}${line}\n`)
    .join('');
}

/** Two columns that fill `width`; long lines go on in the next row. Between them: blank for equal, `<` `>` `|` for what differs. */
export function sideBySide(before: NamedText, after: NamedText, width: number): readonly string[] {
  const column = Math.max(10, Math.floor((width - 3) / 2));
  const rows = pairs(linesOf(before.text), linesOf(after.text)).flatMap(({ left, right, mark }) => {
    const [lefts, rights] = [wrapped(left ?? '', column), wrapped(right ?? '', column)];
    return Array.from({ length: Math.max(lefts.length, rights.length) }, (_, at) =>
      rowText(lefts[at] ?? '', mark, rights[at] ?? '', column),
    );
  });
  return [rowText(before.name, ' ', after.name, column), ...rows];
}

interface Pair {
  readonly left?: string | undefined;
  readonly right?: string | undefined;
  readonly mark: ' ' | '<' | '>' | '|';
}

function pairs(before: readonly string[], after: readonly string[]): readonly Pair[] {
  const changes = diffArrays([...before], [...after], { maxEditLength: MOST_EDITS }) ?? [
    { removed: true, added: false, value: [...before] },
    { removed: false, added: true, value: [...after] },
  ];
  const rows: Pair[] = [];
  let removed: readonly string[] = [];
  const flush = (added: readonly string[]): void => {
    for (let at = 0; at < Math.max(removed.length, added.length); at++) {
      const [left, right] = [removed[at], added[at]];
      rows.push({ left, right, mark: left === undefined ? '>' : right === undefined ? '<' : '|' });
    }
    removed = [];
  };
  for (const change of changes) {
    if (change.removed) removed = change.value;
    else if (change.added) flush(change.value);
    else {
      flush([]);
      for (const line of change.value) rows.push({ left: line, right: line, mark: ' ' });
    }
  }
  flush([]);
  return rows;
}

function linesOf(text: string): readonly string[] {
  const lines = text.split('\n');
  return lines.at(-1) === '' ? lines.slice(0, -1) : lines;
}

function wrapped(line: string, width: number): readonly string[] {
  const points = Array.from(displayText(line.replaceAll('\t', '    ')));
  const rows: string[] = [];
  for (let at = 0; at < points.length; at += width) rows.push(points.slice(at, at + width).join(''));
  return rows.length === 0 ? [''] : rows;
}

function rowText(left: string, mark: string, right: string, column: number): string {
  const fill = ' '.repeat(Math.max(0, column - Array.from(left).length));
  return `${left}${fill} ${mark} ${right}`.trimEnd();
}

/** A unified diff to standard output: bytes as they are, but coloured and harmless on a terminal. */
export function printDiff(console: Console, diff: string): void {
  if (console.width === undefined) return console.write(diff);
  for (const line of linesOf(diff)) {
    const colour = colourOf(line);
    console.print(colour === undefined ? displayText(line) : console.paint(colour, displayText(line)));
  }
}

function colourOf(line: string): Colour | undefined {
  if (line.startsWith('---') || line.startsWith('+++')) return 'bold';
  if (line.startsWith('@@')) return 'cyan';
  if (line.startsWith('-')) return 'red';
  return line.startsWith('+') ? 'green' : undefined;
}
