// daydream cohort combos: registers combinations of concepts, and lists them. Knows nothing of cohorts.
import { addCombo } from '../../../../catalog/combos.ts';
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
      cure: 'Write `daydream cohort combos ls`, or `daydream cohort combos add CONCEPT CONCEPT …`.',
    }),
  ]);
}

async function add(call: Invocation, conceptIds: readonly string[]): Promise<ExitCode> {
  const { console, options, clock, directory } = call;
  const level = options.choice('level', LEVELS) ?? 'paragraph';
  const twice = conceptIds.find((id, place) => conceptIds.indexOf(id) !== place);
  if (twice !== undefined)
    throw new ProblemError([
      problem('DD288', `the concept ${twice} is named twice`, { data: { concept: twice } }),
    ]);
  const kMax = call.options.count('k-max') ?? conceptIds.length;
  const loading = await call.load();
  const { layout } = await locate(loading);
  const since = new Date(clock.now()).toISOString();
  const release = lockRoot(layout, { command: call.commandLine, since });
  try {
    const { catalog } = await readProjectCatalog(loading);
    const file = layout.combos;
    const { value: text, problems } = diskReader().text(file);
    if (hasErrors(problems)) throw new ProblemError(problems);
    const createdAt = localTime(clock.now());
    const { concepts } = catalog;
    const added = addCombo({ text, file, conceptIds, level, kMax, createdAt, concepts });
    if (hasErrors(added.problems)) throw new ProblemError(added.problems);
    const { comboId, text: next } = added.value;
    if (next !== undefined) writeAtomic(file, next);
    if (console.json) console.printJson({ version: 1, comboId, added: next !== undefined });
    else {
      console.print(comboId);
      console.note(
        next === undefined ? 'it was registered already' : `registered in ${shortPath(file, directory)}`,
      );
    }
    return 0;
  } finally {
    release();
  }
}

/** `YYYY-MM-DDTHH:MM:SS` where the user is. */
function localTime(now: number): string {
  const date = new Date(now);
  return new Date(now - date.getTimezoneOffset() * 60_000).toISOString().slice(0, 19);
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
