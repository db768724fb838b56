// Holds the house together: which room may import which, through which door a dependency enters, and what things are called.
import { readFileSync } from 'node:fs';
import { basename, posix, resolve } from 'node:path';
import { describe, expect, it } from 'vitest';
import { codeOf, importsOf, packageOf, sourceFiles, targetOf } from './support/source.ts';
import type { SourceFile } from './support/source.ts';

const ROOT = resolve(import.meta.dirname, '..');
const SOURCE = sourceFiles(resolve(ROOT, 'src'));
const FILES = SOURCE.filter(({ path }) => /\.tsx?$/.test(path));
const READMES = SOURCE.filter(({ path }) => path.endsWith('.md'));

/** Top to bottom. A room may import itself and the rooms of the rows below it, never a neighbour on its own row. */
const ROWS: readonly (readonly string[])[] = [
  ['cli'],
  ['mcp'],
  ['ui'],
  ['api.ts'],
  ['api'],
  ['watch', 'doctor'],
  ['engine'],
  ['config.ts'],
  ['configshape.ts'],
  ['run'],
  ['remote'],
  ['model'],
  ['wire.ts'],
  ['http.ts'],
  ['unpack.ts', 'unreached.ts'],
  ['plan', 'report'],
  ['scores'],
  ['statistics'],
  ['graph'],
  ['cohort'],
  ['store', 'catalog'],
  ['inputs'],
  ['generation'],
  ['template'],
  ['digest.ts'],
  ['text'],
  ['problem.ts'],
  ['canonical.ts', 'defined.ts', 'errors.ts', 'version.ts'],
];

/** Where each dependency enters: a file, or a room. `onePlace` doors are one file of that room. */
const DOORS: Readonly<Record<string, { readonly through: string; readonly onePlace?: true }>> = {
  'xxhash-wasm': { through: 'digest.ts' },
  tinyglobby: { through: 'inputs/', onePlace: true },
  'csv-parse': { through: 'inputs/', onePlace: true },
  yaml: { through: 'inputs/', onePlace: true },
  openai: { through: 'model/', onePlace: true },
  chokidar: { through: 'watch/', onePlace: true },
  'hyparquet-writer': { through: 'engine/export/', onePlace: true },
  cac: { through: 'cli/call/invocation.ts' },
  jiti: { through: 'inputs/' },
  undici: { through: 'http.ts' },
  aws4fetch: { through: 'remote/', onePlace: true },
  diff: { through: 'cli/', onePlace: true },
  'get-east-asian-width': { through: 'cli/words/width.ts' },
};

/** What is bundled as well, so that no user installs it. */
const BUNDLED_DOORS: typeof DOORS = {
  '@modelcontextprotocol/server': { through: 'mcp/', onePlace: true },
  'character-entities': { through: 'template/', onePlace: true },
  'character-entities-legacy': { through: 'template/', onePlace: true },
};

/** What the page in the browser is made of: bundled, so that no user installs it. `diff` is there for the terminal anyway. */
const PAGE = 'ui/page/';
const PAGE_DOORS: typeof DOORS = {
  preact: { through: PAGE },
  '@preact/signals': { through: PAGE },
  '@tanstack/virtual-core': { through: PAGE, onePlace: true },
  '@observablehq/plot': { through: PAGE },
  diff: { through: PAGE, onePlace: true },
};

const FORBIDDEN = new Set(
  'util helper common shared core base misc type manager service'
    .split(' ')
    .flatMap((word) => [word, `${word}s`]),
);
const MAX_LINES = 400;
/** Of a room; a room in it counts as one, its README as none. */
const MAX_ENTRIES = 12;

type Rule = (file: SourceFile) => readonly string[];

const room = (path: string): string => path.split('/')[0] ?? path;
const row = (path: string): number => ROWS.findIndex((names) => names.includes(room(path)));
const isIn = (path: string, places: readonly string[]): boolean =>
  places.some((place) => (place.endsWith('/') ? path.startsWith(place) : path === place));

/** Runs a rule over files: `path: what is wrong`, a line each. */
function breaches(files: readonly SourceFile[], rule: Rule): readonly string[] {
  return files.flatMap((file) => rule(file).map((breach) => `${file.path}: ${breach}`));
}

const knownRoom: Rule = ({ path }) => (row(path) < 0 ? ['lies in no room that the house knows'] : []);

const arrowsRunDown: Rule = ({ path, text }) =>
  importsOf(text).flatMap((specifier) => {
    // The one thing of the package that is not source: its version.
    if (path === 'version.ts' && specifier === '../package.json') return [];
    const target = targetOf(path, specifier);
    if (target === undefined) return specifier.startsWith('.') ? [`imports ${specifier} outside src`] : [];
    return room(target) === room(path) || row(target) > row(path) ? [] : [`imports ${target}`];
  });

