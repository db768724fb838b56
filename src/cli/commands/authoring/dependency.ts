// Where a project gets daydream from: as whoever installed what is running now said it. Asks no registry, where the name may be a stranger's.
import { existsSync, readFileSync } from 'node:fs';
import { basename, dirname, join, resolve } from 'node:path';

export const PACKAGE = 'daydream';

const FIELDS = ['dependencies', 'devDependencies', 'optionalDependencies'];

/**
 * What package.json says of it: what the package.json beside the `node_modules` says that this package lies in, else its folder, as
 * `file:` with an absolute path.
 */
export function dependencyOn(packageRoot: string): string {
  const root = resolve(packageRoot);
  const above = dirname(root);
  const said = basename(above) === 'node_modules' ? specIn(join(dirname(above), 'package.json')) : undefined;
  if (said === undefined) return `file:${root.replaceAll('\\', '/')}`;
  // A path of theirs is relative to their folder.
  return said.startsWith('file:')
    ? `file:${resolve(dirname(above), said.slice('file:'.length)).replaceAll('\\', '/')}`
    : said;
}

function specIn(path: string): string | undefined {
  if (!existsSync(path)) return undefined;
  try {
    const content = JSON.parse(readFileSync(path, 'utf8')) as Record<string, unknown>;
    const found = FIELDS.map((field) => (content[field] as Record<string, unknown> | undefined)?.[PACKAGE]);
    return found.find((each) => typeof each === 'string');
  } catch {
    return undefined;
  }
}
