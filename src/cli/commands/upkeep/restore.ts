// daydream restore: what the trash holds, and back from there; or what a run has on record. Writes over nothing.
import { selectFrom } from '../../../engine/plan/plan.ts';
import { judge, type Session } from '../../../engine/project/session.ts';
import { genKey } from '../../../generation/stage.ts';
import { keyAt } from '../../../graph/graph.ts';
import { runIdOf } from '../../../store/runs/runs.ts';
import { plural } from '../../../text/amounts.ts';
import { problem, ProblemError } from '../../../problem.ts';
import { didYouMean } from '../../../text/nearest.ts';
import { listTrash, restoreItem, type Batch } from '../../../store/trash.ts';
import type { Layout } from '../../../store/layout.ts';
import { WAIT, type Invocation, type CommandSpec } from '../../call/command.ts';
import type { ExitCode } from '../../call/exitcode.ts';
import { whileLocked } from './locked.ts';

export const command: CommandSpec = {
  words: '[...what]',
  options: [
    {
      flags: '--run <run>',
      text: 'bring back what a run, or the runs of a tag, has on record, or of it what is selected',
    },
    WAIT,
  ],
  examples: [
    'restore',
    'restore last',
    'restore e_2nvow3o7h9nijzyy',
    'restore 20261123T094500120-3f2a',
    'restore --run autumn-1',
    'restore --run autumn-1 stage:draft',
  ],
  run: restore,
};

function restore(call: Invocation): Promise<ExitCode> {
  const run = call.options.text('run');
  if (run !== undefined) return whileLocked(call, 'lock', ({ open }) => bringBackRun(call, open, run));
  const [what, another] = call.words;
  if (another !== undefined)
    throw new ProblemError([problem('DD102', `restore takes one name, not \`${call.words.join(' ')}\``)]);
  return whileLocked(call, what === undefined ? 'look' : 'lock', ({ layout }) =>
    Promise.resolve(what === undefined ? list(call, layout) : bringBack(call, layout, what)),
  );
}

function list({ console }: Invocation, layout: Layout): ExitCode {
  const batches = listTrash(layout);
  if (console.json) console.printJson({ version: 1, batches });
  else if (batches.length === 0) console.note('the trash is empty');
  else {
    for (const { name, items, command: line } of batches) {
      console.print(`${name}  ${items.length} item${items.length === 1 ? '' : 's'}  ${line}`);
      for (const item of console.verbosity === 'verbose' ? items : items.slice(0, 3))
        console.print(`    ${item}`);
    }
    console.note('`daydream restore last` brings back the first of these');
  }
  return 0;
}

function bringBack({ console }: Invocation, layout: Layout, what: string): ExitCode {
  const wanted = wantedOf(listTrash(layout), what);
  const done = wanted.map(({ batch, item }) => ({ item, result: restoreItem(layout, batch, item) }));
  const restored = done.filter(({ result }) => result === 'restored').map(({ item }) => item);
  const occupied = done.filter(({ result }) => result === 'occupied').map(({ item }) => item);
  if (console.json) console.printJson({ version: 1, restored, occupied });
  else {
    console.note(`brought back ${restored.length}`);
    for (const item of occupied)
      console.note(
        console.paint(
          'yellow',
          `${item} is there again and was left; remove it first to bring the old one back`,
        ),
      );
  }
  return occupied.length > 0 ? 1 : 0;
}

async function bringBackRun(call: Invocation, open: () => Promise<Session>, run: string): Promise<ExitCode> {
  const { console, clock, random, commandLine, words } = call;
  const [{ recordNamed }, { comeBack }] = await Promise.all([
    import('../../../engine/results/recorded.ts'),
    import('../../../engine/upkeep/comeback.ts'),
  ]);
  const session = await open();
  const { layout } = session.loaded;
  const { generations } = recordNamed(layout, run);
  const wanted = words.length === 0 ? undefined : await keysSelected(session, words);
  const chosen = generations.filter((each) => wanted === undefined || wanted.has(genKey(each)));
  const now = clock.now();
  const name = runIdOf(layout, now, random);
  const batch = { name, at: new Date(now).toISOString(), command: commandLine };
  const { restored, unchanged, missing } = comeBack(layout, chosen, batch);
  if (console.json) console.printJson({ version: 1, restored, unchanged, missing });
  else {
    console.note(
      `brought back ${plural(restored.length, 'generation')}, ${unchanged.length} were as on record`,
    );
    if (restored.length > 0)
      console.note(
        `  what lay there is in the trash (\`daydream restore ${name}\`); \`daydream check\` says whether they follow from the inputs of now`,
      );
    if (missing.length > 0)
      console.note(
        console.paint(
          'yellow',
          `${missing.length} are on record by digest alone: --snapshot keeps the texts`,
        ),
      );
  }
  return missing.length > 0 ? 1 : 0;
}

async function keysSelected(session: Session, words: readonly string[]): Promise<ReadonlySet<string>> {
  const { verdicts } = await judge(session);
  const { graph } = session.loaded;
  const rows = selectFrom(session.loaded, verdicts, { select: words, exclude: [] });
  return new Set([...rows.keys()].filter((row) => rows[row] === 1).map((row) => keyAt(graph, row)));
}

function wantedOf(batches: readonly Batch[], what: string): readonly { batch: string; item: string }[] {
  const batch = what === 'last' ? batches[0] : batches.find(({ name }) => name === what);
  if (batch !== undefined) return batch.items.map((item) => ({ batch: batch.name, item }));
  for (const { name, items } of batches) {
    const found = items.filter((item) => item === what || item.endsWith(`/${what.replace(/^gen:/, '')}`));
    if (found.length > 0) return found.map((item) => ({ batch: name, item }));
  }
  const names = batches.flatMap(({ name, items }) => [
    name,
    ...items.map((item) => item.split('/').at(-1) ?? ''),
  ]);
  throw new ProblemError([
    problem('DD511', `the trash holds no ${what}${didYouMean(what, names)}`, { data: { what } }),
  ]);
}