const throughItsDoor: Rule = ({ path, text }) =>
  importsOf(text).flatMap((specifier) => {
    const name = packageOf(specifier);
    if (name === undefined) return [];
    const door = (path.startsWith(PAGE) ? PAGE_DOORS : { ...DOORS, ...BUNDLED_DOORS })[name];
    if (door === undefined) return [`imports ${name}, which has no door`];
    return isIn(path, [door.through]) ? [] : [`imports ${name}, whose door is ${door.through}`];
  });

const only = (pattern: RegExp, places: readonly string[], what: string): Rule => {
  return ({ path, text }) => (!isIn(path, places) && pattern.test(codeOf(text)) ? [what] : []);
};

const importsOnly = (specifier: RegExp, places: readonly string[]): Rule => {
  return ({ path, text }) =>
    isIn(path, places)
      ? []
      : importsOf(text)
          .filter((each) => specifier.test(each))
          .map((each) => `imports ${each}`);
};

const environment = only(/\bprocess\s*\??\.\s*env\b|\}\s*=\s*process\b/, ['config.ts'], 'reads process.env');
const exits = only(
  /\bprocess\s*\??\.\s*(?:exit|abort|reallyExit)\b(?!\s*Code)/,
  ['cli/main.ts'],
  'ends the process',
);
const clocks = only(
  /\bDate\s*\.\s*now\b|\bperformance\s*\.\s*now\b|\bnew\s+Date\b(?!\s*\(\s*[^)\s])|\bMath\s*\.\s*random\b/,
  ['cli/', 'ui/', 'api/', 'watch/', 'engine/'],
  'reads the clock or draws a random number',
);
const processModule = importsOnly(/^(?:node:)?process$/, ['cli/main.ts']);
const disk = importsOnly(/^(?:node:)?fs(?:\/promises)?$/, [
  'inputs/',
  'store/',
  'remote/folderwork.ts',
  'remote/foldershelf.ts',
  'config.ts',
  'engine/',
  'watch/',
  'doctor/',
  'ui/server/',
  'cli/',
]);
const network = importsOnly(/^(?:node:)?(?:https?|http2|net|tls|dgram)$/, ['ui/server/']);
const nodeInPage: Rule = ({ path, text }) =>
  path.startsWith(PAGE) ? importsOf(text).filter((each) => each.startsWith('node:')) : [];

const names: Rule = ({ path }) => {
  const words = path
    .replace(/\.tsx?$/, '')
    .split('/')
    .flatMap((part) =>
      part
        .replace(/([a-z])([A-Z])/g, '$1-$2')
        .toLowerCase()
        .split(/[-_.]/),
    );
  const bad = words.filter((word) => FORBIDDEN.has(word)).map((word) => `is called "${word}"`);
  return basename(path) === 'index.ts' ? [...bad, 'is an index.ts'] : bad;
};

const firstLine: Rule = ({ text }) =>
  /^\/\/ \S.{15,}/.test(text) ? [] : ['does not say its job in its first line'];

const defaultExport: Rule = ({ path, text }) =>
  !path.endsWith('.config.ts') && /\bexport\s+default\b|\bas\s+default\b/.test(codeOf(text))
    ? ['has a default export']
    : [];

