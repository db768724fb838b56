// Source text as the architecture test sees it: what a file imports, and its code without comments and strings. Knows no rule.
import { readdirSync, readFileSync } from 'node:fs';
import { join, posix } from 'node:path';

export interface SourceFile {
  /** Relative to src/, with forward slashes: `run/loop.ts`. */
  readonly path: string;
  readonly text: string;
}

export function sourceFiles(folder: string): readonly SourceFile[] {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name))
    .map((file) => ({
      path: file
        .slice(folder.length + 1)
        .split('\\')
        .join('/'),
      text: readFileSync(file, 'utf8'),
    }))
    .sort((a, b) => (a.path < b.path ? -1 : 1));
}

// Comments, strings, templates and regular expressions, whichever begins first: what begins inside another is not seen.
// A slash opens a regular expression only where an operand may stand; elsewhere it divides.
const TOKEN = new RegExp(
  [
    String.raw`(?<comment>\/\/[^\n]*|\/\*[\s\S]*?\*\/)`,
    String.raw`(?<string>'(?:\\.|[^'\\\n])*'|"(?:\\.|[^"\\\n])*")`,
    String.raw`(?<template>\x60(?:\\[\s\S]|[^\x60\\])*\x60)`,
    String.raw`(?<regex>(?<=(?:^|[(,=:[!&|?{};>]|\breturn)\s*)\/(?:\\.|\[(?:\\.|[^\]\\\n])*\]|[^/\\\n[*])(?:\\.|\[(?:\\.|[^\]\\\n])*\]|[^/\\\n[])*\/[a-z]*)`,
  ].join('|'),
  'g',
);

/** Each file is asked about by many tests. */
function remembered<T>(reading: (text: string) => T): (text: string) => T {
  const known = new Map<string, T>();
  return (text) => {
    if (!known.has(text)) known.set(text, reading(text));
    return known.get(text)!;
  };
}

const blank = (text: string): string => text.replace(/[^\n]/g, ' ');

/**
 * The code alone: comments and regular expressions are blanked, and so is what strings and templates say (their quotes stay).
 * Every character keeps its place. What a template interpolates stays too, for it runs.
 */
export const codeOf = remembered((text: string): string =>
  text.replace(TOKEN, (...match) => {
    const token = String(match[0]);
    const groups = match.at(-1) as Readonly<Record<string, string | undefined>>;
    if (groups['string'] !== undefined) return token.charAt(0) + blank(token.slice(1, -1)) + token.charAt(0);
    return groups['template'] === undefined ? blank(token) : interpolationsOf(token);
  }),
);

function interpolationsOf(template: string): string {
  return template
    .split(/(\$\{[^}]*\}?)/)
    .map((part) => (part.startsWith('${') ? ` (${codeOf(part.slice(2)).replace(/\}$/, ')')}` : blank(part)))
    .join('');
}

/** Every specifier that a file names: static, type-only and dynamic imports, re-exports, `require` and `import('…')` types. */
export const importsOf = remembered((text: string): readonly string[] => {
  const code = codeOf(text);
  const statement = /^[ \t]*(?:import|export)\b(?:[^'"();]*?\bfrom)?\s*(['"])([^'"\n]*)\1/dgm;
  const call = /\b(?:import|require|require\.resolve|import\.meta\.resolve)\s*\(\s*(['"])([^'"\n]*)\1/dg;
  return [...code.matchAll(statement), ...code.matchAll(call)].map((match) => {
    const [start, end] = match.indices?.[2] ?? [0, 0];
    return text.slice(start, end);
  });
});

/** A relative specifier as a path under src/; undefined for packages and for what lies outside. */
export function targetOf(from: string, specifier: string): string | undefined {
  if (!specifier.startsWith('.')) return undefined;
  const target = posix.join(posix.dirname(from), specifier);
  return target.startsWith('..') ? undefined : target;
}

/** `openai/resources` and `openai` are one package; a scope belongs to the name. Undefined for relative and node: specifiers. */
export function packageOf(specifier: string): string | undefined {
  if (specifier.startsWith('.') || specifier.startsWith('node:')) return undefined;
  const parts = specifier.split('/');
  return specifier.startsWith('@') ? parts.slice(0, 2).join('/') : parts[0];
}
