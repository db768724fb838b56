// The page and its parts as they were bundled: read once, found by name, never by a path. Knows no project.
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join, relative, sep } from 'node:path';
import { hash } from 'node:crypto';
import { gzipSync } from 'node:zlib';
import { fileURLToPath } from 'node:url';
import { problem, ProblemError } from '../../problem.ts';

export interface Asset {
  readonly type: string;
  readonly etag: string;
  readonly bytes: Buffer;
  /** Compressed when somebody asks first. */
  readonly zipped: () => Buffer;
}

const KINDS: Readonly<Record<string, string>> = {
  js: 'text/javascript; charset=utf-8',
  css: 'text/css; charset=utf-8',
};

/** The program of a page on disk, which the server sends to nobody. */
const EXPORT = 'export.js';

/** By address: `/`, `/app.js`, `/chunks/plots.js`. */
export type Assets = ReadonlyMap<string, Asset>;

export function readAssets(folder = bundledFolder()): Assets {
  const files = readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name));
  const assets = new Map<string, Asset>([['/', assetOf('text/html; charset=utf-8', Buffer.from(SHELL))]]);
  for (const file of files) {
    const type = KINDS[file.slice(file.lastIndexOf('.') + 1)];
    const name = relative(folder, file).split(sep).join('/');
    if (type !== undefined && name !== EXPORT) assets.set(`/${name}`, assetOf(type, readFileSync(file)));
  }
  return assets;
}

/** What a page on disk is made of. */
export function readProgram(folder = bundledFolder()): { readonly script: string; readonly style: string } {
  const textOf = (name: string): string => readFileSync(join(folder, name), 'utf8');
  return { script: textOf(EXPORT), style: textOf('app.css') };
}

function assetOf(type: string, bytes: Buffer): Asset {
  let zipped: Buffer | undefined;
  return {
    type,
    etag: `"${hash('sha256', bytes, 'base64url').slice(0, 22)}"`,
    bytes,
    zipped: () => (zipped ??= gzipSync(bytes)),
  };
}

/** Beside the command line's own bundle; in the sources' tests, where that lies. */
function bundledFolder(): string {
  const places = ['../ui', '../../../dist/ui'].map((place) => fileURLToPath(new URL(place, import.meta.url)));
  const found = places.find((place) => existsSync(join(place, 'app.js')));
  if (found !== undefined) return found;
  throw new ProblemError([problem('DD166', `the page's files are not in ${places[0] ?? ''}`)]);
}

/** No word of it depends on a project. */
const SHELL = `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>daydream</title>
<link rel="icon" href="data:,">
<link rel="stylesheet" href="/app.css">
<script type="module" src="/early.js"></script>
<script type="module" src="/app.js"></script>
</head>
<body>
<div id="app"><noscript>This page needs JavaScript.</noscript></div>
</body>
</html>
`;
