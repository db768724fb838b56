// A parsed document: scalars, lists and mappings with the place of each. Knows neither YAML nor JSON syntax.
import { problem, type Loaded, type Place } from '../../problem.ts';
import type { Literal, Scalar } from './scalar.ts';

export type Tree =
  | {
      readonly kind: 'scalar';
      readonly value: Scalar;
      readonly place: Place;
      readonly size: number;
      /** The letters that stand there, of a value that is no text. */
      readonly source?: string;
    }
  | {
      readonly kind: 'list';
      readonly items: readonly Tree[];
      readonly place: Place;
      readonly size: number;
      /** Names of what the items' own items stand for: the header of a file. */
      readonly columns?: readonly string[];
    }
  | {
      readonly kind: 'mapping';
      readonly entries: readonly Entry[];
      readonly place: Place;
      readonly size: number;
    };

/** `place` is the key's. */
export interface Entry {
  readonly key: Scalar;
  readonly place: Place;
  readonly value: Tree;
}

/** `size` counts the values that a tree stands for, however many of them are shared. */
export function scalarOf(value: Scalar, place: Place): Extract<Tree, { kind: 'scalar' }> {
  return { kind: 'scalar', value, place, size: 1 };
}

export function listOf(items: readonly Tree[], place: Place): Extract<Tree, { kind: 'list' }> {
  return { kind: 'list', items, place, size: items.reduce((sum, item) => sum + item.size, 1) };
}

export function mappingOf(entries: readonly Entry[], place: Place): Tree {
  return {
    kind: 'mapping',
    entries,
    place,
    size: entries.reduce((sum, entry) => sum + 1 + entry.value.size, 1),
  };
}

/** The value of a text key in a mapping; undefined where it is absent, and for what is no mapping. */
export function entryOf(tree: Tree, key: string): Entry | undefined {
  return tree.kind === 'mapping' ? tree.entries.find((entry) => entry.key === key) : undefined;
}

/** The text of a scalar that is a text. */
export function textIn(tree: Tree | undefined): string | undefined {
  return tree?.kind === 'scalar' && typeof tree.value === 'string' ? tree.value : undefined;
}

/** What Python's `==` compares: 1, 1.0 and true are one, the text "1" is another. */
export function equalityKey(value: Scalar): string {
  if (value === null) return '~';
  if (typeof value === 'string') return `"${value}`;
  if (typeof value !== 'object') return `#${Number(value) + 0}`;
  return value.kind === 'date' ? `@${value.text}` : `#${numberKey(value)}`;
}

function numberKey(literal: Literal): string {
  if (/^[-+]?\d+$/.test(literal.text)) return literal.text;
  const number = Number(literal.text.replace('inf', 'Infinity'));
  return Number.isInteger(number) ? String(BigInt(number)) : String(number);
}

/** JSON knows no places but the file's; a syntax error has a line where the parser tells one. */
export function parseJson(text: string, file: string): Loaded<Tree> {
  const place = { file };
  try {
    return { value: jsonTree(JSON.parse(text), place), problems: [] };
  } catch (error) {
    if (error instanceof RangeError)
      return {
        value: scalarOf(null, place),
        problems: [problem('DD219', `${file} nests too deeply.`, { place })],
      };
    if (!(error instanceof SyntaxError)) throw error;
    const at = Number(
      /position (\d+)/.exec(error.message)?.[1] ?? (/end of JSON/.test(error.message) ? text.length : 0),
    );
    const before = text.slice(0, at).split('\n');
    const where = { file, line: before.length, column: (before.at(-1)?.length ?? 0) + 1 };
    const found = problem(
      'DD220',
      `${file} is not JSON at line ${where.line}, column ${where.column}: ${error.message}`,
      {
        place: where,
        reason: 'json_syntax',
      },
    );
    return { value: scalarOf(null, place), problems: [found] };
  }
}

function jsonTree(value: unknown, place: Place): Tree {
  if (Array.isArray(value))
    return listOf(
      value.map((item: unknown) => jsonTree(item, place)),
      place,
    );
  if (typeof value === 'object' && value !== null) {
    const entries = Object.entries(value).map(([key, inner]) => ({
      key,
      place,
      value: jsonTree(inner, place),
    }));
    return mappingOf(entries, place);
  }
  return scalarOf(
    typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean' ? value : null,
    place,
  );
}