const inheritance: Rule = ({ text }) =>
  [...codeOf(text).matchAll(/\bclass\s+\w+\s*(?:<[^{]*?>)?\s*extends\s+([\w.]+)/g)]
    .filter((match) => !(match[1] ?? '').endsWith('Error'))
    .map((match) => `inherits from ${match[1]}`);

/** The table of codes is as long as there are codes. */
const size: Rule = ({ path, text }) => {
  if (path === 'errors.ts') return [];
  const lines = text.split('\n').length - 1;
  return lines > MAX_LINES ? [`has ${lines} lines; ${MAX_LINES} is the limit, 250 is comfortable`] : [];
};

/** Each circle of imports once, types and lazy imports included: its files in order. */
function circles(files: readonly SourceFile[]): readonly string[] {
  const targets = new Map(
    files.map(({ path, text }) => [path, importsOf(text).flatMap((each) => targetOf(path, each) ?? [])]),
  );
  const reached = (from: string): ReadonlySet<string> => {
    const seen = new Set<string>();
    const ahead = [...(targets.get(from) ?? [])];
    for (let next = ahead.pop(); next !== undefined; next = ahead.pop()) {
      if (seen.has(next)) continue;
      seen.add(next);
      ahead.push(...(targets.get(next) ?? []));
    }
    return seen;
  };
  const reach = new Map(files.map(({ path }) => [path, reached(path)]));
  const around = files.flatMap(({ path }) => {
    const onward = reach.get(path) ?? new Set();
    return onward.has(path)
      ? [
          [...onward]
            .filter((each) => reach.get(each)?.has(path))
            .sort()
            .join(' ⇄ '),
        ]
      : [];
  });
  return [...new Set(around)];
}

/** What stands in each room: its files, and its rooms as one each. The house itself, which is a list of rooms, is none. */
function entriesOf(files: readonly SourceFile[]): ReadonlyMap<string, ReadonlySet<string>> {
  const rooms = new Map<string, Set<string>>();
  for (const { path } of files) {
    const parts = path.split('/');
    for (let depth = 1; depth < parts.length; depth++) {
      const name = parts.slice(0, depth).join('/');
      rooms.set(name, (rooms.get(name) ?? new Set()).add(parts[depth] ?? ''));
    }
  }
  return rooms;
}

function crowded(files: readonly SourceFile[]): readonly string[] {
  return [...entriesOf(files)]
    .filter(([, entries]) => entries.size > MAX_ENTRIES)
    .map(([name, entries]) => `${name} has ${entries.size} entries; ${MAX_ENTRIES} are the limit`);
}

/** A room's README says what is in it, and no file in it that is not there. */
const roomSaysItself: Rule = ({ path, text }) => {
  const name = posix.dirname(path);
  const named = [...text.matchAll(/`([\w/]+(?:\.tsx?|\/))`/g)].map((match) => match[1] ?? '');
  const there = entriesOf(FILES).get(name) ?? new Set();
  return [
    ...(new RegExp(`^# ${name}\n\n\\S[^]{40,}\n$`).test(text)
      ? []
      : ['does not begin with what is in the room']),
    ...(text.split('\n').length > 10 ? ['is longer than a look'] : []),
    ...named
      .filter((each) => !there.has(each.replace(/\/$/, '')))
      .map((each) => `names ${each}, which is not in it`),
  ];
};

describe('floors', () => {
  it('every file lies in a room of the house', () => {
    expect(breaches(FILES, knownRoom)).toEqual([]);
  });

  it('a room imports only the rooms below it, types included', () => {
    expect(breaches(FILES, arrowsRunDown)).toEqual([]);
  });
});

describe('rooms', () => {
  it(`none has more than ${MAX_ENTRIES} entries`, () => {
    expect(crowded(FILES)).toEqual([]);
  });

  it('each says in its README what is in it', () => {
    expect(READMES.map(({ path }) => posix.dirname(path)).sort()).toEqual(
      [...entriesOf(FILES).keys()].sort(),
    );
    expect(breaches(READMES, roomSaysItself)).toEqual([]);
  });

  it('imports run in no circle, types and lazy imports included', () => {
    expect(circles(FILES)).toEqual([]);
  });
});

describe('doors', () => {
  it('each dependency enters through its own door', () => {
    expect(breaches(FILES, throughItsDoor)).toEqual([]);
  });

  it('a dependency is imported by one file where its door is one place', () => {
    const crowdedDoors = (doors: typeof DOORS, files: readonly SourceFile[]): readonly unknown[] =>
      Object.entries(doors)
        .filter(([, { onePlace }]) => onePlace)
        .map(([name]) => ({ name, users: files.filter(({ text }) => usesPackage(text, name)) }))
        .filter(({ users }) => users.length > 1)
        .map(({ name, users }) => [name, users.map(({ path }) => path)]);
    const usesPackage = (text: string, name: string): boolean =>
      importsOf(text).some((specifier) => packageOf(specifier) === name);
    const [page, rest] = [true, false].map((of) => FILES.filter(({ path }) => path.startsWith(PAGE) === of));
    expect(crowdedDoors({ ...DOORS, ...BUNDLED_DOORS }, rest ?? [])).toEqual([]);
    expect(crowdedDoors(PAGE_DOORS, page ?? [])).toEqual([]);
  });

  it('package.json lists the dependencies that have a door, and no others', () => {
    const manifest = JSON.parse(readFileSync(resolve(ROOT, 'package.json'), 'utf8')) as {
      dependencies: Record<string, string>;
    };
    expect(Object.keys(DOORS).sort()).toEqual(Object.keys(manifest.dependencies).sort());
  });

  it.each([
    ['the environment is read in config.ts only', environment],
    ['the process is ended in cli/main.ts only', exits],
    ['nothing goes round these by importing node:process', processModule],
    ['no clock and no randomness below engine/', clocks],
    ['what only computes never opens a file', disk],
    ['the network is reached through http.ts, and listened on in ui/server/ only', network],
    ['what a browser runs imports nothing of Node', nodeInPage],
  ])('%s', (_title, rule) => {
    expect(breaches(FILES, rule)).toEqual([]);
  });
});

describe('names and sizes', () => {
  it.each([
    ['nothing is called util, helper, common, shared, core, base, misc, types, manager or service', names],
    ['the first line of every file says its job', firstLine],
    ['there are no default exports', defaultExport],
    ['only errors inherit', inheritance],
    [`no file has more than ${MAX_LINES} lines`, size],
  ])('%s', (_title, rule) => {
    expect(breaches(FILES, rule)).toEqual([]);
  });
});

describe('the bundle', () => {
  it('finds the files that it names: where a no-op begins, and the programs', () => {
    const text = readFileSync(resolve(ROOT, 'rolldown.config.ts'), 'utf8');
    const swift =
      /const SWIFT =\s+\/src\\\/\(\?:(.*)\)\\\.ts\$\/;/.exec(text)?.[1]?.replaceAll('\\/', '/').split('|') ??
      [];
    const inputs = [...text.matchAll(/: 'src\/(.*)\.ts',/g)].map((match) => match[1] ?? '');
    expect([swift.length, inputs.length].every((count) => count > 1)).toBe(true);
    const there = new Set(FILES.map(({ path }) => path));
    expect([...swift, ...inputs].filter((name) => !there.has(`${name}.ts`))).toEqual([]);
  });
});

describe('the long form of the tests', () => {
  it('is run of every file that has one', () => {
    const { scripts } = JSON.parse(readFileSync(resolve(ROOT, 'package.json'), 'utf8')) as {
      scripts: Record<string, string>;
    };
    const run = (scripts['soak'] ?? '').split(' ').filter((word) => word.startsWith('test/'));
    const tests = sourceFiles(resolve(ROOT, 'test')).filter(({ path }) => /\/.*\.test\.ts$/.test(path));
    const long = tests.filter(({ text }) => text.includes("process.env['DAYDREAM_SOAK']"));
    expect(long.length).toBeGreaterThan(5);
    expect(long.map(({ path }) => `test/${path}`).filter((path) => !run.includes(path))).toEqual([]);
    expect(run.filter((path) => !tests.some((test) => `test/${test.path}` === path))).toEqual([]);
  });
});

describe('the rules can be broken', () => {
  const file = (path: string, text: string): readonly SourceFile[] => [{ path, text }];

  it('the house is not empty', () => {
    expect(FILES.length).toBeGreaterThan(5);
    expect(FILES.flatMap(({ text }) => importsOf(text)).length).toBeGreaterThan(5);
  });

  it('a circle is seen, whatever it runs through', () => {
    const files = [
      { path: 'run/a.ts', text: "import type { B } from './b.ts';" },
      { path: 'run/b.ts', text: "const c = () => import('./c.ts');" },
      { path: 'run/c.ts', text: "export { a } from './a.ts';" },
      { path: 'run/d.ts', text: "import { a } from './a.ts';" },
    ];
    expect(circles(files)).toEqual(['run/a.ts ⇄ run/b.ts ⇄ run/c.ts']);
    expect(circles(files.slice(1))).toEqual([]);
  });

  it('a crowded room is seen', () => {
    const files = Array.from({ length: MAX_ENTRIES }, (_, at) => ({ path: `run/f${at}.ts`, text: '' }));
    expect(crowded(files)).toEqual([]);
    expect(crowded([...files, { path: 'run/in/g.ts', text: '' }])).toHaveLength(1);
  });

  it('every form of import is seen', () => {
    const text = [
      "import a from 'one';",
      "import type { B } from './two.ts';",
      'import {\n  c,\n  d,\n} from "three/sub";',
      "import 'four';",
      "export * from './five.ts';",
      "export type { E } from './six.ts';",
      "const lazy = await import('seven');",
      "type Kind = import('eight').Kind;",
      "const old = require('nine');",
    ].join('\n');
    expect([...importsOf(text)].sort()).toEqual(
      ['one', './two.ts', 'three/sub', 'four', './five.ts', './six.ts', 'seven', 'eight', 'nine'].sort(),
    );
  });

  it('imports in comments, strings, templates and regular expressions are not seen', () => {
    const text = [
      "// import a from 'one';",
      "/*\nimport b from 'two';\n*/",
      "const scaffold = `\nimport { defineConfig } from 'three';\n`;",
      'const words = "import(\'four\')";',
      "const pattern = /['\"`]/.test(x) && /[/'] import\\('five'\\)/.test(y);",
      "const half = width / 2; import('six'); const other = height / 2;",
    ].join('\n');
    expect(importsOf(text)).toEqual(['six']);
  });

  it('code keeps what a template interpolates and loses what strings say', () => {
    expect(codeOf('`say ${Date.now()} and Math.random`')).toContain('Date.now()');
    expect(codeOf('`say ${Date.now()} and Math.random`')).not.toContain('Math.random');
    expect(codeOf("it('process.env'); // process.env")).not.toContain('env');
  });

  it.each<[string, Rule, string, string]>([
    ['an unknown room', knownRoom, 'attic/trunk.ts', ''],
    ['an arrow that runs up', arrowsRunDown, 'plan/verdict.ts', "import type { X } from '../run/loop.ts';"],
    ['a neighbour on the same row', arrowsRunDown, 'catalog/x.ts', "import { y } from '../store/gens.ts';"],
    [
      'a file of src that imports outside it',
      arrowsRunDown,
      'engine/x.ts',
      "import { y } from '../../rig.ts';",
    ],
    ['a dependency through the wrong door', throughItsDoor, 'plan/x.ts', "import type OpenAI from 'openai';"],
    ['a dependency without a door', throughItsDoor, 'inputs/x.ts', "const x = await import('lodash/fp');"],
    ['the environment', environment, 'run/x.ts', 'const key = process.env.KEY;'],
    ['the environment, taken apart', environment, 'run/x.ts', 'const { env } = process;'],
    ['an exit', exits, 'cli/commands/x.ts', 'process.exit(1);'],
    [
      'a module that hides the exit',
      processModule,
      'cli/commands/x.ts',
      "import { exit } from 'node:process';",
    ],
    ['the clock', clocks, 'run/x.ts', 'const at = Date.now();'],
    ['the clock, handed on', clocks, 'run/x.ts', 'start({ clock: Date.now });'],
    ['the clock, as a date', clocks, 'store/x.ts', 'const at = new Date().toISOString();'],
    ['randomness', clocks, 'model/x.ts', 'const jitter = Math.random();'],
    ['the disk', disk, 'plan/x.ts', "import { readFileSync } from 'node:fs';"],
    ['the network', network, 'run/x.ts', "import { request } from 'node:http';"],
    ['a forbidden name', names, 'run/stringUtils.ts', ''],
    ['a forbidden folder', names, 'run/shared/x.ts', ''],
    ['an index', names, 'run/index.ts', ''],
    ['a silent first line', firstLine, 'run/x.ts', "import { y } from './y.ts';"],
    ['a default export', defaultExport, 'run/x.ts', 'export default 1;'],
    ['inheritance', inheritance, 'run/x.ts', 'class A extends Base {}'],
    ['inheritance of a generic class', inheritance, 'run/x.ts', 'class A<T extends B> extends Map<T, T> {}'],
    ['a long file', size, 'run/x.ts', '\n'.repeat(MAX_LINES + 1)],
    ['a room that does not say itself', roomSaysItself, 'run/README.md', '# run\n'],
    [
      'a room that names what it does not hold',
      roomSaysItself,
      'run/README.md',
      '# run\n\nPlans carried out, one generation at a time: `sleep.ts` does nothing.\n',
    ],
  ])('%s is a breach', (_title, rule, path, text) => {
    expect(breaches(file(path, text), rule)).toHaveLength(1);
  });

  it.each<[string, Rule, string, string]>([
    ['an arrow that runs down', arrowsRunDown, 'run/x.ts', "import type { Task } from '../graph/task.ts';"],
    ['a room of its own', arrowsRunDown, 'run/x.ts', "import { y } from './y.ts';"],
    [
      'a dependency through its door',
      throughItsDoor,
      'model/client.ts',
      "import OpenAI from 'openai/index';",
    ],
    ['an exit code', exits, 'cli/commands/x.ts', 'process.exitCode = 1;'],
    ['a date that was passed in', clocks, 'store/x.ts', 'const at = new Date(now).toISOString();'],
    ['a word that only contains a forbidden one', names, 'generation/base36.ts', ''],
    ['a bound of a type parameter', inheritance, 'model/x.ts', 'export class List<T extends Ranked> {}'],
    ['an error of its own', inheritance, 'errors.ts', 'export class ProblemError extends Error {}'],
  ])('%s is none', (_title, rule, path, text) => {
    expect(breaches(file(path, text), rule)).toEqual([]);
  });
});
