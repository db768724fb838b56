// daydream restore: what the trash holds, and back from there. Writes over nothing.
import { problem, ProblemError } from '../../../problem.ts';
import { didYouMean } from '../../../text/nearest.ts';
import { listTrash, restoreItem, type Batch } from '../../../store/trash.ts';
import type { Layout } from '../../../store/layout.ts';
import type { Invocation, CommandSpec } from '../../call/command.ts';
import type { ExitCode } from '../../call/exitcode.ts';
import { whileLocked } from './locked.ts';

export const command: CommandSpec = {
  words: '[what]',
  options: [],
  examples: ['restore', 'restore last', 'restore e_2nvow3o7h9nijzyy', 'restore 20261123T094500120-3f2a'],
  run: restore,
};

function restore(call: Invocation): Promise<ExitCode> {
  const [what] = call.words;
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
