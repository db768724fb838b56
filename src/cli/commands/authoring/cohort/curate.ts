// daydream cohort curate, and top --make-cohort: a cohort from the ticked rows of a list. Makes no file itself.
import { termOf } from '../../../../graph/selectors.ts';
import { shellWord } from '../../../../text/quotes.ts';
import { resolve } from 'node:path';
import { unusableId } from '../../../../catalog/ids.ts';
import { tickedEssays } from '../../../../cohort/spec/curation.ts';
import { lockRoot } from '../../../../store/lock.ts';
import { readProjectCatalog } from '../../../../engine/cohorts/membershipfiles.ts';
import { makeCurated } from '../../../../engine/cohorts/curate.ts';
import { locate } from '../../../../engine/project/load.ts';
import { hasErrors, problem, ProblemError } from '../../../../problem.ts';
import { diskReader } from '../../../../inputs/disk/diskreader.ts';
import { plural } from '../../../../text/amounts.ts';
import type { Invocation } from '../../../call/command.ts';
import type { ExitCode } from '../../../call/exitcode.ts';
import { shortPath } from '../../../words/place.ts';

export async function curate(call: Invocation, words: readonly string[]): Promise<ExitCode> {
  const { options } = call;
  const [name = '', ...rest] = words;
  const from = options.text('from');
  const wanted: readonly (readonly [string, boolean])[] = [
    ['one name', name === '' || rest.length > 0],
    ['--from LIST', from === undefined],
    ['--rubric NAME', namesIn(call, 'rubric').length === 0],
    ['--judges NAMES', namesIn(call, 'judges').length === 0],
  ];
  const lacking = wanted.filter(([, lacks]) => lacks).map(([what]) => what);
  if (lacking.length > 0 || from === undefined)
    throw new ProblemError([
      problem('DD102', `cohort curate wants ${lacking.join(', ')}`, {
        cure: 'Write `daydream cohort curate NAME --from LIST.csv --rubric NAME --judges A,B`.',
      }),
    ]);
  return curateFrom(call, { name, from, rubrics: namesIn(call, 'rubric'), judges: namesIn(call, 'judges') });
}

/** Names apart by commas or blanks. */
export function namesIn({ options }: Invocation, option: string): readonly string[] {
  return [...new Set(options.list(option).flatMap((text) => text.split(',')))].filter((name) => name !== '');
}

export interface CurateRequest {
  readonly name: string;
  /** The list, relative to where the command runs. */
  readonly from: string;
  readonly rubrics: readonly string[];
  readonly judges: readonly string[];
}

export async function curateFrom(
  call: Invocation,
  { name, from, rubrics, judges }: CurateRequest,
): Promise<ExitCode> {
  const { console, clock, directory } = call;
  const why = unusableId(name);
  if (why !== undefined)
    throw new ProblemError([problem('DD102', `no cohort can be called ${name}: ${why}`)]);
  const file = resolve(directory, from);
  const list = diskReader().text(file);
  if (list.value === undefined)
    throw new ProblemError([
      problem('DD703', `there is no list ${from}`, { place: { file } }),
      ...list.problems,
    ]);
  const essays = tickedEssays(list.value, file);
  if (hasErrors(essays.problems)) throw new ProblemError(essays.problems);
  const loading = await call.load();
  const since = new Date(clock.now()).toISOString();
  const release = lockRoot((await locate(loading)).layout, { command: call.commandLine, since });
  try {
    const curated = makeCurated(await readProjectCatalog(loading), name, {
      essays: essays.value,
      rubrics,
      judges,
      replicates: call.options.count('replicates', { most: 1000 }),
      list: list.value,
    });
    const { evaluations, missing, written } = curated;
    if (console.json)
      console.printJson({ version: 1, cohort: name, essays: essays.value, evaluations, missing, written });
    else {
      for (const path of written) console.print(shortPath(path, directory));
      console.note(
        `${name}: ${plural(essays.value.length, 'essay')}, ${plural(evaluations, 'evaluation')}, ${missing} of them missing`,
      );
      console.note(`next: \`daydream plan ${shellWord(termOf('cohort', name))}\``);
    }
    return 0;
  } finally {
    release();
  }
}
