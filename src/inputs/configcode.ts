// A config as the program that it is: evaluated, with the files that it imports, and read as text. The only door to jiti; knows no
// setting.
import { closeSync, readFileSync } from 'node:fs';
import { normalizeNewlines } from '../text/python.ts';
import { openFile } from './disk/onlyfiles.ts';

export interface Evaluation {
  /** Gets the project's own files that the module imports, in no order: they are as much a part of it. */
  readonly imported: string[];
  /** Modules that are given to it, by name. */
  readonly provides: Readonly<Record<string, Readonly<Record<string, unknown>>>>;
}

/** The default export of a module in TypeScript or JavaScript, or the value of a JSON file. Throws what it throws. */
export async function evaluateModule(file: string, { imported, provides }: Evaluation): Promise<unknown> {
  closeSync(openFile(file).file);
  // Editors put a byte-order mark before it.
  if (file.endsWith('.json')) return JSON.parse(readFileSync(file, 'utf8').replace(/^\uFEFF/, '')) as unknown;
  const { createJiti } = await import('jiti');
  const jiti = createJiti(import.meta.url, {
    moduleCache: true,
    fsCache: false,
    virtualModules: { ...provides },
  });
  const cached = new Set(Object.keys(jiti.cache));
  try {
    return await jiti.import<unknown>(file, { default: true });
  } finally {
    // The next load must see what the files say then.
    for (const path of Object.keys(jiti.cache).filter((each) => !cached.has(each))) {
      if (path.includes('/node_modules/')) continue;
      Reflect.deleteProperty(jiti.cache, path);
      if (path !== file) imported.push(path);
    }
  }
}

/** What functions of a config may call: the texts of what it imports, and its own text but for the config itself. */
export function codeBeside(file: string, imported: readonly string[]): string {
  const texts = [...imported].sort().map((path) => textOf(path));
  return [withoutExport(textOf(file)), ...texts].join('\0');
}

function textOf(path: string): string {
  try {
    return normalizeNewlines(readFileSync(path, 'utf8'));
  } catch {
    return '';
  }
}

/** The settings themselves are no code that a parser calls; where their end is not to be told, all counts. */
function withoutExport(text: string): string {
  const start = text.search(/^export default\b/m);
  if (start < 0) return text;
  const end = endOfBrackets(text, start);
  return end === undefined ? text : text.slice(0, start) + text.slice(end);
}

const TOKEN =
  /\/\/.*|\/\*[^]*?\*\/|'(?:\\.|[^'\\\n])*'|"(?:\\.|[^"\\\n])*"|`(?:\\[^]|[^`\\])*`|[([{]|[)\]}]/g;

/** Behind the bracket that closes the first one that opens. A regular expression with quotes in it may lead this astray. */
function endOfBrackets(text: string, start: number): number | undefined {
  let depth = 0;
  TOKEN.lastIndex = start;
  for (let found = TOKEN.exec(text); found !== null; found = TOKEN.exec(text)) {
    const [token] = found;
    if ('([{'.includes(token)) depth += 1;
    else if (')]}'.includes(token)) {
      depth -= 1;
      if (depth === 0) return TOKEN.lastIndex;
    }
  }
  return undefined;
}
