// daydream cohort new, ls and compile: begins a spec, lists cohorts, writes their files. Compiles nothing itself.
import { termOf } from '../../../../graph/selectors.ts';
import { shellWord } from '../../../../text/quotes.ts';
import { unusableId } from '../../../../catalog/ids.ts';
import { bootstrapSpec, essayModelsIn } from '../../../../cohort/spec/bootstrap.ts';
import { refuseMerges, type Cohort } from '../../../../cohort/cohort.ts';
import { lockRoot } from '../../../../store/lock.ts';
import {
  compileCohorts,
  readProjectCatalog,
  seedCohort,
  writeCohortFiles,
  type CompiledCohorts,
} from '../../../../engine/cohorts/membershipfiles.ts';
import { hasSpec } from '../../../../engine/cohorts/sources.ts';
import { locate } from '../../../../engine/project/load.ts';
import { attempt, hasErrors, problem, ProblemError, type Problem } from '../../../../problem.ts';
import { plural } from '../../../../text/amounts.ts';
import { didYouMean } from '../../../../text/nearest.ts';
import { STAGES } from '../../../../generation/stage.ts';
import type { Table } from '../../../../report/tables/table.ts';
import { cohortFile, type Layout } from '../../../../store/layout.ts';
import type { Invocation } from '../../../call/command.ts';
import type { ExitCode } from '../../../call/exitcode.ts';
import { writeNewFiles } from '../newfiles.ts';
import { shortPath } from '../../../words/place.ts';
import { printTable, TABLE_FORMATS, tableRecords } from '../../../words/tables.ts';

export async function newCohort(call: Invocation, words: readonly string[]): Promise<ExitCode> {
  const { console, directory } = call;
  const [name, ...rest] = words;
  const why =
    name === undefined ? 'its name is missing' : rest.length > 0 ? 'it is one name' : unusableId(name);
  if (name === undefined || why !== undefined)
    throw new ProblemError([
      problem('DD102', `cohort new: ${why ?? ''}`, { cure: 'Write `daydream cohort new NAME`.' }),
    ]);
  const project = await readProjectCatalog(await call.load());
  const { catalog, layout } = project;
  const spec = bootstrapSpec(catalog, essayModelsIn(compileCohorts(project).cohorts));
  if (hasErrors(spec.problems)) throw new ProblemError(spec.problems);
  const folder = cohortFile(layout, name, 'spec');
  writeNewFiles(folder, spec.value.files, directory);
  const written = Object.keys(spec.value.files).map((file) => cohortFile(layout, name, 'spec', file));
  if (console.json) console.printJson({ version: 1, cohort: name, written });
  else {
    for (const path of written) console.print(shortPath(path, directory));
    console.note(`next: edit them, then \`daydream plan ${shellWord(termOf('cohort', name))}\``);
  }
  return 0;
}

export async function listCohorts(call: Invocation): Promise<ExitCode> {
  const { console, options } = call;
  const format = console.json ? 'json' : (options.choice('format', TABLE_FORMATS) ?? 'table');
  const project = await readProjectCatalog(await call.load());
  const compiled = compileCohorts(project);
  const table = cohortTable(project.layout, compiled);
  if (format === 'json')
    console.printJson({ version: 1, cohorts: tableRecords(table), problems: compiled.problems });
  else {
    printTable(console, table, format);
    console.problems(compiled.problems);
  }
  return hasErrors(compiled.problems) ? 2 : 0;
}

/** A cohort that does not compile has no counts. */
function cohortTable(layout: Layout, { ids, cohorts }: CompiledCohorts): Table {
  const known = new Map(cohorts.map((cohort) => [cohort.id, cohort]));
  return {
    columns: [
      { name: 'cohort', kind: 'text' },
      { name: 'made_from', kind: 'text' },
      ...STAGES.map((stage) => ({ name: `${stage}s`, kind: 'integer' }) as const),
    ],
    rows: ids.map((id) => {
      const members = known.get(id)?.members;
      const count = (stage: string): number | undefined =>
        members?.filter((member) => member.stage === stage).length;
      const { value: bare } = attempt(() => !hasSpec(layout, id));
      return [id, bare === true ? 'membership.csv' : 'spec', ...STAGES.map(count)];
    }),
  };
}

export async function compileNamed(call: Invocation, names: readonly string[]): Promise<ExitCode> {
  const { console, clock } = call;
  const loading = await call.load();
  const { layout } = await locate(loading);
  const since = new Date(clock.now()).toISOString();
  const release = lockRoot(layout, { command: call.commandLine, since });
  try {
    const compiled = compileCohorts(await readProjectCatalog(loading));
    const cohorts = chosen(layout, compiled, names);
    const warnings = problemsOf(compiled, cohorts);
    if (!call.options.flag('allow-merge')) refuseMerges(warnings);
    const results = cohorts.map((cohort) => ({
      cohort: cohort.id,
      generations: cohort.members.length,
      seeded: seedCohort(layout, cohort),
      written: writeCohortFiles(layout, cohort),
    }));
    if (console.json) console.printJson({ version: 1, cohorts: results, warnings });
    else {
      console.problems(warnings);
      for (const { cohort, generations, seeded, written } of results) {
        const files =
          written.length === 0 ? 'files as they were' : `${plural(written.length, 'file')} written`;
        console.note(
          `${cohort}: ${plural(generations, 'generation')}, ${files}, ${seeded} metadata.json begun`,
        );
      }
    }
    return 0;
  } finally {
    release();
  }
}

function problemsOf({ problems }: CompiledCohorts, cohorts: readonly Cohort[]): readonly Problem[] {
  return problems.filter(({ data }) => cohorts.some(({ id }) => id === data?.['cohort']));
}

/** The named cohorts, or all that have a spec; a ProblemError when one of them does not compile. */
function chosen(
  layout: Layout,
  { ids, cohorts, problems }: CompiledCohorts,
  names: readonly string[],
): readonly Cohort[] {
  const unknown = names.filter((name) => !ids.includes(name));
  if (unknown.length > 0) {
    throw new ProblemError(
      unknown.map((name) =>
        problem('DD109', `there is no cohort ${name}${didYouMean(name, ids)}`, {
          cure: '`daydream cohort ls` lists the cohorts.',
        }),
      ),
    );
  }
  const wanted = names.length > 0 ? names : ids.filter((id) => hasSpec(layout, id));
  const bare = wanted.filter((id) => !hasSpec(layout, id));
  if (bare.length > 0)
    throw new ProblemError(
      bare.map((id) =>
        problem('DD301', `${id} has a membership.csv and no spec, so there is nothing to compile`, {
          place: { file: cohortFile(layout, id) },
        }),
      ),
    );
  const found = cohorts.filter(({ id }) => wanted.includes(id));
  if (found.length < new Set(wanted).size) throw new ProblemError(problems);
  return found;
}
