// daydream cohort combos: registers combinations of concepts, and lists them. Knows nothing of cohorts.
import { resolve } from 'node:path';
import { addCombo, localTime } from '../../../../catalog/combos.ts';
import { lockRoot } from '../../../../store/lock.ts';
import { readProjectCatalog, type ProjectCatalog } from '../../../../engine/cohorts/membershipfiles.ts';
import { locate } from '../../../../engine/project/load.ts';
import { hasErrors, problem, ProblemError } from '../../../../problem.ts';
import { diskReader } from '../../../../inputs/disk/diskreader.ts';
import type { Table } from '../../../../report/tables/table.ts';
import { writeAtomic } from '../../../../store/writing/atomic.ts';
import type { Invocation } from '../../../call/command.ts';
import type { ExitCode } from '../../../call/exitcode.ts';
import { shortPath } from '../../../words/place.ts';
import { printTable, TABLE_FORMATS, tableRecords } from '../../../words/tables.ts';

const LEVELS = ['sentence', 'paragraph', 'article'] as const;

export async function combos(call: Invocation, words: readonly string[]): Promise<ExitCode> {
  const [action, ...rest] = words;
  if (action === 'add') return add(call, rest);
  if (action === 'ls' && rest.length === 0) return list(call);
  throw new ProblemError([
    problem('DD102', `cohort combos ${words.join(' ')} means nothing`, {
      cure: 'Write `daydream cohort combos ls`, `daydream cohort combos add CONCEPT CONCEPT …`, with `--all-subsets 2` for every pair of them, or `daydream cohort combos add --from FILE`.',
    }),
  ]);
}

async function add(call: Invocation, conceptIds: readonly string[]): Promise<ExitCode> {
  const { console, options, clock, directory } = call;
  const level = options.choice('level', LEVELS) ?? 'paragraph';
  const loading = await call.load();
  const { layout } = await locate(loading);
  const since = new Date(clock.now()).toISOString();
  const release = lockRoot(layout, { command: call.commandLine, since });
  try {
    const { catalog } = await readProjectCatalog(loading);
    const file = layout.combos;
    const { value: before, problems } = diskReader().text(file);
    if (hasErrors(problems)) throw new ProblemError(problems);
    const createdAt = localTime(clock.now());
    const { concepts } = catalog;
    const sets = setsOf(call, conceptIds, [...concepts.keys()]);
    let text = before;
    const combos = sets.map((set) => {
      const kMax = options.count('k-max') ?? set.length;
      const added = addCombo({ text, file, conceptIds: set, level, kMax, createdAt, concepts });
      if (hasErrors(added.problems)) throw new ProblemError(added.problems);
      const { comboId, text: next } = added.value;
      text = next ?? text;
      return { comboId, added: next !== undefined };
    });
    // All of them or none.
    if (text !== undefined && text !== before) writeAtomic(file, text);
    const count = combos.filter(({ added }) => added).length;
    const [first] = combos;
    const single = options.text('from') === undefined && options.count('all-subsets') === undefined;
    if (console.json) console.printJson(single ? { version: 1, ...first } : { version: 1, combos });
    else {
      for (const { comboId } of combos) console.print(comboId);
      const where = `registered in ${shortPath(file, directory)}`;
      if (single) console.note(count === 0 ? 'it was registered already' : where);
      else console.note(`${count} ${where}, ${combos.length - count} were there already`);
    }
    return 0;
  } finally {
    release();
  }
}

/** The most combos that one command registers. */
const MOST = 10_000;

/** Sets of concepts: the words as one, every so many of them or, without any, of all that there are, or a line of a file each. */
function setsOf(
  call: Invocation,
  words: readonly string[],
  all: readonly string[],
): readonly (readonly string[])[] {
  const { options, directory } = call;
  const from = options.text('from');
  if (from !== undefined && words.length > 0)
    throw new ProblemError([problem('DD102', 'cohort combos add takes concepts, or --from FILE, not both')]);
  const size = options.count('all-subsets');
  const named = words.length === 0 && size !== undefined ? all : words;
  const lines = from === undefined ? [named] : linesIn(resolve(directory, from));
  for (const line of lines) {
    const twice = line.find((id, place) => line.indexOf(id) !== place);
    if (twice !== undefined)
      throw new ProblemError([
        problem('DD288', `the concept ${twice} is named twice`, { data: { concept: twice } }),
      ]);
  }
  const sets = size === undefined ? lines : lines.flatMap((line) => subsets(line, size, MOST + 1));
  if (sets.length === 0 || sets.length > MOST)
    throw new ProblemError([
      problem(
        'DD102',
        sets.length === 0
          ? `there is no set of ${size ?? 1} in what was named`
          : `these are more than ${MOST} combos`,
        { place: { field: size === undefined ? '--from' : '--all-subsets' } },
      ),
    ]);
  return sets;
}

/** Concepts apart by blanks or commas; empty lines and those that begin with `#` mean nothing. */
function linesIn(file: string): readonly (readonly string[])[] {
  const { value, problems } = diskReader().text(file);
  if (value === undefined)
    throw new ProblemError([
      problem('DD703', 'there is no list of combos', {
        place: { file },
        cure: 'Write a combo a line there, its concepts apart by blanks or commas.',
      }),
      ...problems,
    ]);
  return value
    .split(/\r?\n/)
    .filter((line) => line.trim() !== '' && !line.trimStart().startsWith('#'))
    .map((line) => line.split(/[\s,]+/).filter((id) => id !== ''));
}

/** Every choice of so many, in the order of the names; at most so many choices. */
function subsets(names: readonly string[], size: number, most: number): readonly (readonly string[])[] {
  const found: (readonly string[])[] = [];
  const choose = (from: number, chosen: readonly string[]): void => {
    if (found.length >= most) return;
    if (chosen.length === size) return void found.push(chosen);
    for (let at = from; at <= names.length - (size - chosen.length); at++)
      choose(at + 1, [...chosen, names[at] ?? '']);
  };
  choose(0, []);
  return found;
}

async function list(call: Invocation): Promise<ExitCode> {
  const { console, options } = call;
  const format = console.json ? 'json' : (options.choice('format', TABLE_FORMATS) ?? 'table');
  const project = await readProjectCatalog(await call.load());
  const table = comboTable(project);
  if (format === 'json') console.printJson({ version: 1, combos: tableRecords(table) });
  else {
    printTable(console, table, format);
    console.problems(project.problems);
  }
  return 0;
}

function comboTable({ catalog }: ProjectCatalog): Table {
  return {
    columns: [
      { name: 'combo_id', kind: 'text' },
      { name: 'level', kind: 'text' },
      { name: 'k_max', kind: 'integer' },
      { name: 'concepts', kind: 'text' },
      { name: 'problem', kind: 'text' },
    ],
    rows: [...catalog.combos.values()].map(({ id, level, kMax, conceptIds, problem: broken }) => [
      id,
      level,
      kMax,
      conceptIds.join(', '),
      broken?.message,
    ]),
  };
}
