// Reads the pages of the documentation: their shell blocks command by command, the output that they promise, and the commands that
// stand in their sentences and tables. Runs nothing.
import { readFileSync } from 'node:fs';

export interface DocCommand {
  /** From 1. */
  readonly line: number;
  readonly text: string;
  /** What the trailing comment says (`# exits 1`), else 0. */
  readonly exits: number;
}

/** One block of shell commands, with the lines of output that the page shows below it. `…` stands for anything. */
export interface DocBlock {
  readonly commands: readonly DocCommand[];
  readonly shows: readonly string[];
}

interface Fence {
  readonly language: string;
  /** Of its first line of content, from 1. */
  readonly line: number;
  readonly lines: readonly string[];
}

export function blocksOf(path: string): readonly DocBlock[] {
  const fences = fencesOf(readFileSync(path, 'utf8'));
  return fences.flatMap((fence, at): DocBlock[] => {
    if (fence.language !== 'sh') return [];
    const next = fences[at + 1];
    const shows = next?.language === 'text' && next.line <= fence.line + fence.lines.length + 4 ? next : null;
    return [
      { commands: commandsIn(fence), shows: (shows?.lines ?? []).filter((line) => !/^\s*…?$/.test(line)) },
    ];
  });
}

/** A program of a page, with the lines that the page says it prints. `…` stands for anything. */
export interface DocProgram {
  /** Of its first line, from 1. */
  readonly line: number;
  readonly text: string;
  readonly shows: readonly string[];
}

export function programsOf(path: string): readonly DocProgram[] {
  const fences = fencesOf(readFileSync(path, 'utf8'));
  return fences.flatMap((fence, at): DocProgram[] => {
    if (fence.language !== 'js') return [];
    const next = fences[at + 1];
    const shows = next?.language === 'text' ? next.lines : [];
    return [{ line: fence.line, text: `${fence.lines.join('\n')}\n`, shows }];
  });
}

function fencesOf(text: string): readonly Fence[] {
  const fences: Fence[] = [];
  let open: { readonly language: string; readonly line: number; readonly lines: string[] } | undefined;
  for (const [at, line] of text.split('\n').entries()) {
    const mark = /^```(\w*)$/.exec(line);
    if (mark === null) open?.lines.push(line);
    else if (open === undefined) open = { language: mark[1] ?? '', line: at + 2, lines: [] };
    else {
      fences.push(open);
      open = undefined;
    }
  }
  return fences;
}

/** A command is a line, with what follows a trailing backslash and with its here-document. */
function commandsIn({ lines, line: first }: Fence): readonly DocCommand[] {
  const commands: DocCommand[] = [];
  for (let at = 0; at < lines.length; at++) {
    const start = at;
    const word = /<<-?\s*'?(\w+)'?/.exec(lines[at] ?? '')?.[1];
    if (word !== undefined) while (at < lines.length - 1 && lines[at] !== word) at++;
    else while (lines[at]?.endsWith('\\') === true) at++;
    const text = lines.slice(start, at + 1).join('\n');
    if (text.trim() === '' || text.trimStart().startsWith('#')) continue;
    commands.push({
      line: first + start,
      text,
      exits: Number(/#.*\bexits (\d+)/.exec(text)?.[1] ?? 0),
    });
  }
  return commands;
}

/** Commands in sentences and tables, each once. */
export function inlineCommands(path: string): readonly string[] {
  const prose = readFileSync(path, 'utf8').replaceAll(/^```[\s\S]*?^```$/gm, '');
  const found = [...prose.matchAll(/`(?:npx --no-install )?daydream( [^`]+)?`/g)].map(([, words = '']) =>
    words.trim(),
  );
  return [...new Set(found)].sort();
}

/** Targets of links to files, as written, without what follows `#`. */
export function fileLinks(path: string): readonly string[] {
  const text = readFileSync(path, 'utf8');
  return [...text.matchAll(/\]\(([^)#\s]+)(?:#[^)]*)?\)/g)]
    .map(([, target = '']) => target)
    .filter((target) => !/^[a-z]+:/.test(target));
}

/** Keys of JSON documents by command, from the rows of a table: `| \`daydream … --json\` | \`key\`, … |`. */
export function documentedKeys(path: string): ReadonlyMap<string, readonly string[]> {
  const rows = readFileSync(path, 'utf8').matchAll(/^\| `daydream ([^`]+ --json)`[^|]*\|([^|]*)\|$/gm);
  return new Map(
    [...rows].map(([, words = '', keys = '']) => [
      words,
      [...keys.matchAll(/`(\w+)`/g)].map(([, key = '']) => key),
    ]),
  );
}

/** A line as it is printed; `…` stands for anything. */
export function pattern(line: string): RegExp {
  const parts = line.split('…').map((part) => part.replaceAll(/[\\^$.*+?()[\]{}|]/g, '\\$&'));
  return new RegExp(`^${parts.join('.*').trimEnd()}\\s*$`, 'm');
}
